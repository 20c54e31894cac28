"""Run a command in a process that is killed at one of its requests to a fake; nothing waits."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.azure_fakes.cloud import Cloud, Request, Response, Service
from tests.azure_fakes.resource_manager import HOST
from tests.infra.configuration import ROOT

COMMAND = (
    "import sys, pathlib, jobs.configuration, jobs.wait; jobs.wait.time.sleep = lambda seconds: None; "
    "jobs.configuration.PROJECT = pathlib.Path(sys.argv[1]); from jobs.entry import main; sys.exit(main(sys.argv[2:]))"
)


def each_third(*values: object) -> list[object]:
    """Parameters of a test that is killed at each of many moments: `make test` takes every third, `test-all` all."""
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=[pytest.mark.exhaustive] * (at % 3 > 0))
        for at, value in enumerate(values)
    ]


@dataclass
class Killed:
    """Runs commands for the project in `project`. Killed at a request to `host`, the fake of which it needs."""

    cloud: Cloud
    project: Path
    host: str = HOST

    def run(self, *words: str, at: int | str | None = None, answered: bool = True) -> tuple[int, str]:
        """Exit status and stderr of a command that is killed at a request: a number from 0, or the end of a path.

        `answered`: the request is answered before the kill, or not.
        """
        inner: Service = self.cloud.services[self.host]
        started: list[subprocess.Popen[str]] = []
        count = [0]

        def service(request: Request) -> Response:
            number = count[0]
            count[0] += 1
            is_moment = number == at or (isinstance(at, str) and request.path.endswith(at))
            if is_moment and not answered:
                os.kill(started[0].pid, signal.SIGKILL)
                return Response(503)
            answer = inner(request)
            if is_moment:
                os.kill(started[0].pid, signal.SIGKILL)
            return answer

        self.cloud.services[self.host] = service
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # the current folder may be another one
        try:
            words = (sys.executable, "-c", COMMAND, str(self.project), *words)
            started.append(
                subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            _, err = started[0].communicate(timeout=120)
            return started[0].returncode, err
        finally:
            self.cloud.services[self.host] = inner
