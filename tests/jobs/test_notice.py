"""say_if_slow: quick work is silent, slow work says what it does, one thing at a time."""

import re
import threading

import pytest

from jobs import notice, terminal
from jobs.notice import say_if_slow


def test_quick_work_is_silent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(notice, "FIRST_SECONDS", 3600)
    with say_if_slow("Reading"):
        pass
    assert capsys.readouterr().err == ""
    assert not notice._waits


def test_slow_work_says_what_it_does_and_again_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    third = threading.Event()

    def write_line(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            third.set()

    monkeypatch.setattr(notice, "write_line", write_line)
    monkeypatch.setattr(notice, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(notice, "REPEAT_SECONDS", 0.01)
    with say_if_slow("Loading the network"):
        assert third.wait(60)
    assert lines[0] == "Loading the network ..."
    assert all(re.fullmatch(r"Loading the network \.\.\. \d+ s", line) for line in lines[1:])


def test_a_bar_takes_the_place_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "FIRST_SECONDS", 3600)
    with say_if_slow("Reading"):
        (wait,) = notice._waits
        with terminal.progress("verify", 3) as advance:
            assert wait.ended.is_set() and not wait.thread.is_alive()
            advance(3)


def test_an_error_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no"), say_if_slow("Reading"):
        raise ValueError("no")
    assert not notice._waits and not [t for t in threading.enumerate() if t.name == notice.THREAD]
