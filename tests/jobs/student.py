"""A subscription and a machine on which every check of doctor is ok; a test makes one of them faulty."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.entry import main
from tests.azure_fakes.azure import ROOT, SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cognitive_services import put_deployments
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.resource_lists import put_resource
from tests.fake_programs import FakeProgram
from tests.infra.configuration import ROOT as PROJECT

GROUP, FOUNDRY = "rg-vector-lake-ana", "Microsoft.CognitiveServices/accounts/ai-fer-ana"
SETTINGS = {"resourceGroup": GROUP, "nameSuffix": "ana", "allowedIps": ["203.0.113.7"]}


@dataclass
class DoctorCli:
    """The subscription of a student, the programs on their machine, and the stack `ana` in a project's folder."""

    cloud: Cloud
    az: FakeProgram
    project: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        self.played = PlayedAzure(self.cloud)
        self.azure, self.manager = self.played.azure, self.played.manager
        self.subscriptions, self.postgres, self.ai = self.played.subscriptions, self.played.postgres, self.played.ai
        self.pulumi = FakeProgram(self.project / "programs", "pulumi")
        user = {"name": "ana@example.edu", "type": "user"}
        self.az.set_output("account show", {"id": SUBSCRIPTION, "name": "Ana's subscription", "user": user})
        self.pulumi.set_output("version", "v3.272.0\n")
        self.pulumi.set_output("whoami", "ana\n")
        shutil.copy(PROJECT / "Pulumi.yaml", self.project)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write the stack's configuration: SETTINGS, and these settings."""
        values = {f"vector-lake:{key}": value for key, value in (SETTINGS | settings).items()}
        (self.project / "Pulumi.ana.yaml").write_text(yaml.safe_dump({"config": values}), encoding="utf-8")

    def make_resources(self, *resources: tuple[str, str]) -> None:
        """Put resources, each a type and a name, into the stack's group. Without any the group is empty."""
        self.azure.put(f"{ROOT}/resourceGroups/{GROUP}", {"location": "swedencentral"})
        for kind, name in resources:
            put_resource(self.azure, kind, name, None, GROUP)

    def make_deployments(self, *deployments: dict[str, Any]) -> None:
        """Put these deployments, and no others, into the stack's Foundry account."""
        put_deployments(self.azure, f"{ROOT}/resourceGroups/{GROUP}/providers/{FOUNDRY}", list(deployments))

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
