"""A subscription and a machine on which every check of doctor is ok; a test makes one of them faulty."""

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
from tests.azure_fakes.name_availability import NameAvailability
from tests.azure_fakes.postgres_capabilities import PostgresCapabilities
from tests.azure_fakes.resource_manager import HOST, SUBSCRIPTION, ResourceManager
from tests.azure_fakes.subscriptions import Subscriptions
from tests.fake_programs import FakeProgram
from tests.infra.configuration import ROOT

GROUP = "rg-vector-lake-ana"
SETTINGS = {"resourceGroup": GROUP, "nameSuffix": "ana", "allowedIps": ["203.0.113.7"]}


@dataclass
class DoctorCli:
    """The subscription of a student, the programs on their machine, and the stack `ana` in a project's folder."""

    cloud: Cloud
    az: FakeProgram
    project: Path
    capture: pytest.CaptureFixture[str]
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    postgres: PostgresCapabilities = field(default_factory=PostgresCapabilities)
    ai: CognitiveServices = field(default_factory=CognitiveServices)
    names: NameAvailability = field(default_factory=NameAvailability)

    def __post_init__(self) -> None:
        parts = [self.subscriptions, self.postgres, self.ai, self.names]
        self.manager = ResourceManager(parts)
        self.cloud.services[HOST] = self.manager
        self.pulumi = FakeProgram(self.project / "programs", "pulumi")
        user = {"name": "ana@example.edu", "type": "user"}
        self.az.set_output("account show", {"id": SUBSCRIPTION, "name": "Ana's subscription", "user": user})
        self.pulumi.set_output("version", "v3.272.0\n")
        self.pulumi.set_output("whoami", "ana\n")
        shutil.copy(ROOT / "Pulumi.yaml", self.project)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write the stack's configuration: SETTINGS, and these settings."""
        values = {f"vector-lake:{key}": value for key, value in (SETTINGS | settings).items()}
        (self.project / "Pulumi.ana.yaml").write_text(yaml.safe_dump({"config": values}), encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command of the jobs. Returns its exit status and output."""
        status = main(arguments)
        output = self.capture.readouterr()
        return status, output.out + output.err

    def doctor(self, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
        """doctor's exit status, and its checks by name."""
        status = main(["doctor", "--target", "ana", "--json", *arguments])
        report = json.loads(self.capture.readouterr().out)
        assert report["ok"] == (status == 0)
        return status, {each["name"]: each for each in report["checks"]}

    def asked(self, end: str) -> list[Any]:
        """The bodies of the requests whose path ends with `end`."""
        return [each.body for each in self.cloud.requests if each.path.lower().endswith(end.lower())]


MakeFaulty = Callable[[DoctorCli], object]
Fault = tuple[str, MakeFaulty, str, str]  # name of the check, what makes it faulty, its message, its fix


def fault_decorator(faults: list[Fault]) -> Callable[[str, str, str], Callable[[MakeFaulty], None]]:
    """A decorator that appends a function that makes something faulty to `faults`, with the expected check."""

    def fault(name: str, message: str, fix: str) -> Callable[[MakeFaulty], None]:
        return lambda make_faulty: faults.append((name, make_faulty, message, fix))

    return fault
