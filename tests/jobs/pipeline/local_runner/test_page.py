"""docs/pipeline.md says what the local runner does."""

from itertools import chain

from jobs import PROJECT
from jobs.pipeline.local_runner.column_types import POSTGRES_TYPES

PAGE = (PROJECT / "docs" / "pipeline.md").read_text(encoding="utf-8")


def test_its_table_has_every_type_that_is_read() -> None:
    rows = [line.split("|")[2] for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    types = list(chain.from_iterable(row.split(",") for row in rows[1:]))
    assert {name.strip() for name in types} == {*POSTGRES_TYPES.values()}
