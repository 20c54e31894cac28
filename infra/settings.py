"""The stack's settings, read once. Pulumi.yaml says what each is for and holds its default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import models
import names
import pulumi
from models import Model
from reading import Reading

# Burstable sizes by their names; of the others the families that PostgreSQL is offered on, whatever their version.
SIZE = r"Standard_(B1ms|B2s|B(2|4|8|12|16|20)ms|[DE](2|4|8|16|20|32|48|64|96|128|192)(s_v3|a?ds_v[4-9]))"
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PRINCIPALS = ("User", "ServicePrincipal", "Group")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between stacks; names are whole, their suffix included."""

    location: str
    database_location: str
    storage_location: str
    ai_location: str
    resource_group: str
    pictures_account: str
    lake_account: str
    postgres_server: str
    vault: str
    factory: str
    foundry: str
    search_service: str
    postgres_version: str
    postgres_sku: str
    postgres_user: str
    entra_only: bool
    entra_admin_id: str
    entra_admin_name: str
    entra_admin_type: str
    allow_azure_services: bool
    allowed_ips: tuple[str, ...]
    protect_lake: bool
    deployer_type: str
    grant_deployer: bool
    daily_trigger: bool
    models: tuple[Model, ...]
    budget_emails: tuple[str, ...]
    budget_amount: int
    budget_start: str
    search: str
    diagnostics: bool
    private: bool
    network_range: str
    tags: Mapping[str, str]


def load() -> Settings:
    """Read the stack's configuration. Raises SettingError, which names the first wrong key and what it allows."""
    reading = Reading()
    location = reading.region("location")
    suffix = reading.matching("nameSuffix", r"[a-z0-9]{0,10}", "at most 10 lower-case letters and digits")
    settings = Settings(
        location=location,
        database_location=reading.region("databaseLocation", location),
        storage_location=reading.region("storageLocation", location),
        ai_location=reading.region("aiLocation", location),
        resource_group=reading.named("resourceGroup", names.GROUP),
        pictures_account=reading.named("picturesAccount", names.STORAGE_ACCOUNT, suffix),
        lake_account=reading.named("lakeAccount", names.STORAGE_ACCOUNT, suffix),
        postgres_server=reading.named("postgresServer", names.SERVER, suffix),
        vault=reading.named("vault", names.VAULT, suffix),
        factory=reading.named("factory", names.FACTORY, suffix),
        foundry=reading.named("foundryAccount", names.FOUNDRY, suffix),
        search_service=reading.named("searchService", names.SEARCH, suffix),
        postgres_version=reading.one_of("postgresVersion", ("16", "17", "18")),
        postgres_sku=reading.matching("postgresSku", SIZE, "a B, D or E size: Standard_B1ms, Standard_D2ds_v5"),
        postgres_user=reading.login("postgresUser"),
        entra_only=reading.switch("entraOnly"),
        entra_admin_id=reading.matching("entraAdminId", rf"({GUID})?", "an Entra object id, or nothing"),
        entra_admin_name=reading.matching(
            "entraAdminName", r"(?! )[\w .@#+-]{1,63}(?<! )", "1 to 63 letters, digits, inner spaces or . _ @ # + -"
        ),
        entra_admin_type=reading.one_of("entraAdminType", PRINCIPALS),
        allow_azure_services=reading.switch("allowAzureServices"),
        allowed_ips=reading.addresses("allowedIps"),
        protect_lake=reading.switch("protectLake"),
        deployer_type=reading.one_of("deployerType", PRINCIPALS),
        grant_deployer=reading.switch("grantDeployer"),
        daily_trigger=reading.switch("dailyTrigger"),
        models=models.read(reading, "models"),
        budget_emails=emails(reading, "budgetEmails"),
        budget_amount=reading.whole("budgetAmount", 1, 1_000_000),
        budget_start=first_of_month(reading, "budgetStart"),
        search=reading.one_of("search", ("none", "free", "basic")),
        diagnostics=reading.switch("diagnostics"),
        private=reading.switch("private"),
        network_range=reading.network("networkRange"),
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack()},
    )
    if settings.private and settings.allowed_ips:
        raise reading.wrong("allowedIps", "allowed is none with private: the server then has no public address")
    if settings.private and settings.search == "free":
        raise reading.wrong("search", "allowed is none or basic with private: free has no private endpoints")
    role = settings.factory if settings.entra_only else settings.postgres_user
    if settings.entra_admin_name == role:
        raise reading.wrong("entraAdminName", f"allowed is another name, for the database has a role {role} already")
    if settings.pictures_account == settings.lake_account:
        raise reading.wrong("lakeAccount", "allowed is another name than picturesAccount's")
    reading.refuse_others()
    return settings


def emails(reading: Reading, key: str) -> tuple[str, ...]:
    """Up to 50 different e-mail addresses, the most that a budget takes."""
    found = reading.entries(key, "a list of e-mail addresses")
    wrong = [each for each in found if not isinstance(each, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", each)]
    if wrong or len(found) > 50 or len(set(found)) < len(found):
        raise reading.wrong(key, "allowed is a list of up to 50 different e-mail addresses")
    return tuple(found)


def first_of_month(reading: Reading, key: str) -> str:
    """A date such as 2026-11-01, or nothing."""
    allowed = "the first day of a month since June 2017, at most a year ahead, such as 2026-11-01, or nothing"
    value = reading.matching(key, r"(\d{4}-\d{2}-01)?", allowed)
    if not value:
        return value
    try:
        begins = date.fromisoformat(value)
    except ValueError as error:
        raise reading.wrong(key, f"allowed is {allowed} ({error})") from error
    month = datetime.now(UTC).date().replace(day=1)
    if not date(2017, 6, 1) <= begins <= month.replace(year=month.year + 1):
        raise reading.wrong(key, f"allowed is {allowed}")
    return value
