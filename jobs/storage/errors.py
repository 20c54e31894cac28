"""What Blob Storage's error codes mean to you.

https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and common-rest-api-error-codes
"""

from azure.core.exceptions import HttpResponseError

from jobs.azure.errors import error_reason
from jobs.errors import ErrorKind, JobError

ROLE = "Storage Blob Data Contributor"
# By Azure's error code. {container} is the host and the container, {reason} what Azure said.
BUSY = "The storage at {container} is too busy ({reason}): wait some minutes, then run the same command again."
ERROR_HINTS = {
    "AuthorizationPermissionMismatch": (
        f"You may not use the storage at {{container}}: you need the role {ROLE}. A role that `pulumi up` assigned "
        "takes up to ten minutes to take effect: wait, then run the same command again."
    ),
    "AuthorizationFailure": (
        "The storage at {container} does not allow your network ({reason}): a private stack's is open from inside its "
        "network only, so run the command there, or set `private` to false and run `pulumi up`."
    ),
    "KeyBasedAuthenticationNotPermitted": (
        "The storage at {container} accepts no keys: set the output `storage_auth` to `identity`, as `pulumi up` does."
    ),
    "AuthenticationFailed": (
        "The storage at {container} does not accept your login ({reason}): is the clock of this computer right? If so, "
        "run `az login`."
    ),
    "InvalidAuthenticationInfo": "The storage at {container} does not accept your login ({reason}): run `az login`.",
    "NoAuthenticationInformation": "The storage at {container} requires a login ({reason}): run `az login`.",
    "AccountIsDisabled": (
        "The storage at {container} is disabled, as Azure does when credit is used up ({reason}): see the subscription "
        "in the portal."
    ),
    "ContainerNotFound": (
        "There is no container {container}: `pulumi up` creates a stack's, `python -m jobs local up` the laptop's."
    ),
    "ContainerBeingDeleted": "The container {container} is being deleted: run `pulumi up` in some minutes.",
    "ServerBusy": BUSY,
    "OperationTimedOut": BUSY,
    "Md5Mismatch": "The data was damaged on its way to the storage at {container}: run the same command again.",
}
WRONG_KEY = (
    "The storage at {container} does not accept the key ({reason}): the outputs hold another account's key. "
    "`python -m jobs local up` writes the laptop's outputs again."
)
ERROR_HINTS["FilesystemNotFound"] = ERROR_HINTS["ContainerNotFound"]
# All other codes are `refused`.
ERROR_KINDS = {
    "ContainerNotFound": ErrorKind.not_found,
    "FilesystemNotFound": ErrorKind.not_found,
    "ContainerBeingDeleted": ErrorKind.conflict,
    "ServerBusy": ErrorKind.unavailable,
    "OperationTimedOut": ErrorKind.unavailable,
    "Md5Mismatch": ErrorKind.failed,
}


def storage_error(error: HttpResponseError, container: str) -> JobError | None:
    """The error for what the storage service refuses. None for what any service of Azure's can answer."""
    code = str(getattr(error.response, "headers", {}).get("x-ms-error-code", ""))
    reason = error_text(error, code)
    if code == "AuthorizationFailure" and "failed to authenticate" in reason:  # Azurite's text for a wrong key
        return JobError(WRONG_KEY.format(container=container, reason=reason), ErrorKind.refused)
    if code in ERROR_HINTS:
        sentence = ERROR_HINTS[code].format(container=container, reason=reason)
        return JobError(sentence, ERROR_KINDS.get(code, ErrorKind.refused))
    if code and error.status_code not in (401, 403, 404, 429):
        return JobError(f"The storage at {container} refuses that ({reason}): run the same command again.")
    return None


def error_text(error: HttpResponseError, code: str) -> str:
    """Azure's code and the first line of its message. Further lines have the request's id and what was signed."""
    first = error_reason(error)
    return first if first.startswith(code) else f"{code}: {first}"
