"""The original system's way from one database to the other: pg_dump, pg_restore, psql, out of the embedded server."""

import os
import subprocess
import tempfile
from pathlib import Path

from psycopg2.extensions import connection

from jobs.failure import Failure
from jobs.local.postgres import programs
from jobs.postgres import one, parts


def dump(here: connection, urls: tuple[str, str]) -> None:
    """Dump what the open transaction of `here` sees, and restore it in one transaction. `urls`: source, destination."""
    source, destination = urls
    snapshot = one(here, "SELECT pg_export_snapshot()")
    with tempfile.TemporaryDirectory() as folder:
        archive, script = str(Path(folder) / "table.dump"), str(Path(folder) / "table.sql")
        table = ["--table=imagenes_fer", "--data-only", "--format=custom", f"--snapshot={snapshot}"]
        program("pg_dump", [*table, f"--file={archive}"], source)
        program("pg_restore", ["--data-only", f"--file={script}", archive], None)
        once = ["--single-transaction", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"]
        program("psql", [*once, "--command=DELETE FROM imagenes_fer", f"--file={script}"], destination)


def program(name: str, arguments: list[str], url: str | None) -> None:
    """Run one of PostgreSQL's programs against a server whose password stands in no argument list."""
    environment = {**os.environ, **(variables(url) if url else {})}
    words = [str(programs() / name), *arguments]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise Failure(f"{name} failed ({said}): try `--method copy`.")


def variables(url: str) -> dict[str, str]:
    """A URL as libpq's environment variables."""
    names = {"user": "PGUSER", "dbname": "PGDATABASE"}
    return {names.get(key, f"PG{key.upper()}"): value for key, value in parts(url).items()}
