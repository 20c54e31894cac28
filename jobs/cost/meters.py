"""Meters of Azure's price list, and the units of its prices.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import re
from collections.abc import Mapping
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

    @property
    def clause(self) -> str:
        """What the list is asked for, in its own filter's words."""
        return " or ".join(f"meterName eq '{name}'" for name in self.meters)

    def describes(self, row: Mapping[str, object]) -> bool:
        """Whether a row of the list has these names."""
        product = normalize(row.get("productName"))
        return product in map(normalize, self.products) and str(row.get("meterName")) in self.meters


@dataclass(frozen=True)
class SizeMeter:
    """The meter of a virtual machine with Linux, by Azure's name of its size, such as Standard_DS3_v2.

    The list has more rows for a size: with Windows, as spot machines, and of low priority, which end their names so.
    """

    region: str
    size: str
    low_priority: bool = False
    service: str = "Virtual Machines"

    @property
    def key(self) -> str:
        return f"{self.size}{' Low Priority' if self.low_priority else ''}/{self.region}"

    @property
    def clause(self) -> str:
        return f"armSkuName eq '{self.size}'"

    def describes(self, row: Mapping[str, object]) -> bool:
        meter = str(row.get("meterName"))
        is_windows = normalize(row.get("productName")).endswith("windows")
        is_fitting = meter.endswith(" Low Priority") == self.low_priority and not meter.endswith(" Spot")
        return str(row.get("armSkuName")) == self.size and is_fitting and not is_windows


def normalize(name: object) -> str:
    """A product's name with single spaces: some have non-breaking ones."""
    return " ".join(str(name or "").split()).lower()


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
