"""Checkpoints: written every STEPS steps or SECONDS seconds and when the process has to end; only whole ones count.

A checkpoint is whole when its list of hashes, written last, fits. A full disk or a kill in the middle leaves one
without the list: it is deleted, and the one before counts. `training_args.bin` is a pickle, and never read.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import transformers

STEPS, SECONDS = 100, 60.0
KEPT = 2
HASHES = "whole.json"
UNREAD = (HASHES, "training_args.bin", "README.md")


class Stop:
    """Set by Ctrl-C, SIGTERM, or when the program that started this one has ended."""

    def __init__(self, watch_stdin: bool) -> None:
        self.asked = False
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.ask)
        if watch_stdin:
            threading.Thread(target=self.watch, name="parent", daemon=True).start()

    def ask(self, *_: Any) -> None:
        self.asked = True

    def watch(self) -> None:
        """Ask for the end when stdin ends: the other end of the pipe is the program that started this one."""
        with contextlib.suppress(OSError):
            while os.read(0, 4096):  # not sys.stdin, whose lock would make the end of Python wait for this thread
                pass
        self.asked = True


class Checkpoints(transformers.TrainerCallback):  # type: ignore[misc]
    """Tells the trainer when to save and when to stop, and hands on what it logs."""

    def __init__(self, stop: Stop, log: Callable[[dict[str, Any]], None], every: int = STEPS) -> None:
        self.stop, self.log, self.every, self.saved_at = stop, log, every, time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        late = time.monotonic() - self.saved_at >= SECONDS
        control.should_save |= late or state.global_step % self.every == 0 or self.stop.asked
        control.should_save |= state.global_step >= state.max_steps
        control.should_training_stop |= self.stop.asked

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        content = json.dumps(hash_folder(folder))
        (folder / HASHES).write_text(content, encoding="utf-8")
        self.saved_at = time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
        if "loss" in logs:
            self.log({"step": state.global_step, "of": state.max_steps, **logs})


def hash_folder(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file in a checkpoint."""
    files = sorted(each for each in folder.iterdir() if each.name not in UNREAD)
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def is_whole(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / HASHES).read_text(encoding="utf-8")) == hash_folder(folder))
    except (OSError, ValueError):
        return False


def find_checkpoint(output: Path) -> Path | None:
    """The newest whole checkpoint, None without one. Newer ones that are broken are deleted."""
    folders = [each for each in output.glob("checkpoint-*") if each.name.rpartition("-")[2].isdecimal()]
    for folder in sorted(folders, key=step_of, reverse=True):
        if is_whole(folder):
            return folder
        shutil.rmtree(folder)
    return None


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])
