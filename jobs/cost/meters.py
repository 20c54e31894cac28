"""Meters of Azure's price list, and the units of its prices.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import re
from dataclasses import dataclass

UNIT = re.compile(r"(?P<number>\d+)\s*(?P<multiplier>[KM](?![a-z])|)\s*/?\s*(?P<name>.*)", re.IGNORECASE)
MULTIPLIERS = {"": 1, "K": 1_000, "M": 1_000_000}
# Azure writes GB where it means GiB, and in newer rows GiB.
SPELLINGS = {"gib": "gb", "hours": "hour", "gib/month": "gb/month", "gib hour": "gb hour"}


@dataclass(frozen=True)
class Meter:
    """One meter, by the fields of the price list. `products` and `meters` are the names that Azure gives it.

    `region` is Azure's armRegionName: `Global`, or empty, for what costs the same everywhere.
    """

    service: str
    region: str
    products: tuple[str, ...]
    meters: tuple[str, ...]

    @property
    def key(self) -> str:
        """Such as `General Block Blob v2/Hot LRS Data Stored/swedencentral`."""
        return "/".join((self.products[0], self.meters[0], self.region or "everywhere"))


@dataclass(frozen=True)
class Unit:
    """`count` of `name`, such as 730 of `hour`. The name is empty for a plain count, such as operations."""

    count: int
    name: str


def parse_unit(text: str) -> Unit | None:
    """A unit as Azure writes it (`1 Hour`, `1 GB/Month`, `1/Month`, `10K`), or None for any other text."""
    match = UNIT.fullmatch(text.strip())
    if match is None or int(match["number"]) == 0:
        return None
    name = match["name"].strip().lower()
    return Unit(int(match["number"]) * MULTIPLIERS[match["multiplier"].upper()], SPELLINGS.get(name, name))
