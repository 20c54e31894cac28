"""The cases of an evaluation: read from JSONL, and the documents that the project's own are about."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jobs import PROJECT
from jobs.assistant.prompt import read_text
from jobs.documents.add import AddOptions, AddResult, add_documents
from jobs.documents.vectors import WORDS, EmbedChoice
from jobs.errors import ErrorKind, JobError
from jobs.foreign_files import UnusableFileError, parse_json
from jobs.target import Target

GOLDEN = Path(__file__).with_name("golden.jsonl")
COLLECTION = "golden"
DOCUMENTS = ("README.md", "README.es.md", "docs/operating.md", "docs/azure.md", "docs/pipeline.md", "docs/tutorial.md")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question and what its answer must have.

    `contains` and `not_contains` are texts, in any case; `cites` documents, of which one is cited; `calls` tools, all
    called; `number` a query of the database whose one number the answer has.
    """

    id: str
    question: str
    language: str = ""
    kind: str = ""
    contains: tuple[str, ...] = ()
    not_contains: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    number: str = ""


LISTS = ("contains", "not_contains", "cites", "calls")


def read_cases(file: Path) -> list[Case]:
    """The cases of a file. Raises JobError, which names the line."""
    if not file.is_file():
        raise JobError(f"There is no file {file}: name a JSONL file of cases.", ErrorKind.not_found)
    cases: list[Case] = []
    for number, line in enumerate(read_text(file).split("\n"), 1):
        if line.strip():
            try:
                case = parse_case(parse_json(line))
                if case.id in {each.id for each in cases}:
                    raise ValueError(f"another case has the id {case.id}, too")
            except (ValueError, UnusableFileError) as error:
                raise JobError(f"{file}, line {number}: {error}.", ErrorKind.invalid) from None
            cases.append(case)
    if not cases:
        raise JobError(f"There is no case in {file}: docs/assistant.md shows how to write one.", ErrorKind.invalid)
    return cases


def parse_case(case: Any) -> Case:
    """A line's case. Raises ValueError for what it may not have."""
    if not isinstance(case, Mapping) or not str(case.get("question", "")).strip() or "id" not in case:
        raise ValueError("a case is a JSON object with id and question")
    if unknown := set(case) - {each.name for each in fields(Case)}:
        raise ValueError(f"a case has no {', '.join(sorted(unknown))}")
    for name in LISTS:
        given = case.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise ValueError(f"{name} is a list of texts")
    values: dict[str, Any] = {name: tuple(value) if name in LISTS else str(value) for name, value in case.items()}
    return Case(**values)


def prepare_golden(target: Target) -> AddResult:
    """Bring the documents of the project's own cases up to date, in a collection of their own, found by words alone.

    Without a model everybody measures the same.
    """
    files = [PROJECT / name for name in DOCUMENTS]
    options = AddOptions(collection=COLLECTION, choice=EmbedChoice(WORDS, None, False), replace=True, root=PROJECT)
    return add_documents(target, files, options)
