"""What a machine costs an hour: the saved price, or today's from Azure's list. None where neither knows it."""

from datetime import UTC, datetime

from jobs.cost import prices, retail
from jobs.cost.billed_items import BilledItem
from jobs.cost.meters import SizeMeter, parse_unit
from jobs.cost.prices import Price
from jobs.errors import JobError


def hourly_price(size: str, region: str, low_priority: bool = False) -> float | None:
    """The price in USD of one hour of a machine with Linux; None where it is not known: none is invented.

    A price that was read today counts, else the list is asked; without an answer, what was read before counts.
    """
    meter = SizeMeter(region, size, low_priority)
    saved = prices.load_prices().get(meter.key)
    if saved is None or saved.date != datetime.now(UTC).date().isoformat():
        saved = read_price(meter) or saved
    unit = parse_unit(saved.unit) if saved else None
    return saved.usd / unit.count if saved and unit and unit.name == "hour" else None


def read_price(meter: SizeMeter) -> Price | None:
    """Today's price, which is saved for `cost` too; None where the list does not answer, or has no such price."""
    try:
        (found,) = retail.query_prices([BilledItem(meter.size, meter, "hour")])
    except JobError:
        return None
    if not isinstance(found, Price):
        return None
    prices.save_prices([found])
    return found
