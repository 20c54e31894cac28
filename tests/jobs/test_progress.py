"""Progress as lines of a log."""

import pytest

from jobs import progress, terminal
from jobs.progress import Meter


@pytest.mark.parametrize(
    ("total", "starts"), [(4, ["1 of 4 files, ", "4 of 4 files, "]), (None, ["1 files, ", "4 files, "])]
)
def test_lines(monkeypatch: pytest.MonkeyPatch, total: int | None, starts: list[str]) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    lines: list[str] = []
    meter = Meter(lines.append, "files", total)
    for steps in (1, 3):
        meter.advance(steps)
    assert [line.startswith(start) and "/s" in line for line, start in zip(lines, starts, strict=True)] == [True, True]
    assert [line.endswith(" s left") for line in lines] == [total is not None] * 2


def test_lines_are_not_logged_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 3600)
    lines: list[str] = []
    meter = Meter(lines.append, "rows")
    for _ in range(100):
        meter.advance(1)
    assert lines == []


def test_a_log_gets_the_same_lines_with_their_label(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    with terminal.progress("upload", 3000) as advance:
        advance(1500)
    assert capsys.readouterr().err.startswith("upload: 1,500 of 3,000, ")
