"""A private copy of a stack, to ask Azure through Pulumi's provider for resources that the stack's own state lacks.

`pulumi refresh` reads each resource of a state from Azure, and drops those that are not there. Done on a copy, nothing
of the stack is at stake: it is stopped, killed or refused as it comes. The copy has a backend, a passphrase and a
project file of its own, in a folder that is deleted at the end; the program is the project's.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from jobs import PROJECT, configuration
from jobs.errors import ErrorKind, JobError
from jobs.recover.state import Record, State, read_state, write_state
from jobs.stack import call_pulumi, pulumi_error, run_pulumi

SECONDS = 1800.0  # for a plan, and for one round of questions
ENCRYPTION = ("encryptionsalt", "secretsprovider", "encryptedkey")
PLAN_FAILS = "Pulumi cannot plan the stack `{stack}` ({reason}): fix that, then run the same command again."


class Scratch:
    """The copy of one stack. `state` is the stack's own, its secrets readable; the copy encrypts them again."""

    def __init__(self, stack: str, state: State, folder: Path) -> None:
        self.full_name, self.state, self.folder = stack, state, folder
        self.stack = stack.rpartition("/")[2]
        hidden = ("PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_STACK")
        self.options: dict[str, Any] = {
            "cwd": folder,
            "env": {key: value for key, value in os.environ.items() if key not in hidden}
            | {
                "PULUMI_BACKEND_URL": f"file://{(folder / 'state').as_posix()}",
                "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(),
            },
        }

    def load(self, resources: Sequence[Record]) -> None:
        """Make these the resources of the copy. Raises JobError."""
        salt = yaml.safe_load(self._settings_file.read_text(encoding="utf-8")).get("encryptionsalt")
        text = self.state.replace(resources, {"type": "passphrase", "state": {"salt": salt}})
        write_state(self.stack, text, **self.options)

    def refresh(self, urns: Sequence[str]) -> list[Record]:
        """Ask Azure for resources, or for all without URNs. Returns the copy's resources. Raises JobError."""
        targets = [word for urn in urns for word in ("--target", urn)]
        words = ("refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", self.stack)
        self._run(*words, *targets, name=f"Azure's answer about {len(urns) or 'all'} resources")
        return read_state(self.stack, show_secrets=True, **self.options).resources

    def plan(self) -> list[Record]:
        """The steps of `pulumi up`, which is not run. Raises JobError."""
        words = ("preview", "--json", "--non-interactive", "--stack", self.stack)
        done = call_pulumi(*words, at_most=SECONDS, name="Pulumi's plan of the stack", **self.options)
        try:
            plan = json.loads(done.stdout)
        except ValueError:
            plan = {}
        if done.returncode != 0:
            said = [
                each.get("message", "") for each in plan.get("diagnostics") or [] if each.get("severity") == "error"
            ]
            if not said:
                raise pulumi_error(self.stack, done.stderr)
            reason = re.sub(r"<{%.*?%}>|\s+", " ", said[0]).strip()[:300]
            raise JobError(PLAN_FAILS.format(stack=self.stack, reason=reason), ErrorKind.failed)
        return list(plan.get("steps") or [])

    def prepare(self) -> None:
        """Write the project and the settings, and create the copy. Raises JobError."""
        (self.folder / "state").mkdir()
        (self.folder / "Pulumi.yaml").write_text(yaml.safe_dump(self._project()), encoding="utf-8")
        name = configuration.stack_file(self.stack)
        settings = configuration.read_yaml(name) if (PROJECT / name).is_file() else {}
        own = {key: value for key, value in settings.items() if key not in ENCRYPTION}
        hidden = [
            key for key, value in (own.get("config") or {}).items() if isinstance(value, dict) and "secure" in value
        ]
        own["config"] = {key: value for key, value in (own.get("config") or {}).items() if key not in hidden}
        self._settings_file.write_text(yaml.safe_dump(own), encoding="utf-8")
        self._run("stack", "init", self.stack, "--no-select", "--non-interactive")
        for key in hidden:
            value = run_pulumi(self.full_name, "config", "get", key, "--stack", self.full_name)
            self._run("config", "set", "--secret", key, "--stack", self.stack, given=value.removesuffix("\n"))

    @property
    def _settings_file(self) -> Path:
        return self.folder / configuration.stack_file(self.stack)

    def _project(self) -> dict[str, Any]:
        """Pulumi.yaml, its program and its environment in the project's folder."""
        project = configuration.read_yaml("Pulumi.yaml")
        project.pop("backend", None)
        project["main"] = str(PROJECT / project.get("main", "."))
        options = project["runtime"]["options"]
        options["virtualenv"] = str(PROJECT / options["virtualenv"])
        return project

    def _run(self, *words: str, **options: Any) -> str:
        return run_pulumi(self.stack, *words, at_most=SECONDS, **self.options, **options)


@contextmanager
def open_scratch(stack: str, state: State) -> Iterator[Scratch]:
    """A copy of a stack for the block. Raises JobError."""
    with TemporaryDirectory(prefix="vector-lake-", ignore_cleanup_errors=True) as folder:
        scratch = Scratch(stack, state, Path(folder))
        scratch.prepare()
        yield scratch
