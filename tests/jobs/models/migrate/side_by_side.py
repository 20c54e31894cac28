"""An account with two deployments side by side, with a clock, metrics, and an endpoint that answers."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.state import state_folder
from tests.azure_fakes.cloud import Request
from tests.azure_fakes.model_account import ModelAccount
from tests.azure_fakes.model_endpoint import HOSTS, ModelEndpoint
from tests.azure_fakes.model_metrics import ModelMetrics
from tests.jobs.models.shop import LUNA, OTHER
from tests.jobs.student import DoctorCli

BEGIN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TARGET = "@".join(LUNA)


@dataclass
class SideBySide:
    """Runs `models migrate` against the shop. Who calls what follows the weights, unless `stray` calls the old one."""

    student: DoctorCli
    account: ModelAccount
    where: tuple[str, ...] = OTHER
    time: datetime = BEGIN
    stray: Callable[[datetime], float] = lambda minute: 0.0
    shares: list[tuple[datetime, dict[str, int]]] = field(default_factory=list)
    endpoint: ModelEndpoint = field(default_factory=ModelEndpoint)

    def __post_init__(self) -> None:
        self.metrics = ModelMetrics(lambda: self.time)
        self.metrics.calls = {
            "chat": lambda minute: self.calls("chat", minute) + self.stray(minute),
            "chat-2": lambda minute: self.calls("chat-2", minute),
        }
        self.student.manager.providers = [self.metrics, *self.student.manager.providers]
        self.student.cloud.services[HOSTS] = self.endpoint
        self.student.cloud.clock = lambda: self.time.timestamp()

    def calls(self, name: str, minute: datetime) -> float:
        """50 calls a minute, by the weights of that minute; all to `chat` before there are any."""
        weights = {"chat": 100}
        for since, each in self.shares:
            weights = each if since < minute else weights
        return 0.5 * weights.get(name, 0)

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command of `models migrate`, and let the applications follow the weights."""
        status, seen = self.student.run("models", "migrate", *words, *self.where)
        with suppress(FileNotFoundError, ValueError):
            if not self.shares or self.shares[-1][1] != self.weights:
                self.shares.append((self.time, self.weights))
        return status, seen

    def at_weights(self, share: int) -> None:
        """A migration from `chat` to `chat-2`, with this share, half an hour ago."""
        assert self.run("start", "chat", TARGET, "--yes")[0] == 0
        if share:
            status, seen = self.run("shift", "chat", str(share), "--yes")
            assert status == 0, seen
        self.time += timedelta(minutes=30)

    @property
    def minute(self) -> datetime:
        """The minute that it is."""
        return self.time.replace(second=0, microsecond=0)

    def finish(self, *more: str) -> tuple[int, str]:
        return self.run("finish", "chat", "--yes", *more)

    @property
    def file(self) -> Path:
        """The weights' file of an account that is not a stack's."""
        return state_folder() / "models" / self.account.name / "routing" / "chat.json"

    @property
    def weights(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.file.read_text())["weights"]
        return found

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((state_folder() / "models" / self.account.name / "chat.json").read_text())
        return found

    def deletions(self) -> list[Request]:
        return [each for each in self.student.cloud.requests if each.method == "DELETE"]


def result(seen: str) -> dict[str, Any]:
    """The object of --json in an output."""
    found: dict[str, Any] = json.loads(seen[seen.index('{"alias"') : seen.rindex("}") + 1])
    return found
