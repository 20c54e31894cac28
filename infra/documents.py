"""The content of the data factory, deployed from the documents in adf/."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from adf_shape import bind, hoist_type_properties, resolve_references
from entra_link import EntraLink
from factory import Factory
from pulumi_azure_native import datafactory
from retries import retry_hooks
from stack import Stack

ADF = Path(__file__).resolve().parent.parent / "adf"


@dataclass(frozen=True)
class FactoryContext:
    """The factory that the documents go into.

    `runtime` is the integration runtime of the linked services, or None for Azure's own. `after` are the resources
    that documents name in plain text: the containers and the vault's secret.
    """

    stack: Stack
    factory: Factory
    runtime: pulumi.Output[str] | None
    after: Sequence[pulumi.Resource]


class Documents(pulumi.ComponentResource):
    """Linked services, datasets, the pipeline and, with `dailyTrigger`, its trigger, which is deployed stopped.

    `values` replace the placeholders "${name}" of the linked services. A document refers to another one by that
    resource's output. With plain text it would be created too early (BadRequest, not found) and deleted too late
    (still referenced).
    """

    def __init__(self, name: str, context: FactoryContext, *, values: Mapping[str, Any]) -> None:
        super().__init__("vector-lake:infra:Documents", name)
        self.context, self.settings = context, context.stack.settings
        self._names: dict[str, pulumi.Output[str]] = {}
        self.factory_args: dict[str, Any] = {
            "factory_name": context.factory.factory.name,
            "resource_group_name": context.stack.group.name,
        }
        # Documents are deleted with their factory, and then none of them has to wait for another.
        self.opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=list(context.after),
            deleted_with=context.factory.factory,
            delete_before_replace=True,
            hooks=retry_hooks(),
        )
        # In the order of names, LS_KeyVault precedes the PostgreSQL one that refers to it: resolve_references checks.
        for document, properties in read_documents("linkedService").items():
            bound = bind(properties, values, f"adf/linkedService/{document}.json")
            self._linked_service(document, self._connect_via(bound))
        for document, properties in read_documents("dataset").items():
            self._dataset(document, properties)
        for document, properties in read_documents("pipeline").items():
            self._pipeline(document, properties)
        if self.settings.daily_trigger:
            for document, properties in read_documents("trigger").items():
                self._trigger(document, properties)
        self.register_outputs({})

    def _linked_service(self, name: str, properties: dict[str, Any]) -> None:
        if self.settings.entra_only and properties["type"] == "AzurePostgreSql":
            link = EntraLink(name, self.context.stack, factory=self.context.factory, properties=properties)
            self._names[name] = link.name
            return
        resource = datafactory.LinkedService(
            name, linked_service_name=name, properties=self._flatten(properties), opts=self.opts, **self.factory_args
        )
        self._names[name] = resource.name

    def _dataset(self, name: str, properties: dict[str, Any]) -> None:
        resource = datafactory.Dataset(
            name, dataset_name=name, properties=self._flatten(properties), opts=self.opts, **self.factory_args
        )
        self._names[name] = resource.name

    def _pipeline(self, name: str, properties: dict[str, Any]) -> None:
        writable = {key: value for key, value in properties.items() if key != "lastPublishTime"}  # Studio's own
        resource = datafactory.Pipeline(
            name, pipeline_name=name, opts=self.opts, **self.factory_args, **self._flatten(writable)
        )
        self._names[name] = resource.name

    def _trigger(self, name: str, properties: dict[str, Any]) -> None:
        writable = {key: value for key, value in properties.items() if key != "runtimeState"}  # read-only
        datafactory.Trigger(
            name, trigger_name=name, properties=self._flatten(writable), opts=self.opts, **self.factory_args
        )

    def _connect_via(self, properties: dict[str, Any]) -> dict[str, Any]:
        if self.context.runtime is None:
            return properties
        runtime = {"referenceName": self.context.runtime, "type": "IntegrationRuntimeReference"}
        return {**properties, "connectVia": runtime}

    def _flatten(self, properties: dict[str, Any]) -> Any:
        return resolve_references(hoist_type_properties(properties), self._names)


def read_documents(kind: str) -> dict[str, dict[str, Any]]:
    """Return name and properties of each document of a kind, in the order of their names."""
    paths = sorted((ADF / kind).glob("*.json"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {document["name"]: document["properties"] for document in documents}
