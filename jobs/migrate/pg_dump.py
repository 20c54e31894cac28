"""Copy the table as the original system did, with pg_dump and pg_restore of the embedded server.

pg_restore only writes a script. Its rows go through the open connection to the target, because the embedded server's
programs have no TLS, and so that everything is one transaction.
"""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from psycopg2.extensions import connection, quote_ident

from jobs.errors import ErrorKind, JobError
from jobs.libpq import complete_parameters, error_reason
from jobs.local.postgres_programs import programs_folder
from jobs.migrate.fingerprint import table_fingerprint
from jobs.migrate.parts import PartResult, Transfer, split_table
from jobs.migrate.source import TABLE, SourceTable
from jobs.postgres import silence
from jobs.postgres.connection import Database, connection_params, fetch_value
from jobs.postgres.errors import server_address
from jobs.programs import end_program

COPY = re.compile(rb"COPY (?P<table>.+) \((?P<columns>.+)\) FROM stdin;")
POLL_SECONDS = 0.5
STAGED = "COPY migrate_staging ({}) FROM STDIN"


def stage_dump(transfer: Transfer, table: SourceTable, servers: tuple[connection, connection]) -> list[PartResult]:
    """Dump what the snapshot shows into the target's staging table, every part of it. The caller commits.

    The bytes of the archive are those of the first part. Raises JobError for a table with other columns.
    """
    source, target = servers
    if table.relation != TABLE or table.extra:
        raise JobError(
            f"pg_dump copies only a table with the columns of {TABLE} and no others: use `--method copy`.",
            ErrorKind.conflict,
        )
    size = dump_and_load(transfer, choose_tables(source), target)
    parts = split_table(source)
    prints = [table_fingerprint(source, transfer.hashes, where=part.where) for part in parts]
    return [
        PartResult(part, fingerprint, False, fingerprint[0], size if number == 0 else 0)
        for number, (part, fingerprint) in enumerate(zip(parts, prints, strict=True))
    ]


def choose_tables(source: connection) -> list[str]:
    """pg_dump's options for the rows alone: a login that may read the table may not be allowed to read its sequence.

    The names are in quotes, because pg_dump reads * and ? as patterns.
    """
    schema = fetch_value(
        source,
        "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid = %s::regclass",
        (TABLE,),
    )
    table = f"{quote_ident(schema, source)}.{quote_ident(TABLE, source)}"
    sequence = fetch_value(source, "SELECT pg_get_serial_sequence(%s, 'id')", (table,))
    return [f"--table={table}", *([f"--exclude-table-data={sequence}"] if sequence else [])]


def dump_and_load(transfer: Transfer, tables: list[str], target: connection) -> int:
    """Write an archive, and load its rows into the emptied staging table; returns the archive's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        archive, script = Path(folder) / "table.dump", Path(folder) / "table.sql"
        options = ["--data-only", "--format=custom", "--encoding=UTF8", f"--snapshot={transfer.snapshot}"]
        run_program("pg_dump", [*tables, *options, f"--file={archive}"], transfer.source_database)
        run_program("pg_restore", ["--data-only", f"--file={script}", str(archive)], None)
        load_script(script, target)
        return archive.stat().st_size


def load_script(script: Path, target: connection) -> None:
    """Run the script's only COPY. The server finds the end of its rows by itself: a line with a backslash and a dot."""
    with script.open("rb") as file, target.cursor() as cursor:
        statement = next((match for line in file if (match := COPY.match(line))), None)
        if statement is None:
            raise JobError("pg_restore wrote no rows: try `--method copy`.")
        cursor.execute("TRUNCATE migrate_staging, migrate_part")
        cursor.copy_expert(STAGED.format(statement["columns"].decode()), file)


def run_program(name: str, arguments: list[str], database: Database | None) -> None:
    """Run one of PostgreSQL's programs. The password is passed in the environment, not in the argument list."""
    environment = {**os.environ, **(libpq_environment(database) if database else {})}
    words = [str(programs_folder() / name), *arguments]
    server = f" of {server_address(connection_params(database))}" if database else ""
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=environment, **pipes, text=True, errors="replace") as process:
        errors = wait_for_end(process, f"{name}{server}")
    if process.returncode != 0:
        raise JobError(f"{name}{server} failed ({error_reason(errors)}): try `--method copy`.")


def wait_for_end(process: "subprocess.Popen[str]", name: str) -> str:
    """Return what a program prints as errors when it ends. Raises JobError, and ends it, where it has stopped working.

    It has no limit of its own for a connection that is silent. A program that gets bytes uses time of the processor.
    """
    used, moved = 0.0, time.monotonic()
    while True:
        try:
            return process.communicate(timeout=POLL_SECONDS)[1]
        except subprocess.TimeoutExpired:
            before, used = used, processor_seconds(process.pid)
        moved = time.monotonic() if used != before else moved
        if time.monotonic() - moved > silence.GIVE_UP_SECONDS:
            end_program(process)
            reason = f"{name} has done nothing for {silence.GIVE_UP_SECONDS:g} s: check the network"
            raise JobError(f"{reason}, then run the same command again.", ErrorKind.unavailable)


def processor_seconds(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def libpq_environment(database: Database) -> dict[str, str]:
    """How to log in to a server, as libpq's environment variables."""
    names = {"user": "PGUSER", "dbname": "PGDATABASE", "channel_binding": "PGCHANNELBINDING"}
    parameters = complete_parameters(connection_params(database))
    return {names.get(key, f"PG{key.upper()}"): value for key, value in parameters.items()}
