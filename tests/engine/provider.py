"""A stand-in for the plugin of azure-native: it answers Pulumi's engine, and turns inputs into requests to Azure.

It does what azure-native does, by its public source https://github.com/pulumi/pulumi-azure-native (provider/pkg):
Check fills in names, location and azureApiVersion, and refuses what is missing or of another type; Create looks first
whether the resource exists, and refuses it then; Diff compares inputs with inputs; Read takes over what changed in
Azure. It marks no output as secret.
"""

import os
import uuid
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.azure_fakes.azure import DEPLOYER, ROOT, SUBSCRIPTION, TENANT
from tests.azure_types.body import body_type
from tests.azure_types.check import check
from tests.azure_types.resources import VERSIONS
from tests.engine.addresses import api_version, name_input, path_inputs, resource_id
from tests.engine.bodies import UNKNOWN, outputs, preview_outputs, request_body
from tests.engine.client import ArmClient, AzureError
from tests.engine.drift import changed_inputs
from tests.engine.messages import diff_response, differences, plain, struct, token_of

CLIENT = {"subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "objectId": DEPLOYER, "clientId": "tests"}
# What Azure has without a create: azure-native updates these (isSingleton in its metadata).
SINGLETONS = {"dbforpostgresql:Configuration", "storage:BlobServiceProperties"}
# Inputs besides the path whose change needs another resource (x-ms-mutability and provider/pkg/gen/replacement.go)
FORCE_NEW = {
    "storage:StorageAccount": ["isHnsEnabled"],
    "authorization:RoleAssignment": ["principalId"],
    "network:PrivateEndpoint": ["subnet"],
}
REFUSED_EARLY = ("required, but missing", "is not a string", "is not an integer", "is not an array", "is not a boolean")


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """What every provider answers."""

    version, accepts_secrets = "0.0.0", False

    def Handshake(self, request: Any, context: Any) -> Any:
        """Not done: the engine then takes Configure's answer."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no handshake")

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(
            acceptSecrets=self.accepts_secrets, supportsPreview=True, supports_autonaming_configuration=True
        )


class AzureNative(Provider):
    """`dropped`: every key that was dropped on the way to Azure, each a fault of the program."""

    version = "3.29.0"

    def __init__(self, client: ArmClient) -> None:
        self.client = client
        self.dropped: list[str] = []

    def Check(self, request: Any, context: Any) -> Any:
        token, news, olds = token_of(request.urn), plain(request.news), plain(request.olds)
        name = name_input(token)
        if name not in news and not name.startswith("="):
            news[name] = olds.get(name) or automatic_name(token, request)
        news.setdefault("azureApiVersion", api_version(token))
        if takes_location(token, news) and "location" not in news:
            news["location"] = olds.get("location") or self.location_of_group(news)
        missing = [each for each in path_inputs(token) if each not in news]
        reasons = [f"missing required property '{each}'" for each in missing] or early_violations(token, news)
        failures = [provider_pb2.CheckFailure(reason=each) for each in reasons]
        return provider_pb2.CheckResponse(inputs=struct(news), failures=failures)

    def location_of_group(self, inputs: Mapping[str, Any]) -> Any:
        group = inputs.get("resourceGroupName")
        if group == UNKNOWN:
            return UNKNOWN
        found = self.client.get(f"{ROOT}/resourceGroups/{group}", api_version("resources:ResourceGroup"))
        return (found or {}).get("location")

    def Diff(self, request: Any, context: Any) -> Any:
        token, olds = token_of(request.urn), plain(request.old_inputs)
        changed = differences(olds, plain(request.news))
        forced = [*path_inputs(token), "location", *FORCE_NEW.get(token, ())]
        replaces = [each for each in changed if any(each == key or each.startswith(f"{key}.") for key in forced)]
        return diff_response(changed, replaces, not olds.get("__createBeforeDelete"))

    def Create(self, request: Any, context: Any) -> Any:
        token, inputs = token_of(request.urn), plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=struct(preview_outputs(token, inputs)))
        identity = resource_id(token, inputs)
        try:
            if token not in SINGLETONS and self.client.get(identity, api_version(token)):
                context.abort(grpc.StatusCode.UNKNOWN, f"cannot create already existing resource '{identity}'")
            made = self.put(token, identity, inputs)
        except AzureError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return provider_pb2.CreateResponse(id=identity, properties=struct(made))

    def put(self, token: str, identity: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Send a resource. Returns its outputs."""
        body, dropped = request_body(token, inputs)
        self.dropped += [f"{identity}: {key}" for key in dropped]
        return outputs(token, self.client.put(identity, api_version(token), body), api_version(token))

    def Update(self, request: Any, context: Any) -> Any:
        token, inputs = token_of(request.urn), plain(request.news)
        if request.preview:
            known = {key: value for key, value in plain(request.olds).items() if key in ("name", "location")}
            return provider_pb2.UpdateResponse(properties=struct({**preview_outputs(token, inputs), **known}))
        try:
            made = self.put(token, resource_id(token, inputs), inputs)
        except AzureError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return provider_pb2.UpdateResponse(properties=struct(made))

    def Read(self, request: Any, context: Any) -> Any:
        token = token_of(request.urn)
        try:
            found = self.client.get(request.id, api_version(token))
        except AzureError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        if found is None:
            return provider_pb2.ReadResponse(id="")
        live = outputs(token, found, api_version(token))
        inputs = changed_inputs(plain(request.inputs), plain(request.properties), live)
        return provider_pb2.ReadResponse(id=request.id, properties=struct(live), inputs=struct(inputs))

    def Delete(self, request: Any, context: Any) -> Any:
        token = token_of(request.urn)
        try:
            if token == "keyvault:Secret":
                vault, _, name = request.id.split("/")[-3:]
                self.client.delete_secret(vault, name)
            else:
                self.client.delete(request.id, api_version(token))
        except AzureError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        assert request.tok == "azure-native:authorization:getClientConfig", request.tok
        return provider_pb2.InvokeResponse(**{"return": struct(CLIENT)})


def automatic_name(token: str, request: Any) -> str:
    """The name of a resource without one: a GUID for a role assignment, for others the logical name."""
    seed = request.randomSeed or os.urandom(16)
    logical = str(request.urn.rpartition("::")[2])
    return str(uuid.uuid5(uuid.NAMESPACE_URL, seed.hex() + logical)) if token.startswith("authorization:") else logical


def takes_location(token: str, inputs: Mapping[str, Any]) -> bool:
    """Whether Azure's type of a resource has a location that a client may set."""
    if token not in VERSIONS:
        return False
    types, kind = body_type(token)
    return not types.properties(kind, inputs).get("location", {"flags": 2}).get("flags", 0) & 2


def early_violations(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """What the provider itself refuses: missing and mistyped properties, by Azure's types."""
    if token not in VERSIONS:
        return []
    types, kind = body_type(token)
    body = without_unknown(request_body(token, inputs)[0])
    return [each for each in check(types, kind, body, token) if each.endswith(REFUSED_EARLY)]


def without_unknown(value: Any) -> Any:
    """The same with None for what is not known during a preview."""
    if isinstance(value, dict):
        return {key: without_unknown(each) for key, each in value.items()}
    return None if value == UNKNOWN else [without_unknown(each) for each in value] if isinstance(value, list) else value
