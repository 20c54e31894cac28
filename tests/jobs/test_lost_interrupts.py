"""A Ctrl-C, or `kill`, stops a command as usual, in a callback of Python's, in a library, in the text of an exec()."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import PROJECT

STOPPED = (130, "Stopped: the same command goes on from here.\n")
PROGRAM = """
import os, runpy, sys, time, weakref
import jobs.commands.app

class Thing:
    pass

def lose(reference):
    os.kill(os.getpid(), int(sys.argv.pop()))
    for _ in range(1000):
        pass

def command(*arguments, **options):
    thing = Thing()
    reference = weakref.ref(thing, lose)
    del thing
    time.sleep(10)
    return 0

jobs.commands.app.command = command
runpy.run_module("jobs", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("ignored", [signal.SIG_DFL, signal.SIG_IGN])
def test_an_interrupt_in_a_callback_of_python_is_not_lost(number: signal.Signals, ignored: signal.Handlers) -> None:
    if number is signal.SIGINT and ignored is signal.SIG_IGN:
        pytest.skip("nothing to be lost")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(int(number))],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL if ignored is signal.SIG_DFL else ignored),
    )
    assert (run.returncode, run.stderr) == STOPPED


REPLACED = """
import os, sys, time
import jobs.entry
from jobs.errors import JobError

def command(*arguments, **options):
    number, error = int(sys.argv[1]), sys.argv[2]
    try:
        os.kill(os.getpid(), number)
        time.sleep(10)
    except KeyboardInterrupt:
        raise eval(error)

jobs.entry.command = command
raise SystemExit(jobs.entry.main([]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("error", "end"),
    [
        ("AttributeError('partially initialized module')", STOPPED),
        ("ImportError('numpy.core.multiarray failed to import')", STOPPED),
        ("ModuleNotFoundError('No module named x', name='x')", STOPPED),
        ("OSError(5, 'Input/output error')", STOPPED),
        ("JobError('The clean-up failed: do this.')", (1, "The clean-up failed: do this.\n")),
    ],
)
def test_an_error_that_a_library_raises_in_place_of_an_interrupt_is_one(
    number: signal.Signals, error: str, end: tuple[int, str]
) -> None:
    """PyArrow's import of pandas in the middle of an `index`, stopped in pandas's part in C, gave an AttributeError."""
    words = [sys.executable, "-c", REPLACED, str(int(number)), error]
    run = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (run.returncode, run.stderr) == end


IN_A_TEXT = """
import sys

def watch(frame, event, _):
    if (frame.f_code.co_filename[-len({file!r}):], frame.f_code.co_name) == ({file!r}, {function!r}):
        sys.setprofile(None)
        exec("raise KeyboardInterrupt")

sys.setprofile(watch)
"""


@pytest.mark.parametrize(
    ("file", "function"), [("jobs/entry.py", "<module>"), ("jobs/interrupts.py", "stop_signals_as_ctrl_c")]
)
def test_an_interrupt_in_a_text_ends_as_any_other(file: str, function: str, tmp_path: Path) -> None:
    code = IN_A_TEXT.format(file=str(Path(file)), function=function)
    (tmp_path / "sitecustomize.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "jobs", "--help"]
    run = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(tmp_path)}, cwd=PROJECT, check=False)
    assert run.returncode == 130
