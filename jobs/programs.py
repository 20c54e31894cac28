"""Run a program to its end, with a line for the user when it takes long, and a limit."""

import subprocess
from collections.abc import Sequence
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.notice import say_if_slow

STOP_SECONDS = 5.0


def run_program(
    words: Sequence[str], *, name: str, at_most: float, advice: str, given: str | None = None, **options: Any
) -> "subprocess.CompletedProcess[str]":
    """Run a program. Returns its exit status and output, as text. It cannot ask anything: nobody would see it.

    It reads `given` on its standard input.

    After a moment a line says that `name` is waited for. After `at_most` seconds it is ended, with the programs that
    it has started, and JobError (unavailable) is raised: its sentence ends in `advice`.
    """
    stdin = subprocess.DEVNULL if given is None else subprocess.PIPE
    pipes: dict[str, Any] = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    text: dict[str, Any] = {"text": True, "encoding": "utf-8", "errors": "replace"}
    with (
        say_if_slow(f"Waiting for {name}, at most {at_most:g} s"),
        subprocess.Popen(list(words), **pipes, **text, **options) as process,
    ):
        try:
            out, err = process.communicate(given, timeout=at_most)
        except subprocess.TimeoutExpired:
            end_program(process)
            raise JobError(f"{name} has not ended within {at_most:g} s: {advice}", ErrorKind.unavailable) from None
        except KeyboardInterrupt:  # the program has got the Ctrl-C, too
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                end_program(process)
            raise
    return subprocess.CompletedProcess(list(words), process.returncode, out, err)


def end_program(process: subprocess.Popen[str]) -> None:
    """End a program and those that it has started: they hold its pipes open, which somebody else waits for."""
    import psutil

    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for child in family:
        try:
            child.kill()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    process.wait()
