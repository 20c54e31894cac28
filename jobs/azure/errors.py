"""What Azure's refusals mean to a person."""

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

from jobs.errors import JobError

# What the Azure CLI has to be asked for where Azure wants a stronger login, by a second factor, say.
LOGIN = re.compile(r"az login( --[\w-]+ [^\s`]+)+")
SWITCHED_OFF = "ReadOnlyDisabledSubscription"
UNKNOWN_HOST = re.compile("NameResolutionError|Failed to resolve|getaddrinfo|Name or service not known")


@contextmanager
def translate_errors(place: str, role: str, hint: str = "run the same command again") -> Iterator[None]:
    """Tell what Azure refuses in the block as a Failure.

    `place` names what was asked, such as "the factory adf-fer"; `role` is the role that lets a person do it; `hint`
    is what to do where nothing better is known.
    """
    try:
        yield
    except AzureError as error:
        raise JobError(explain_error(error, place, role, hint)) from error


def explain_error(error: AzureError, place: str, role: str, hint: str) -> str:
    """One sentence for a person: what Azure said, and what to do."""
    said = error_reason(error)
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if isinstance(error, ClientAuthenticationError) or status == 401:
        return f"Azure does not know you ({said}): run `{login_hint(said)}`."
    if SWITCHED_OFF in said:
        return f"The subscription is switched off, as Azure does when credit is used up ({said}): see it in the portal."
    if status == 403:
        return (
            f"Azure does not let you use {place} ({said}): it needs the role {role}; one that `pulumi up` gave minutes "
            "ago is known everywhere after ten, so wait and run the same command again."
        )
    if status == 404:
        return f"Azure has no such thing as {place} ({said}): run `pulumi up`."
    if status == 429:
        return f"Azure is asked too often for {place} ({said}): wait some minutes, then run the same command again."
    if status is not None and not isinstance(error, DecodeError):
        return f"Azure refuses {place} ({said}): {hint}."
    if isinstance(error, ServiceRequestError) and UNKNOWN_HOST.search(str(error)):
        return f"The address of {place} is not known ({said}): are you online, and does the stack still exist?"
    return f"Azure does not answer for {place} ({said}): run the same command again."


def login_hint(said: str) -> str:
    """The command that logs in as Azure wants it, which told why it does not know somebody."""
    found = LOGIN.search(said)
    return found[0] if found else "az login"


def error_reason(error: AzureError) -> str:
    """Azure's code and the first line of its message, or that of the network's."""
    inner = getattr(error, "error", None)
    code, message = getattr(inner, "code", None), getattr(inner, "message", None)
    text = message if isinstance(message, str) and message.strip() else str(error.message or error)
    first = (text.strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
    return f"{code}: {first}" if isinstance(code, str) and code and not first.startswith(f"({code})") else first
