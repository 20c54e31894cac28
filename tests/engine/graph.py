"""Whether the program says what must wait for what, by the dependencies in the stack's state.

So luck in the timing of one run hides nothing. Where the program does not say it, the engine may do both at once.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from tests.azure_fakes.arm_ids import is_type, parent_of, top_of
from tests.azure_fakes.azure import Azure
from tests.azure_fakes.rules_order import ACCOUNT, FACTORY, SERVER, references

SERIAL = (SERVER, ACCOUNT)


class Graph:
    """Who waits for whom among the resources of a state, by their URNs."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.resources = {each["urn"]: each for each in state["resources"]}
        self.urns = {each["id"].lower(): urn for urn, each in self.resources.items() if each.get("id")}
        self._waits: dict[str, set[str]] = {}

    def waits_for(self, urn: str) -> set[str]:
        """Everything that a resource waits for, directly or through others."""
        if urn not in self._waits:
            each = self.resources.get(urn, {})
            direct = {*each.get("dependencies", ()), *([each["parent"]] if each.get("parent") else [])}
            direct |= {other for others in each.get("propertyDependencies", {}).values() for other in others or ()}
            self._waits[urn] = set()  # a resource that names itself
            self._waits[urn] = direct.union(*map(self.waits_for, direct)) - {urn}
        return self._waits[urn]


def undeclared(graph: Graph, azure: Azure) -> list[str]:
    """What does not wait for its parent in Azure, or for what its Data Factory document names."""
    found = []
    for identity, resource in azure.resources.items():
        needs = {parent_of(resource.id)}
        if is_type(top_of(resource.id), FACTORY):
            needs |= {f"{top_of(resource.id)}/{folder}/{name}" for folder, name in references(resource.body)}
        urns = [graph.urns[each.lower()] for each in needs if each.lower() in graph.urns]
        if urn := graph.urns.get(identity):
            found += [f"{urn} does not wait for {each}" for each in urns if each not in graph.waits_for(urn)]
    return found


def unordered(graph: Graph, azure: Azure) -> list[str]:
    """Pairs of one server or one account that may run at once, which Azure refuses."""
    groups: dict[str, list[str]] = {}
    for identity, urn in graph.urns.items():
        if azure.find(identity) and any(is_type(top_of(identity), kind) for kind in SERIAL):
            groups.setdefault(top_of(identity), []).append(urn)
    return [
        f"{one} and {other} may run at once"
        for urns in groups.values()
        for one, other in combinations(urns, 2)
        if one not in graph.waits_for(other) and other not in graph.waits_for(one)
    ]
