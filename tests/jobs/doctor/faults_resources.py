"""What keeps a resource from being made, ill alone: its region, its server, its name and what was left over."""

from tests.azure_fakes.postgres_capabilities import RESTRICTED, capability
from tests.azure_fakes.resource_manager import ROOT
from tests.azure_fakes.subscriptions import region_policy
from tests.jobs.doctor.doctor_cli import Ill, World, into

ILLS: list[Ill] = []
ill = into(ILLS)


@ill(
    "regions",
    "forbids swedencentral (location); it allows koreacentral, uaenorth",
    "pulumi config set location koreacentral --stack ana",
)
def _(world: World) -> None:
    elsewhere = {**region_policy("westus"), "properties": {"scope": f"{ROOT}/resourceGroups/another"}}
    world.subscriptions.assignments = [elsewhere, {}, region_policy("UAE North", "koreacentral")]


@ill(
    "regions",
    "forbids norwayeast (aiLocation); it allows koreacentral, swedencentral.",
    "pulumi config set aiLocation swedencentral --stack ana",
)
def _(world: World) -> None:
    above = "/providers/Microsoft.Management/managementGroups/university"
    world.configure(aiLocation="norwayeast")
    world.subscriptions.assignments = [
        region_policy("norwayeast", "swedencentral", "koreacentral"),
        region_policy("swedencentral", "koreacentral", "uaenorth", scope=above),
    ]


@ill(
    "postgres",
    "no server in swedencentral: Provisioning is restricted in this region.",
    "pulumi config set databaseLocation northeurope --stack ana",
)
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = RESTRICTED


@ill("postgres", "no server in swedencentral", "pulumi config set databaseLocation uaenorth --stack ana")
def _(world: World) -> None:
    world.subscriptions.assignments = [region_policy("swedencentral", "koreacentral", "uaenorth")]
    world.postgres.regions |= {"swedencentral": RESTRICTED, "koreacentral": capability(versions="15")}


@ill("postgres", "the subscription's offer is restricted there.", "databaseLocation northeurope")
def _(world: World) -> None:
    refused = {"supportedFeatures": [{"name": "OfferRestricted", "status": "Enabled"}]}
    world.postgres.regions["swedencentral"] = capability() | refused


@ill("postgres", "no version is offered", "pulumi config set databaseLocation northeurope --stack ana")
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(versions="")


@ill(
    "postgres",
    "no PostgreSQL 18 in swedencentral, only 15, 16, 17",
    "pulumi config set postgresVersion 17 --stack ana",
)
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(versions="15 16 17")


@ill("postgres", "no Standard_B1ms in swedencentral", "pulumi config set postgresSku Standard_B2s --stack ana")
def _(world: World) -> None:
    world.postgres.regions["swedencentral"] = capability(burstable="Standard_B4ms Standard_B2ms Standard_B2s")


@ill("names", "not to be had: stferlakehouseana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.names.taken = {"stferlakehouseana"}


@ill("names", "psql-fer-ana (AlreadyExists); kv-fer-ana (AlreadyExists); ai-fer-ana (AlreadyExists)", "nameSuffix")
def _(world: World) -> None:
    world.names.taken = {"psql-fer-ana", "kv-fer-ana", "ai-fer-ana", "srch-fer-ana"}


@ill("names", "srch-fer-ana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.configure(search="free")
    world.names.taken = {"srch-fer-ana"}


@ill(
    "leftovers",
    "deleted, and still holding its name: kv-fer-ana.",
    "az keyvault purge --name kv-fer-ana --location westeurope",
)
def _(world: World) -> None:
    world.names.deleted = [("kv-other", "x", False), ("kv-another", "x", False), ("kv-fer-ana", "westeurope", False)]
    world.names.taken = {"kv-fer-ana"}


@ill("leftovers", "still holding its name: kv-fer-ana", "pulumi config set nameSuffix ")
def _(world: World) -> None:
    world.names.deleted = [("kv-fer-ana", "westeurope", True)]


@ill(
    "leftovers",
    "still holding its name: ai-fer-ana",
    "az cognitiveservices account purge --name ai-fer-ana --resource-group rg-old --location norwayeast",
)
def _(world: World) -> None:
    world.ai.deleted = [("ai-fer-ana", "rg-old", "norwayeast")]


@ill("search", "one free service is taken by srch-old.", "pulumi config set search none --stack ana")
def _(world: World) -> None:
    world.configure(search="free")
    world.names.searches = [("srch-fer-ana", "free"), ("srch-big", "basic"), ("srch-old", "free")]
