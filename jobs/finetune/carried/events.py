"""What train.py writes while it works: lines of metrics.jsonl, events on stdout, and small files."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def open_metrics(file: Path, step: int) -> Callable[[dict[str, Any]], None]:
    """A function that adds a line to metrics.jsonl, and to stdout. Lines after the checkpoint's step are taken out."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    kept = [line for line in lines if line.startswith("{") and line.endswith("}") and json.loads(line)["step"] <= step]
    file.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def add(logs: dict[str, Any]) -> None:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(logs) + "\n")
        print_event({"event": "step", **logs})
        log_to_azure(logs)

    return add


def log_to_azure(logs: dict[str, Any]) -> None:
    """Azure ML shows what MLflow logs; its job sets the address of the server."""
    if "MLFLOW_TRACKING_URI" in os.environ:
        import mlflow

        for name in ("loss", "learning_rate"):
            mlflow.log_metric(name, float(logs[name]), step=int(logs["step"]))


def print_event(event: dict[str, Any]) -> None:
    """Write an event on stdout. Where nobody reads it any more the work goes on, to its next checkpoint."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


def write_json(file: Path, value: Any) -> None:
    new = file.with_suffix(".new")
    new.write_text(json.dumps(value), encoding="utf-8")
    new.replace(file)
