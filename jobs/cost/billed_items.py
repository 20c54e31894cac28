"""What Azure bills for a configured stack, by meter. infra/ creates these resources.

Without a fixed charge an item is `by use`: storage by the gigabyte, Data Factory by the run, the vault by the
operation. Meter names are those of the public price list; where Azure renames one its price is unknown, not a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.configuration import Configuration
from jobs.cost.meters import Meter, SizeMeter

HOURS_PER_MONTH, DAYS_PER_MONTH = 730, 30  # as Azure's own calculator counts them
SERVER_GIB = 32
POSTGRES = "Azure Database for PostgreSQL"
FLEXIBLE = f"{POSTGRES} Flexible Server"
PRIVATE_ENDPOINTS = 6  # server, pictures, lake twice (blob and dfs), vault, Foundry; one more for search
MANAGED_PRIVATE_ENDPOINTS = 4  # of Data Factory: server, pictures, lake, vault
DNS_ZONES = 7  # PostgreSQL, blob, dfs, vault, three of Foundry; one more for search
ENDPOINT_SIZE = "Standard_DS2_v2"  # of `finetune deploy`, unless it is given another one
LARGER_SIZES = {"B1ms": "B2s"}  # of the burstable series: one vCore and 2 GiB, two vCores and 4 GiB
SKU_SERIES = {"D": "General Purpose", "E": "Memory Optimized"}


@dataclass(frozen=True)
class BilledItem:
    """`quantity` of `unit` a month, None for what is billed by use.

    `meter` is None where the price list has no meter that is certainly this one. `at_most` is the meter of something
    that costs more, such as a larger size of the same server: its price is a bound while this one's is unknown.
    """

    resource: str
    meter: Meter | SizeMeter | None
    unit: str
    quantity: float | None = None
    at_most: Meter | None = None


def billed_items(config: Configuration) -> list[BilledItem]:
    """Every item, in the order of the stack's parts."""
    items = [server(config), disk(config), *billed_by_use(config)]
    if config.search == "basic":
        meter = Meter(
            "Azure Cognitive Search", config.ai_location, ("Azure AI Search", "Azure Cognitive Search"), ("Basic Unit",)
        )
        items.append(BilledItem(f"search service {config.search_service}, basic", meter, "hour", HOURS_PER_MONTH))
    if config.private:
        items += private_mode(config)
    if config.diagnostics:
        meter = Meter("Log Analytics", config.location, ("Log Analytics",), ("Analytics Logs Data Ingestion",))
        items.append(BilledItem("Log Analytics, ingested logs", meter, "gb"))
    if config.machine_learning:
        items += machine_learning(config)
    return items


def server(config: Configuration) -> BilledItem:
    """Burstable sizes have a meter each; the others are billed by the vCore."""
    size = config.postgres_sku.removeprefix("Standard_")
    label = f"PostgreSQL server {config.postgres_sku} in {config.database_location}"
    match = re.fullmatch(r"([DE])(\d+)([a-z]*)(?:_(v\d+))?", size)
    if match is None:
        larger = burstable_meter(config, LARGER_SIZES[size]) if size in LARGER_SIZES else None
        return BilledItem(label, burstable_meter(config, size), "hour", HOURS_PER_MONTH, larger)
    letter, cores, kind, version = match.groups()
    series = f"{letter}{kind}{version or ''} Series Compute"
    products = tuple(f"{FLEXIBLE} {SKU_SERIES[letter]} {maker}{series}" for maker in ("", "- ", "AMD "))
    meter = Meter(POSTGRES, config.database_location, products, ("vCore",))
    return BilledItem(f"{label}, by the vCore", meter, "hour", HOURS_PER_MONTH * int(cores))


def burstable_meter(config: Configuration, size: str) -> Meter:
    """The meter of a burstable server of a size such as B1ms."""
    products = (f"{FLEXIBLE} Burstable BS Series Compute",)
    return Meter(POSTGRES, config.database_location, products, (size, size.upper(), f"{size} vCore"))


def disk(config: Configuration) -> BilledItem:
    """The server's storage, which includes backup of the same size."""
    products = ("Az DB for PostgreSQL Flexible Server Storage", f"{FLEXIBLE} Storage")
    meter = Meter(POSTGRES, config.database_location, products, ("Storage Data Stored",))
    return BilledItem(f"PostgreSQL storage, {SERVER_GIB} GiB", meter, "gb/month", SERVER_GIB)


def billed_by_use(config: Configuration) -> Iterator[BilledItem]:
    blob, flow = "General Block Blob v2", "Azure Data Factory v2"
    copies = config.storage_sku.removeprefix("Standard_").replace("RAG", "RA-G")  # such as RA-GRS, as the list says
    stored = (f"Hot {copies} Data Stored",)
    pictures = Meter("Storage", config.storage_location, (blob,), stored)
    lake = Meter("Storage", config.storage_location, (f"{blob} Hierarchical Namespace",), stored)
    yield BilledItem(f"pictures in {config.pictures_account}", pictures, "gb/month")
    yield BilledItem(f"lake {config.lake_account}", lake, "gb/month")
    yield BilledItem("Data Factory, copying", Meter(flow, config.location, (flow,), ("Cloud Data Movement",)), "hour")
    runs = Meter(flow, config.location, (flow,), ("Cloud Orchestration Activity Run",))
    yield BilledItem("Data Factory, activities", runs, "")
    vault = Meter("Key Vault", config.location, ("Key Vault",), ("Operations",))
    yield BilledItem(f"vault {config.vault}, operations", vault, "")


def private_mode(config: Configuration) -> Iterator[BilledItem]:
    """Private endpoints, and the DNS zones that resolve to them."""
    more = 1 if config.search != "none" else 0
    endpoint = Meter("Virtual Network", "Global", ("Virtual Network Private Link",), ("Standard Private Endpoint",))
    count = PRIVATE_ENDPOINTS + more
    yield BilledItem(f"{count} private endpoints", endpoint, "hour", HOURS_PER_MONTH * count)
    zone = Meter("Azure DNS", "", ("Azure DNS",), ("Private Zone",))
    yield BilledItem(f"{DNS_ZONES + more} private DNS zones", zone, "month", DNS_ZONES + more)
    yield BilledItem(
        f"{MANAGED_PRIVATE_ENDPOINTS} managed private endpoints of Data Factory",
        None,
        "hour",
        HOURS_PER_MONTH * MANAGED_PRIVATE_ENDPOINTS,
    )


def machine_learning(config: Configuration) -> Iterator[BilledItem]:
    """The registry is billed as long as it exists; a machine, of the cluster or an endpoint, while there is one."""
    region, registry = config.ml_location, "Container Registry"
    meter = Meter(registry, region, (registry,), ("Basic Registry Unit",))
    yield BilledItem(f"container registry {config.ml_registry}, Basic", meter, "day", DAYS_PER_MONTH)
    size = SizeMeter(region, config.ml_compute_size, config.ml_priority == "LowPriority")
    yield BilledItem(f"cluster {config.ml_compute_size}, while a run uses it", size, "hour")
    yield BilledItem(f"endpoint {ENDPOINT_SIZE}, while a deployment exists", SizeMeter(region, ENDPOINT_SIZE), "hour")
