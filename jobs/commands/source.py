"""The option --source, and how its password stays out of the list of processes, which every user of a computer sees."""

import codecs
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import UnusableFileError, read_regular_file

SOURCE_HELP = (
    "The source database, postgresql://USER@HOST:PORT/DATABASE. Default: the laptop's. Other users of this computer "
    "see a password in it: use --source-password-file, or the variable PGPASSWORD or PGPASSFILE."
)
LONGEST_PASSWORD = 4096

Source: TypeAlias = Annotated[str | None, typer.Option("--source", metavar="URL", help=SOURCE_HELP)]
SourcePasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--source-password-file", metavar="FILE", help="A file with the password of --source, one line."),
]


def source_url(source: str | None, password_file: Path | None) -> str | None:
    """The source's URL with the password of the file. Raises JobError for a file that does not hold one."""
    if password_file is None:
        return source
    from psycopg2.extensions import make_dsn

    from jobs.postgres.connection import connection_params

    if source is None or "password" in connection_params(source):
        raise typer.BadParameter("give --source URL without a password, too", param_hint="--source-password-file")
    return make_dsn(source, password=read_password(password_file))


def read_password(file: Path) -> str:
    """The only line of a file. PowerShell may have written it in UTF-16. Raises JobError."""
    try:
        data = read_regular_file(file, LONGEST_PASSWORD)
        text = data.decode("utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig")
    except (OSError, UnusableFileError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise JobError(f"The password cannot be read from {file} ({reason}).", ErrorKind.invalid) from error
    password = text.rstrip("\r\n")
    if not password or set(password) & set("\0\r\n"):
        raise JobError(f"{file} does not hold one password: write it into its only line.", ErrorKind.invalid)
    return password
