"""The processes of the deployments: started when a request needs one, stopped when their deployment is gone."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from jobs.finetune.child import model_variables
from jobs.finetune.folder import carried_folder

PROGRAM = Path(__file__).with_name("child_program.py")


class ChildError(Exception):
    """A deployment's process that does not start, or that ended."""


class Child:
    """One process with a model. It answers one request after the other."""

    def __init__(self, model: str, log: Path) -> None:
        self.model, self._log = model, log
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, body: str) -> dict[str, Any]:
        """The answer of the model. A process that ended is started once more. Raises ChildError."""
        with self._lock:
            for _ in range(2):
                self._start()
                answer = self._exchange(json.dumps({"body": body}))
                if answer:
                    return answer
            raise ChildError(f"the deployment's process ends: see {self._log}")

    def load(self) -> None:
        """Wait until the model is loaded. Raises ChildError."""
        with self._lock:
            self._start()

    def stop(self) -> None:
        process = self._process
        if process and process.poll() is None:
            process.terminate()
            process.wait()

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        with self._log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(PROGRAM)],
                cwd=carried_folder(),
                env={**os.environ, **model_variables(Path(self.model)), "AZUREML_MODEL_DIR": self.model},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        if not self._read():
            raise ChildError(f"the model does not load: see {self._log}")

    def _exchange(self, line: str) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None:
            return {}
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except OSError:
            return {}
        return self._read()

    def _read(self) -> dict[str, Any]:
        """The next line of the process; empty when it has ended."""
        process = self._process
        line = process.stdout.readline() if process and process.stdout else ""
        if not line and process:
            process.wait()
        return dict(json.loads(line)) if line else {}


class Children:
    """The processes by the names of their deployments."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._children: dict[str, Child] = {}

    def get(self, colour: str, model: str) -> Child:
        """The child of a deployment; one with another model is stopped."""
        with self._lock:
            child = self._children.get(colour)
            if child is None or child.model != model:
                if child:
                    child.stop()
                child = self._children[colour] = Child(model, self._folder / f"{colour}.log")
            return child

    def keep(self, models: dict[str, str]) -> None:
        """Stop the children of deployments that are gone."""
        with self._lock:
            for colour, child in list(self._children.items()):
                if models.get(colour) != child.model:
                    child.stop()
                    del self._children[colour]
