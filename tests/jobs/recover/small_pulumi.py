"""A script in place of `pulumi`, with states in files and an Azure that is a JSON file: for the tests of recover.

It knows `whoami`, `stack init|export|import`, `refresh`, `preview` and `cancel`. The real engine is not needed.
"""

import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.entry import main

SCRIPT = """#!{python}
import datetime, json, os, pathlib, sys
here = pathlib.Path(__file__).parent
words = sys.argv[1:]
with (here / "pulumi.calls").open("a") as calls:
    calls.write(json.dumps(words) + "\\n")
backend = pathlib.Path(os.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))
state, locks = backend / "dev.json", backend / ".pulumi/locks/organization/vector-lake/dev"
def fail(text):
    sys.stderr.write("error: " + text + "\\n")
    sys.exit(255)
def save(document):
    document["deployment"]["manifest"] = {{"time": datetime.datetime.now(datetime.UTC).isoformat()}}
    state.write_text(json.dumps(document))
azure = json.loads((here / "azure.json").read_text())
if words[0] == "whoami":
    print(json.dumps({{"url": os.environ["PULUMI_BACKEND_URL"]}}))
elif words[0] == "cancel":
    for lock in locks.glob("*.json"): lock.unlink()
elif words[:2] == ["stack", "init"]:
    settings = pathlib.Path("Pulumi.dev.yaml")
    settings.write_text(settings.read_text() + "encryptionsalt: salt\\n")
    save({{"version": 3, "deployment": {{}}}})
elif not state.exists():
    fail("no stack named 'dev' found")
elif words[:2] == ["stack", "export"]:
    print(state.read_text())
elif words[:2] == ["stack", "import"]:
    for lock in locks.glob("*.json"):
        owner = json.loads(lock.read_text())
        fail("the stack is currently locked by 1 lock(s).\\n  {{}}: created by {{username}}@{{hostname}} (pid {{pid}}) "
             "at {{timestamp}}".format(lock, **owner))
    new = json.load(sys.stdin)
    known = [each["urn"] for each in new["deployment"].get("resources", [])]
    for each in new["deployment"].get("resources", []):
        for urn in each.get("dependencies", []):
            if urn not in known: fail("resource " + each["urn"] + " depends on missing " + urn)
    if (here / "refuses").exists() and str(backend) == (here / "refuses").read_text(): fail("disk full")
    save(new)
elif words[0] == "refresh":
    document = json.loads(state.read_text())
    targets = [word for before, word in zip(words, words[1:]) if before == "--target"]
    kept = []
    for each in document["deployment"].get("resources", []):
        if each.get("id") and (each["urn"] in targets or not targets):
            if each["id"].lower() not in azure: continue
            each["outputs"] = azure[each["id"].lower()]
        kept.append(each)
    document["deployment"]["resources"] = kept
    save(document)
elif words[0] == "preview" and not (here / "plan.json").exists():
    said = {{"severity": "error", "message": "<{{%reset%}}>a wrong\\n setting<{{%reset%}}>"}}
    print(json.dumps({{"diagnostics": [said]}}))
    sys.exit(255)
elif words[0] == "preview":
    known = [each["urn"] for each in json.loads(state.read_text())["deployment"].get("resources", [])]
    plan = json.loads((here / "plan.json").read_text())
    print(json.dumps({{"steps": [step for step in plan if step["newState"]["urn"] not in known]}}))
else:
    fail("unknown: " + " ".join(words))
"""
SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
TAGS = {"project": "vector-lake", "stack": "dev"}
PREFIX = "urn:pulumi:dev::vector-lake::"
ROOT_URN = f"{PREFIX}pulumi:pulumi:Stack::vector-lake-dev"
PROVIDER_URN = f"{PREFIX}pulumi:providers:azure-native::default"
GROUP_URN = f"{PREFIX}azure-native:resources:ResourceGroup::group"


def record(pulumi_type: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource of the state, of the package azure-native."""
    return {
        "urn": f"{PREFIX}{pulumi_type}::{name}",
        "custom": True,
        "type": pulumi_type,
        "inputs": inputs,
        "provider": f"{PROVIDER_URN}::1",
        "parent": ROOT_URN,
        **more,
    }


def account_record(name: str = "lake") -> dict[str, Any]:
    inputs = {"accountName": f"st{name}", "resourceGroupName": "rg", "tags": TAGS}
    return record("azure-native:storage:StorageAccount", name, inputs, dependencies=[GROUP_URN])


def account_id(name: str = "lake") -> str:
    return f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/st{name}"


def first_resources() -> list[dict[str, Any]]:
    """What every state begins with: the stack, the provider, the group."""
    return [
        {"urn": ROOT_URN, "custom": False, "type": "pulumi:pulumi:Stack"},
        {"urn": PROVIDER_URN, "custom": True, "type": "pulumi:providers:azure-native", "id": "1"},
        record("azure-native:resources:ResourceGroup", "group", {"resourceGroupName": "rg", "tags": TAGS}, id=GROUP_ID),
    ]


@dataclass
class SmallPulumi:
    """The stack `dev` in a folder, and what Azure has: the outputs of each resource by its ID in lower case."""

    folder: Path
    programs: Path
    capture: pytest.CaptureFixture[str]

    def write_state(self, resources: list[dict[str, Any]], operations: list[dict[str, Any]] | None = None) -> None:
        deployment: dict[str, Any] = {"manifest": {"time": "2026-11-01T00:00:00Z"}, "resources": resources}
        deployment |= {"pending_operations": operations} if operations else {}
        self.state_file.write_text(json.dumps({"version": 3, "deployment": deployment}), encoding="utf-8")

    def write_azure(self, **outputs: dict[str, Any]) -> None:
        """Set what Azure has, besides the group and the provider: the outputs of storage accounts by name."""
        found = {account_id(name).lower(): value for name, value in outputs.items()}
        found |= {GROUP_ID.lower(): {"tags": TAGS}, "1": {}}
        (self.programs / "azure.json").write_text(json.dumps(found), encoding="utf-8")

    def write_plan(self, *records: dict[str, Any]) -> None:
        steps = [{"op": "create", "newState": each} for each in records]
        (self.programs / "plan.json").write_text(json.dumps(steps), encoding="utf-8")

    def lock(self, pid: int, host: str | None = None, time: str = "2026-11-26T01:49:15.771647974Z") -> Path:
        folder = self.folder / ".pulumi/locks/organization/vector-lake/dev"
        folder.mkdir(parents=True, exist_ok=True)
        owner = {"pid": pid, "username": "ana", "hostname": host or socket.gethostname(), "timestamp": time}
        (folder / "1.json").write_text(json.dumps(owner), encoding="utf-8")
        return folder / "1.json"

    @property
    def state_file(self) -> Path:
        return self.folder / "dev.json"

    def deployment(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))["deployment"]
        return found

    def urns(self) -> list[str]:
        return [each["urn"].rpartition("::")[2] for each in self.deployment()["resources"]]

    def calls(self) -> list[list[str]]:
        file = self.programs / "pulumi.calls"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run recover. Return its exit status, stdout and stderr."""
        status = main(["recover", "--target", "dev", *arguments])
        output = self.capture.readouterr()
        return status, output.out, output.err


def open_pulumi(folder: Path, programs: Path, capture: pytest.CaptureFixture[str]) -> SmallPulumi:
    """A stack that is complete, with nothing planned. The variable PULUMI_BACKEND_URL must name `folder`."""
    folder.mkdir()
    (programs / "pulumi").write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    (programs / "pulumi").chmod(0o755)
    pulumi = SmallPulumi(folder, programs, capture)
    pulumi.write_state(first_resources())
    pulumi.write_azure()
    pulumi.write_plan()
    return pulumi


def ended_process() -> int:
    """The number of a process that has ended and was collected."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def all_bytes(*folders: Path) -> dict[str, bytes]:
    """Every file below the folders, with its content."""
    return {os.fspath(file): file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()}
