"""Run infra/ as Pulumi's language host does, without Azure, and record what it registers and exports."""

import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc

from tests.infra.configuration import INFRA, TENANT, configured, infra_modules
from tests.infra.event_loops import event_loops


@dataclass(frozen=True)
class Registered:
    """One resource as the program registered it.

    `after` (its dependencies), `parent`, `deleted_with` and `replaced_with` are URNs.
    """

    urn: str
    token: str
    inputs: dict[str, Any]
    after: frozenset[str]
    parent: str
    deleted_with: str
    replaced_with: frozenset[str]
    protect: bool
    retried: bool
    replace_on: frozenset[str]
    ignored: frozenset[str]
    aliased: bool
    deleted_first: bool

    @property
    def kind(self) -> str:
        return self.token.rpartition(":")[2]

    @property
    def name(self) -> str:
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Program:
    """What a run of the program registered and exported. `secrets` are the names of the secret exports."""

    registered: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def every(self, kind: str) -> list[Registered]:
        """Return all resources of a kind, of which there must be one at least."""
        resources = [each for each in self.registered if each.kind == kind]
        assert resources, f"the program registers no {kind}"
        return resources

    def only(self, kind: str) -> Registered:
        """Return the one resource of a kind."""
        (resource,) = self.every(kind)
        return resource

    def named(self, name: str) -> Registered:
        """Return the one resource with this logical name, the last part of its URN."""
        (resource,) = [each for each in self.registered if each.name == name]
        return resource

    def waits(self, one: Registered, other: Registered) -> bool:
        """Return whether `one` is created after `other`, directly or through others."""
        by_urn, seen = {each.urn: each for each in self.registered}, set[str]()
        waiting = list(one.after)
        while waiting:
            urn = waiting.pop()
            if urn == other.urn:
                return True
            if urn in by_urn and urn not in seen:
                seen.add(urn)
                waiting += by_urn[urn].after
        return False


class Azure(mocks.Mocks):
    """Answers as the providers do. In a first preview (`exists` is false) it returns only the inputs."""

    def __init__(self, exists: bool) -> None:
        self.exists = exists

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = args.typ.rpartition(":")[2]
        name = str(args.inputs.get(NAME_KEYS.get(kind, f"{kind[0].lower()}{kind[1:]}Name"), args.name))
        if not (self.exists and args.custom):  # components are Pulumi's own and have no other outputs
            return None, with_identities(args.inputs)
        return f"/subscriptions/s/{kind}/{name}", {**args.inputs, "name": name, **outputs(kind, name, args.inputs)}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        assert args.token == "azure-native:authorization:getClientConfig", args.token
        return {"subscriptionId": "the-subscription", "tenantId": TENANT, "clientId": "c", "objectId": "o"}


NAME_KEYS = {
    "StorageAccount": "accountName",
    "BlobContainer": "containerName",
    "AccountConnection": "connectionName",
    "ProjectConnection": "connectionName",
    "Service": "searchServiceName",
    "Component": "resourceName",
    "UserAssignedIdentity": "resourceName",
}


def outputs(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return what a provider adds to the inputs once a resource exists."""
    match kind:
        case "StorageAccount":
            return {"primaryEndpoints": {each: f"https://{name}.{each}.core.windows.net/" for each in ("blob", "dfs")}}
        case "Server":
            return {"fullyQualifiedDomainName": f"{name}.postgres.database.azure.com"}
        case "Vault":
            return {"properties": {**inputs["properties"], "vaultUri": f"https://{name}.vault.azure.net/"}}
        case "Factory" | "Project" | "Workspace" | "Compute" if "identity" in inputs:
            return {"identity": {**with_identities(inputs)["identity"], "principalId": f"principal-of-{name}"}}
        case "UserAssignedIdentity":
            return {"principalId": f"principal-of-{name}", "clientId": f"client-of-{name}"}
        case "Account":
            endpoint = f"https://{name}.cognitiveservices.azure.com/"
            return {"properties": {**inputs["properties"], "endpoint": endpoint}}
        case "RandomPassword":
            return {"result": pulumi.Output.secret(f"drawn-{name}")}
    return {}


def with_identities(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs with the assigned identities as Azure answers them: a list in inputs, a mapping in outputs."""
    identity = inputs.get("identity") or {}
    assigned = identity.get("userAssignedIdentities")
    return {**inputs, "identity": {**identity, "userAssignedIdentities": {}}} if assigned else inputs


class Monitor(mocks.MockMonitor):
    """Records what Pulumi's own mocks do not show: the order of creation and deletion."""

    def __init__(self, azure: Azure, registered: list[Registered]) -> None:
        super().__init__(azure)
        self.registered = registered

    def RegisterResource(self, request: Any) -> Any:
        answer = super().RegisterResource(request)
        if request.custom:
            resource = Registered(
                urn=answer.urn,
                token=request.type,
                inputs=rpc.deserialize_properties(request.object),
                after=frozenset(request.dependencies),
                parent=request.parent,
                deleted_with=request.deletedWith,
                replaced_with=frozenset(request.replace_with),
                protect=request.protect,
                retried=bool(request.hooks.on_error),
                replace_on=frozenset(request.replaceOnChanges),
                ignored=frozenset(request.ignoreChanges),
                aliased=bool(request.aliasURNs) or any(own_alias(each) for each in request.aliases),
                deleted_first=request.deleteBeforeReplace,
            )
            self.registered.append(resource)
        return answer


def own_alias(alias: Any) -> bool:
    """Return whether an alias is the program's. azure-native adds aliases for other API versions, with a type only."""
    spec = alias.spec
    return bool(alias.urn or spec.name or spec.stack or spec.project or spec.parentUrn or spec.noParent)


def run_program(settings: Mapping[str, Any] | None = None, first_preview: bool = False) -> Program:
    """Run infra/ as Pulumi's language host does, and return what it registered and exported."""
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
        azure = Azure(exists=not first_preview)
        monitor = Monitor(azure, program.registered)
        pulumi.runtime.set_mocks(azure, project="vector-lake", stack="test", preview=first_preview, monitor=monitor)
        patch.setattr(pulumi, "export", exported.__setitem__)
        run()
    return program
