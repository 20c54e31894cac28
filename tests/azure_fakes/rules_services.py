"""Rules of single services: PostgreSQL, models, budgets. And what Azure's types allow in any body."""

import re
from typing import Any

from tests.azure_fakes.arm_ids import is_type, top_of
from tests.azure_fakes.azure import ArmError, Azure, value_at
from tests.azure_fakes.change import Change
from tests.azure_types.check import check
from tests.azure_types.resources import REQUESTED, VERSIONS
from tests.azure_types.types import load_types

SERVER, ACCOUNT = "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.CognitiveServices/accounts"
RESERVED = {"azure_superuser", "azure_pg_admin", "admin", "administrator", "root", "guest", "public"}
CLASSES = ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]")
BY_TYPE = {version.partition("@")[0].lower(): version for version in (*VERSIONS.values(), *REQUESTED)}
OUTSIDE = ("Microsoft.Resources/deployments", "Microsoft.DataFactory/factories/managedVirtualNetworks")
# A connector's keys that the published type lacks, and that Data Factory keeps:
# https://learn.microsoft.com/azure/data-factory/connector-azure-database-for-postgresql#linked-service-properties
# azure-ai-ml sends a number where the type of an asset has a text: https://github.com/Azure/azure-sdk-for-python
UNPUBLISHED = re.compile(
    r"typeProperties\.\w+: no such property$|: 'AzureStorageAccount' is not one of|hash_version: \d+ is not a string$"
)


def body_is_of_its_type(change: Change) -> None:
    """https://github.com/Azure/bicep-types-az: Azure's own types, also in tests/azure_types/data"""
    if change.is_type(*OUTSIDE):
        return
    version = BY_TYPE.get(change.kind.lower())
    if version is None:
        raise ArmError(400, "InvalidResourceType", f"The resource type '{change.kind}' could not be found.")
    types = load_types(version)
    found = list(check(types, types.resources[version.lower()], change.body, change.kind))
    if wrong := [each for each in found if not UNPUBLISHED.search(each)]:
        raise ArmError(400, "InvalidRequestContent", f"The request content is not valid: {'; '.join(wrong)}")


def server_login_is_allowed(change: Change) -> None:
    """https://learn.microsoft.com/azure/postgresql/flexible-server/quickstart-create-server (login and password)"""
    properties = (change.body or {}).get("properties", {})
    login, password = str(properties.get("administratorLogin") or ""), properties.get("administratorLoginPassword")
    if not change.is_type(SERVER):
        return
    if login.lower() in RESERVED or login.lower().startswith("pg_"):
        raise ArmError(400, "ParameterOutOfRange", f"The administrator login '{login}' is reserved.")
    enabled = value_at(properties, "authConfig.passwordAuth") != "Disabled"
    if not change.old and enabled and not (login and password):
        raise ArmError(400, "MissingParameter", "administratorLogin and administratorLoginPassword are required.")
    if password and not is_complex(password, login):
        raise ArmError(400, "PasswordNotComplex", "8 to 128 characters of three classes, without part of the login.")


def is_complex(password: str, login: str) -> bool:
    """Whether a password has three classes of characters, and no three in a row of the login."""
    classes = sum(bool(re.search(each, password)) for each in CLASSES)
    parts = [login[start : start + 3] for start in range(len(login) - 2)]
    return 8 <= len(password) <= 128 and classes >= 3 and not any(part in password for part in parts)


def server_is_what_azure_offers(change: Change) -> None:
    """High availability needs a larger tier, and a major version only goes up.

    https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-high-availability,
    https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-major-version-upgrade
    """
    if not change.is_type(SERVER):
        return
    available = change.given("properties.highAvailability.mode") not in (None, "Disabled")
    if change.given("sku.tier") == "Burstable" and available:
        raise ArmError(400, "HANotSupportedForBurstable", "High availability is not offered for Burstable servers.")
    before = int(change.old.value("properties.version") or 0) if change.old else 0
    if int(change.given("properties.version") or 99) < before:
        raise ArmError(400, "VersionDowngradeNotAllowed", "The major version of a server cannot go down.")


def entra_is_enabled(change: Change) -> None:
    """https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-configure-sign-in-azure-ad-authentication"""
    if not change.is_type(f"{SERVER}/administrators"):
        return
    server = change.azure.find(top_of(change.id))
    if server and server.value("properties.authConfig.activeDirectoryAuth") != "Enabled":
        raise ArmError(400, "AadAuthDisabled", "Microsoft Entra authentication is not enabled on the server.")
    if len(str(change.given("properties.principalName"))) > 63:
        raise ArmError(400, "InvalidParameterValue", "principalName is longer than 63 characters.")


def budget_starts_with_a_month(change: Change) -> None:
    """https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update#budgettimeperiod"""
    start = str(change.given("properties.timePeriod.startDate"))
    if change.is_type("Microsoft.Consumption/budgets") and not re.match(r"\d{4}-\d{2}-01(T|$)", start):
        raise ArmError(400, "400", f"Invalid budget start date '{start}': it must be the first day of a month.")


def model_is_offered(change: Change) -> None:
    """https://learn.microsoft.com/azure/ai-foundry/openai/concepts/model-retirements"""
    if not change.is_type(f"{ACCOUNT}/deployments"):
        return
    wanted, sku = change.given("properties.model"), change.given("sku.name")
    offers = [each["model"] for each in change.azure.models if each["model"]["name"] == wanted.get("name")]
    named = f"'Format:{wanted.get('format')},Name:{wanted.get('name')},Version:{wanted.get('version')}'"
    if not change.old and any(each["lifecycleStatus"].startswith("Deprecat") for each in offers):
        raise ArmError(400, "ServiceModelDeprecating", f"The model {named} is deprecated and cannot be deployed.")
    fitting = [each for each in offers if all(each[key] == wanted.get(key, each[key]) for key in ("format", "version"))]
    if not fitting:
        raise ArmError(400, "DeploymentModelNotSupported", f"The model {named} of account deployment is not supported.")
    if sku not in {each["name"] for offer in fitting for each in offer["skus"]}:
        message = f"The specified SKU '{sku}' for model {named} is not supported in this region."
        raise ArmError(400, "InvalidResourceProperties", message)


def quota_is_free(change: Change) -> None:
    """Deleted accounts hold their quota until they are purged: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/quota"""
    if not change.is_type(f"{ACCOUNT}/deployments"):
        return
    bucket, wanted = bucket_of(change.azure.models, change.body or {}), capacity(change.body or {})
    for usage in change.azure.usages:
        if usage["name"]["value"] == bucket:
            free = usage["limit"] - usage["currentValue"] - used_capacity(change.azure, bucket, but=change.id)
            if wanted > free:
                message = f"This operation require {wanted} new capacity in quota {bucket}"
                raise ArmError(
                    400, "InsufficientQuota", f"{message}, which is bigger than the current available {free}."
                )


def used_capacity(azure: Azure, bucket: str, but: str = "") -> int:
    """What all deployments but one take of a quota, those of deleted accounts included."""
    stored = {**azure.deleted, **azure.resources}
    others = [each for key, each in stored.items() if key != but.lower() and is_type(each.id, f"{ACCOUNT}/deployments")]
    return sum(capacity(each.body) for each in others if bucket_of(azure.models, each.body) == bucket)


def bucket_of(models: list[dict[str, Any]], body: dict[str, Any]) -> str:
    """The quota that a deployment takes its capacity from."""
    name, sku = value_at(body, "properties.model.name"), value_at(body, "sku.name")
    offered = [each["model"] for each in models if each["model"]["name"] == name]
    return next((each["usageName"] for offer in offered for each in offer["skus"] if each["name"] == sku), "")


def capacity(body: dict[str, Any]) -> int:
    return int(value_at(body, "sku.capacity") or 1)


def one_change_of_a_deployment(change: Change) -> None:
    """A deployment keeps its model's name, unless it is provisioned, and changes model or capacity, not both at once.

    https://learn.microsoft.com/azure/ai-foundry/openai/how-to/working-with-models
    """
    if not change.is_type(f"{ACCOUNT}/deployments") or not change.old:
        return
    before, after = change.old.value("properties.model"), change.given("properties.model")
    if before["name"] != after["name"] and "provisioned" not in str(change.old.value("sku.name")).lower():
        raise ArmError(400, "CannotChangeDeploymentModel", "The model of a deployment cannot be changed in place.")
    if before != after and change.old.value("sku.capacity") != change.given("sku.capacity"):
        message = "The model and the capacity of a deployment cannot be changed in one request."
        raise ArmError(400, "InvalidResourceProperties", message)
