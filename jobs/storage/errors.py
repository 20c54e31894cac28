"""What Blob Storage's refusals mean to a person.

https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and common-rest-api-error-codes
"""

from azure.core.exceptions import AzureError, HttpResponseError

from jobs.azure.errors import error_reason, explain_error

ROLE = "Storage Blob Data Contributor"
# By Azure's error code; {place} is the container, {said} what Azure said.
ERROR_HINTS = {
    "AuthorizationPermissionMismatch": (
        f"You may not use the storage at {{place}}: it needs the role {ROLE}; one that `pulumi up` gave is known "
        "everywhere after up to ten minutes, so wait and run the same command again."
    ),
    "AuthorizationFailure": (
        "The storage at {place} does not let in your network ({said}): a private stack's is open from inside its "
        "network only, so run the command there, or set `private` to false and run `pulumi up`."
    ),
    "KeyBasedAuthenticationNotPermitted": (
        "The storage at {place} takes no keys: let the output `storage_auth` be `identity`, as `pulumi up` makes it."
    ),
    "AuthenticationFailed": (
        "The storage at {place} does not take your login ({said}): is the clock of this computer right? If so, "
        "run `az login`."
    ),
    "InvalidAuthenticationInfo": "The storage at {place} does not take your login ({said}): run `az login`.",
    "NoAuthenticationInformation": "The storage at {place} wants a login ({said}): run `az login`.",
    "AccountIsDisabled": (
        "The storage at {place} is disabled, as Azure does when credit is used up ({said}): see the subscription in "
        "the portal."
    ),
    "ContainerNotFound": (
        "There is no container {place}: `pulumi up` makes a stack's, `python -m jobs local up` the laptop's."
    ),
    "ContainerBeingDeleted": "The container {place} is being deleted: run `pulumi up` in some minutes.",
    "ServerBusy": "The storage at {place} is too busy ({said}): wait some minutes, then run the same command again.",
    "OperationTimedOut": "The storage at {place} is too busy ({said}): wait some minutes, then run the same command "
    "again.",
    "Md5Mismatch": "What arrived at the storage at {place} was damaged on its way: run the same command again.",
}
WRONG_KEY = (
    "The storage at {place} does not take the key ({said}): the outputs have another's, `python -m jobs local up` "
    "writes the laptop's anew."
)
ERROR_HINTS["FilesystemNotFound"] = ERROR_HINTS["ContainerNotFound"]


def explain_storage_error(error: AzureError, place: str) -> str:
    """One sentence for what the storage service refuses, or for one that does not answer."""
    if isinstance(error, HttpResponseError):
        code = str(getattr(error.response, "headers", {}).get("x-ms-error-code", ""))
        said = error_text(error, code)
        if code == "AuthorizationFailure" and "failed to authenticate" in said:  # Azurite's word for a wrong key
            return WRONG_KEY.format(place=place, said=said)
        if code in ERROR_HINTS:
            return ERROR_HINTS[code].format(place=place, said=said)
        if code and error.status_code not in (401, 403, 404, 429):
            return f"The storage at {place} refuses that ({said}): run the same command again."
    return explain_error(error, f"the storage at {place}", ROLE, "run the same command again")


def error_text(error: HttpResponseError, code: str) -> str:
    """Azure's code and the first line of its message: further lines have the request's number, and what was signed."""
    first = error_reason(error)
    return first if first.startswith(code) else f"{code}: {first}"
