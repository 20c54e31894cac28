"""The schema on a server of Azure's, where administrators read what another of them made."""

import psycopg2
import pytest

from jobs.schema import MIGRATIONS, upgrade

READERS = (MIGRATIONS / "0003_readers.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("on_azure", [True, False])
def test_administrators_of_azure_may_read_the_table_and_nothing_more(laptop_url: str, on_azure: bool) -> None:
    db = psycopg2.connect(laptop_url)
    try:
        upgrade(db)
        with db.cursor() as cursor:  # never committed: roles belong to the whole server
            cursor.execute("CREATE ROLE somebody")
            if on_azure:
                cursor.execute("CREATE ROLE azure_pg_admin")
                cursor.execute("GRANT azure_pg_admin TO somebody")
            cursor.execute(READERS)
            cursor.execute("SELECT has_table_privilege('somebody', 'imagenes_fer', 'SELECT')")
            assert cursor.fetchone() == (on_azure,)
            cursor.execute("SELECT has_table_privilege('somebody', 'imagenes_fer', 'UPDATE, DELETE, INSERT')")
            assert cursor.fetchone() == (False,)
    finally:
        db.rollback()
        db.close()
