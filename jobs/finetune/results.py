"""The results of the `finetune` commands: their fields are the keys of `--json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """A run as it ended, or, with `state` other than `done`, as it is now: then what is not known yet is None.

    Losses are means over the tokens of the answers, in nats. `exact_` is the share of held-out questions whose answer
    is the expected text. `resumed_from` is the step of the checkpoint that the run went on from, None from the start.
    `dropped` lists rows of the data that the training left out. `peak_bytes` is the process's largest memory.
    """

    run: str
    state: str  # done, queued, running, stopped, failed, cancelled
    model: str
    base_sha256: str
    data_sha256: str
    steps: int | None
    resumed_from: int | None
    loss_before: float | None
    loss_after: float | None
    exact_before: float | None
    exact_after: float | None
    tokens_per_second: float | None
    seconds: float | None
    peak_bytes: int | None
    device: str
    folder: str
    dropped: list[dict[str, Any]] = field(default_factory=list)
    reused: bool = False

    def summary(self) -> str:
        if self.state != "done":
            return f"{self.run}: {self.state}"
        lines = [f"{self.run}: {'done before' if self.reused else 'done'}, {self.steps} steps on {self.device}"]
        lines.append(f"  loss on held-out answers   {format_pair(self.loss_before, self.loss_after)}")
        lines.append(f"  exact match                {format_pair(self.exact_before, self.exact_after)}")
        if self.dropped:
            lines.append(f"  {len(self.dropped)} rows left out, the first: {describe_row(self.dropped[0])}")
        return "\n".join([*lines, f"  {self.folder}"])


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A registered model. `path` is its folder here, or its asset on Azure. `metrics` are the run's figures."""

    name: str
    version: int
    run: str
    base_sha256: str
    data_sha256: str
    metrics: Mapping[str, float]
    path: str

    def summary(self) -> str:
        return f"{self.name}, version {self.version}, from the run {self.run}"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One colour of the endpoint. `state` is starting, ready or failed; `checked`: it answered the held-out questions.

    `hourly_usd` is what it bills an hour, all instances: 0 on the laptop, None where the price is not known. `model` is
    the name whose `version` it serves.
    """

    deployment: str
    version: int
    size: str
    instances: int
    state: str
    checked: bool
    hourly_usd: float | None
    ready_seconds: float | None = None
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The endpoint as it is: its URL, its deployments, and the share of requests that each gets, in per cent."""

    endpoint: str
    url: str
    deployments: tuple[Deployment, ...] = ()
    traffic: Mapping[str, int] = field(default_factory=dict)

    def find(self, colour: str) -> Deployment | None:
        return next((each for each in self.deployments if each.deployment == colour), None)


@dataclass(frozen=True, kw_only=True)
class DeployResult:
    """A deployment after `deploy`, and the traffic of the endpoint. `checked` is false where it was not asked."""

    endpoint: str
    deployment: str
    version: int
    size: str
    instances: int
    hourly_usd: float | None
    ready_seconds: float | None
    checked: bool
    traffic: Mapping[str, int]

    def summary(self) -> str:
        bill = "the price is not known" if self.hourly_usd is None else f"{self.hourly_usd:.2f} USD an hour"
        place = f"{self.instances} x {self.size}" if self.size else "this computer"
        return f"{self.endpoint}: {self.deployment} serves version {self.version} ({place}, {bill})\n" + format_traffic(
            self.traffic
        )


@dataclass(frozen=True, kw_only=True)
class TrafficResult:
    """The traffic of an endpoint; `checked` names the deployments that answered the held-out questions."""

    endpoint: str
    traffic: Mapping[str, int]
    checked: list[str]

    def summary(self) -> str:
        return f"{self.endpoint}: {format_traffic(self.traffic)}"


@dataclass(frozen=True, kw_only=True)
class ConnectResult:
    """A connection that holds the endpoint's URL and key. The key is in no result."""

    connection: str
    endpoint: str
    rotated: bool

    def summary(self) -> str:
        renewed = ", with a new key" if self.rotated else ""
        return f"The connection {self.connection} leads to {self.endpoint}{renewed}"


@dataclass(frozen=True, kw_only=True)
class ChatResult:
    answer: str
    deployment: str
    seconds: float

    def summary(self) -> str:
        return self.answer


@dataclass(frozen=True, kw_only=True)
class StatusResult:
    """`bills_per_hour` is in USD: 0 where nothing bills, None where something bills whose price is not known."""

    runs: list[dict[str, Any]]
    versions: list[ModelVersion]
    endpoint: Endpoint | None
    bills_per_hour: float | None

    def summary(self) -> str:
        lines = [f"run      {each['run']}: {each['state']}" for each in self.runs] or ["run      none"]
        lines += [f"model    {each.summary()}" for each in self.versions] or ["model    none"]
        lines.append(f"endpoint {self.endpoint.endpoint if self.endpoint else 'none'}")
        for each in self.endpoint.deployments if self.endpoint else ():
            share = self.endpoint.traffic.get(each.deployment, 0) if self.endpoint else 0
            lines.append(f"         {each.deployment}: version {each.version}, {each.state}, {share} % of the requests")
        return "\n".join([*lines, describe_bill(self.bills_per_hour)])


@dataclass(frozen=True, kw_only=True)
class TeardownResult:
    """`deleted` was removed, `kept` stays because nobody asked for it, `left` could not be removed."""

    deleted: list[str]
    kept: list[str]
    left: list[str]
    bills_per_hour: float | None

    def summary(self) -> str:
        lines = [f"deleted {each}" for each in self.deleted] or ["nothing to delete"]
        lines += [f"kept    {each}" for each in self.kept] + [f"LEFT    {each}" for each in self.left]
        return "\n".join([*lines, describe_bill(self.bills_per_hour)])


def format_pair(before: float | None, after: float | None) -> str:
    return " -> ".join("unknown" if each is None else f"{each:.3f}" for each in (before, after))


def format_traffic(traffic: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {share} %" for name, share in traffic.items()) or "no traffic"


def describe_row(row: Mapping[str, Any]) -> str:
    return f"line {row['line']}, {row['reason']}"


def describe_bill(usd: float | None) -> str:
    return "it bills, and the price is not known" if usd is None else f"it bills {usd:.2f} USD an hour"
