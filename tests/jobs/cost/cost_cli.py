"""A person who asks what a stack costs."""

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
class Desk:
    """A person at the terminal, in a project whose stack `ana` can be configured."""

    project: Path
    capture: pytest.CaptureFixture[str]

    def configure(self, **settings: Any) -> None:
        values = {f"vector-lake:{key}": value for key, value in settings.items()}
        (self.project / "Pulumi.ana.yaml").write_text(yaml.safe_dump({"config": values}), encoding="utf-8")

    def cost(self, *arguments: str) -> dict[str, Any]:
        """The one object of `cost --json`."""
        status = main(["cost", "--target", "ana", "--json", *arguments])
        seen = self.capture.readouterr()
        found: dict[str, Any] = json.loads(seen.out)
        assert (status == 0) == ("error" not in found), seen.err
        return found

    def line(self, name: str, *arguments: str) -> dict[str, Any]:
        """The one line of the costs whose resource has that in its name."""
        (found,) = [each for each in self.cost(*arguments)["items"] if name in each["resource"]]
        return dict(found)

    def told(self, *arguments: str) -> str:
        """What a person sees on the screen."""
        main(["cost", "--target", "ana", *arguments])
        seen = self.capture.readouterr()
        return seen.out + seen.err


def sitting(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Desk:
    """A desk in a project's folder of its own."""
    monkeypatch.setattr("jobs.configuration.PROJECT", folder)
    monkeypatch.setenv("JOBS_LOCAL", str(folder / "local"))
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    made = Desk(folder, capture)
    made.configure()
    return made
