"""The one state of the played Azure: what exists, what is soft-deleted, and how this Azure behaves.

Every fake service of this folder reads and changes it. Its clients are the engine's provider and the jobs.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.arm_ids import is_type, name_of, type_of
from tests.azure_fakes.model_offers import default_models, default_usages
from tests.azure_fakes.vm_offers import default_sizes, default_vm_usages

HOST = "management.azure.com"
SUBSCRIPTION = "33333333-3333-3333-3333-333333333333"
TENANT = "22222222-2222-2222-2222-222222222222"
DEPLOYER = "44444444-4444-4444-4444-444444444444"  # the object id of the person who is logged in
ROOT = f"/subscriptions/{SUBSCRIPTION}"
SOFT_DELETED = (
    "Microsoft.KeyVault/vaults",
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.MachineLearningServices/workspaces",
)
PROVIDERS = [
    *("Microsoft.DBforPostgreSQL", "Microsoft.Storage", "Microsoft.KeyVault", "Microsoft.DataFactory"),
    *("Microsoft.CognitiveServices", "Microsoft.Consumption", "Microsoft.Insights", "Microsoft.OperationalInsights"),
    *("Microsoft.Search", "Microsoft.Network", "Microsoft.Compute", "Microsoft.MachineLearningServices"),
    *("Microsoft.ContainerRegistry", "Microsoft.ManagedIdentity"),
]
OWNER: list[dict[str, Any]] = [{"actions": ["*"], "notActions": []}]


class ArmError(Exception):
    """An error of Resource Manager. `headers` go with the answer."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}


@dataclass
class Resource:
    """One resource. `body`: what the client sent. `assigned`: what Azure added. Times are seconds since the epoch.

    `ready_at`: when its last operation ends. `leaves`: whether that operation deletes it, `updates`: or changes it.
    `purged`: whether its deletion is for good.
    """

    id: str
    body: dict[str, Any]
    assigned: dict[str, Any] = field(default_factory=dict)
    made_at: float = 0.0
    ready_at: float = 0.0
    leaves: bool = False
    purged: bool = False
    updates: bool = False

    @property
    def name(self) -> str:
        return name_of(self.id)

    @property
    def is_busy(self) -> bool:
        return time.time() < self.ready_at

    def value(self, path: str) -> Any:
        """The value at a path such as properties.state: the client's own, else Azure's. None where there is none."""
        own = value_at(self.body, path)
        return value_at(self.assigned, path) if own is None else own


@dataclass
class Azure:
    """`resources`, `deleted` (soft-deleted) and `deleted_secrets` are by id in lower case.

    `unavailable`: names of other customers. `principals`: when each managed identity was made, by its object id.

    Behaviour: `operation_seconds` is what a long-running operation takes. `settle_seconds`: how long an account is not
    ready after its creation. `replication_seconds`: how long a new identity is unknown to role assignments.
    `half_made`: patterns of ids whose first PUT is done, but answered with a passing error. `throttled`: how many of
    the next writes are answered with 429. `token_seconds`: how long a token lives. `logged_out`: whether the login
    gives out no more tokens. `allowed_locations`: the regions of the subscription's policy; empty allows all.
    `models` and `usages`, `vm_sizes` and `vm_usages`: what every region offers. `off`: rules that do not hold, by the
    function's name.
    `followers`: called with each resource that a client put: data planes, which make what it stands for.
    """

    resources: dict[str, Resource] = field(default_factory=dict)
    deleted: dict[str, Resource] = field(default_factory=dict)
    deleted_secrets: set[str] = field(default_factory=set)
    unavailable: set[str] = field(default_factory=set)
    deployer: str = DEPLOYER
    principals: dict[str, float] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PROVIDERS, "Registered"))
    permissions: list[dict[str, Any]] = field(default_factory=lambda: OWNER)
    operations: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, float] = field(default_factory=dict)
    operation_seconds: float = 0.0
    settle_seconds: float = 0.0
    replication_seconds: float = 600.0
    token_seconds: float = 3600.0
    logged_out: bool = False
    half_made: list[str] = field(default_factory=list)
    throttled: int = 0
    allowed_locations: list[str] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=default_models)
    usages: list[dict[str, Any]] = field(default_factory=default_usages)
    vm_sizes: list[dict[str, Any]] = field(default_factory=default_sizes)
    vm_usages: list[dict[str, Any]] = field(default_factory=default_vm_usages)
    off: set[str] = field(default_factory=set)
    followers: list[Callable[["Resource"], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the state, after everything whose deletion has ended is gone from it."""
        with self._lock:
            for resource in [each for each in self.resources.values() if each.leaves and not each.is_busy]:
                self.remove(resource.id)
            yield

    def find(self, identity: str) -> Resource | None:
        return self.resources.get(identity.lower())

    def below(self, identity: str) -> list[Resource]:
        """Every resource below another one or attached to it, not the one itself."""
        return [each for key, each in self.resources.items() if key.startswith(f"{identity.lower()}/")]

    def of_type(self, kind: str) -> list[Resource]:
        return [each for each in self.resources.values() if is_type(each.id, kind)]

    def put(self, identity: str, body: dict[str, Any]) -> Resource:
        """Store what a client sent. What Azure assigned before stays."""
        old = self.find(identity)
        kept = {"assigned": old.assigned, "made_at": old.made_at, "updates": True} if old else {"made_at": time.time()}
        resource = Resource(identity, body, **kept)
        self.resources[identity.lower()] = resource
        self.deleted.pop(identity.lower(), None)
        return resource

    def remove(self, identity: str) -> None:
        """Remove a resource and all below it. Vaults and AI accounts are soft-deleted: an account keeps its models."""
        for each in [*self.below(identity), *filter(None, [self.find(identity)])]:
            self.resources.pop(each.id.lower(), None)
            if type_of(each.id).lower() in map(str.lower, SOFT_DELETED) or (
                "/deployments/" in each.id and "Microsoft.CognitiveServices" in each.id
            ):
                self.deleted[each.id.lower()] = each
            if each.purged:
                self.purge(each.id)

    def purge(self, identity: str) -> None:
        """Forget a soft-deleted resource and what it held."""
        key = identity.lower()
        for each in [each for each in self.deleted if each == key or each.startswith(f"{key}/")]:
            del self.deleted[each]
        self.deleted_secrets -= {each for each in self.deleted_secrets if each.startswith(f"{key}/")}

    def lose(self, pattern: str) -> list[str]:
        """Remove what somebody deleted in the portal: each resource whose id matches. Returns their ids."""
        with self.locked():
            lost = [each.id for each in self.resources.values() if re.search(pattern, each.id, re.IGNORECASE)]
            for identity in lost:
                self.remove(identity)
            return lost

    def start_operation(self, resource: Resource, seconds: float) -> str:
        """Let a resource be busy for so long. Returns the operation's id."""
        resource.ready_at = time.time() + seconds
        operation = f"operation-{next(self._numbers)}"
        self.operations[operation] = resource.ready_at
        return operation


def value_at(body: Any, path: str) -> Any:
    """body["a"]["b"] for `a.b`; None where there is none."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def merged(lower: Any, upper: Any) -> Any:
    """Two trees as one. Where both have a value, the upper one's counts."""
    if isinstance(lower, dict) and isinstance(upper, dict):
        return {**lower, **{key: merged(lower.get(key), value) for key, value in upper.items()}}
    return upper
