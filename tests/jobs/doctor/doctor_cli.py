"""Everything that the doctor looks at, well: each test makes one thing ill."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.entry import main
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cognitive_services import CognitiveServices
from tests.azure_fakes.names import Names
from tests.azure_fakes.postgres_capabilities import PostgresCapabilities
from tests.azure_fakes.programs import Program
from tests.azure_fakes.resource_manager import HOST, SUBSCRIPTION, ResourceManager
from tests.azure_fakes.subscriptions import Subscriptions
from tests.infra.configuration import ROOT

GROUP = "rg-vector-lake-ana"
SETTINGS = {"resourceGroup": GROUP, "nameSuffix": "ana", "allowedIps": ["203.0.113.7"]}


@dataclass
class World:
    """The subscription of a student, the programs on their machine, and the stack `ana` in a project's folder."""

    cloud: Cloud
    az: Program
    project: Path
    capture: pytest.CaptureFixture[str]
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    postgres: PostgresCapabilities = field(default_factory=PostgresCapabilities)
    ai: CognitiveServices = field(default_factory=CognitiveServices)
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        parts = [self.subscriptions, self.postgres, self.ai, self.names]
        self.manager = ResourceManager(parts)
        self.cloud.services[HOST] = self.manager
        self.pulumi = Program(self.project / "programs", "pulumi")
        user = {"name": "ana@example.edu", "type": "user"}
        self.az.says("account show", {"id": SUBSCRIPTION, "name": "Ana's subscription", "user": user})
        self.pulumi.says("version", "v3.272.0\n")
        self.pulumi.says("whoami", "ana\n")
        shutil.copy(ROOT / "Pulumi.yaml", self.project)
        self.configure()

    def configure(self, **settings: Any) -> None:
        values = {f"vector-lake:{key}": value for key, value in (SETTINGS | settings).items()}
        (self.project / "Pulumi.ana.yaml").write_text(yaml.safe_dump({"config": values}), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """A command of the jobs; its exit status, and what a person sees."""
        status = main(arguments)
        seen = self.capture.readouterr()
        return status, seen.out + seen.err

    def doctor(self, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
        """The doctor's exit status, and its checks by their name."""
        status = main(["doctor", "--target", "ana", "--json", *arguments])
        found = json.loads(self.capture.readouterr().out)
        assert found["ok"] == (status == 0)
        return status, {each["name"]: each for each in found["checks"]}

    def asked(self, end: str) -> list[Any]:
        """The bodies of what was asked at addresses that end so."""
        return [each.body for each in self.cloud.asked if each.path.lower().endswith(end.lower())]


@pytest.fixture
def world(
    cloud: Cloud, az: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return World(cloud, az, tmp_path, capsys)


How = Callable[[World], object]
Ill = tuple[str, How, str, str]  # name of the check, how it falls ill, what is said, what mends it


def into(ills: list[Ill]) -> Callable[[str, str, str], Callable[[How], None]]:
    """A decorator that puts how something falls ill into a list, between the check's name and what is said."""

    def ill(name: str, said: str, mend: str) -> Callable[[How], None]:
        return lambda how: ills.append((name, how, said, mend))

    return ill
