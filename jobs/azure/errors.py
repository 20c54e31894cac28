"""Azure's errors as sentences for a person."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
)

from jobs.errors import ErrorKind, JobError, explain

# The command for the Azure CLI where Azure asks for a stronger login, such as a second factor.
LOGIN_COMMAND = re.compile(r"az login( --[\w-]+ [^\s`]+)+")
# By status and reason; a request that got no answer has its own text. {resource} is what was asked for.
ERROR_HINTS = {
    "^401 ": "Azure does not know you ({reason}): run `{login}`.",
    "ReadOnlyDisabledSubscription": (
        "The subscription is switched off, as Azure does when credit is used up ({reason}): see it in the portal."
    ),
    "^403 ": (
        "Azure does not allow you to use {resource} ({reason}): it needs the role {role}; a role that `pulumi up` gave "
        "minutes ago takes effect everywhere within ten, so wait and run the same command again."
    ),
    "^404 ": "Azure does not have {resource} ({reason}): run `pulumi up`.",
    "^429 ": (
        "Azure limits the rate of requests for {resource} ({reason}): wait some minutes, then run the same command "
        "again."
    ),
    r"^\d{3} ": "Azure refuses {resource} ({reason}): {hint}.",
    "NameResolutionError|Failed to resolve|getaddrinfo|Name or service not known": (
        "The host name of {resource} does not resolve ({reason}): are you online, and does the stack still exist?"
    ),
}
NO_ANSWER = "Azure does not answer for {resource} ({reason}): run the same command again."
KINDS = {
    401: ErrorKind.refused,
    403: ErrorKind.refused,
    404: ErrorKind.not_found,
    409: ErrorKind.conflict,
    429: ErrorKind.unavailable,
}


@contextmanager
def translate_errors(resource: str, role: str, hint: str = "run the same command again") -> Iterator[None]:
    """Raise each AzureError of the block as a JobError.

    `resource` names what was asked for, such as "the factory adf-fer"; `role` is the role that allows it; `hint` is
    what to do where no better advice fits.
    """
    try:
        yield
    except AzureError as error:
        raise JobError(explain_error(error, resource, role, hint), error_kind(error)) from error


def explain_error(error: AzureError, resource: str, role: str, hint: str) -> str:
    """One sentence for a person: Azure's code and message, and what to do."""
    reason, status = error_reason(error), error_status(error)
    text = f"{status} {reason}" if status else str(error) if isinstance(error, ServiceRequestError) else ""
    values = {"resource": resource, "reason": reason, "role": role, "hint": hint, "login": login_hint(reason)}
    return explain(text, ERROR_HINTS, NO_ANSWER, **values)


def error_kind(error: AzureError) -> ErrorKind:
    status = error_status(error)
    return KINDS.get(status, ErrorKind.refused) if status else ErrorKind.unavailable


def error_status(error: AzureError) -> int | None:
    """The HTTP status of a refusal, 401 for every failed login; None where Azure gave no complete answer."""
    if isinstance(error, ClientAuthenticationError):
        return 401
    if isinstance(error, HttpResponseError) and not isinstance(error, DecodeError):
        return error.status_code
    return None


def login_hint(reason: str) -> str:
    """The command that logs in as Azure asks for in its reason."""
    command = LOGIN_COMMAND.search(reason)
    return command[0] if command else "az login"


def error_reason(error: AzureError) -> str:
    """Azure's code and the first line of its message, or that of the network error."""
    inner = getattr(error, "error", None)
    code, message = getattr(inner, "code", None), getattr(inner, "message", None)
    text = message if isinstance(message, str) and message.strip() else str(error.message or error)
    first = (text.strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
    return f"{code}: {first}" if isinstance(code, str) and code and not first.startswith(f"({code})") else first
