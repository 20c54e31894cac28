"""A stack that is paused and resumed: server and factory are played, the database is a real one."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import AT, GROUP, HOST, DataFactory
from tests.azure_fakes.flexible_server import FlexibleServer

SERVERS = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers"


@dataclass
class World:
    """A stack `dev` whose server and factory are played, and whose database is a real one on this machine."""

    cloud: Cloud
    target: Target
    folder: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.server = FlexibleServer(f"{SERVERS}/{self.target.postgres_host.partition('.')[0]}")
        self.factory = DataFactory()
        self.cloud.services[HOST] = lambda request: self.server(request) or self.factory(request)
        self.write(self.target)

    def write(self, target: Target) -> None:
        self.outputs = self.folder / "outputs.json"
        self.outputs.write_text(json.dumps(asdict(target)), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit status, and what a person sees."""
        status = main([*arguments, "--target", "dev", "--outputs", str(self.outputs)])
        seen = self.capture.readouterr()
        return status, seen.out + seen.err

    def json(self, *arguments: str) -> dict[str, Any]:
        main([*arguments, "--target", "dev", "--outputs", str(self.outputs), "--json"])
        found: dict[str, Any] = json.loads(self.capture.readouterr().out)
        return found

    def asked(self) -> list[str]:
        """What Azure was asked to do, in order, such as `stop psql-fer`; the list starts anew each time."""
        done = [each.path.split("/")[-2:] for each in self.cloud.asked if each.method == "POST"]
        self.cloud.asked.clear()
        return [f"{verb} {name}" for name, verb in done]

    @property
    def trigger(self) -> dict[str, Any]:
        assert self.factory.trigger is not None
        properties: dict[str, Any] = self.factory.trigger["properties"]
        return properties


def ready(target: Target, cloud: Cloud, folder: Path, capture: pytest.CaptureFixture[str]) -> World:
    """The stack at work: the server runs, the daily trigger is on."""
    names = {
        "subscription_id": "the-subscription",
        "resource_group": "the-group",
        "factory_name": AT.rpartition("/")[2],
    }
    made = World(cloud, replace(target, pipeline_runner="data_factory", **names), folder, capture)
    made.trigger["runtimeState"] = "Started"
    return made


def name(world: World) -> str:
    return world.server.at.rpartition("/")[2]


def today() -> date:
    return datetime.now(UTC).date()
