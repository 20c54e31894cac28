"""A stack to pause and resume: server and factory are fakes, the database is real."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FACTORY_PATH, GROUP, trigger
from tests.azure_fakes.flexible_server import put_server
from tests.azure_fakes.played_azure import PlayedAzure

SERVERS = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers"


@dataclass
class PausedStack:
    """The stack `dev`, whose server and factory are fakes, and whose database is a real one on this machine."""

    cloud: Cloud
    target: Target
    folder: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.played = PlayedAzure(self.cloud)
        self.servers = self.played.servers
        self.server = put_server(self.played.azure, f"{SERVERS}/{self.target.postgres_host.partition('.')[0]}")
        self.factory = DataFactory(self.played.azure)
        self.factory.trigger = trigger()
        self.played.manager.providers.insert(0, self.factory.from_resource_manager)
        self.write(self.target)

    def write(self, target: Target) -> None:
        """Write the file of outputs."""
        self.outputs = self.folder / "outputs.json"
        self.outputs.write_text(json.dumps(asdict(target)), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command. Returns its exit status and output."""
        status = main([*arguments, "--target", "dev", "--outputs", str(self.outputs)])
        seen = self.capture.readouterr()
        return status, seen.out + seen.err

    def json(self, *arguments: str) -> dict[str, Any]:
        """Run a command with --json and return its object."""
        main([*arguments, "--target", "dev", "--outputs", str(self.outputs), "--json"])
        result: dict[str, Any] = json.loads(self.capture.readouterr().out)
        return result

    def asked(self) -> list[str]:
        """The actions sent to Azure since the last call, in order, such as `stop psql-fer`."""
        done = [each.path.split("/")[-2:] for each in self.cloud.requests if each.method == "POST"]
        self.cloud.requests.clear()
        return [f"{verb} {name}" for name, verb in done]

    @property
    def trigger(self) -> dict[str, Any]:
        """What Azure assigned to the daily trigger: its runtimeState."""
        assert self.factory.trigger is not None
        properties: dict[str, Any] = self.factory.trigger.assigned["properties"]
        return properties


def running_stack(target: Target, cloud: Cloud, folder: Path, capture: pytest.CaptureFixture[str]) -> PausedStack:
    """The server runs, the daily trigger is on."""
    names = {
        "subscription_id": "the-subscription",
        "resource_group": "the-group",
        "factory_name": FACTORY_PATH.rpartition("/")[2],
    }
    stack = PausedStack(cloud, replace(target, pipeline_runner="data_factory", **names), folder, capture)
    stack.trigger["runtimeState"] = "Started"
    return stack


def server_name(stack: PausedStack) -> str:
    return stack.server.name


def today() -> date:
    """Today's date in UTC, as Azure counts days."""
    return datetime.now(UTC).date()
