"""Who calls which deployment, from Azure's own metrics: one question, split by deployment, a number a minute.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeAlias

from azure.core.exceptions import AzureError, HttpResponseError

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import error_reason, error_status
from jobs.errors import ErrorKind
from jobs.models import clock
from jobs.models.exits import NotProvedError

METRICS = ("AzureOpenAIRequests", "ModelRequests")  # of Azure OpenAI, and of every publisher; each counts any status
NAMESPACE = "Microsoft.CognitiveServices/accounts"
DIMENSION = "modeldeploymentname"
MOST_SERIES = 1000  # Azure's default is 10: a deployment behind them would count as one without calls
BAD_REQUEST, FORBIDDEN = 400, 403

Minutes: TypeAlias = Mapping[datetime, float]


@dataclass(frozen=True)
class Counts:
    """Calls by metric, name of the deployment in lower case, and minute. From `start` to `end`."""

    calls: Mapping[str, Mapping[str, Minutes]]
    start: datetime
    end: datetime

    def total(self, name: str, start: datetime, end: datetime | None = None) -> float:
        """The calls of a deployment from a minute on; where both metrics count them, those of the one with more."""
        return max(
            (
                sum(calls for minute, calls in each.get(name.lower(), {}).items() if start <= minute <= (end or minute))
                for each in self.calls.values()
            ),
            default=0.0,
        )

    def newest(self, names: Sequence[str]) -> list[datetime]:
        """Of each metric, the newest minute in which one of these deployments is seen."""
        wanted = [each.lower() for each in names]
        seen = [
            [minute for name in wanted for minute, calls in each.get(name, {}).items() if calls > 0]
            for each in self.calls.values()
        ]
        return [max(each) for each in seen if each]


def ask_counts(arm: Arm, account_path: str, start: datetime, end: datetime) -> Counts:
    """The calls of every deployment. Raises NotProvedError where Azure gives no complete answer."""
    try:
        try:
            answers = [ask(arm, account_path, METRICS, start, end)]
        except HttpResponseError as error:
            if error.status_code != BAD_REQUEST:
                raise
            answers = ask_one_by_one(arm, account_path, start, end)  # it does not know one of them here
    except AzureError as error:
        raise unanswered(error) from error
    calls: dict[str, Mapping[str, Minutes]] = {}
    for answer in answers:
        calls |= parse_counts(answer)
    if not calls:
        refuse("Azure knows neither of the metrics AzureOpenAIRequests and ModelRequests for this account")
    return Counts(calls, start, end)


def ask(arm: Arm, path: str, metrics: Sequence[str], start: datetime, end: datetime) -> dict[str, Any]:
    return arm.get(
        f"{path}/providers/Microsoft.Insights/metrics",
        api_versions.METRICS,
        timespan=f"{clock.text(start)}/{clock.text(end)}",
        interval="PT1M",
        metricnames=",".join(metrics),
        aggregation="Total",
        top=str(MOST_SERIES),
        metricnamespace=NAMESPACE,
        **{"$filter": "ModelDeploymentName eq '*'"},
    )


def ask_one_by_one(arm: Arm, path: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The answers for the metrics that Azure knows here. Raises AzureError where it knows none."""
    answers, refused = [], []
    for metric in METRICS:
        try:
            answers.append(ask(arm, path, (metric,), start, end))
        except HttpResponseError as error:
            if error.status_code != BAD_REQUEST:
                raise
            refused.append(error)
    if not answers:
        raise refused[0]
    return answers


def unanswered(error: AzureError) -> NotProvedError:
    advice = "run the same command again"
    if error_status(error) == FORBIDDEN:
        advice = "it needs the role Monitoring Reader of the account"
    return NotProvedError(f"Azure does not show the metrics ({error_reason(error)}): {advice}.", ErrorKind.refused)


def refuse(reason: str) -> NoReturn:
    raise NotProvedError(f"{reason}. See the account's Metrics in the portal.")


def parse_counts(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Minutes]]:
    """Azure's answer by metric, deployment and minute. Raises NotProvedError for one that is not what was asked."""
    if answer.get("interval") not in (None, "PT1M"):
        refuse(f"Azure counted by {answer['interval']}, not by the minute")
    found: dict[str, Mapping[str, Minutes]] = {}
    try:
        for metric in answer["value"]:
            name = str(metric["name"]["value"])
            if metric.get("errorCode") not in (None, "Success"):
                refuse(f"{name} has the error {metric['errorCode']}")
            if name in METRICS:
                found[name] = parse_series(name, metric["timeseries"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotProvedError(f"the answer is not one of Azure Monitor's ({error!r}).") from error
    return found


def parse_series(metric: str, series: Sequence[Mapping[str, Any]]) -> Mapping[str, Minutes]:
    """The series of a metric. Azure writes a name in the case in which it was called."""
    if len(series) >= MOST_SERIES:
        refuse(f"{metric} has {MOST_SERIES} series or more")
    found: dict[str, dict[datetime, float]] = {}
    for each in series:
        values = {str(one["name"]["value"]).lower(): one["value"] for one in each["metadatavalues"]}
        if not values.get(DIMENSION):
            refuse(f"{metric} is not split by deployment")
        minutes = found.setdefault(str(values[DIMENSION]).lower(), defaultdict(float))
        for point in each["data"]:
            minutes[parse_minute(point["timeStamp"])] += parse_total(metric, point.get("total"))
    return found


def parse_minute(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def parse_total(metric: str, value: Any) -> float:
    """A number of calls. A minute without one has not arrived yet, as one with 0 may have not."""
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        refuse(f"{metric} has a minute with {value!r} calls")
    return float(value)
