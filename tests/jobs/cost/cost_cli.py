"""The command `cost` for a stack `ana`, in a project folder of its own."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.entry import main
from tests.infra.configuration import ROOT


@dataclass
class CostCli:
    """Runs `cost` for the stack `ana`, whose settings a test can change."""

    project: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        shutil.copy(ROOT / "Pulumi.yaml", self.project)
        self.configure()

    def configure(self, **settings: Any) -> None:
        """Write the stack's configuration with these settings."""
        values = {f"vector-lake:{key}": value for key, value in settings.items()}
        (self.project / "Pulumi.ana.yaml").write_text(yaml.safe_dump({"config": values}), encoding="utf-8")

    def cost(self, *arguments: str) -> dict[str, Any]:
        """Run `cost --json` and return its object."""
        status = main(["cost", "--target", "ana", "--json", *arguments])
        output = self.capture.readouterr()
        result: dict[str, Any] = json.loads(output.out)
        assert (status == 0) == ("error" not in result), output.err
        return result

    def line(self, name: str, *arguments: str) -> dict[str, Any]:
        """The one line of the costs whose resource contains `name`."""
        (line,) = [each for each in self.cost(*arguments)["items"] if name in each["resource"]]
        return dict(line)

    def screen(self, *arguments: str) -> str:
        """The output without --json."""
        main(["cost", "--target", "ana", *arguments])
        output = self.capture.readouterr()
        return output.out + output.err


def open_cost_cli(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> CostCli:
    """A new project folder, with default settings."""
    monkeypatch.setattr("jobs.configuration.PROJECT", folder)
    monkeypatch.setenv("JOBS_LOCAL", str(folder / "local"))
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    cli = CostCli(folder, capture)
    cli.configure()
    return cli
