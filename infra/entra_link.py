"""The linked service to PostgreSQL without a password."""

from typing import Any

import pulumi
from pulumi_azure_native import datafactory, resources
from template import by_template


class EntraLink(pulumi.ComponentResource):
    """The factory logs in to the database with its own identity. `name` is the linked service's.

    azure-native's type has no `authenticationType` and would drop it without a word, so an ARM template brings this
    one. Its name is not that of the one with a password, so that a stack can change from one to the other while
    datasets refer to them; it goes with the factory.
    """

    def __init__(
        self,
        name: str,
        *,
        factory: datafactory.Factory,
        group: resources.ResourceGroup,
        properties: dict[str, Any],
    ) -> None:
        super().__init__("vector-lake:infra:EntraLink", name)
        linked_service = f"{name}_Entra"
        resource = {
            "type": "Microsoft.DataFactory/factories/linkedservices",
            "apiVersion": "2018-06-01",
            "name": pulumi.Output.concat(factory.name, f"/{linked_service}"),
            "properties": without_password(properties, factory.name),
        }
        self.name = by_template(linked_service, resource, group, self).name.apply(lambda _: linked_service)
        self.register_outputs({})


def without_password(properties: dict[str, Any], login: pulumi.Output[str]) -> dict[str, Any]:
    """The same linked service, logging in as the factory, whose role in the database has the factory's name."""
    given = {key: value for key, value in properties["typeProperties"].items() if key != "password"}
    entra = {**given, "username": login, "authenticationType": "SystemAssignedManagedIdentity"}
    return {**properties, "typeProperties": entra}
