"""What Azure counts, and in which units: the meters of its price list, and the units that it tells prices in.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import re
from dataclasses import dataclass

UNIT = re.compile(r"(?P<number>\d+)\s*(?P<times>[KM](?![a-z])|)\s*/?\s*(?P<what>.*)", re.IGNORECASE)
TIMES = {"": 1, "K": 1_000, "M": 1_000_000}
# Azure writes GB where it means GiB, and lately GiB too.
SPELLINGS = {"gib": "gb", "hours": "hour", "gib/month": "gb/month", "gib hour": "gb hour"}


@dataclass(frozen=True)
class Meter:
    """One meter, by the fields of the price list. `products` and `meters` are the names that Azure gives it.

    `region` is Azure's armRegionName: `Global`, or nothing, for what costs the same everywhere.
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
    """`count` pieces of `what`: 730 of `hour`. What is counted without a name, such as operations, is ``."""

    count: int
    what: str


def parse_unit(text: str) -> Unit | None:
    """A unit as Azure writes it (`1 Hour`, `1 GB/Month`, `1/Month`, `10K`), or None for one that is not understood."""
    found = UNIT.fullmatch(text.strip())
    if found is None or int(found["number"]) == 0:
        return None
    what = found["what"].strip().lower()
    return Unit(int(found["number"]) * TIMES[found["times"].upper()], SPELLINGS.get(what, what))
