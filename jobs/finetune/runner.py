"""Where a model is trained and served: what differs between this laptop and Azure ML.

All else is shared: the data, what travels (carried/), the order of a deployment, the check, the results. `local.py` is
the laptop's runner, `azure/runner.py` that of a stack.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from jobs.finetune.order import Order
from jobs.finetune.results import (
    ConnectResult,
    Deployment,
    Endpoint,
    ModelVersion,
    StatusResult,
    TeardownResult,
    TrainResult,
)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What bills from now on, a person's question. `lines` say it: the size, the quota, the price, hours at most."""

    question: str
    lines: tuple[str, ...]
    hourly_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Compute:
    """What a training runs on, Azure only: "" takes the stack's size. `minutes` is the longest time."""

    size: str = ""
    minutes: int = 60
    wait: bool = True


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection as `chat` reads it: the URL of /score, and the key."""

    name: str
    url: str
    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A held-out question: `messages` up to the answer, which is `expected`."""

    messages: list[dict[str, str]]
    expected: str


class Runner(Protocol):
    """The laptop or a stack. Each function raises JobError, and can be called again after a kill."""

    def training_bill(self, order: Order, compute: Compute) -> Bill | None:
        """What a training bills, None for nothing. Raises JobError where the quota does not suffice."""

    def train(self, order: Order, compute: Compute) -> TrainResult:
        """Run a training to its end, or go on with it. A run that is done is returned with `reused`."""

    def follow(self, run: str) -> TrainResult:
        """Follow a run that is at work to its end."""

    def cancel(self, run: str) -> TrainResult:
        """Stop a run. What it has saved stays."""

    def read_run(self, run: str) -> TrainResult:
        """A run as it is. Raises JobError (not_found)."""

    def prove(self, run: str) -> float:
        """The held-out loss of the saved model, loaded again: equal to `loss_after` where the file is whole.

        On Azure this is the job's own proof: train.py loads what it saved in a new process, and writes `loss_saved`.
        """

    def register(self, run: TrainResult, name: str) -> ModelVersion:
        """Register a run's model, once: the same run under the same name is the same version."""

    def versions(self) -> list[ModelVersion]:
        """All registered models of this project, the oldest first."""

    def questions(self, version: ModelVersion, count: int) -> list[Question]:
        """Held-out questions of a version: from questions.jsonl in its model folder."""

    def deployment_bill(self, version: ModelVersion, size: str, instances: int) -> Bill | None:
        """What a deployment bills, None for nothing. Raises JobError where the quota does not suffice."""

    def default_size(self, version: ModelVersion) -> str:
        """The size of a deployment without --size, "" on the laptop."""

    def read_endpoint(self) -> Endpoint | None:
        """The endpoint as it is, None where there is none."""

    def make_endpoint(self) -> Endpoint:
        """Make the endpoint where there is none."""

    def make_deployment(self, colour: str, version: ModelVersion, size: str, instances: int) -> Deployment:
        """Make a deployment at 0 % and wait until it is ready. One that exists is waited for. Raises JobError."""

    def mark_checked(self, colour: str) -> None:
        """Record beside the deployment that it has answered the held-out questions."""

    def set_traffic(self, traffic: Mapping[str, int]) -> None:
        """Set the shares of all deployments, in one request."""

    def delete_deployment(self, colour: str) -> None:
        """Delete a deployment, which has 0 %."""

    def ask(self, body: Mapping[str, Any], colour: str | None) -> tuple[str, str]:
        """Send a request to the endpoint, or to one deployment. Returns the answer and the deployment's name."""

    def connect(self, name: str, rotate: bool) -> ConnectResult:
        """Write the endpoint's URL and key to a connection; `rotate` renews the key first."""

    def read_connection(self, name: str) -> Connection:
        """A connection with its key. Raises JobError (not_found)."""

    def connection_places(self, name: str) -> dict[str, str]:
        """Where a program finds a connection: `file` here, or the URL of the `project` on Azure; the other is ""."""

    def send(self, connection: Connection, body: Mapping[str, Any]) -> tuple[str, str]:
        """Send a request through a connection. Returns the answer and the deployment's name."""

    def status(self) -> StatusResult:
        """Runs, versions, endpoint, and what bills."""

    def teardown(self, models: bool, data: bool) -> TeardownResult:
        """Delete endpoint, deployments and connection, and with `models` or `data` those too. Nothing to do is fine."""


def request_body(messages: Sequence[Mapping[str, str]], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A request to /score, in the shape of Azure's catalogue."""
    return {"input_data": {"input_string": [dict(each) for each in messages], "parameters": dict(parameters)}}
