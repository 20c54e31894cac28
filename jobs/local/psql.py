"""Open psql, of the wheel that has the servers, on one of the laptop's databases."""

import signal
import subprocess
from types import FrameType

from jobs.libpq import environment_without_libpq
from jobs.local import postgres_programs
from jobs.local.services import postgres_server, start_services


def run_psql(server: str, sql: str | None = None) -> int:
    """Run psql on the database of `laptop` or `cloud`, at the terminal, or for one statement. Returns its exit status.

    The server is started if it is not running. The password is in psql's environment, and on no command line.
    """
    start_services(server)
    program = str(postgres_programs.programs_folder() / "psql")
    arguments = ["--no-psqlrc", "--command", sql] if sql is not None else []
    before = signal.signal(signal.SIGINT, ignore_signal)  # psql cancels a statement on Ctrl-C, and goes on
    try:
        return subprocess.run([program, *arguments], env=psql_environment(server), check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def psql_environment(server: str) -> dict[str, str]:
    """This process's environment with the server's address, without libpq's other variables: they lead elsewhere."""
    login = postgres_server(server).login()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "database": "PGDATABASE"}
    address = {names[key]: str(value) for key, value in login.items()}
    return {**environment_without_libpq(), **address, "PGSSLMODE": "disable"}


def ignore_signal(number: int, frame: FrameType | None) -> None:
    """A function, and not SIG_IGN: psql would inherit that."""
