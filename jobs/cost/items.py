"""One line of the costs for each billed item, and the lines as a table of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.cost.billed_items import BilledItem
from jobs.cost.meters import parse_unit
from jobs.cost.prices import Price

HEAD = ("resource", "quantity", "unit price, USD", "USD/month", "source and date")
UNITS = {"hour": " hours", "day": " days", "gb/month": " GB", "gb": " GB"}
NOT_REFRESHED = "not queried yet"
NO_METER = "Azure's price list has no meter that is certainly this one"


@dataclass(frozen=True)
class CostLine:
    """What one resource costs; `quantity` is None for what is billed by use, prices are None where unknown.

    `at_most_usd_month` is a bound of an unknown price: that of something larger, which `note` names.
    """

    resource: str
    quantity: float | None
    unit: str
    unit_price: float | None
    price_unit: str | None
    usd_month: float | None
    source: str | None
    date: str | None
    note: str
    at_most_usd_month: float | None = None


def cost_line(item: BilledItem, prices: Mapping[str, Price], price_errors: Mapping[str, str]) -> CostLine:
    """An item with its price. `price_errors` has, by key, why the price list has no price.

    The month's amount is rounded as Azure's calculator does: for each resource by itself.
    """
    key = item.meter.key if item.meter else ""
    price = prices.get(key)
    per = parse_unit(price.unit) if price else None
    if price is None or per is None or per.name != item.unit:
        note = price_errors.get(key, NOT_REFRESHED) if item.meter else NO_METER
        unknown = CostLine(item.resource, item.quantity, item.unit, None, None, None, None, None, note)
        return add_bound(unknown, item, prices)
    month = None if item.quantity is None else round(item.quantity / per.count * price.usd, 2)
    note = price_errors.get(key, f"the first {price.free:g} free" if price.free else "")
    return CostLine(
        item.resource, item.quantity, item.unit, price.usd, price.unit, month, price.source, price.date, note
    )


def add_bound(line: CostLine, item: BilledItem, prices: Mapping[str, Price]) -> CostLine:
    """The line with the month's price of the larger thing that `item.at_most` names, where that price is known."""
    price = prices.get(item.at_most.key) if item.at_most else None
    per = parse_unit(price.unit) if price else None
    if item.at_most is None or item.quantity is None or price is None or per is None or per.name != item.unit:
        return line
    month = round(item.quantity / per.count * price.usd, 2)
    note = f"{line.note}; less than {item.at_most.meters[0]} ({price.source}, {price.date})"
    return replace(line, at_most_usd_month=month, note=note)


def format_table(items: Sequence[CostLine]) -> list[str]:
    """One line a resource under a head, columns aligned."""
    lines = [HEAD, *map(format_cells, items)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def format_cells(line: CostLine) -> tuple[str, str, str, str, str]:
    quantity = "by use" if line.quantity is None else f"{line.quantity:g}{UNITS.get(line.unit, '')}"
    price = "unknown" if line.unit_price is None else f"{line.unit_price:g} per {line.price_unit}"
    month = "by use" if line.quantity is None else format_month(line)
    source = [each for each in (line.source, line.date, line.note) if each]
    return line.resource, quantity, price, month, ", ".join(source)


def format_month(line: CostLine) -> str:
    """A fixed charge: its amount, its bound, or unknown."""
    if line.usd_month is not None:
        return f"{line.usd_month:.2f}"
    return "unknown" if line.at_most_usd_month is None else f"< {line.at_most_usd_month:.2f}"
