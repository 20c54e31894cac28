"""What a configured stack uses that Azure bills, by meter. The counterpart of infra/, which makes it.

What has no standing charge is `by use`: storage by the gigabyte, Data Factory by the run, the vault by the operation.
The names of meters are those of the public price list; where Azure renames one its price is unknown, never a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.configuration import Configuration
from jobs.cost.meters import Meter

HOURS = 730  # a month's, as Azure's own calculator has it
SERVER_GIB = 32
POSTGRES = "Azure Database for PostgreSQL"
FLEXIBLE = f"{POSTGRES} Flexible Server"
PRIVATE_ENDPOINTS = 6  # server, pictures, lake twice (blob and dfs), vault, Foundry; one more for search
MANAGED_PRIVATE_ENDPOINTS = 4  # what Data Factory goes through: server, pictures, lake, vault
ZONES = 7  # of names: PostgreSQL's, blob, dfs, the vault's, three of Foundry; one more for search
SERIES = {"D": "General Purpose", "E": "Memory Optimized"}


@dataclass(frozen=True)
class BilledItem:
    """`quantity` pieces of `unit` a month, None for what is billed by use.

    Without a `meter` the price list does not tell the price: no meter there is surely this one.
    """

    resource: str
    meter: Meter | None
    unit: str
    quantity: float | None = None


def billed_items(chosen: Configuration) -> list[BilledItem]:
    """Everything, in the order of the stack's parts."""
    found = [server(chosen), disk(chosen), *billed_by_use(chosen)]
    if chosen.search == "basic":
        meter = Meter(
            "Azure Cognitive Search", chosen.ai_location, ("Azure AI Search", "Azure Cognitive Search"), ("Basic Unit",)
        )
        found.append(BilledItem(f"search service {chosen.search_service}, basic", meter, "hour", HOURS))
    if chosen.private:
        found += private_mode(chosen)
    if chosen.diagnostics:
        meter = Meter("Log Analytics", chosen.location, ("Log Analytics",), ("Analytics Logs Data Ingestion",))
        found.append(BilledItem("Log Analytics, logs taken in", meter, "gb"))
    return found


def server(chosen: Configuration) -> BilledItem:
    """Burstable sizes have a meter each; the others are billed by the vCore."""
    size = chosen.postgres_sku.removeprefix("Standard_")
    label = f"PostgreSQL server {chosen.postgres_sku} in {chosen.database_location}"
    found = re.fullmatch(r"([DE])(\d+)([a-z]*)(?:_(v\d+))?", size)
    if found is None:
        products: tuple[str, ...] = (f"{FLEXIBLE} Burstable BS Series Compute",)
        meter = Meter(POSTGRES, chosen.database_location, products, (size, size.upper(), f"{size} vCore"))
        return BilledItem(label, meter, "hour", HOURS)
    letter, cores, kind, version = found.groups()
    series = f"{letter}{kind}{version or ''} Series Compute"
    products = tuple(f"{FLEXIBLE} {SERIES[letter]} {maker}{series}" for maker in ("", "- ", "AMD "))
    meter = Meter(POSTGRES, chosen.database_location, products, ("vCore",))
    return BilledItem(f"{label}, by the vCore", meter, "hour", HOURS * int(cores))


def disk(chosen: Configuration) -> BilledItem:
    """The server's storage, its backup of the same size included."""
    products = ("Az DB for PostgreSQL Flexible Server Storage", f"{FLEXIBLE} Storage")
    meter = Meter(POSTGRES, chosen.database_location, products, ("Storage Data Stored",))
    return BilledItem(f"PostgreSQL storage, {SERVER_GIB} GiB", meter, "gb/month", SERVER_GIB)


def billed_by_use(chosen: Configuration) -> Iterator[BilledItem]:
    blob, flow = "General Block Blob v2", "Azure Data Factory v2"
    stored = ("Hot LRS Data Stored",)
    pictures = Meter("Storage", chosen.storage_location, (blob,), stored)
    lake = Meter("Storage", chosen.storage_location, (f"{blob} Hierarchical Namespace",), stored)
    yield BilledItem(f"pictures in {chosen.pictures_account}", pictures, "gb/month")
    yield BilledItem(f"lake {chosen.lake_account}", lake, "gb/month")
    yield BilledItem("Data Factory, copying", Meter(flow, chosen.location, (flow,), ("Cloud Data Movement",)), "hour")
    runs = Meter(flow, chosen.location, (flow,), ("Cloud Orchestration Activity Run",))
    yield BilledItem("Data Factory, activities", runs, "")
    vault = Meter("Key Vault", chosen.location, ("Key Vault",), ("Operations",))
    yield BilledItem(f"vault {chosen.vault}, operations", vault, "")
    for model in chosen.models:
        yield BilledItem(f"model {model.get('alias')} ({model.get('model')}), by the token", None, "")


def private_mode(chosen: Configuration) -> Iterator[BilledItem]:
    """Endpoints, and the zones of names that lead to them."""
    more = 1 if chosen.search != "none" else 0
    door = Meter("Virtual Network", "Global", ("Virtual Network Private Link",), ("Standard Private Endpoint",))
    yield BilledItem(f"{PRIVATE_ENDPOINTS + more} private endpoints", door, "hour", HOURS * (PRIVATE_ENDPOINTS + more))
    zone = Meter("Azure DNS", "", ("Azure DNS",), ("Private Zone",))
    yield BilledItem(f"{ZONES + more} private DNS zones", zone, "month", ZONES + more)
    yield BilledItem(
        f"{MANAGED_PRIVATE_ENDPOINTS} managed private endpoints of Data Factory",
        None,
        "hour",
        HOURS * MANAGED_PRIVATE_ENDPOINTS,
    )
