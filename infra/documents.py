"""The content of the data factory: what adf/ says, deployed as it stands there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from adf_shape import bind, hoist_type_properties, refer
from entra_link import EntraLink
from pulumi_azure_native import datafactory, resources
from settings import Settings

ADF = Path(__file__).resolve().parent.parent / "adf"


@dataclass(frozen=True)
class Home:
    """The factory that the documents go into, and the runtime that its linked services work in, if not Azure's own.

    `after` are the resources that documents name in plain text: containers, and the vault's secret.
    """

    group: resources.ResourceGroup
    factory: datafactory.Factory
    runtime: pulumi.Output[str] | None
    after: Sequence[pulumi.Resource]


class Documents(pulumi.ComponentResource):
    """Linked services, datasets, the pipeline and, if wished, its daily trigger, which is deployed stopped.

    `values` are what the linked services' "${name}" stand for. A document refers to another by that resource's own
    output: as a plain text it would be made too early (BadRequest, not found) and deleted too late (still referenced).
    """

    def __init__(self, name: str, *, home: Home, settings: Settings, values: Mapping[str, Any]) -> None:
        super().__init__("vector-lake:infra:Documents", name)
        self.home, self.settings = home, settings
        self._names: dict[str, pulumi.Output[str]] = {}
        self.place: dict[str, Any] = {"factory_name": home.factory.name, "resource_group_name": home.group.name}
        # When the factory goes its documents go with it, and none has to wait for another.
        self.opts = pulumi.ResourceOptions(parent=self, depends_on=list(home.after), deleted_with=home.factory)
        # In the order of their names LS_KeyVault comes before PostgreSQL's, which refers to it; `refer` would tell.
        for document, properties in read("linkedService").items():
            self._linked_service(document, self._via(bind(properties, values)))
        for document, properties in read("dataset").items():
            self._dataset(document, properties)
        for document, properties in read("pipeline").items():
            self._pipeline(document, properties)
        if settings.daily_trigger:
            for document, properties in read("trigger").items():
                self._trigger(document, properties)
        self.register_outputs({})

    def _linked_service(self, name: str, properties: dict[str, Any]) -> None:
        if self.settings.entra_only and properties["type"] == "AzurePostgreSql":
            link = EntraLink(name, factory=self.home.factory, group=self.home.group, properties=properties)
            self._names[name] = link.name
            return
        made = datafactory.LinkedService(
            name, linked_service_name=name, properties=self._flat(properties), opts=self.opts, **self.place
        )
        self._names[name] = made.name

    def _dataset(self, name: str, properties: dict[str, Any]) -> None:
        made = datafactory.Dataset(
            name, dataset_name=name, properties=self._flat(properties), opts=self.opts, **self.place
        )
        self._names[name] = made.name

    def _pipeline(self, name: str, properties: dict[str, Any]) -> None:
        made = datafactory.Pipeline(name, pipeline_name=name, opts=self.opts, **self.place, **self._flat(properties))
        self._names[name] = made.name

    def _trigger(self, name: str, properties: dict[str, Any]) -> None:
        given = {key: value for key, value in properties.items() if key != "runtimeState"}  # Azure tells it, read-only
        datafactory.Trigger(name, trigger_name=name, properties=self._flat(given), opts=self.opts, **self.place)

    def _via(self, properties: dict[str, Any]) -> dict[str, Any]:
        if self.home.runtime is None:
            return properties
        runtime = {"referenceName": self.home.runtime, "type": "IntegrationRuntimeReference"}
        return {**properties, "connectVia": runtime}

    def _flat(self, properties: dict[str, Any]) -> Any:
        return refer(hoist_type_properties(properties), self._names)


def read(kind: str) -> dict[str, dict[str, Any]]:
    """Name and properties of each document of a kind, in the order of their names."""
    paths = sorted((ADF / kind).glob("*.json"))
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return {document["name"]: document["properties"] for document in documents}
