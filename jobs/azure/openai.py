"""The one builder of clients for OpenAI's API: a stack's deployments, or any server that speaks it."""

import ipaddress
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jobs.errors import ErrorKind, JobError

if TYPE_CHECKING:
    from openai import OpenAI

OPENAI_SCOPE = "https://cognitiveservices.azure.com/.default"
PROJECT_SCOPE = "https://ai.azure.com/.default"
RETRIES = 2  # of the SDK itself, by Retry-After
SECONDS = 300.0


@dataclass(frozen=True)
class Connection:
    """`base_url` ends in /v1 or as the server wants it. `scope` is that of an Entra token, "" for a key or none.

    `stack` names the Pulumi stack in sentences, "" for a server of the user's.
    """

    base_url: str
    scope: str = ""
    stack: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or self.base_url

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


def describe_destination(connection: Connection, model: str) -> str:
    """Where a text goes: each command that sends one says so."""
    return f"{model} at {connection.host}" + (": nothing leaves this computer." if connection.is_loopback else ".")


def server_connection(base_url: str) -> Connection:
    """The connection of `--base-url`. Raises JobError for what is not a URL, and for plain http to another machine."""
    host = server_host(base_url)
    if host is None:
        raise JobError(
            f"The URL {hide_login(base_url)} is not one of a server: write http://127.0.0.1:11434/v1 or "
            "https://HOST/v1, without a password in it.",
            ErrorKind.invalid,
        )
    if not base_url.lower().startswith("https:") and not is_loopback(host):
        raise JobError(
            f"{host} is another machine, and plain http would send your text over the network for all to "
            "read: use https, or a server on this computer.",
            ErrorKind.refused,
        )
    return Connection(base_url)


def server_host(url: str) -> str | None:
    """The host of a server's URL. None where two readers of the URL could take two hosts for it, or where none is."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for what is not one
    except ValueError:
        return None
    odd = set(url) & set(" \\@?#") or not url.isprintable()
    return None if odd or parts.scheme not in ("http", "https") else parts.hostname


def hide_login(url: str) -> str:
    """The URL without what may be a password."""
    scheme, mark, rest = url.rpartition("@")
    return f"[hidden]@{rest}" if mark and scheme else url


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_id(text: str, what: str, where: str) -> str:
    """Returns an id of the service. Raises JobError for what cannot be one: it becomes a part of a URL."""
    if not text.isascii() or not text.replace("_", "").replace("-", "").isalnum():
        raise JobError(f"{text[:60]!r} is not the id of {what}: {where} shows it.", ErrorKind.invalid)
    return text


def open_client(connection: Connection) -> "OpenAI":
    """A client. At Azure by identity, whose token is renewed; elsewhere with OPENAI_API_KEY, or without a key."""
    from openai import OpenAI

    key: str | Callable[[], str] = read_key()
    if connection.scope:
        from azure.identity import get_bearer_token_provider

        from jobs.azure.login import credential

        key = get_bearer_token_provider(credential(), connection.scope)
    http = build_http_client(connection)
    return OpenAI(base_url=connection.base_url, api_key=key, http_client=http, max_retries=RETRIES, timeout=SECONDS)


def read_key() -> str:
    """OPENAI_API_KEY. Raises JobError, without the key in it, for one that no header can carry."""
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not (key.isascii() and key.isprintable()):
        raise JobError(
            "OPENAI_API_KEY has characters that no key has, such as a line's end: set it again.", ErrorKind.invalid
        )
    return key or "none"


def build_http_client(connection: Connection) -> Any:
    """The transport. It follows no redirect: the text goes that each run names, and nowhere else.

    It takes HTTPS_PROXY, but not for a server on this computer, which a proxy does not have; and an authority of one's
    own from SSL_CERT_FILE only: the one that Azure's SDKs use (REQUESTS_CA_BUNDLE) is handed on where that is not set.
    """
    from openai import DefaultHttpxClient

    if connection.is_loopback:
        return DefaultHttpxClient(follow_redirects=False, trust_env=False)
    authority = os.environ.get("REQUESTS_CA_BUNDLE") if "SSL_CERT_FILE" not in os.environ else None
    trust = ssl.create_default_context(cafile=authority) if authority else True
    return DefaultHttpxClient(follow_redirects=False, verify=trust)
