"""The meters of a model's tokens, and what tokens cost by the saved prices.

Names as in the price list on 2026-11-25: product `Azure OpenAI GPT5`, meters such as `5.4 mini cd Inp Gl 1M Tokens`.
Where Azure names a model's meters otherwise its price is unknown, not a guess.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobs.cost.billed_items import HOURS_PER_MONTH, BilledItem
from jobs.cost.meters import Meter, parse_unit
from jobs.cost.prices import Price

PRODUCTS = ("Azure OpenAI GPT5", "Azure OpenAI")
PLACES = {"Global": "Gl", "DataZone": "Dz"}
INPUT, CACHED, OUTPUT = "Inp", "cd Inp", "Opt"
KINDS = (INPUT, CACHED, OUTPUT)
NAMES = {INPUT: "input", CACHED: "cached input", OUTPUT: "output"}


def model_items(region: str, models: Iterable[Mapping[str, Any]]) -> Iterator[BilledItem]:
    """What each model bills: its tokens by kind, or its provisioned units by the hour, for which no meter is known."""
    for model in models:
        alias, sku = f"model {model.get('alias')} ({model.get('model')})", str(model.get("sku"))
        meters = token_meters(region, str(model.get("model")), sku)
        if "provisioned" in sku.lower():
            units = int(model.get("capacity") or 0)
            yield BilledItem(f"{alias}, {units} PTU", None, "hour", HOURS_PER_MONTH * units)
        elif not meters:
            yield BilledItem(f"{alias}, by the token", None, "")
        for kind, meter in meters.items():
            yield BilledItem(f"{alias}, {NAMES[kind]} tokens", meter, "")


def token_meters(region: str, model: str, sku: str) -> dict[str, Meter]:
    """The meters of input, cached input and output; of input alone for an embedding model.

    None for unknown names, and for provisioned units, which are billed by the hour.
    """
    if "provisioned" in sku.lower():
        return {}
    place = next((short for name, short in PLACES.items() if sku.startswith(name)), "")
    batch = "Batch " if sku.endswith("Batch") else ""
    if match := re.fullmatch(r"gpt-(5\.\d)(?:-(\w+))?", model):
        name = " ".join(part for part in match.groups() if part)
        return {
            kind: Meter(
                "",
                region,
                PRODUCTS,
                (f"{name} {batch}{kind} {place} 1M Tokens", f"{name} ShortCo {batch}{kind} Std {place} 1M Tokens"),
            )
            for kind in (KINDS if place else ())
        }
    if model.startswith("text-embedding-3") and place == "Gl":
        return {INPUT: Meter("", region, PRODUCTS, (f"{model}-glbl Tokens",))}
    return {}


def price_tokens(
    meters: Mapping[str, Meter], counts: Mapping[str, int], prices: Mapping[str, Price]
) -> tuple[float | None, str | None]:
    """What tokens cost in US dollars, and the date of the oldest price; None where the price of any is not known."""
    usd, dates = 0.0, []
    for kind, count in counts.items():
        price = prices.get(meters[kind].key) if kind in meters else None
        unit = parse_unit(price.unit) if price else None
        if count and (price is None or unit is None):
            return None, None
        if price and unit:
            usd += count / unit.count * price.usd
            dates.append(price.date)
    return (usd, min(dates)) if dates else (None, None)
