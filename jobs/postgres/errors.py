"""What PostgreSQL and libpq say when a connection fails, and what it means to you.

libpq gives no codes for a connection that fails, only texts: those of PostgreSQL's src/interfaces/libpq and
src/backend/utils/init, and of Azure's gateway in front of the server. A student's own server may say them in Spanish.
"""

import os
import re
import socket
import ssl
import struct
from collections.abc import Mapping

from jobs.errors import ErrorKind, JobError, explain
from jobs.libpq import error_reason

SSL_REQUEST = struct.pack(">ii", 8, 80877103)  # PostgreSQL's protocol, "SSLRequest"
PROBE_SECONDS = 5
RECOVERS_SECONDS, APPEARS_SECONDS = 30.0, 3.0
# Errors that pass by themselves, and how long to wait: a server that recovers says so, a dead one does not answer.
TRANSIENT_ERRORS = {
    r"the database system is |not yet accepting connections|recovery mode": RECOVERS_SECONDS,
    r"too many (clients|connections)|remaining connection slots|demasiados clientes": RECOVERS_SECONDS,
    r"Connection refused|\(0x0000274D|server closed the connection|closed unexpectedly|EOF detected": APPEARS_SECONDS,
}
ALLOW = '`pulumi config set --path "allowedIps[N]" {address}` and `pulumi up` allow it'
NUMBER = "N is the first number that `pulumi config get allowedIps` does not show, 0 if none: a used one is overwritten"
RESUME = "`python -m jobs resume --target STACK`"
NOTHING_SENT = "nothing was sent to it"
OWN_ROOTS = "if you trust that authority, put its certificate's file into PGSSLROOTCERT"
# The first pattern that matches counts. {server} is host:port/database; a pattern's groups can be used too.
ERROR_HINTS = {
    r"could not translate host name|Name or service not known|nodename nor servname|Unknown host": (
        "The server name {host} cannot be resolved: are you online, does the stack still exist (`pulumi stack ls`), "
        "and are you inside its network if it is private?"
    ),
    r'pg_hba\.conf entry for host "(?P<address>[^"]*)"[^\n]*no encryption': (
        "PostgreSQL at {server} requires TLS: use a URL with sslmode=verify-full."
    ),
    r'pg_hba\.conf entry for host "(?P<address>[^"]*)"': (
        f"The firewall of PostgreSQL at {{server}} does not allow your address {{address}}: {ALLOW}, where {NUMBER}."
    ),
    r"timeout expired|timed out|\(0x0000274C": (
        f"PostgreSQL at {{server}} does not answer: {RESUME} starts a stopped server, and if its firewall does not "
        f"allow your address, {ALLOW.format(address='ADDRESS')}, where {NUMBER}."
    ),
    r'(password authentication failed|autentificaci.n \S+ fall|role |rol ).*"lake_(reader|writer)"': (
        "PostgreSQL at {server} does not accept the password of {user}: `python -m jobs migrate --target STACK` makes "
        "that role, and gives it the password of the stack's outputs."
    ),
    r"no password supplied|password authentication failed|autentificaci.n \S+ fall": (
        "PostgreSQL at {server} does not accept the password of {user}: a stack's comes from `pulumi up`, any other "
        "from its URL (characters such as @ : / % as %40 %3A %2F %25)."
    ),
    r"access token|AAD|Entra|Azure AD|pgaadauth": (
        "PostgreSQL at {server} does not accept your Entra token for the user {user} ({reason}): log in as that user "
        "with `az login`, or make yourself its administrator with `pulumi config set entraAdminName` and `pulumi up`."
    ),
    r'role "[^"]*" does not exist|no existe el rol': (
        "PostgreSQL at {server} has no user {user}: `pulumi up` creates the stack's, and `entraAdminName` must be what "
        "`az ad signed-in-user show --query userPrincipalName` prints."
    ),
    r'database "[^"]*" does not exist|no existe la base de datos': (
        "PostgreSQL at {server} has no such database: run `pulumi up`."
    ),
    r"server does not support SSL": (
        f"The server at {{server}} does not support TLS, so it is not Azure's: {NOTHING_SENT}. "
        "Is `postgres_host` right?"
    ),
    r"does not match host name": (
        f"The server at {{server}} has a certificate of another name ({{reason}}): {NOTHING_SENT}. Is `postgres_host` "
        "right, and nobody between you and Azure?"
    ),
    r"root certificate file|sslrootcert": (
        "The file of trusted certificates cannot be read ({reason}): fix PGSSLROOTCERT or sslrootcert, or remove it."
    ),
    r"certificate has expired": (
        f"The certificate of the server at {{server}} has expired: {NOTHING_SENT}. Is the clock of this computer right?"
    ),
    r"certificate is not yet valid": (
        f"The certificate of the server at {{server}} is not valid yet: {NOTHING_SENT}. Is the clock of this computer "
        "right?"
    ),
    r"self-signed": (
        f"The certificate of the server at {{server}} is self-signed ({{reason}}): {NOTHING_SENT}; {OWN_ROOTS}."
    ),
    r"certificate verify failed|unable to get": (
        f"The certificate of the server at {{server}} comes from an authority that is not trusted on this computer: "
        f"{NOTHING_SENT}; {OWN_ROOTS}."
    ),
    r"the database system is |not yet accepting|recovery mode": (
        "PostgreSQL at {server} is not ready ({reason}): wait a minute, then run the same command again."
    ),
    r"too many (clients|connections)|remaining connection slots|demasiados clientes": (
        "PostgreSQL at {server} has no connection left ({reason}): close others, then run the same command again."
    ),
    r"Connection refused|\(0x0000274D": (
        f"No PostgreSQL listens at {{server}}: {RESUME} starts a stopped server, "
        "`python -m jobs local up` the laptop's."
    ),
}
DEFAULT_HINT = (
    "PostgreSQL at {server} refuses the connection ({reason}): is it running, and does it allow your address?"
)
ERROR_KINDS: dict[str, str] = {
    r"could not translate|Name or service|nodename nor|Unknown host": ErrorKind.not_found,
    r"(role|database) \"[^\"]*\" does not exist|no existe (el rol|la base de datos)": ErrorKind.not_found,
    r"root certificate file|sslrootcert": ErrorKind.invalid,
    r"|".join([r"timeout expired|timed out|\(0x0000274C", *TRANSIENT_ERRORS]): ErrorKind.unavailable,
}


def retry_seconds(message: str) -> float:
    """For how many seconds another try is worth it. 0 for an error that stays."""
    return max((seconds for pattern, seconds in TRANSIENT_ERRORS.items() if re.search(pattern, message)), default=0.0)


def connection_error(message: str, server: Mapping[str, str]) -> JobError:
    """The error for what libpq said when it connected to a server. `server` has libpq's parameters."""
    if "certificate verify failed" in message:  # libpq does not say why
        message = f"{message}: {verify_error(server)}"
    values = {"server": server_address(server), "host": server.get("host", ""), "user": server.get("user", "")}
    sentence = explain(message, ERROR_HINTS, DEFAULT_HINT, **values, reason=error_reason(message))
    return JobError(sentence, ErrorKind(explain(message, ERROR_KINDS, ErrorKind.refused)))


def server_address(server: Mapping[str, str]) -> str:
    """Where a server is, without its user."""
    return f"{server.get('host', 'localhost')}:{server.get('port', '5432')}/{server.get('dbname', '')}"


def verify_error(server: Mapping[str, str]) -> str:
    """Why OpenSSL does not accept a server's certificate. Connects again, and sends only a request for TLS."""
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
