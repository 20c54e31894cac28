"""The linked service to PostgreSQL without a password."""

from typing import Any

import pulumi
from factory import Factory
from stack import Stack
from template import deploy_template


class EntraLink(pulumi.ComponentResource):
    """A linked service with which the factory logs in to the database as itself. `name` is the linked service's name.

    azure-native's type has no `authenticationType` and would silently drop it, so an ARM template creates this one.
    Its name differs from the one with a password. So a stack can change from one to the other while datasets refer
    to them. It is deleted with the factory.
    """

    def __init__(self, name: str, stack: Stack, *, factory: Factory, properties: dict[str, Any]) -> None:
        super().__init__("vector-lake:infra:EntraLink", name)
        linked_service = f"{name}_Entra"
        resource = {
            "type": "Microsoft.DataFactory/factories/linkedservices",
            "apiVersion": "2018-06-01",
            "name": pulumi.Output.concat(factory.factory.name, f"/{linked_service}"),
            "properties": without_password(properties, factory.factory.name),
        }
        deployment = deploy_template(linked_service, resource, stack, factory, self)
        self.name = deployment.name.apply(lambda _: linked_service)
        self.register_outputs({})


def without_password(properties: dict[str, Any], login: pulumi.Output[str]) -> dict[str, Any]:
    """Return the same linked service with the factory's identity, whose role in the database is `login`."""
    kept = {key: value for key, value in properties["typeProperties"].items() if key != "password"}
    entra = {**kept, "username": login, "authenticationType": "SystemAssignedManagedIdentity"}
    return {**properties, "typeProperties": entra}
