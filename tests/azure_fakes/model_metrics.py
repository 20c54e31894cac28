"""Azure Monitor's metrics of a model account: calls a minute, split by deployment, late by some minutes.

Minutes that have not arrived are answered as 0, as Azure does.
https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response

MINUTE = timedelta(minutes=1)
METRICS = ("AzureOpenAIRequests", "ModelRequests")
QUESTION = {"timespan", "interval", "metricnames", "aggregation", "$filter", "metricnamespace", "api-version"}


@dataclass
class ModelMetrics:
    """`calls`: of a deployment in a minute. `names`: as the dimension writes them. `known`: the metrics of the account.

    `lag`: how late the metrics are. `absent`: points that have not arrived are left out instead of 0. `now`: the time.
    `answer`: alters an answer. `behind`: the lag of one metric, where that is another.
    """

    now: Callable[[], datetime]
    calls: dict[str, Callable[[datetime], float]] = field(default_factory=dict)
    known: tuple[str, ...] = METRICS[:1]
    lag: int = 3
    absent: bool = False
    behind: dict[str, int] = field(default_factory=dict)
    answer: Callable[[dict[str, Any]], Any] = lambda body: body

    def __call__(self, request: Request) -> Response | None:
        if not request.path.endswith("/providers/Microsoft.Insights/metrics"):
            return None
        if not request.query.keys() >= QUESTION or request.query["$filter"] != "ModelDeploymentName eq '*'":
            return error_response(400, "BadRequest")
        metrics = request.query["metricnames"].split(",")
        if not set(metrics) <= set(self.known):
            return error_response(400, "BadRequest", "Failed to find metric configuration for metric")
        start, end = (datetime.fromisoformat(each) for each in request.query["timespan"].split("/"))
        top = int(request.query.get("top", 10))
        body = {
            "cost": 0,
            "timespan": request.query["timespan"],
            "interval": "PT1M",
            "namespace": request.query["metricnamespace"],
            "resourceregion": "swedencentral",
            "value": [self.metric(request, each, start, end, top) for each in metrics],
        }
        altered = self.answer(body)
        return altered if isinstance(altered, Response) else Response(200, altered)

    def metric(self, request: Request, name: str, start: datetime, end: datetime, top: int) -> dict[str, Any]:
        series = [self.series(metric_calls, each, name, start, end) for each, metric_calls in self.calls.items()]
        identity = f"{request.path}/{name}"
        return {
            "id": identity,
            "type": "Microsoft.Insights/metrics",
            "name": {"value": name, "localizedValue": name},
            "displayDescription": "Number of calls",
            "unit": "Count",
            "timeseries": [each for each in series if each["data"]][:top],
            "errorCode": "Success",
        }

    def series(
        self, calls: Callable[[datetime], float], name: str, metric: str, start: datetime, end: datetime
    ) -> dict[str, Any]:
        """The points of one deployment. What is later than the lag has not arrived."""
        arrived = self.now() - self.behind.get(metric, self.lag) * MINUTE
        minute, data = start.astimezone(UTC).replace(second=0, microsecond=0), []
        while minute < end:
            point: dict[str, Any] = {"timeStamp": minute.strftime("%Y-%m-%dT%H:%M:%SZ")}
            total = calls(minute) if minute <= arrived else 0
            if not (self.absent and not total):
                data.append({**point, "total": total})
            minute += MINUTE
        label = {"name": {"value": "modeldeploymentname", "localizedValue": "modeldeploymentname"}, "value": name}
        return {"metadatavalues": [label], "data": data}
