"""An answer of the metrics that is not what was asked for proves nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.pipeline.transport import HttpTransport

from jobs.models.exits import NotProvedError
from tests.azure_fakes.cloud import Response
from tests.azure_fakes.model_metrics import ModelMetrics
from tests.azure_fakes.resource_manager import error_response
from tests.jobs.models.late_metrics import counts


def changed(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """An answer with other values in its metric."""
    return lambda body: {**body, "value": [{**each, **values} for each in body["value"]]}


def one_series(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def alter(body: dict[str, Any]) -> dict[str, Any]:
        series = body["value"][0]["timeseries"]
        return changed(timeseries=[{**series[0], **values}, *series[1:]])(body)

    return alter


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "403": (lambda body: error_response(403, "AuthorizationFailed"), "Monitoring Reader"),
    "404": (lambda body: error_response(404, "ResourceNotFound"), "ResourceNotFound"),
    "429 to the end": (lambda body: Response(429, {"error": {"code": "TooMany"}}, {"Retry-After": "0.01"}), "TooMany"),
    "an error code": (changed(errorCode="InvalidSeries"), "InvalidSeries"),
    "no split": (one_series(metadatavalues=[]), "not split"),
    "an empty name": (
        one_series(metadatavalues=[{"name": {"value": "modeldeploymentname"}, "value": ""}]),
        "not split",
    ),
    "NaN": (one_series(data=[{"timeStamp": "2026-11-25T10:30:00Z", "total": float("nan")}]), "nan calls"),
    "less than nothing": (one_series(data=[{"timeStamp": "2026-11-25T10:30:00Z", "total": -1}]), "-1 calls"),
    "a text": (one_series(data=[{"timeStamp": "2026-11-25T10:30:00Z", "total": "0"}]), "'0' calls"),
    "no time": (one_series(data=[{"total": 1}]), "not one of Azure Monitor's"),
    "another interval": (lambda body: {**body, "interval": "PT5M"}, "PT5M"),
    "no metrics": (lambda body: {**body, "value": []}, "neither of the metrics"),
    "another metric": (changed(name={"value": "TotalCalls"}), "neither of the metrics"),
    "no value": (lambda body: {}, "not one of Azure Monitor's"),
    "body cut": (lambda body: Response(200, b'{"value": [{"na', cut=10), "Azure does not show"),
    "not JSON": (lambda body: Response(200, b"<html>", {"Content-Type": "text/html"}), "Azure does not show"),
}


@pytest.mark.parametrize(("alter", "text"), BAD.values(), ids=BAD)
def test_anything_else_is_not_proved(
    metrics: ModelMetrics,
    alter: Callable[[dict[str, Any]], Any],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HttpTransport, "sleep", lambda self, seconds: None)
    metrics.answer = alter
    with pytest.raises(NotProvedError, match=text):
        counts()
