"""A stack that Pulumi's own engine runs, on the played Azure: a copy of the project, its backend and its commands."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from tests.azure_fakes.azure import Azure
from tests.azure_fakes.cloud import Cloud
from tests.engine.plugins import AT_ONCE, Plugins
from tests.infra.configuration import ROOT

STACK = "dev"
COPIED = ("adf", "infra", "jobs", "Pulumi.yaml", "Pulumi.dev.yaml", "requirements*.txt")
IGNORED = shutil.ignore_patterns("__pycache__", "node_modules")
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)
DESTROY = ("destroy", "--yes", "--skip-preview", "--stack", STACK)
SECONDS = 600.0  # for one command; the longest takes half a minute


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit status, and stdout and stderr together."""

    status: int
    output: str


@dataclass
class EngineStack:
    """The stack `dev` in `folder`. `environment` has everything that pulumi and the jobs need."""

    folder: Path
    cloud: Cloud
    azure: Azure
    plugins: Plugins
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project = self.folder / "project"
        copy_project(self.project)
        for name in ("backend", "home"):
            (self.folder / name).mkdir()
        self.environment = {**inherited(), **self.cloud.environment(), **self.settings(), **self.environment}

    def settings(self) -> dict[str, str]:
        """The variables of the engine: a backend, a home and providers of its own. Nothing is installed or updated."""
        return {
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "passphrase-of-the-tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_PARALLEL": str(AT_ONCE),
            "PULUMI_DEBUG_PROVIDERS": self.plugins.debug_providers,
            "LANGUAGE_HOST_PYTHON": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
            "JOBS_LOCAL": str(self.folder / "local"),
        }

    def init(self) -> None:
        """Create the stack."""
        self.pulumi("stack", "init", STACK)

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Write settings into the stack's file, as a person does. None removes one: its default counts again."""
        file = self.project / f"Pulumi.{STACK}.yaml"
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        given = yaml.safe_load((ROOT / file.name).read_text(encoding="utf-8"))["config"]
        for key, value in ((f"vector-lake:{key}", value) for key, value in settings.items()):
            document["config"][key] = given.get(key) if value is None else value
            if document["config"][key] is None:
                del document["config"][key]
        file.write_text(yaml.safe_dump(document), encoding="utf-8")

    def run(self, *command: str) -> Outcome:
        """Run a command in the project's folder, whatever its status."""
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Outcome(done.returncode, done.stdout)

    def try_pulumi(self, *arguments: str) -> Outcome:
        """Run a command of Pulumi, whatever its status."""
        return self.run("pulumi", *arguments, "--non-interactive", "--color", "never")

    def pulumi(self, *arguments: str) -> str:
        """Run a command of Pulumi that must succeed. Returns its output."""
        done = self.try_pulumi(*arguments)
        assert done.status == 0, f"pulumi {' '.join(arguments)}: {done.output[-6000:]}"
        return done.output

    def jobs(self, *arguments: str) -> Outcome:
        """Run a command of the jobs for this stack."""
        return self.run(sys.executable, "-m", "jobs", *arguments, "--target", STACK)

    def up(self) -> None:
        """Deploy, without a preview."""
        self.pulumi(*UP)

    def try_up(self) -> Outcome:
        """Deploy, whatever becomes of it."""
        return self.try_pulumi(*UP)

    def refresh(self, *options: str) -> None:
        """Read every resource again."""
        self.pulumi("refresh", "--yes", "--skip-preview", "--stack", STACK, *options)

    def check_refresh_quiet(self) -> None:
        """Check that Azure has everything as the state has it."""
        self.refresh("--expect-no-changes")

    def check_quiet(self) -> None:
        """Check that another `pulumi up` has nothing to do."""
        self.pulumi(*UP, "--expect-no-changes")

    def destroy(self) -> None:
        self.pulumi(*DESTROY)

    def kill_up(self, seconds: float) -> None:
        """Kill `pulumi up` and everything that it started after so long, as a power cut does."""
        command = ["pulumi", *UP, "--non-interactive"]
        with subprocess.Popen(
            command,
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(seconds)
            started = psutil.Process(process.pid).children(recursive=True)
            for each in (process, *started):
                with suppress(psutil.NoSuchProcess):
                    each.kill()

    def state(self) -> dict[str, Any]:
        """The stack's state, secrets encrypted."""
        deployment: dict[str, Any] = json.loads(self.pulumi("stack", "export", "--stack", STACK))["deployment"]
        return deployment


def copy_project(folder: Path) -> None:
    """Copy what the engine and the jobs need of the project, and link the interpreter that runs the tests."""
    folder.mkdir()
    for pattern in COPIED:
        for path in ROOT.glob(pattern):
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, folder / path.name, **({"ignore": IGNORED} if path.is_dir() else {}))
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)


def inherited() -> dict[str, str]:
    """The variables of this process without those of another Pulumi or another Azure."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_", "AZURE_"))}
