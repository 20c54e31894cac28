"""Kill a step before each of its changes of files, and do it again: python -m tests.jobs.finetune.file_killer STEP.

A process of its own, because it forks. It prints how many kills there were, and what was then other than undisturbed.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from jobs.finetune.data import write_data
from jobs.finetune.folder import finetune_folder, models_folder
from jobs.finetune.registry import list_versions, register_here
from jobs.finetune.run import read_run_here
from jobs.finetune.split import Share
from jobs.finetune.take import Source

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link")


def take_data(name: str) -> Path:
    folder = finetune_folder() / name
    write_data(Source(count=50), Share(), folder)
    return folder


def register(name: str) -> Path:
    register_here(read_run_here(list_versions()[0].run), name)
    return models_folder() / name


def main(step: Callable[[str], Path]) -> None:
    undisturbed = list_files(step("undisturbed"))
    different = []
    for number in count(1):
        name = f"killed-{number}"
        if not run_in_a_fork(lambda: step(name), number):  # noqa: B023 - it is called at once
            break
        again = list_files(step(name))
        if again != undisturbed:
            different.append([number, sorted(set(again) ^ set(undisturbed))])
    sys.stdout.write(json.dumps({"kills": number - 1, "different": different}))


def run_in_a_fork(step: Callable[[], object], last: int) -> bool:
    """Run a step in a process that is killed before its change number `last`. Returns whether it was."""
    child = os.fork()
    if not child:
        sys.addaudithook(killer(last))
        step()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or status == 0
    return os.WIFSIGNALED(status)


def killer(last: int) -> Callable[[str, tuple[Any, ...]], None]:
    """A hook for `sys.addaudithook`: what Python is about to do."""
    left = [last]

    def hook(event: str, words: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and words[2] & (os.O_WRONLY | os.O_RDWR)):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    return hook


def list_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file. The name of the model is not compared: it differs."""
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    return {
        str(each.relative_to(folder)): sha256(each.read_bytes().replace(folder.name.encode(), b"NAME")).hexdigest()
        for each in files
    }


if __name__ == "__main__":
    main({"data": take_data, "register": register}[sys.argv[1]])
