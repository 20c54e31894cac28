"""Check the outputs of a stack where they enter: a file of outputs may come from anybody.

An empty value passes: a stack without AI Search has an empty `search_url`. What needs the value says that it is empty.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from jobs.lines import escape_name

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
CHOICES = {
    "postgres_auth": ("password", "entra"),
    "postgres_sslmode": SSL_MODES,
    "storage_auth": ("identity", "key"),
    "pipeline_runner": ("data_factory", "local"),
    "finetune_runner": ("none", "azure_ml", "local"),
}
URLS = (
    "pictures_url",
    "lake_url",
    "lake_dfs_url",
    "vault_url",
    "foundry_endpoint",
    "search_url",
    "openai_url",
    "project_url",
    "speech_url",
)
CONTAINERS = ("pictures_container", "lake_container")
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
CONTAINER = re.compile(r"[a-z0-9$][a-z0-9-]{1,62}")
LONGEST = 4096


def find_problem(name: str, value: Any) -> str | None:
    """Why an output cannot have this value, as the rest of a sentence; None where it can."""
    if name == "postgres_port":
        return port_problem(value)
    if not isinstance(value, str):
        return "is not a text"
    if value == "":
        return None
    if len(value) > LONGEST or "\0" in value:
        return "is not a text of the usual kind"
    if not name.endswith("_password") and escape_name(value) != value:
        return f"has control characters ({escape_name(value)[:80]})"
    return next((check(name, value) for names, check in CHECKS.items() if name in names), None)


def port_problem(value: Any) -> str | None:
    """Pulumi prints a number as text, or with a fraction of zero."""
    try:
        number = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError, OverflowError):
        return "is not a number"
    return None if number.is_integer() and 0 < number < 65536 else "is not the number of a port"


def choice_problem(name: str, value: str) -> str | None:
    return None if value in CHOICES[name] else f"is {value!r}, and not one of {', '.join(CHOICES[name])}"


def url_problem(name: str, value: str) -> str | None:
    """Only https, and http to this computer, where the emulator is. No login, no query."""
    try:
        url = urlsplit(value)
        host, plain = url.hostname or "", url.port is None or url.port > 0
    except ValueError:
        return f"is not a URL: {value!r}"
    if url.username is not None or url.password is not None or url.query or url.fragment or not plain:
        return "is a URL with more than a host and a path"
    if url.scheme == "https" and (HOST.fullmatch(host) or is_address(host)):
        return None
    if url.scheme == "http" and (host == "localhost" or is_loopback(host)):
        return None
    return f"is not a URL of https: {value!r}"


def host_problem(name: str, value: str) -> str | None:
    return None if HOST.fullmatch(value) or is_address(value) else f"is not the name of a server: {value!r}"


def container_problem(name: str, value: str) -> str | None:
    return None if CONTAINER.fullmatch(value) else f"is not the name of a container: {value!r}"


def is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    return is_address(host) and ip_address(host).is_loopback


CHECKS: Mapping[tuple[str, ...], Callable[[str, str], str | None]] = {
    tuple(CHOICES): choice_problem,
    URLS: url_problem,
    CONTAINERS: container_problem,
    ("postgres_host",): host_problem,
}
