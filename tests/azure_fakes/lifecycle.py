"""One stack from before `pulumi up` until it is gone: Azure is played, and what the jobs move is moved in fact.

PostgreSQL is the embedded server behind TLS, both storage accounts are Azurite, and a run of the played Data Factory
copies what the runner of jobs/factory copies.
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
from tests.azure_fakes.ai_search import SearchService
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cognitive_services import CognitiveServices, model
from tests.azure_fakes.copying_factory import CopyingFactory
from tests.azure_fakes.cost_management import CostManagement
from tests.azure_fakes.flexible_server import FlexibleServer
from tests.azure_fakes.names import Names
from tests.azure_fakes.postgres_capabilities import PostgresCapabilities
from tests.azure_fakes.programs import Program
from tests.azure_fakes.resource_groups import ResourceGroups, resource
from tests.azure_fakes.resource_manager import HOST, ROOT, SUBSCRIPTION, ResourceManager
from tests.azure_fakes.soft_deleted import SoftDeleted, account, vault
from tests.azure_fakes.subscriptions import Subscriptions
from tests.infra.configuration import ROOT as PROJECT
from tests.transcripts import run_command

STACK, GROUP = "dev", "rg-vector-lake-dev"
IN_GROUP = f"{ROOT}/resourceGroups/{GROUP}/providers"
SERVER = "psql-fer-dev.postgres.database.azure.com"
SETTINGS = {"postgresSku": "Standard_B2s", "allowedIps": ["203.0.113.7"], "dailyTrigger": True, "search": "free"}
TAGS = {"project": "vector-lake", "stack": STACK}
PULUMI = "[what Pulumi says]\n"


def models() -> list[dict[str, Any]]:
    """The model of Pulumi.yaml, which lives for another year."""
    retires = f"{datetime.now(UTC).date() + timedelta(days=365)}T00:00:00Z"
    return [model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", retires)])]


class World:
    """A student's machine, their subscription, and the stack `dev`, which stands from `up` until it is torn down."""

    def __init__(self, cloud: Cloud, az: Program, project: Path, local: Target, port: int) -> None:
        self.cloud, self.standing = cloud, False
        self.pulumi = Program(project / "programs", "pulumi")
        self.pulumi.says("version", "v3.244.0\n")
        self.pulumi.says("whoami", "ana\n")
        user = {"name": "ana@example.edu", "type": "user"}
        az.says("account show", {"id": SUBSCRIPTION, "name": "Azure for Students", "user": user})
        configure(project)
        self.chosen = configuration.read_configuration(STACK)
        self.target = stack(self.chosen, local, port)
        self.factory = CopyingFactory(local, f"{IN_GROUP}/Microsoft.DataFactory/factories/{self.chosen.factory}")
        self.play()

    def play(self) -> None:
        """Put everybody in their places."""
        chosen, gone = self.chosen, self.gone
        lying = [
            vault(chosen.vault, chosen.location, GROUP, TAGS),
            account(chosen.foundry, chosen.ai_location, GROUP, TAGS),
        ]
        server = FlexibleServer(f"{IN_GROUP}/Microsoft.DBforPostgreSQL/flexibleServers/{chosen.postgres_server}")
        spent = CostManagement(GROUP, {"Azure Database for PostgreSQL": 9.5, "Storage": 0.5})
        self.cloud.services[HOST] = ResourceManager(
            [
                self.factory.part,
                server,
                spent,
                ResourceGroups(GROUP, gone, resources(chosen)),
                SoftDeleted(gone, dict(lying)),
                *(Subscriptions(), PostgresCapabilities(), CognitiveServices(models()), Names()),
            ]
        )
        self.cloud.services["*.search.windows.net"] = SearchService()

    def up(self) -> None:
        """What `pulumi up` leaves."""
        self.standing = True
        self.pulumi.says("stack output", asdict(self.target))
        self.pulumi.says(f"destroy --yes --stack {STACK}", PULUMI)

    def gone(self) -> bool:
        return not self.standing or any(call[0] == "destroy" for call in self.pulumi.calls())

    def types(self, command: str) -> str:
        """What the person sees who types a command."""
        if command == "pulumi up":
            self.up()
            return PULUMI
        screen = StringIO()
        with redirect_stdout(screen), redirect_stderr(screen):
            run_command(command)
        return screen.getvalue()


def configure(project: Path) -> None:
    """The stack as it comes with the project, and a student's settings."""
    shutil.copy(PROJECT / "Pulumi.yaml", project)
    document = yaml.safe_load((PROJECT / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
    document["config"] |= {f"vector-lake:{key}": value for key, value in SETTINGS.items()}
    (project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def stack(chosen: configuration.Configuration, local: Target, port: int) -> Target:
    """What the stack's outputs are: Azure's names, but where the pictures and the lake are."""
    return replace(
        local,
        subscription_id=SUBSCRIPTION,
        resource_group=chosen.resource_group,
        postgres_host=SERVER,
        postgres_port=port,
        postgres_sslmode="verify-full",
        vault_name=chosen.vault,
        vault_location=chosen.location,
        factory_name=chosen.factory,
        foundry_account=chosen.foundry,
        foundry_location=chosen.ai_location,
        search_url=f"https://{chosen.search_service}.search.windows.net",
        pipeline_runner="data_factory",
    )


def resources(chosen: configuration.Configuration) -> list[dict[str, Any]]:
    """What stands in the stack's group, the parts of these left out."""
    names = {
        "Microsoft.DBforPostgreSQL/flexibleServers": chosen.postgres_server,
        "Microsoft.Storage/storageAccounts": chosen.lake_account,
        "Microsoft.KeyVault/vaults": chosen.vault,
        "Microsoft.DataFactory/factories": chosen.factory,
        "Microsoft.CognitiveServices/accounts": chosen.foundry,
        "Microsoft.Search/searchServices": chosen.search_service,
    }
    pictures = resource("Microsoft.Storage/storageAccounts", chosen.pictures_account, TAGS, GROUP)
    return [*(resource(kind, name, TAGS, GROUP) for kind, name in names.items()), pictures]


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a played Azure."""
    monkeypatch.setattr("jobs.pipeline.data_factory.wait.FIRST_SECONDS", 0.0)
    monkeypatch.setattr("jobs.teardown.run.POLL_SECONDS", 0.0)
