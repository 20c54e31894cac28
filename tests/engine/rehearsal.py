"""A rehearsal: one person's laptop and the played Azure, on which every command of docs/azure.md can be typed.

Pulumi's engine, the jobs, their clients, PostgreSQL and Azurite are real. The database and the storage accounts of the
stack are those of the laptop, and its pipeline runs in the local runner. Nothing of it is Azure.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.local.services import SERVICES, local_outputs, postgres_server, start_services, stop_services
from jobs.target import Target
from tests.azure_fakes import azurite_relay, retail_prices
from tests.azure_fakes.azure import ROOT, SUBSCRIPTION, Azure
from tests.azure_fakes.azurite_relay import AzuriteRelay
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.copying_factory import CopyingFactory
from tests.azure_fakes.model_offers import default_usages, model
from tests.azure_fakes.played_azure import PlayedAzure
from tests.azure_fakes.postgres_data import PostgresData
from tests.azure_fakes.postgres_gateway import Gateway, server_tls
from tests.azure_fakes.retail_prices import POSTGRES, RetailPrices, price_row
from tests.certificates import CertificateAuthority
from tests.engine.client import ArmClient
from tests.engine.engine_stack import SECONDS, EngineStack
from tests.engine.plugins import Plugins
from tests.fake_programs import FakeProgram
from tests.jobs.cli_process import without_waits

PORT = 5432  # of the stack's PostgreSQL, as infra/ exports it
SUFFIX = "ana"
SERVER_HOST = f"psql-fer-{SUFFIX}.postgres.database.azure.com"
FACTORY = f"{ROOT}/resourceGroups/rg-vector-lake-dev/providers/Microsoft.DataFactory/factories/adf-fer-{SUFFIX}"
TOKEN = {"accessToken": "token-of-the-rehearsal", "expires_on": 4102444800, "tenant": "t", "tokenType": "Bearer"}
OPERATION_SECONDS = 0.3
STORAGE_PRODUCT = "Az DB for PostgreSQL Flexible Server Storage"
# Pulumi's lines that differ from run to run: headings, durations, and one line for each resource, in any order.
HIDDEN = re.compile(r"(Updating|Destroying|Previewing \w+) \(.*|Duration: .*|@ .*|\s*")
RESOURCE = re.compile(r" *[-+~]* *[\w-]+:[\w/-]+:\w+ .*")
EACH = "[each resource]"


class PortTakenError(Exception):
    """PostgreSQL's own port is not free, which the stack's database has, as on Azure."""


def check_port() -> None:
    """Raise PortTakenError where another program has PostgreSQL's port."""
    try:
        socket.create_server(("127.0.0.1", PORT)).close()
    except OSError as error:
        message = f"The port {PORT} is not free ({error.strerror}): stop the PostgreSQL that has it, then run it again."
        raise PortTakenError(message) from error


@dataclass
class Rehearsal:
    """Types commands. `stack`: the engine's copy of the project, in which they are typed."""

    stack: EngineStack

    def run(self, command: str) -> str:
        """What a person sees after typing a command."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.stack.project,
            env=self.stack.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return shortened("\n".join(without_waits(done.stdout)))


def shortened(output: str) -> str:
    """An output of Pulumi without what differs from run to run. Any other output stays as it is."""
    if "Resources:\n" not in output:
        return output
    lines: list[str] = []
    in_outputs = False
    for line in output.splitlines():
        in_outputs = line == "Outputs:" or (in_outputs and line != "Resources:")
        shown = EACH if RESOURCE.fullmatch(line) else line
        if not (in_outputs or HIDDEN.fullmatch(line) or (shown == EACH and lines[-1:] == [EACH])):
            lines.append(shown)
    return "\n".join(lines)


@contextmanager
def open_rehearsal(folder: Path) -> Iterator[Rehearsal]:
    """A laptop and a subscription before the first command, with everything in one folder. Raises PortTakenError."""
    check_port()
    os.environ["JOBS_LOCAL"] = str(folder / "local")
    authority = CertificateAuthority(folder / "authority")
    start_services(*SERVICES)
    target = Target.from_outputs(local_outputs(), "local up")
    gateway = Gateway(target.postgres_port, server_tls(authority.certificate(SERVER_HOST)), port=PORT)
    cloud = Cloud(authority)
    azure = play_azure(cloud, target)
    cloud.start()
    plugins = Plugins(ArmClient(cloud.url, str(authority.roots)))
    try:
        yield Rehearsal(EngineStack(folder, cloud, azure, plugins, environment(folder, authority)))
    finally:
        plugins.close()
        cloud.stop()
        gateway.close()
        stop_services()
        del os.environ["JOBS_LOCAL"]


def play_azure(cloud: Cloud, target: Target) -> Azure:
    """The played Azure, whose data is the laptop's."""
    azure = Azure(operation_seconds=OPERATION_SECONDS)
    retires = f"{datetime.now(UTC).date() + timedelta(days=365)}T00:00:00Z"
    azure.models = [model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", retires)])]
    azure.usages = default_usages()[:1]
    azure.followers.append(PostgresData(postgres_server("cloud").url("postgres")))
    played = PlayedAzure(cloud, azure)
    played.costs.costs = {"Azure Database for PostgreSQL": 9.5, "Storage": 0.5}
    factory = CopyingFactory(azure, FACTORY, target)
    played.manager.providers.insert(0, factory.from_resource_manager)
    storage = price_row(POSTGRES, STORAGE_PRODUCT, "Storage Data Stored", 0.1369, unitOfMeasure="1 GB/Month")
    cloud.services |= {azurite_relay.HOSTS: AzuriteRelay(target), retail_prices.HOST: RetailPrices([storage])}
    return azure


def environment(folder: Path, authority: CertificateAuthority) -> dict[str, str]:
    """The variables of the laptop: programs, a login, and where PostgreSQL's clients find the database."""
    az = FakeProgram(folder / "programs", "az")
    user = {"name": "ana@example.edu", "type": "user"}
    az.set_output("account show", {"id": SUBSCRIPTION, "name": "Azure for Students", "user": user})
    az.set_output("account get-access-token", TOKEN)
    pulumi = Path(str(shutil.which("pulumi"))).parent
    path = [folder / "programs", Path(sys.executable).parent, pulumi, "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(map(str, path)),
        "HOME": str(folder),
        "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
        "PGHOSTADDR": "127.0.0.1",
        "PGSSLROOTCERT": str(authority.roots),
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PULUMI_DEBUG_COMMANDS": "false",
    }
