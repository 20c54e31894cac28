"""Databases and containers of the running services, in the state that a test needs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from psycopg2.extensions import cursor

from jobs.local.services import postgres_server
from jobs.postgres import schema
from jobs.postgres.connection import Database, open_connection
from jobs.storage.client import lake_container, pictures_container
from jobs.target import Target

numbers = count(1)


def fresh_database(admin_url: str, template: str = "template1") -> Iterator[str]:
    """Create a database with the current schema, yield its URL, and drop it."""
    for url in empty_database(admin_url, template):
        with open_connection(url) as db:
            schema.upgrade_schema(db)
        yield url


def empty_database(admin_url: str, template: str = "template1") -> Iterator[str]:
    """Create a database as its template is, yield its URL, and drop it."""
    name = f"test_{os.getpid()}_{next(numbers)}"
    with administering(admin_url) as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield admin_url.replace("/postgres?", f"/{name}?")
    with administering(admin_url) as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def database_name(url: str) -> str:
    """The name of the database that a URL ends in."""
    return url.rpartition("/")[2].partition("?")[0]


@contextmanager
def administering(url: Database) -> Iterator[cursor]:
    """A cursor in autocommit mode, for statements that PostgreSQL refuses inside a transaction."""
    with open_connection(url) as db, db.cursor() as cursor:
        db.autocommit = True
        yield cursor


def execute(database: Database, *statements: str) -> None:
    """Execute statements, and commit them."""
    with open_connection(database) as db, db.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        db.commit()


def drop_tables(url: str) -> None:
    """Drop every table of the database: a test may have made others than ours, or ours with other columns."""
    with administering(url) as cursor:
        cursor.execute("SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'")
        tables = cursor.fetchone()[0]
        if tables:
            cursor.execute(f"DROP TABLE {tables} CASCADE")


def empty_laptop(target: Target) -> None:
    """Empty the databases and containers that the option `--target local` uses."""
    empty_containers(target)
    for name in ("laptop", "cloud"):
        drop_tables(postgres_server(name).url())


def empty_containers(target: Target) -> None:
    """Delete every blob of the pictures container and of the lake container."""
    for container in (pictures_container(target), lake_container(target)):
        names = [blob.name for blob in container.list_blobs()]
        for start in range(0, len(names), 100):
            container.delete_blobs(*names[start : start + 100])
