"""One stack from before `pulumi up` until it is deleted. Azure is fake, the data is real.

The database is the local PostgreSQL behind a TLS gateway, both storage accounts are Azurite, and a run of the fake Data
Factory copies with the local runner.
"""

import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs import configuration
from jobs.target import Target
from tests.azure_fakes.azure import HOST, ROOT, SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud, Request, Response
from tests.azure_fakes.copying_factory import CopyingFactory
from tests.azure_fakes.factory_answers import trigger
from tests.azure_fakes.flexible_server import KIND as SERVERS
from tests.azure_fakes.flexible_server import put_server
from tests.azure_fakes.model_offers import model
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.resource_lists import put_resource
from tests.fake_programs import FakeProgram
from tests.infra.configuration import ROOT as PROJECT
from tests.jobs.cli_process import without_waits
from tests.transcripts import run_command

STACK, GROUP = "dev", "rg-vector-lake-dev"
IN_GROUP = f"{ROOT}/resourceGroups/{GROUP}/providers"
SERVER = "psql-fer-dev.postgres.database.azure.com"
SETTINGS = {"postgresSku": "Standard_B2s", "allowedIps": ["203.0.113.7"], "dailyTrigger": True, "search": "free"}
TAGS = {"project": "vector-lake", "stack": STACK}
REGION = "swedencentral"
PULUMI_OUTPUT = "[what Pulumi says]\n"


def models() -> list[dict[str, Any]]:
    """The model of Pulumi.yaml. It retires in a year."""
    retires = f"{datetime.now(UTC).date() + timedelta(days=365)}T00:00:00Z"
    return [model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", retires)])]


class StackLifecycle:
    """A student's machine, their subscription, and the stack `dev`. It exists from `up` until `teardown`."""

    def __init__(self, cloud: Cloud, az: FakeProgram, project: Path, local: Target, port: int) -> None:
        self.cloud = cloud
        self.pulumi = FakeProgram(project / "programs", "pulumi")
        self.pulumi.set_output("version", "v3.260.0\n")
        self.pulumi.set_output("whoami", "ana\n")
        self.pulumi.set_output("stack export", {"version": 3, "deployment": {"resources": []}})
        user = {"name": "ana@example.edu", "type": "user"}
        az.set_output("account show", {"id": SUBSCRIPTION, "name": "Azure for Students", "user": user})
        configure(project)
        self.settings = configuration.read_configuration(STACK)
        self.target = stack_outputs(self.settings, local, port)
        self.played = PlayedAzure(cloud)
        self.azure = self.played.azure
        self.azure.models = models()
        self.played.costs.costs = {"Azure Database for PostgreSQL": 9.5, "Storage": 0.5}
        path = f"{IN_GROUP}/Microsoft.DataFactory/factories/{self.settings.factory}"
        self.factory = CopyingFactory(self.azure, path, local)
        self.played.manager.providers.insert(0, self.factory.from_resource_manager)
        cloud.services[HOST] = self.after_destroy

    def after_destroy(self, request: Request) -> Response:
        """Answer as Resource Manager does. After `pulumi destroy` the stack's group is gone."""
        if any(call[0] == "destroy" for call in self.pulumi.calls()):
            self.azure.remove(f"{ROOT}/resourceGroups/{GROUP}")
        return self.played.manager(request)

    def up(self) -> None:
        """The stack after `pulumi up`."""
        self.azure.put(f"{ROOT}/resourceGroups/{GROUP}", {"location": REGION})
        put_server(self.azure, f"{IN_GROUP}/{SERVERS}/{self.settings.postgres_server}", location=REGION, tags=TAGS)
        for kind, name in resources(self.settings):
            put_resource(self.azure, kind, name, TAGS, GROUP)
        self.factory.trigger = trigger()
        self.pulumi.set_output("stack output", asdict(self.target))
        self.pulumi.set_output(f"destroy --yes --stack {STACK}", PULUMI_OUTPUT)

    def is_gone(self) -> bool:
        """Whether nothing of the stack is left, not even in the bin."""
        return not self.azure.resources and not self.azure.deleted

    def run(self, command: str) -> str:
        """What a person sees after typing a command."""
        if command == "pulumi up":
            self.up()
            return PULUMI_OUTPUT
        screen = StringIO()
        with redirect_stdout(screen), redirect_stderr(screen):
            run_command(command)
        return "\n".join(without_waits(screen.getvalue()))


def configure(project: Path) -> None:
    """Write the project's configuration with a student's settings into a folder."""
    shutil.copy(PROJECT / "Pulumi.yaml", project)
    document = yaml.safe_load((PROJECT / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
    document["config"] |= {f"vector-lake:{key}": value for key, value in SETTINGS.items()}
    (project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def stack_outputs(settings: configuration.Configuration, local: Target, port: int) -> Target:
    """The stack's outputs: Azure's names, and Azurite's URLs for the pictures and the lake."""
    return replace(
        local,
        subscription_id=SUBSCRIPTION,
        resource_group=settings.resource_group,
        postgres_host=SERVER,
        postgres_port=port,
        postgres_sslmode="verify-full",
        vault_name=settings.vault,
        vault_location=settings.location,
        factory_name=settings.factory,
        foundry_account=settings.foundry,
        foundry_location=settings.ai_location,
        search_url=f"https://{settings.search_service}.search.windows.net",
        pipeline_runner="data_factory",
    )


def resources(settings: configuration.Configuration) -> list[tuple[str, str]]:
    """Type and name of the top-level resources of the stack's resource group, but for the server."""
    return [
        ("Microsoft.Storage/storageAccounts", settings.lake_account),
        ("Microsoft.KeyVault/vaults", settings.vault),
        ("Microsoft.DataFactory/factories", settings.factory),
        ("Microsoft.CognitiveServices/accounts", settings.foundry),
        ("Microsoft.Search/searchServices", settings.search_service),
        ("Microsoft.Storage/storageAccounts", settings.pictures_account),
    ]


def skip_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Poll the fake Azure without waiting."""
    monkeypatch.setattr("jobs.pipeline.data_factory.wait.FIRST_SECONDS", 0.0)
    monkeypatch.setattr("jobs.teardown.run.POLL_SECONDS", 0.0)
