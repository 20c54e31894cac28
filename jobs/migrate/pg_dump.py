"""Copy the table as the original system did, with pg_dump and pg_restore of the embedded server.

pg_restore only writes a script. Its rows go through the open connection to the target, because the embedded server's
programs have no TLS, and so that everything is one transaction.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from psycopg2.extensions import connection

from jobs.errors import JobError
from jobs.local.postgres import programs_folder
from jobs.postgres.connection import Database, connection_params
from jobs.postgres.errors import error_reason

COPY = b"COPY public.imagenes_fer "


def dump_and_restore(source_database: Database, snapshot: str, target: connection) -> int:
    """Dump what a snapshot shows and replace the target's rows; returns the archive's bytes. The caller commits."""
    with tempfile.TemporaryDirectory() as folder:
        archive, script = Path(folder) / "table.dump", Path(folder) / "table.sql"
        table = ["--table=imagenes_fer", "--data-only", "--format=custom", f"--snapshot={snapshot}"]
        run_program("pg_dump", [*table, f"--file={archive}"], source_database)
        run_program("pg_restore", ["--data-only", f"--file={script}", str(archive)], None)
        load_script(script, target)
        return archive.stat().st_size


def load_script(script: Path, target: connection) -> None:
    """Run the script's only COPY. The server finds the end of its rows by itself: a line with a backslash and a dot."""
    with script.open("rb") as file, target.cursor() as cursor:
        statement = next((line for line in file if line.startswith(COPY)), None)
        if statement is None:
            raise JobError("pg_restore wrote no rows: try `--method copy`.")
        cursor.execute("DELETE FROM imagenes_fer")
        cursor.copy_expert(statement.decode().rstrip().rstrip(";"), file)


def run_program(name: str, arguments: list[str], database: Database | None) -> None:
    """Run one of PostgreSQL's programs. The password is passed in the environment, not in the argument list."""
    environment = {**os.environ, **(libpq_environment(database) if database else {})}
    words = [str(programs_folder() / name), *arguments]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise JobError(f"{name} failed ({error_reason(done.stderr)}): try `--method copy`.")


def libpq_environment(database: Database) -> dict[str, str]:
    """How to log in to a server, as libpq's environment variables."""
    names = {"user": "PGUSER", "dbname": "PGDATABASE"}
    return {names.get(key, f"PG{key.upper()}"): value for key, value in connection_params(database).items()}
