"""Faults that stop a resource from being created, one at a time: region, server, name, soft-deleted leftovers."""

from tests.azure_fakes.azure import ROOT
from tests.azure_fakes.name_availability import SEARCH
from tests.azure_fakes.postgres_capabilities import RESTRICTED, capability
from tests.azure_fakes.resource_lists import put_resource
from tests.azure_fakes.soft_deleted import delete_account, delete_vault
from tests.azure_fakes.subscriptions import region_policy
from tests.jobs.student import GROUP, DoctorCli, Fault, fault_decorator

FAULTS: list[Fault] = []
fault = fault_decorator(FAULTS)


@fault(
    "regions",
    "forbids swedencentral (location); it allows koreacentral, uaenorth",
    "pulumi config set location koreacentral --stack ana",
)
def _(student: DoctorCli) -> None:
    elsewhere = {**region_policy("westus"), "properties": {"scope": f"{ROOT}/resourceGroups/another"}}
    student.subscriptions.assignments = [elsewhere, {}, region_policy("UAE North", "koreacentral")]


@fault(
    "regions",
    "forbids norwayeast (aiLocation); it allows koreacentral, swedencentral.",
    "pulumi config set aiLocation swedencentral --stack ana",
)
def _(student: DoctorCli) -> None:
    above = "/providers/Microsoft.Management/managementGroups/university"
    student.configure(aiLocation="norwayeast")
    student.subscriptions.assignments = [
        region_policy("norwayeast", "swedencentral", "koreacentral"),
        region_policy("swedencentral", "koreacentral", "uaenorth", scope=above),
    ]


@fault(
    "postgres",
    "no server in swedencentral: Provisioning is restricted in this region.",
    "pulumi config set databaseLocation northeurope --stack ana",
)
def _(student: DoctorCli) -> None:
    student.postgres.regions["swedencentral"] = RESTRICTED


@fault("postgres", "no server in swedencentral", "pulumi config set databaseLocation uaenorth --stack ana")
def _(student: DoctorCli) -> None:
    student.subscriptions.assignments = [region_policy("swedencentral", "koreacentral", "uaenorth")]
    student.postgres.regions |= {"swedencentral": RESTRICTED, "koreacentral": capability(versions="15")}


@fault("postgres", "the subscription's offer is restricted there.", "databaseLocation northeurope")
def _(student: DoctorCli) -> None:
    refused = {"supportedFeatures": [{"name": "OfferRestricted", "status": "Enabled"}]}
    student.postgres.regions["swedencentral"] = capability() | refused


@fault("postgres", "no version is offered", "pulumi config set databaseLocation northeurope --stack ana")
def _(student: DoctorCli) -> None:
    student.postgres.regions["swedencentral"] = capability(versions="")


@fault(
    "postgres",
    "no PostgreSQL 18 in swedencentral, only 15, 16, 17",
    "pulumi config set postgresVersion 17 --stack ana",
)
def _(student: DoctorCli) -> None:
    student.postgres.regions["swedencentral"] = capability(versions="15 16 17")


@fault("postgres", "no Standard_B1ms in swedencentral", "pulumi config set postgresSku Standard_B2s --stack ana")
def _(student: DoctorCli) -> None:
    student.postgres.regions["swedencentral"] = capability(burstable="Standard_B4ms Standard_B2ms Standard_B2s")


@fault("names", "not available: stferlakehouseana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(student: DoctorCli) -> None:
    student.azure.unavailable = {"stferlakehouseana"}


@fault("names", "psql-fer-ana (AlreadyExists); kv-fer-ana (AlreadyExists); ai-fer-ana (AlreadyExists)", "nameSuffix")
def _(student: DoctorCli) -> None:
    student.azure.unavailable = {"psql-fer-ana", "kv-fer-ana", "ai-fer-ana", "srch-fer-ana"}


@fault("names", "srch-fer-ana (AlreadyExists)", "pulumi config set nameSuffix ")
def _(student: DoctorCli) -> None:
    student.configure(search="free")
    student.azure.unavailable = {"srch-fer-ana"}


@fault(
    "leftovers",
    "soft-deleted, and still holding its name: kv-fer-ana.",
    "az keyvault purge --name kv-fer-ana --location westeurope",
)
def _(student: DoctorCli) -> None:
    for name, location in (("kv-other", "x"), ("kv-another", "x"), ("kv-fer-ana", "westeurope")):
        delete_vault(student.azure, name, location)


@fault("leftovers", "still holding its name: kv-fer-ana", "pulumi config set nameSuffix ")
def _(student: DoctorCli) -> None:
    delete_vault(student.azure, "kv-fer-ana", "westeurope", protected=True)


@fault(
    "leftovers",
    "still holding its name: ai-fer-ana",
    "az cognitiveservices account purge --name ai-fer-ana --resource-group rg-old --location norwayeast",
)
def _(student: DoctorCli) -> None:
    delete_account(student.azure, "ai-fer-ana", "rg-old", "norwayeast")


@fault("search", "one free service is in use: srch-old.", "pulumi config set search none --stack ana")
def _(student: DoctorCli) -> None:
    student.configure(search="free")
    for name, sku, group in (("srch-fer-ana", "free", GROUP), ("srch-big", "basic", "x"), ("srch-old", "free", "x")):
        put_resource(student.azure, SEARCH, name, None, group, sku={"name": sku})
