"""A stack that exists until `pulumi destroy` has succeeded, and what Azure then keeps soft-deleted."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.entry import main
from tests.azure_fakes.azure import HOST, ROOT, SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.resource_lists import put_resource
from tests.azure_fakes.soft_deleted import delete_account
from tests.fake_programs import FakeProgram

GROUP = "rg-of-the-outputs"
TAGS = {"project": "vector-lake", "stack": "dev"}
RESOURCES = [
    ("Microsoft.DBforPostgreSQL/flexibleServers", "psql-fer-dev", TAGS),
    ("Microsoft.Storage/storageAccounts", "stferlakehousedev", TAGS),
    ("Microsoft.KeyVault/vaults", "kv-of-the-outputs", TAGS),
    ("Microsoft.Network/networkInterfaces", "lake-blob.nic.0a1b", None),
]
OUTPUTS = {
    "subscription_id": SUBSCRIPTION,
    "resource_group": GROUP,
    "vault_name": "kv-of-the-outputs",
    "vault_location": "swedencentral",
    "foundry_account": "ai-of-the-outputs",
    "foundry_location": "francecentral",
}
DESTROY = "destroy --yes --stack dev"
BUSY = 'error: deleting urn:pulumi:dev: Code="ServerIsBusy" Message="The server is busy."\n'


@dataclass
class TeardownStack:
    """The stack `dev` and the command `teardown`. The destroy with the number `succeeds_at` succeeds."""

    cloud: Cloud
    pulumi: FakeProgram
    capture: pytest.CaptureFixture[str]
    succeeds_at: int = 1

    def __post_init__(self) -> None:
        self.played = PlayedAzure(self.cloud)
        self.azure, self.soft_deleted = self.played.azure, self.played.soft_deleted
        for kind, name, tags in RESOURCES:
            put_resource(self.azure, kind, name, tags, GROUP)
        delete_account(self.azure, "ai-of-the-outputs", GROUP, "francecentral", TAGS)
        self.cloud.services[HOST] = self.after_destroy
        self.pulumi.set_output("stack output --json", OUTPUTS)
        self.pulumi.set_output(DESTROY, "Destroying (dev)\nResources: 42 deleted\n")

    def after_destroy(self, request: Request) -> Response:
        """Answer as Resource Manager does: from the destroy that succeeds on, the stack's group is gone."""
        if len(self.destroys()) >= self.succeeds_at:
            self.azure.remove(f"{ROOT}/resourceGroups/{GROUP}")
        return self.played.manager(request)

    def destroys(self) -> list[list[str]]:
        """The arguments of every `pulumi destroy`."""
        return [call for call in self.pulumi.calls() if call[0] == "destroy"]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run teardown. Return its exit status, stdout and stderr."""
        status = main(["teardown", "--target", "dev", *arguments])
        output = self.capture.readouterr()
        return status, output.out, output.err

    def asked(self) -> list[str]:
        """The requests that change something in Azure."""
        return [f"{each.method} {each.path}" for each in self.cloud.requests if each.method != "GET"]


def open_stack(
    cloud: Cloud, programs: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> TeardownStack:
    """The stack, with no pauses between polls."""
    monkeypatch.setattr("jobs.teardown.destruction.RETRY_SECONDS", 0.0)
    monkeypatch.setattr("jobs.teardown.run.POLL_SECONDS", 0.0)
    return TeardownStack(cloud, FakeProgram(programs, "pulumi"), capture)


def write_pulumi_script(programs: Path, code: str) -> None:
    """Write a `pulumi` that prints the outputs, and runs `code` for `destroy`."""
    lines = [
        f"#!{sys.executable}",
        "import pathlib, sys, time",
        "here = pathlib.Path(__file__).parent",
        f"if sys.argv[1] == 'stack': print({json.dumps(OUTPUTS)!r}); sys.exit()",
        code,
    ]
    (programs / "pulumi").write_text("\n".join(lines), encoding="utf-8")
