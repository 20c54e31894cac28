"""The stack's settings, read once. Pulumi.yaml describes each setting and holds its default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import models
import names
import pulumi
import sizes
from config_reader import NOT_RESERVED, ConfigReader, is_reserved_login
from models import Model

# Burstable sizes by name. Of the others, the families that PostgreSQL is offered on, in any version.
SIZE = r"Standard_(B1ms|B2s|B(2|4|8|12|16|20)ms|[DE](2|4|8|16|20|32|48|64|96|128|192)(s_v3|a?ds_v[4-9]))"
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Those of a general purpose account with a hierarchical namespace. Premium ones are for other kinds of accounts.
STORAGE_SKUS = ("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS")
PRINCIPALS = ("User", "ServicePrincipal", "Group")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between stacks. Names are full names, with their suffix."""

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
    workspace: str
    storage_sku: str
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
    machine_learning: bool
    ml_location: str
    ml_workspace: str
    ml_account: str
    ml_registry: str
    ml_compute_size: str
    ml_priority: str
    tags: Mapping[str, str]


def load_settings() -> Settings:
    """Return the stack's settings. Raises SettingError with the first wrong key and what is allowed."""
    reader = ConfigReader()
    location = reader.region("location")
    ai_location = reader.region("aiLocation", location)
    suffix = reader.matching_text("nameSuffix", r"[a-z0-9]{0,10}", "at most 10 lower-case letters and digits")
    settings = Settings(
        location=location,
        database_location=reader.region("databaseLocation", location),
        storage_location=reader.region("storageLocation", location),
        ai_location=ai_location,
        resource_group=reader.resource_name("resourceGroup", names.GROUP),
        pictures_account=reader.resource_name("picturesAccount", names.STORAGE_ACCOUNT, suffix),
        lake_account=reader.resource_name("lakeAccount", names.STORAGE_ACCOUNT, suffix),
        postgres_server=reader.resource_name("postgresServer", names.SERVER, suffix),
        vault=reader.resource_name("vault", names.VAULT, suffix),
        factory=reader.resource_name("factory", names.FACTORY, suffix),
        foundry=reader.resource_name("foundryAccount", names.FOUNDRY, suffix),
        search_service=reader.resource_name("searchService", names.SEARCH, suffix),
        workspace=names.build_name(names.WORKSPACE, "logs", suffix),
        storage_sku=reader.choice("storageSku", STORAGE_SKUS),
        postgres_version=reader.choice("postgresVersion", ("16", "17", "18")),
        postgres_sku=reader.matching_text("postgresSku", SIZE, "a B, D or E size: Standard_B1ms, Standard_D2ds_v5"),
        postgres_user=reader.login("postgresUser"),
        entra_only=reader.boolean("entraOnly"),
        entra_admin_id=reader.matching_text("entraAdminId", rf"({GUID})?", "an Entra object id, or empty"),
        entra_admin_name=reader.entra_login("entraAdminName"),
        entra_admin_type=reader.choice("entraAdminType", PRINCIPALS),
        allow_azure_services=reader.boolean("allowAzureServices"),
        allowed_ips=reader.addresses("allowedIps"),
        protect_lake=reader.boolean("protectLake"),
        deployer_type=reader.choice("deployerType", PRINCIPALS),
        grant_deployer=reader.boolean("grantDeployer"),
        daily_trigger=reader.boolean("dailyTrigger"),
        models=models.read_models(reader, "models"),
        budget_emails=parse_emails(reader, "budgetEmails"),
        budget_amount=reader.integer("budgetAmount", 1, 1_000_000),
        budget_start=parse_first_of_month(reader, "budgetStart"),
        search=reader.choice("search", ("none", "free", "basic")),
        diagnostics=reader.boolean("diagnostics"),
        private=reader.boolean("private"),
        network_range=reader.network("networkRange"),
        machine_learning=reader.boolean("machineLearning"),
        ml_location=reader.region("mlLocation", ai_location),
        ml_workspace=reader.resource_name("mlWorkspace", names.LEARNING, suffix),
        ml_account=reader.resource_name("mlAccount", names.STORAGE_ACCOUNT, suffix),
        ml_registry=reader.resource_name("mlRegistry", names.REGISTRY, suffix),
        ml_compute_size=parse_size(reader, "mlComputeSize"),
        ml_priority=reader.choice("mlPriority", ("Dedicated", "LowPriority")),
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack()},
    )
    refuse_conflicts(reader, settings)
    reader.refuse_unknown_keys()
    return settings


def refuse_conflicts(reader: ConfigReader, settings: Settings) -> None:
    """Raise SettingError for settings that are each allowed, but not together."""
    if settings.private and settings.allowed_ips:
        raise reader.setting_error("allowedIps", "it must be empty with private: the server then has no public address")
    if settings.private and settings.search == "free":
        raise reader.setting_error("search", "it must be none or basic with private: free has no private endpoints")
    if settings.entra_only and is_reserved_login(settings.factory):
        raise reader.setting_error("factory", f"with entraOnly it is a login too, {NOT_RESERVED}")
    role = settings.factory if settings.entra_only else settings.postgres_user
    if settings.entra_admin_name == role:
        raise reader.setting_error("entraAdminName", f"it must be another name: the database already has a role {role}")
    if settings.pictures_account == settings.lake_account:
        raise reader.setting_error("lakeAccount", "it must be another name than picturesAccount's")
    if settings.machine_learning and settings.private:
        reason = "it must be false with private: a workspace without a public address has not been built yet"
        raise reader.setting_error("machineLearning", reason)
    if settings.machine_learning and settings.ml_account in (settings.pictures_account, settings.lake_account):
        raise reader.setting_error("mlAccount", "it must be another name than picturesAccount's and lakeAccount's")


def parse_size(reader: ConfigReader, key: str) -> str:
    """Return the name of a virtual machine size that Azure has not retired."""
    size = reader.matching_text(key, sizes.SIZE, "a virtual machine size: Standard_DS3_v2, Standard_NC24ads_A100_v4")
    if reason := sizes.find_retirement(size):
        raise reader.setting_error(key, reason)
    return size


def parse_emails(reader: ConfigReader, key: str) -> tuple[str, ...]:
    """Return up to 50 different e-mail addresses, the most that a budget allows."""
    addresses = reader.entries(key, "a list of e-mail addresses")
    wrong = [
        each for each in addresses if not isinstance(each, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", each)
    ]
    if wrong or len(addresses) > 50 or len(set(addresses)) < len(addresses):
        raise reader.setting_error(key, "it must be a list of up to 50 different e-mail addresses")
    return tuple(addresses)


def parse_first_of_month(reader: ConfigReader, key: str) -> str:
    """Return the first day of a month, such as 2026-11-01, or an empty text."""
    allowed = "the first day of a month since June 2017, at most a year ahead, such as 2026-11-01, or empty"
    value = reader.matching_text(key, r"(\d{4}-\d{2}-01)?", allowed)
    if not value:
        return value
    try:
        start = date.fromisoformat(value)
    except ValueError as error:
        raise reader.setting_error(key, f"it must be {allowed} ({error})") from error
    month = datetime.now(UTC).date().replace(day=1)
    if not date(2017, 6, 1) <= start <= month.replace(year=month.year + 1):
        raise reader.setting_error(key, f"it must be {allowed}")
    return value
