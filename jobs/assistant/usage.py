"""chat usage: requests and tokens of each deployment, from Azure Monitor, and what they cost.

https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-cognitiveservices-accounts-metrics
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from jobs.assistant.conversation import Usage
from jobs.assistant.price import find_tariff
from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.configuration import Configuration
from jobs.notice import say_if_slow
from jobs.target import Target

REQUESTS, INPUT, OUTPUT = "ModelRequests", "InputTokens", "OutputTokens"
DIMENSION = "ModelDeploymentName"


@dataclass(frozen=True)
class DeploymentUsage:
    """`model` is None for a deployment that the settings do not name, `usd` where a price is not known."""

    name: str
    model: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    usd: float | None


@dataclass(frozen=True, kw_only=True)
class UsageResult:
    """Of the last `days`. The metrics lag some minutes; cached tokens are counted as others, so `usd` is the most."""

    days: int
    deployments: list[DeploymentUsage]

    def summary(self) -> str:
        if not self.deployments:
            return f"No requests in the last {self.days} days; the newest minutes are not counted yet."
        lines = [f"{'deployment':20} {'requests':>9} {'tokens in':>12} {'tokens out':>12} {'USD, at most':>13}  model"]
        for each in self.deployments:
            usd = "unknown" if each.usd is None else f"{each.usd:.4f}"
            lines.append(
                f"{each.name:20} {each.requests:9,} {each.input_tokens:12,} {each.output_tokens:12,} {usd:>13}  "
                f"{each.model or ''}"
            )
        return "\n".join(lines)


@say_if_slow("Asking Azure Monitor")
def query_usage(target: Target, config: Configuration, days: int) -> UsageResult:
    """The usage of the stack's account. Raises JobError."""
    now = datetime.now(UTC)
    path = (
        f"/subscriptions/{target.subscription_id}/resourceGroups/{target.resource_group}/providers"
        f"/Microsoft.CognitiveServices/accounts/{target.foundry_account}/providers/Microsoft.Insights/metrics"
    )
    query = {
        "metricnames": ",".join((REQUESTS, INPUT, OUTPUT)),
        "timespan": f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}/{now:%Y-%m-%dT%H:%M:%SZ}",
        "interval": "P1D",
        "aggregation": "Total",
        "$filter": f"{DIMENSION} eq '*'",
        "top": "1000",  # series: Azure's default is 10
    }
    with translate_errors(f"the metrics of {target.foundry_account}", "Monitoring Reader"), Arm() as arm:
        answer = arm.get(path, api_versions.METRICS, **query)
    totals = sum_metrics(answer.get("value") or [])
    return UsageResult(days=days, deployments=[to_usage(name, totals[name], config) for name in sorted(totals)])


def sum_metrics(metrics: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """The total of each metric, by deployment."""
    totals: dict[str, dict[str, int]] = {}
    for metric in metrics:
        for series in metric.get("timeseries") or []:
            labels = {
                str(each["name"]["value"]).lower(): str(each["value"]) for each in series.get("metadatavalues") or []
            }
            name = labels.get(DIMENSION.lower(), "")
            total = sum(int(point.get("total") or 0) for point in series.get("data") or [])
            of_deployment = totals.setdefault(name, {})
            metric_name = str(metric["name"]["value"])
            of_deployment[metric_name] = of_deployment.get(metric_name, 0) + total
    return totals


def to_usage(name: str, total: Mapping[str, int], config: Configuration) -> DeploymentUsage:
    tariff = find_tariff(config.models, name, config.ai_location)
    counts = total.get(INPUT, 0), total.get(OUTPUT, 0)
    usd = tariff.price(Usage(input=counts[0], output=counts[1]))[0] if tariff else None
    return DeploymentUsage(name, tariff.model if tariff else None, total.get(REQUESTS, 0), *counts, usd)
