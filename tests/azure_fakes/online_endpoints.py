"""Online endpoints: their keys, their traffic, deployments that become ready or not, and their answers.

https://learn.microsoft.com/rest/api/azureml/online-endpoints (list-keys, regenerate-keys)
https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-online-endpoints
https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas (a fifth more, not of all sizes)
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from typing import Any

from tests.azure_fakes.arm_ids import is_type, parent_of
from tests.azure_fakes.azure import HOST, ArmError, Azure, Resource
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resources import OPERATIONS, Resources

HOSTS = "*.inference.ml.azure.com"
ENDPOINT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
DEPLOYMENT, HEADER = f"{ENDPOINT}/deployments", "azureml-model-deployment"
ACTION = re.compile(r"(?P<id>.*/onlineEndpoints/[^/]+(/deployments/[^/]+)?)/(?P<name>listKeys|regenerateKeys|getLogs)")
EXEMPT = re.compile("A100|H100|_ND")
FAILED = f"{OPERATIONS}/failed-"
Answer = Callable[[dict[str, Any]], Response]


@dataclass
class OnlineEndpoints:
    """`answers`: what a deployment answers, by its name; else its name. `failures`: code and message of a deployment
    that does not become ready, by its name. `log`: of every container. `keys`: by the endpoint's name.
    """

    azure: Azure
    answers: dict[str, Answer] = field(default_factory=dict)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    log: str = "the container starts\n"
    keys: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def __call__(self, request: Request) -> Response | None:
        """What Resource Manager is asked."""
        if request.path.startswith(FAILED):
            code, message = self.failures[request.path.rpartition("-")[2]]
            error = {"code": code, "message": message}
            return Response(200, {"name": "x", "status": "Failed", "error": error})
        if action := ACTION.fullmatch(request.path):
            return self.act(request, action["id"], action["name"])
        if request.method == "PUT" and is_type(request.path, ENDPOINT):
            self.check_traffic(request.path, (request.body.get("properties") or {}).get("traffic") or {})
        if request.method != "PUT" or not is_type(request.path, DEPLOYMENT):
            return None
        self.check_quota(request)
        made = Resources(self.azure).put(request)
        scale = {"scaleSettings": {"scaleType": "Default"}}
        self.azure.find(request.path).assigned["properties"] |= scale  # type: ignore[union-attr]
        made.body["properties"].setdefault("scaleSettings", scale["scaleSettings"])
        colour = request.path.rpartition("/")[2]
        if colour in self.failures:
            self.azure.find(request.path).assigned["properties"]["provisioningState"] = "Failed"  # type: ignore[union-attr]
            headers = {"Azure-AsyncOperation": f"https://{HOST}{FAILED}{colour}?api-version=2025-12-01"}
            return Response(201, made.body, headers | {"Retry-After": "0"})
        return made

    def check_traffic(self, endpoint: str, traffic: dict[str, int]) -> None:
        names = {each.name for each in self.azure.below(endpoint)}
        if set(traffic) - names:
            raise ArmError(400, "BadArgument", f"Deployment {sorted(set(traffic) - names)[0]} does not exist.")
        if sum(traffic.values()) not in (0, 100):
            raise ArmError(400, "BadArgument", "The traffic does not sum to 100.")

    def check_quota(self, request: Request) -> None:
        """A new deployment needs a fifth more machines than it has, of its family's quota."""
        name = request.body["properties"]["instanceType"]
        size = next((each for each in self.azure.vm_sizes if each["name"] == name), None)
        if size is None:
            raise ArmError(400, "BadArgument", f"The instance type {name} is not supported.")
        machines = request.body["sku"]["capacity"]
        wanted = (machines if EXEMPT.search(name) else ceil(1.2 * machines)) * size["vCPUs"]
        family = re.sub(r"\W|family", "", size["family"].lower())
        for quota in self.azure.vm_usages:
            label = re.sub(r"\W", "", quota["name"]["value"].lower())
            is_its_own = label.startswith(f"{family}familyclusterdedicated")
            if is_its_own and wanted > quota["limit"] - quota["currentValue"]:
                raise ArmError(400, "OutOfQuota", f"Not enough quota available for {name}: {wanted} cores.")

    def act(self, request: Request, identity: str, name: str) -> Response:
        found = self.azure.find(identity)
        if found is None:
            raise ArmError(404, "NotFound", f"{identity.rpartition('/')[2]} was not found.")
        if name == "getLogs":
            return Response(200, {"content": self.log})
        keys = self.keys_of(found.name)
        if name == "regenerateKeys":
            keys[0 if request.body["keyType"].lower() == "primary" else 1] = self.new_key()
            return Response(200)
        return Response(200, {"primaryKey": keys[0], "secondaryKey": keys[1]})

    def new_key(self) -> str:
        return f"marker-key-{next(self._numbers)}-of-the-endpoint"

    def keys_of(self, endpoint: str) -> list[str]:
        return self.keys.setdefault(endpoint, [self.new_key(), self.new_key()])

    def score(self, request: Request) -> Response:
        """What the endpoint's own host answers."""
        name = request.host.partition(".")[0]
        endpoint = next((each for each in self.azure.of_type(ENDPOINT) if each.name == name), None)
        if endpoint is None or request.path != "/score":
            return Response(404, b"no such endpoint")
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.keys_of(name):
            return Response(401, b"key_auth_bad_header_forbidden")
        colour = request.headers.get(HEADER) or busiest(endpoint)
        ready = [each.name for each in self.azure.of_type(DEPLOYMENT) if parent_of(each.id) == endpoint.id]
        if colour not in ready:
            return Response(404, f"no deployment {colour}".encode())
        answer = self.answers.get(colour, lambda body: Response(200, {"output": colour}))(request.body)
        return Response(answer.status, answer.body, {**answer.headers, HEADER: colour})


def busiest(endpoint: Resource) -> str:
    traffic = endpoint.value("properties.traffic") or {}
    return max(traffic, key=lambda name: traffic[name]) if any(traffic.values()) else ""


def expected(answers: dict[str, str]) -> Answer:
    """Answers the last message of a conversation by a table, as a trained model does."""

    def answer(body: dict[str, Any]) -> Response:
        asked = body["input_data"]["input_string"][-1]["content"]
        return Response(200, {"output": answers.get(asked, json.dumps(asked))})

    return answer
