"""The runner of a stack: what runner.py asks of Azure ML, each by the file of its subject."""

from collections.abc import Mapping
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.finetune.azure import connection, deployment, endpoint, job, model, quota
from jobs.finetune.azure.attempt import cancel, find_attempt, list_attempts, read_run, read_summary
from jobs.finetune.azure.log import follow
from jobs.finetune.azure.score import score
from jobs.finetune.azure.teardown import describe_status, tear_down
from jobs.finetune.azure.workspace import Workspace
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
from jobs.finetune.runner import Bill, Compute, Connection, Question
from jobs.target import Target


class AzureRunner:
    """A stack's `Runner`: see runner.py for what each function does."""

    def __init__(self, target: Target, stack: str) -> None:
        self._workspace = Workspace(target, stack)
        self._key: tuple[str, str] | None = None

    def training_bill(self, order: Order, compute: Compute) -> Bill | None:
        attempts = list_attempts(self._workspace, order.run)
        job.check_same_order(order, attempts)
        if attempts and (attempts[-1].is_at_work or read_run(self._workspace, order.run).state == "done"):
            return None
        return quota.training_bill(self._workspace, compute)

    def train(self, order: Order, compute: Compute) -> TrainResult:
        attempts = list_attempts(self._workspace, order.run)
        job.check_same_order(order, attempts)
        is_done = bool(attempts) and read_run(self._workspace, order.run).state == "done"
        if not is_done and not (attempts and attempts[-1].is_at_work):
            job.submit(self._workspace, order, len(attempts) + 1, compute.minutes)
        if compute.wait and not is_done:
            follow(self._workspace, order.run)
        result = read_run(self._workspace, order.run)
        return TrainResult(**{**vars(result), "reused": is_done})

    def follow(self, run: str) -> TrainResult:
        follow(self._workspace, run)
        return read_run(self._workspace, run)

    def cancel(self, run: str) -> TrainResult:
        return cancel(self._workspace, run)

    def read_run(self, run: str) -> TrainResult:
        return read_run(self._workspace, run)

    def prove(self, run: str) -> float:
        find_attempt(self._workspace, run)
        summary = read_summary(self._workspace, run) or {}
        try:
            return float(summary["loss_saved"])
        except (KeyError, TypeError, ValueError) as error:
            reason = f"The run {run} has no proof of its saved model: train again with another --name."
            raise JobError(reason, ErrorKind.failed) from error

    def register(self, run: TrainResult, name: str) -> ModelVersion:
        return model.register_run(self._workspace, run, name)

    def versions(self) -> list[ModelVersion]:
        return model.list_versions(self._workspace)

    def questions(self, version: ModelVersion, count: int) -> list[Question]:
        return model.read_questions(self._workspace, version, count)

    def deployment_bill(self, version: ModelVersion, size: str, instances: int) -> Bill | None:
        return quota.deployment_bill(self._workspace, size, instances)

    def default_size(self, version: ModelVersion) -> str:
        return quota.choose_size(self._workspace, model.model_bytes(self._workspace, version))

    def read_endpoint(self) -> Endpoint | None:
        return endpoint.read_endpoint(self._workspace)

    def make_endpoint(self) -> Endpoint:
        return endpoint.make_endpoint(self._workspace)

    def make_deployment(self, colour: str, version: ModelVersion, size: str, instances: int) -> Deployment:
        return deployment.make_deployment(self._workspace, colour, version, size, instances)

    def mark_checked(self, colour: str) -> None:
        endpoint.mark_checked(self._workspace, colour)

    def set_traffic(self, traffic: Mapping[str, int]) -> None:
        endpoint.set_traffic(self._workspace, traffic)

    def delete_deployment(self, colour: str) -> None:
        endpoint.delete_deployment(self._workspace, colour)

    def ask(self, body: Mapping[str, Any], colour: str | None) -> tuple[str, str]:
        self._key = self._key or connection.read_key(self._workspace)
        return score(*self._key, body, colour)

    def connect(self, name: str, rotate: bool) -> ConnectResult:
        return connection.connect(self._workspace, name, rotate)

    def read_connection(self, name: str) -> Connection:
        return connection.read_connection(self._workspace, name)

    def connection_places(self, name: str) -> dict[str, str]:
        return {"file": "", "project": self._workspace.target.project_url}

    def send(self, connection: Connection, body: Mapping[str, Any]) -> tuple[str, str]:
        return score(connection.url, connection.key, body, None)

    def status(self) -> StatusResult:
        return describe_status(self._workspace)

    def teardown(self, models: bool, data: bool) -> TeardownResult:
        return tear_down(self._workspace, models, data)
