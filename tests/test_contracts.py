"""What the halves of the project promise each other, proved by running infra/ against a recorder in Azure's place."""

import asyncio
import json
import runpy
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, rpc

from infra import adf_shape
from jobs.target import Target
from tests.infra.test_settings import INFRA, ROOT, configured, infra_modules


@dataclass(frozen=True)
class Registered:
    """One provider's resource as the program registered it. `after` and `deleted_with` hold URNs."""

    urn: str
    token: str
    inputs: dict[str, Any]
    after: frozenset[str]
    deleted_with: str

    @property
    def kind(self) -> str:
        return self.token.rpartition(":")[2]


@dataclass(frozen=True)
class Program:
    """What a run of the program registered and exported; `secrets` are the names of secret exports."""

    registered: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def every(self, kind: str) -> list[Registered]:
        found = [each for each in self.registered if each.kind == kind]
        assert found, f"the program registers no {kind}"
        return found

    def only(self, kind: str) -> Registered:
        (found,) = self.every(kind)
        return found


class Azure(mocks.Mocks):
    """Answers as the providers do; before anything exists (`known` is false) with nothing but the inputs."""

    def __init__(self, known: bool) -> None:
        self.known = known

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = args.typ.rpartition(":")[2]
        key = {"StorageAccount": "accountName", "BlobContainer": "containerName"}.get(kind)
        name = str(args.inputs.get(key or f"{kind[0].lower()}{kind[1:]}Name", args.name))
        if not (self.known and args.custom):  # components are Pulumi's own and have no more
            return None, args.inputs
        return f"/subscriptions/s/{name}", {**args.inputs, "name": name, **made(kind, name, args.inputs)}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        assert args.token == "azure-native:authorization:getClientConfig", args.token
        return {"subscriptionId": "the-subscription", "tenantId": "the-tenant", "clientId": "c", "objectId": "o"}


def made(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What a provider adds to the inputs once a resource exists."""
    match kind:
        case "StorageAccount":
            return {"primaryEndpoints": {each: f"https://{name}.{each}.core.windows.net/" for each in ("blob", "dfs")}}
        case "Server":
            return {"fullyQualifiedDomainName": f"{name}.postgres.database.azure.com"}
        case "Vault":
            return {"properties": {**inputs["properties"], "vaultUri": f"https://{name}.vault.azure.net/"}}
        case "RandomPassword":
            return {"result": pulumi.Output.secret("a-drawn-Passw0rd")}
    return {}


class Monitor(mocks.MockMonitor):
    """Keeps what Pulumi's own mocks do not show: the order of creation and deletion."""

    def __init__(self, azure: Azure, registered: list[Registered]) -> None:
        super().__init__(azure)
        self.registered = registered

    def RegisterResource(self, request: Any) -> Any:
        answer = super().RegisterResource(request)
        if request.custom:
            inputs, after = rpc.deserialize_properties(request.object), frozenset(request.dependencies)
            self.registered.append(Registered(answer.urn, request.type, inputs, after, request.deletedWith))
        return answer


@contextmanager
def event_loops() -> Iterator[None]:
    """A loop for this thread and one for each of Pulumi's, which would leave theirs open; all closed at the end."""

    def open_loop() -> None:
        loop = loops.enter_context(closing(asyncio.new_event_loop()))
        asyncio.set_event_loop(loop)

    with ExitStack() as loops:
        open_loop()
        loops.callback(asyncio.set_event_loop, None)
        with ThreadPoolExecutor(initializer=open_loop) as workers:
            asyncio.get_event_loop().set_default_executor(workers)
            yield


def run_program(settings: Mapping[str, Any] | None = None, first_preview: bool = False) -> Program:
    """Run infra/ as Pulumi's host does."""
    program, exported = Program(), dict[str, Any]()

    async def resolve() -> None:
        for name, value in exported.items():
            output = pulumi.Output.from_input(value)
            program.outputs[name] = await output.future()
            if await output.is_secret():
                program.secrets.add(name)

    @pulumi.runtime.test
    def run() -> Any:
        runpy.run_path(str(INFRA), run_name="__main__")
        return resolve()

    with event_loops(), infra_modules() as patch, configured(settings or {}):
        azure = Azure(known=not first_preview)
        monitor = Monitor(azure, program.registered)
        pulumi.runtime.set_mocks(azure, project="vector-lake", stack="test", preview=first_preview, monitor=monitor)
        patch.setattr(pulumi, "export", exported.__setitem__)
        run()
    return program


@pytest.fixture(scope="module")
def program() -> Program:
    return run_program()


def test_exports_are_the_fields_of_target(program: Program) -> None:
    assert sorted(program.outputs) == sorted(each.name for each in fields(Target))


def test_target_reads_the_exports_as_the_cli_writes_them(program: Program) -> None:
    target = Target.from_outputs(json.loads(json.dumps(program.outputs)), "pulumi up")
    assert {each.name: getattr(target, each.name) for each in fields(Target)} == program.outputs
    assert target.postgres_url("p") == (
        "postgresql://feradmin:p@psql-fer.postgres.database.azure.com:5432/fer_vct?sslmode=verify-full"
    )
    assert target.lake_dfs_url == "https://stferlakehouse.dfs.core.windows.net/"
    assert (target.pictures_container, target.lake_container) == ("imagenes", "raw")


def test_the_password_is_the_one_secret_export(program: Program) -> None:
    assert program.secrets == {"postgres_password"}


def test_linked_services_find_every_output_and_the_vaults_secret(program: Program) -> None:
    paths = sorted((ROOT / "adf" / "linkedService").glob("*.json"))
    bound = [adf_shape.bind(json.loads(path.read_text(encoding="utf-8")), program.outputs) for path in paths]
    passwords = [each["properties"].get("typeProperties", {}).get("password") for each in bound]
    asked = [password["secretName"] for password in passwords if password]
    assert asked == [program.only("Secret").inputs["secretName"]]
