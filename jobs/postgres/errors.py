"""What PostgreSQL and libpq say when they let nobody in, and what it means to a person.

libpq gives no codes for a connection that fails, only texts: those of PostgreSQL's src/interfaces/libpq and
src/backend/utils/init, and of Azure's gateway before it.
"""

import os
import re
import socket
import ssl
import struct
from collections.abc import Mapping

SSL_REQUEST = struct.pack(">ii", 8, 80877103)  # PostgreSQL's protocol, "SSLRequest"
PROBE_SECONDS = 5
RECOVERS_SECONDS, APPEARS_SECONDS = 30.0, 3.0
# What passes by itself, and how long to wait for it: a living server says so, a dead one only does not answer.
TRANSIENT_ERRORS = {
    r"the database system is |not yet accepting connections|recovery mode": RECOVERS_SECONDS,
    r"too many (clients|connections)|remaining connection slots": RECOVERS_SECONDS,
    r"Connection refused|\(0x0000274D|server closed the connection|closed unexpectedly|EOF detected": APPEARS_SECONDS,
}
ALLOW = '`pulumi config set --path "allowedIps[N]" {address}` and `pulumi up` let it in'
NUMBER = "N is the first number that `pulumi config get allowedIps` does not show, 0 if none: a used one is overwritten"
RESUME = "`python -m jobs resume --target STACK`"
# The first pattern that is found counts. {place} is host:port/database; groups of a pattern can be named too.
ERROR_HINTS = {
    r"could not translate host name|Name or service not known|nodename nor servname|Unknown host": (
        "The name of the server {host} is not known: are you online, does the stack still exist (`pulumi stack ls`), "
        "and are you inside its network if it is private?"
    ),
    r'pg_hba\.conf entry for host "(?P<address>[^"]*)"[^\n]*no encryption': (
        "PostgreSQL at {place} lets no one in without TLS: use a URL with sslmode=verify-full."
    ),
    r'pg_hba\.conf entry for host "(?P<address>[^"]*)"': (
        f"PostgreSQL at {{place}} does not let in your address {{address}}: {ALLOW}, where {NUMBER}."
    ),
    r"timeout expired|timed out|\(0x0000274C": (
        "PostgreSQL at {place} does not answer: a stopped server is started by "
        f"{RESUME}, and if your address is not let in, {ALLOW.format(address='ADDRESS')}, where {NUMBER}."
    ),
    r"no password supplied|password authentication failed": (
        "PostgreSQL at {place} does not take the password of {user}: a stack's comes from `pulumi up`, another one's "
        "from its URL (letters such as @ : / % as %40 %3A %2F %25)."
    ),
    r"access token|AAD|Entra|Azure AD|pgaadauth": (
        "PostgreSQL at {place} does not take your Entra token for the user {user} ({said}): log in as that user with "
        "`az login`, or make yourself its administrator with `pulumi config set entraAdminName` and `pulumi up`."
    ),
    r'role "[^"]*" does not exist': (
        "PostgreSQL at {place} has no user {user}: `pulumi up` makes the stack's, and `entraAdminName` must be what "
        "`az ad signed-in-user show --query userPrincipalName` tells."
    ),
    r'database "[^"]*" does not exist': "PostgreSQL at {place} has no such database: run `pulumi up`.",
    r"server does not support SSL": (
        "The server at {place} speaks no TLS, so it is not Azure's: nothing was sent to it; is `postgres_host` right?"
    ),
    r"does not match host name": (
        "The server at {place} shows a certificate of another name ({said}): nothing was sent to it; is "
        "`postgres_host` right, and nobody between you and Azure?"
    ),
    r"root certificate file|sslrootcert": (
        "The file of trusted certificates cannot be read ({said}): mend PGSSLROOTCERT or sslrootcert, or leave it out."
    ),
    r"certificate has expired": "The certificate of the server at {place} has expired: nothing was sent to it; is the "
    "clock of this computer right?",
    r"certificate is not yet valid": "The certificate of the server at {place} is not valid yet: nothing was sent to "
    "it; is the clock of this computer right?",
    r"self-signed": (
        "The server at {place} shows a certificate that nobody trusted has signed ({said}): nothing was sent to it; "
        "if you trust that authority, put its certificate's file into PGSSLROOTCERT."
    ),
    r"certificate verify failed|unable to get": (
        "The certificate of the server at {place} comes from an authority that is not trusted here: nothing was "
        "sent to it; if you trust that authority, put its certificate's file into PGSSLROOTCERT."
    ),
    r"the database system is |not yet accepting|recovery mode": (
        "PostgreSQL at {place} is not ready ({said}): wait a minute, then run the same command again."
    ),
    r"too many (clients|connections)|remaining connection slots": (
        "PostgreSQL at {place} has no connection left ({said}): close others, then run the same command again."
    ),
    r"Connection refused|\(0x0000274D": (
        "No PostgreSQL listens at {place}: a stopped server is started by " + RESUME + ", the laptop's by "
        "`python -m jobs local up`."
    ),
}
DEFAULT_HINT = "PostgreSQL at {place} lets no one in ({said}): is it running and open to you?"


def retry_seconds(text: str) -> float:
    """For how many seconds it is worth trying again."""
    return max((seconds for pattern, seconds in TRANSIENT_ERRORS.items() if re.search(pattern, text)), default=0.0)


def explain_connection_error(text: str, server: Mapping[str, str]) -> str:
    """One sentence for what was said when connecting to a server, given by libpq's names."""
    if "certificate verify failed" in text:  # libpq does not tell why
        text = f"{text}: {verify_error(server)}"
    found = {"place": server_address(server), "host": server.get("host", ""), "user": server.get("user", "")}
    for pattern, words in ERROR_HINTS.items():
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return words.format(**found, said=error_reason(text), **match.groupdict())
    return DEFAULT_HINT.format(**found, said=error_reason(text))


def server_address(server: Mapping[str, str]) -> str:
    """Where a server is, without who logs in there."""
    return f"{server.get('host', 'localhost')}:{server.get('port', '5432')}/{server.get('dbname', '')}"


def error_reason(text: str) -> str:
    """The first line of a driver's message, without the address that stands before it."""
    first = (text.strip().splitlines() or ["no reason given"])[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:  ").rstrip(".: ")


def verify_error(server: Mapping[str, str]) -> str:
    """What OpenSSL has against a server's certificate, looked at once more; nothing is sent but the wish for TLS."""
    roots = server.get("sslrootcert") or os.environ.get("PGSSLROOTCERT", "system")
    context = ssl.create_default_context(cafile=None if roots == "system" else roots)
    context.check_hostname = False
    host = server.get("host", "localhost")
    address = server.get("hostaddr") or os.environ.get("PGHOSTADDR") or host
    try:
        with socket.create_connection((address, int(server.get("port", "5432"))), PROBE_SECONDS) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) == b"S":
                context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except (OSError, ValueError):
        return ""
    return ""
