"""What setting `private` would cost in place of public addresses."""

from collections.abc import Mapping

from jobs.configuration import Configuration
from jobs.cost.billed_items import BilledItem, private_mode
from jobs.cost.items import cost_line
from jobs.cost.prices import Price


def private_alternative(config: Configuration) -> list[BilledItem]:
    """Return what `private` would add: nothing where the stack is private already."""
    return [] if config.private else list(private_mode(config))


def compare_private(config: Configuration, prices: Mapping[str, Price], price_errors: Mapping[str, str]) -> list[str]:
    """Return one sentence, where the stack is not private: what has a public address, and the price of `private`."""
    lines = [cost_line(each, prices, price_errors) for each in private_alternative(config)]
    if not lines:
        return []
    known = [each for each in lines if each.usd_month is not None]
    unknown = [each.resource for each in lines if each.usd_month is None]
    parts = [f"{sum(each.usd_month or 0 for each in known):.2f} USD a month more"] if known else []
    parts += [f"{', '.join(unknown)}, whose price is unknown"] if unknown else []
    every = ", and every address of Azure may connect to the database" if config.allow_azure_services else ""
    return [f"Services have public addresses{every}. Without them (`private`): {' and '.join(parts)}."]
