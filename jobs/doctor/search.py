"""Azure AI Search: a subscription can have one free service."""

from jobs.azure import api_versions
from jobs.doctor.check import Check, config_command
from jobs.doctor.context import StackContext
from jobs.doctor.providers import SEARCH


def check_search(context: StackContext) -> list[Check]:
    """https://learn.microsoft.com/rest/api/searchmanagement/services/list-by-subscription"""
    config = context.config
    services = context.arm.pages(f"{context.subscription}/providers/{SEARCH}/searchServices", api_versions.SEARCH)
    free = {str(each.get("name")) for each in services if (each.get("sku") or {}).get("name") == "free"}
    if others := sorted(free - {config.search_service}):
        text = f"the subscription's one free service is in use: {', '.join(others)}."
        return [Check("search", "problem", text, config_command(config.stack, "search", "none"))]
    return [Check("search", "ok", "the subscription's one free service is available")]
