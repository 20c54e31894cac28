"""Each call of `documents add` fails in turn: each document is as it was or as its file is, and once more all are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.documents.add import AddOptions, add_documents
from jobs.documents.vectors import WORDS, EmbedChoice
from jobs.postgres.connection import open_connection
from jobs.target import Target
from tests.failing_calls import Job

PASSAGES = """
SELECT d.name, encode(d.sha256, 'hex'), p.text FROM document d JOIN passage p ON p.document_id = d.id ORDER BY 1, 2, 3
"""


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.parametrize("job", ["documents add"])
def test_each_document_is_added_whole_or_not_at_all(
    job: str, target: Target, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    def write(text: str) -> None:
        for name in ("a", "b", "c"):
            (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}\n\n# More\n\n{text} of {name}.")

    def run() -> None:
        options = AddOptions(collection="docs", choice=EmbedChoice(WORDS, None, is_stack=False), root=tmp_path)
        add_documents(target, [tmp_path], options)

    def give_work() -> None:
        """The documents are of other files, and one is gone."""
        write("before")
        (tmp_path / "gone.md").write_text("A file that is deleted.")
        run()
        (tmp_path / "gone.md").unlink()
        write("after")

    def read() -> object:
        with open_connection(target) as db, db.cursor() as cursor:
            cursor.execute(PASSAGES)
            return cursor.fetchall()

    write("after")
    Job(give_work=give_work, run=run, read=read, every=2).fail_each_call(record_property)
