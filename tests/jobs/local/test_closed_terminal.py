"""A demo that is ended from outside stops the services that it started: none of the three stays."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from jobs.interrupts import when_window_closes
from jobs.local.services import SERVICES, running_services, service_status, start_services, stop_services
from tests.jobs.cli_process import wait_for

# The terminal is the command's own: when it closes, the system sends SIGHUP, as to the shell of a window.
AT_A_TERMINAL = (
    "import fcntl, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from jobs.entry import main; sys.exit(main(sys.argv[1:]))"
)
DEMO = ("demo", "--count", "300", "--weights", "random", "--report")


def service_processes(folder: Path) -> list[str]:
    """The command lines of the services in a state folder, or below it."""
    lines = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        server = line.partition(" ")[0].endswith(("postgres", "node", "pg_ctl", "initdb"))
        if server and str(folder) in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            lines.append(line)
    return lines


class Window:
    """A demo in a terminal window."""

    def __init__(self, folder: Path) -> None:
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", AT_A_TERMINAL, *DEMO, str(folder / "report")],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "JOBS_LOCAL": str(folder)},
            start_new_session=True,
        )
        os.close(slave)

    def close(self) -> None:
        """Close the window."""
        os.close(self.master)
        self.master = -1


@pytest.fixture
def window(services_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A demo in a window. At the end nothing of it runs."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such signals and terminals")
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    demo = Window(services_folder)
    yield demo
    demo.process.kill()
    demo.process.wait()
    for folder in (services_folder, services_folder / "demo"):  # of a test that failed
        monkeypatch.setenv("JOBS_LOCAL", str(folder))
        stop_services()


def close(window: Window) -> None:
    window.close()


def send(*numbers: int) -> Callable[[Window], None]:
    def send_all(window: Window) -> None:
        for number in numbers:
            window.process.send_signal(number)

    return send_all


@pytest.mark.parametrize("services", [1, 3], ids=["while they start", "while they run"])
@pytest.mark.parametrize(
    "end",
    [close, send(signal.SIGHUP, signal.SIGHUP), send(signal.SIGTERM), send(signal.SIGINT, signal.SIGINT)],
    ids=["closed window", "hangup twice", "kill", "Ctrl-C twice"],
)
def test_no_service_stays(window: Window, services_folder: Path, services: int, end: Callable[[Window], None]) -> None:
    wait_for(lambda: len(service_processes(services_folder)) >= services, lambda: "the services do not start")
    end(window)
    window.process.wait(60)
    assert service_processes(services_folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_nohup_goes_on() -> None:
    """nohup ignores SIGHUP before it starts the command."""
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "from jobs.interrupts import stop_signals_as_ctrl_c\n"
        "with stop_signals_as_ctrl_c(): os.kill(os.getpid(), signal.SIGHUP); print('went on')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "went on\n"


class Console:
    """Windows' kernel32, as far as it tells a process that its window closes: in a thread of the system."""

    def __init__(self) -> None:
        self.handlers: list[Any] = []

    def SetConsoleCtrlHandler(self, handler: Any, add: int) -> int:
        (self.handlers.append if add else self.handlers.remove)(handler)
        return 1

    def tell(self, event: int) -> list[int]:
        """Call every handler in a thread. Returns what they return: 1 where the event is handled."""
        answers: list[int] = []
        thread = Thread(target=lambda: answers.extend(handler(event) for handler in self.handlers))
        thread.start()
        thread.join()
        return answers


@pytest.fixture
def console(services_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A console of Windows, and services of the test's own. They are stopped at the end."""
    monkeypatch.setenv("JOBS_LOCAL", str(services_folder))
    kernel32 = Console()
    monkeypatch.setattr("ctypes.windll", SimpleNamespace(kernel32=kernel32), raising=False)
    monkeypatch.setattr("ctypes.WINFUNCTYPE", CFUNCTYPE, raising=False)
    kernel32.SetErrorMode = lambda mode: 0  # type: ignore[attr-defined]
    yield kernel32
    stop_services()


def test_a_closed_window_on_windows_stops_the_services_before_the_process_ends(
    console: Console, services_folder: Path
) -> None:
    with running_services():
        assert len(service_processes(services_folder)) >= 3
        assert console.tell(0) == [0]  # Ctrl-C is Python's
        assert console.tell(2) == [1]
        assert service_processes(services_folder) == []
    assert console.handlers == []


def test_services_that_ran_before_stay_when_the_window_closes(console: Console) -> None:
    start_services(*SERVICES)
    before = service_status()
    with running_services():
        assert console.tell(2) == []
    assert service_status() == before


def test_the_other_ends_of_a_session_on_windows(console: Console) -> None:
    called = Event()
    for event in (5, 6):
        with when_window_closes(called.set, console):
            assert console.tell(event) == [1] and called.is_set()
        called.clear()
