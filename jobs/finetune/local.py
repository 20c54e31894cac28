"""The runner of this computer: runs and models below .local/finetune/, an endpoint on loopback. Nothing bills."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.errors import ErrorKind, JobError
from jobs.finetune import registry, run
from jobs.finetune.evaluate import evaluate_folder
from jobs.finetune.folder import connections_folder, data_folder, finetune_folder, models_folder, runs_folder
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
from jobs.finetune.serving import endpoint
from jobs.finetune.serving.state import make_key
from jobs.local.finetune_endpoint import endpoint_folder
from jobs.state import write_atomically

ON_AZURE = "{option} is for Azure: leave it out, or add --target STACK."
WAITS = "On this laptop `finetune train` follows its run: Ctrl-C stops it, and the same command goes on."


class LocalRunner:
    """The laptop's `Runner`: see runner.py for what each function does."""

    def training_bill(self, order: Order, compute: Compute) -> Bill | None:
        if compute != Compute():
            raise JobError(ON_AZURE.format(option="--size, --timeout or --no-wait"), ErrorKind.invalid)
        return None

    def train(self, order: Order, compute: Compute) -> TrainResult:
        return run.train_here(order)

    def follow(self, run: str) -> TrainResult:
        raise JobError(WAITS, ErrorKind.invalid)

    def cancel(self, run: str) -> TrainResult:
        raise JobError(WAITS, ErrorKind.invalid)

    def read_run(self, name: str) -> TrainResult:
        return run.read_run_here(name)

    def prove(self, name: str) -> float:
        folder, settings = runs_folder() / name, run.read_order(name)["settings"]
        test = folder / run.TEST
        return evaluate_folder(folder / "model" / "model", test, rows=0, longest=settings["max_length"]).loss

    def register(self, run: TrainResult, name: str) -> ModelVersion:
        return registry.register_here(run, name)

    def versions(self) -> list[ModelVersion]:
        return registry.list_versions()

    def questions(self, version: ModelVersion, count: int) -> list[Question]:
        return registry.read_questions(Path(version.path), count)

    def deployment_bill(self, version: ModelVersion, size: str, instances: int) -> Bill | None:
        if size or instances != 1:
            raise JobError(ON_AZURE.format(option="--size or --instances"), ErrorKind.invalid)
        return None

    def default_size(self, version: ModelVersion) -> str:
        return ""

    def read_endpoint(self) -> Endpoint | None:
        return endpoint.read_endpoint()

    def make_endpoint(self) -> Endpoint:
        return endpoint.make_endpoint()

    def make_deployment(self, colour: str, version: ModelVersion, size: str, instances: int) -> Deployment:
        return endpoint.make_deployment(colour, version)

    def mark_checked(self, colour: str) -> None:
        endpoint.change_deployment(colour, checked=True)

    def set_traffic(self, traffic: Mapping[str, int]) -> None:
        endpoint.set_traffic(traffic)

    def delete_deployment(self, colour: str) -> None:
        endpoint.delete_deployment(colour)

    def ask(self, body: Mapping[str, Any], colour: str | None) -> tuple[str, str]:
        return endpoint.ask(body, colour)

    def connect(self, name: str, rotate: bool) -> ConnectResult:
        if not endpoint.local_server().exists():
            raise JobError("There is no endpoint: `python -m jobs finetune deploy` makes it.", ErrorKind.not_found)
        made = endpoint.make_endpoint()
        key = make_key(endpoint_folder(), renew=rotate)
        content = {"endpoint": made.url, "key": key}
        write_atomically(connections_folder() / f"{name}.json", json.dumps(content))
        return ConnectResult(connection=name, endpoint=made.url, rotated=rotate)

    def read_connection(self, name: str) -> Connection:
        file = connections_folder() / f"{name}.json"
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            return Connection(name=name, url=content["endpoint"], key=content["key"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise JobError(
                f"There is no connection {name}: `python -m jobs finetune connect {name}` makes it.",
                ErrorKind.not_found,
            ) from error

    def connection_places(self, name: str) -> dict[str, str]:
        return {"file": str(connections_folder() / f"{name}.json"), "project": ""}

    def send(self, connection: Connection, body: Mapping[str, Any]) -> tuple[str, str]:
        status, text, colour = endpoint.send_through(connection.url, connection.key, json.dumps(body))
        return endpoint.read_answer(status, text), colour

    def status(self) -> StatusResult:
        runs = [
            {"run": each.run, "state": each.state, "model": each.model, "exact_after": each.exact_after}
            for each in run.list_runs()
        ]
        return StatusResult(runs=runs, versions=self.versions(), endpoint=self.read_endpoint(), bills_per_hour=0.0)

    def teardown(self, models: bool, data: bool) -> TeardownResult:
        if models and (running := [each.run for each in run.list_runs() if each.state == "running"]):
            raise JobError(f"The run {running[0]} is at work: stop it with Ctrl-C first.", ErrorKind.conflict)
        deleted = ["the endpoint and its deployments"] if endpoint.delete_endpoint() else []
        kept: list[str] = []
        for what, folders, wanted in (
            ("connections", [connections_folder()], True),
            ("registered models", [models_folder()], models),
            ("runs", [runs_folder()], models),
            ("tiny base models", list(finetune_folder().glob("tiny-*")), models),
            ("the data", [data_folder()], data),
        ):
            there = [each for each in folders if each.exists()]
            if there:
                (deleted if wanted else kept).append(what)
            for each in there if wanted else ():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        return TeardownResult(deleted=deleted, kept=kept, left=[], bills_per_hour=0.0)
