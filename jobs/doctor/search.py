"""Azure AI Search: a subscription has one free service, and no more."""

from jobs.azure import api_versions
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext
from jobs.doctor.providers import SEARCH


def check_search(place: StackContext) -> list[Check]:
    """https://learn.microsoft.com/rest/api/searchmanagement/services/list-by-subscription"""
    chosen = place.chosen
    found = place.arm.pages(f"{place.subscription}/providers/{SEARCH}/searchServices", api_versions.SEARCH)
    free = {str(each.get("name")) for each in found if (each.get("sku") or {}).get("name") == "free"}
    if others := sorted(free - {chosen.search_service}):
        text = f"the subscription's one free service is taken by {', '.join(others)}."
        return [Check("search", "problem", text, config_command(chosen.stack, "search", "none"))]
    return [Check("search", "ok", "the subscription's one free service is to be had")]
