"""Rules of access: regions, providers, the caller's permissions, and role assignments."""

import fnmatch
import time

from tests.azure_fakes.arm_ids import GROUP, scope_of, type_of
from tests.azure_fakes.azure import ArmError
from tests.azure_fakes.change import Change

ASSIGNMENT = "Microsoft.Authorization/roleAssignments"


def region_is_allowed(change: Change) -> None:
    """A student subscription's policy allows about five regions. The group itself may be anywhere.

    https://github.com/Azure/azure-cli/issues/32913, https://learn.microsoft.com/azure/governance/policy/overview
    """
    region = str(change.given("location") or "global").lower().replace(" ", "")
    allowed = change.azure.allowed_locations
    if allowed and region not in (*allowed, "global") and not change.is_type(GROUP):
        message = "This policy maintains a set of best available regions where your subscription can deploy resources."
        raise ArmError(403, "RequestDisallowedByAzure", f"Resource '{change.name}' was disallowed by Azure: {message}")


def provider_is_registered(change: Change) -> None:
    """https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider"""
    states = {name.lower(): state for name, state in change.azure.providers.items()}
    namespace = change.kind.partition("/")[0]
    if states.get(namespace.lower(), "Registered") != "Registered":
        message = f"The subscription is not registered to use namespace '{namespace}'."
        raise ArmError(409, "MissingSubscriptionRegistration", message)


def caller_may_write(change: Change) -> None:
    """Contributor may do everything but assign roles: that takes Owner or User Access Administrator.

    https://learn.microsoft.com/azure/role-based-access-control/role-definitions (actions less notActions)
    """
    action = f"{change.kind}/{'write' if change.body is not None else 'delete'}".lower()
    for each in change.azure.permissions:
        allowed = any(fnmatch.fnmatch(action, pattern.lower()) for pattern in each["actions"])
        if allowed and not any(fnmatch.fnmatch(action, pattern.lower()) for pattern in each["notActions"]):
            return
    message = f"The client does not have authorization to perform action '{action}' over scope '{change.id}'."
    raise ArmError(403, "AuthorizationFailed", message)


def role_is_not_assigned_yet(change: Change) -> None:
    """https://learn.microsoft.com/azure/role-based-access-control/troubleshooting (RoleAssignmentExists)"""
    if not change.is_type(ASSIGNMENT):
        return
    wanted = (change.given("properties.principalId"), role(change.given("properties.roleDefinitionId")))
    for other in change.others(ASSIGNMENT):
        given = (other.value("properties.principalId"), role(other.value("properties.roleDefinitionId")))
        if given == wanted and scope_of(other.id).lower() == scope_of(change.id).lower():
            raise ArmError(409, "RoleAssignmentExists", f"The role assignment already exists ({other.id}).")


def principal_is_known(change: Change) -> None:
    """Entra takes minutes to replicate a new identity. With principalType ServicePrincipal Azure does not look it up.

    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting (PrincipalNotFound)
    """
    if not change.is_type(ASSIGNMENT):
        return
    principal, given = change.given("properties.principalId"), change.given("properties.principalType")
    born = change.azure.principals.get(principal)
    fresh = born is not None and time.time() - born < change.azure.replication_seconds
    known = born is not None or principal == change.azure.deployer
    if given != "ServicePrincipal" and (fresh or not known):
        raise ArmError(400, "PrincipalNotFound", f"Principal {principal} does not exist in the directory.")
    if given and known and given != ("User" if principal == change.azure.deployer else "ServicePrincipal"):
        raise ArmError(400, "UnmatchedPrincipalType", f"The PrincipalId '{principal}' has another type than '{given}'.")


def role(definition: object) -> str:
    """The GUID of a role definition."""
    return str(definition).rpartition("/")[2].lower()


def not_changed_in_place(change: Change) -> None:
    """Properties that Azure refuses to change.

    Roles: https://learn.microsoft.com/rest/api/authorization/role-assignments/create
    Logins: https://learn.microsoft.com/rest/api/postgresql/servers/update
    Subdomains: https://learn.microsoft.com/azure/ai-services/cognitive-services-custom-subdomains
    Budgets: https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update
    Workspaces and computes: https://learn.microsoft.com/rest/api/azureml (properties, create-or-update)
    """
    for path in FIXED.get(type_of(change.id).lower(), ()) if change.old else ():
        before, after = change.old.value(path), change.given(path)  # type: ignore[union-attr]
        if before is not None and after != before:
            raise ArmError(400, FIXED_CODES[path], f"'{path}' cannot be changed from '{before}' to '{after}'.")


FIXED_CODES = {
    "properties.administratorLogin": "ParameterChangeNotAllowed",
    "properties.roleDefinitionId": "RoleAssignmentUpdateNotPermitted",
    "properties.customSubDomainName": "CustomSubDomainNameImmutable",
    "kind": "AccountKindImmutable",
    "properties.timePeriod.startDate": "400",
    **dict.fromkeys(("properties.storageAccount", "properties.keyVault"), "BadRequest"),
    **dict.fromkeys(("properties.properties.vmSize", "properties.properties.vmPriority"), "ComputeNotUpdatable"),
}
FIXED = {
    "microsoft.dbforpostgresql/flexibleservers": ("properties.administratorLogin",),
    "microsoft.authorization/roleassignments": ("properties.roleDefinitionId",),
    "microsoft.cognitiveservices/accounts": ("properties.customSubDomainName", "kind"),
    "microsoft.consumption/budgets": ("properties.timePeriod.startDate",),
    "microsoft.machinelearningservices/workspaces": ("properties.storageAccount", "properties.keyVault"),
    "microsoft.machinelearningservices/workspaces/computes": (
        "properties.properties.vmSize",
        "properties.properties.vmPriority",
    ),
}
