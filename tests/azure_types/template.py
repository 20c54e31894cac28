"""Write the resources of the program as one ARM template, for tools that read ARM."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.azure_types.body import arm_body
from tests.azure_types.resources import VERSIONS

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def arm_template(resources: Iterable[tuple[str, str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return a template of resources, each a token, a name and its inputs."""
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [arm_resource(*each) for each in resources]}


def arm_resource(token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, version = VERSIONS[token].partition("@")
    full_name = "/".join(["parent"] * (kind.count("/") - 1) + [name])  # one segment for each level of the type
    body = {key: value for key, value in arm_body(token, inputs).items() if key != "name"}
    return {"type": kind, "apiVersion": version, "name": full_name, **body}
