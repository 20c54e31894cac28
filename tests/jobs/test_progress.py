import pytest

from jobs import progress as meter
from jobs import terminal
from jobs.progress import Meter


@pytest.mark.parametrize(
    ("total", "told"), [(4, ["1 of 4 files, ", "4 of 4 files, "]), (None, ["1 files, ", "4 files, "])]
)
def test_lines(monkeypatch: pytest.MonkeyPatch, total: int | None, told: list[str]) -> None:
    monkeypatch.setattr(meter, "SECONDS_BETWEEN_LINES", 0)
    said: list[str] = []
    counted = Meter(said.append, "files", total)
    for steps in (1, 3):
        counted.advance(steps)
    assert [line.startswith(start) and "/s" in line for line, start in zip(said, told, strict=True)] == [True, True]
    assert [line.endswith(" s left") for line in said] == [total is not None] * 2


def test_lines_are_not_told_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "SECONDS_BETWEEN_LINES", 3600)
    said: list[str] = []
    counted = Meter(said.append, "rows")
    for _ in range(100):
        counted.advance(1)
    assert said == []


def test_a_log_gets_the_same_lines_with_what_they_are_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(meter, "SECONDS_BETWEEN_LINES", 0)
    with terminal.progress("upload", 3000) as advance:
        advance(1500)
    assert capsys.readouterr().err.startswith("upload: 1,500 of 3,000, ")
