"""The files of a PostgreSQL cluster: initdb makes them, and PostgreSQL's programs run on them."""

import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from jobs.errors import ErrorKind, JobError
from jobs.libpq import environment_without_libpq
from jobs.local.postgres_programs import programs_folder
from jobs.local.unprivileged import CLOSED_UMASK, chown, open_log, unprivileged_kwargs
from jobs.state import replace_file, write_atomically

USER = "postgres"
RENAME_SECONDS = 20  # Windows' virus scanner looks into a thousand new files


def initdb(folder: Path) -> None:
    """Create the cluster in `data.new` and rename that to `data`: an interrupted initdb leaves no `data`."""
    password, new, log = folder / "password", folder / "data.new", folder / "initdb.log"
    shutil.rmtree(new, ignore_errors=True)
    write_atomically(password, secrets.token_urlsafe(24))
    chown(password)
    flags = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale"]
    if run_program(new, "initdb", "-D", str(new), "-U", USER, *flags, log=log) != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise JobError(
            f"PostgreSQL cannot create its files in {folder} ({last_error(log)}): check the free space, and that you "
            f"may write there; {log} has all that it printed.",
            ErrorKind.unavailable,
        )
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude_if_exists = 'laptop.conf'\n")
    replace_file(new, folder / "data", at_most=RENAME_SECONDS)


def last_error(log: Path) -> str:
    """The last error in a program's log, without time and process id; else its last line."""
    text = log.read_bytes().decode("utf-8", "replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.search("FATAL|PANIC|ERROR|error:|could not", line)]
    return (errors or lines or ["no log was written"])[-1].rpartition("] ")[2].strip().rstrip(".:")


def run_program(data: Path, program: str, *arguments: str, log: Path | None = None) -> int:
    """Run one of the programs of the cluster in `data`, its output into `log`. Returns its exit status.

    No pipes: the server would keep them open. On Windows a console of its own, without a window: in that of this
    command, Ctrl-C and closing the window would end the server too.
    """
    folder = programs_folder(data)
    with open_log(log) if log else Path(os.devnull).open("wb") as output:
        return subprocess.run(
            [str(folder / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environment_without_libpq(), "LC_MESSAGES": "C"},  # errors in ASCII, whatever the encoding here
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            umask=CLOSED_UMASK,
            **unprivileged_kwargs(folder),
        ).returncode
