"""Lines for a user: what a terminal obeys is written as an escape, wherever the text comes from."""

import io
import json
import logging
import re
import unicodedata
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from jobs import notice, terminal
from jobs.errors import JobError
from jobs.lines import (
    KEEPS_LINES,
    EscapingFormatter,
    escape_lines,
    escape_logs,
    escape_name,
    write_lines,
)

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
HOSTILE = "a\x1b]0;title\x07\x9b31m\u202e\u2066\r\nforged\u2028\x7f[red]"
ESCAPED = r"a\x1b]0;title\x07\x9b31m\u202e\u2066\r\nforged\u2028\x7f[red]"


def obeyed(text: str) -> set[str]:
    """The characters of a text that a terminal obeys."""
    return {each for each in text if unicodedata.category(each) == "Cc" or unicodedata.bidirectional(each) in BIDI} - {
        "\t"
    }


@dataclass(frozen=True)
class Row:
    name: str


@dataclass(frozen=True)
class Result:
    rows: list[Row]
    names: tuple[str, ...]
    counts: dict[str, int]
    folder: Path
    commands: str = field(default="", metadata=KEEPS_LINES)

    def summary(self) -> str:
        return "\n".join([self.rows[0].name, *self.names, *self.counts, str(self.folder), self.commands])


RESULT = Result([Row(HOSTILE)], (HOSTILE,), {HOSTILE: 1}, Path(HOSTILE), "one\x1b\ntwo")


@given(st.text())
def test_an_escaped_name_is_one_line_that_says_all(name: str) -> None:
    escaped = escape_name(name)
    assert not obeyed(escaped)
    assert len(escaped.splitlines()) <= 1 or "\x85" in name
    assert obeyed(escape_lines(name)) <= {"\n"}
    if not obeyed(name) and not re.search("[\u061c\u200e\u200f\u2028\u2029]", name):
        assert escaped == name


def test_a_name_in_a_result_forges_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_result(RESULT, as_json=False)
    terminal.log_summary(RESULT)
    out, err = capsys.readouterr()
    assert out == err
    assert out.splitlines() == [ESCAPED] * 4 + [r"one\x1b", "two"]
    assert RESULT.rows[0].name == HOSTILE, "the result itself is left as it is"


def test_json_stays_exact(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_result(RESULT, as_json=True)
    terminal.report_error(JobError(HOSTILE), as_json=True)
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert json.loads(first)["rows"] == [{"name": HOSTILE}]
    assert json.loads(second)["error"] == HOSTILE
    assert err == ESCAPED + "\n"


def test_what_else_is_said_is_escaped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "FIRST_SECONDS", 0)
    with notice.say_if_slow(HOSTILE) as _, terminal.progress(HOSTILE, 1, "bytes") as advance:
        advance(1)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(typer.Abort):
        terminal.ask(HOSTILE)
    out, err = capsys.readouterr()
    assert out.strip() == ""
    assert err.count(ESCAPED) >= 2
    assert obeyed(err) <= {"\n"}


def test_logs_and_warnings_of_libraries_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    stream = io.StringIO()
    escape_logs()
    handler = logging.StreamHandler(stream)
    assert isinstance(logging.lastResort and logging.lastResort.formatter, EscapingFormatter)
    handler.setFormatter(EscapingFormatter())
    handler.emit(logging.makeLogRecord({"msg": HOSTILE}))
    stream.write(warnings.formatwarning(HOSTILE, UserWarning, "file", 1))
    write_lines(stream, HOSTILE)
    assert obeyed(stream.getvalue()) == {"\n"}


def test_only_one_place_writes_to_the_terminal(project: Path) -> None:
    """`__main__` writes JSON, and imports nothing that a computer may lack; so does `computer`.

    What `finetune` and its bench start writes to its parent; the workflow that `finetune flow` copies is the user's.
    """
    allowed = {"__main__.py", "computer.py", "child_program.py", "finetune_program.py"}
    programs = [project / "jobs" / "finetune" / name for name in ("carried", "flow")]
    writes = re.compile(r"\bstd(out|err)\.write|\bprint\(|\btyper\.(echo|secho|prompt)|console\.print")
    files = [
        path
        for path in (project / "jobs").rglob("*.py")
        if path.name not in allowed and not any(path.is_relative_to(each) for each in programs)
    ]
    assert [path for path in files if writes.search(path.read_text(encoding="utf-8"))] == []
