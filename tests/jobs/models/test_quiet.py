"""Whether a deployment is quiet: against metrics that are late, and show what has not arrived as 0."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor import models as types

from jobs.models.exits import NotProvedError
from jobs.models.quiet import find_quiet
from jobs.models.traffic import Counts
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.model_metrics import METRICS, ModelMetrics
from tests.azure_fakes.resource_manager import SUBSCRIPTION
from tests.jobs.models.late_metrics import ACCOUNT, NAMES, NOW, always, at, counts, never, until
from tests.jobs.models.test_contract import Login, sent


def naive(found: Counts) -> bool:
    """The gate that believes zeros: the last ten minutes have no call."""
    return not found.total("chat", NOW - timedelta(minutes=10))


def test_a_quiet_one_is_quiet_up_to_the_newest_minute_of_another(metrics: ModelMetrics) -> None:
    quiet = find_quiet(counts(), "chat", NAMES, 10, at("10:14"))
    assert (quiet.start, quiet.end, quiet.control) == (at("10:22"), at("10:32"), {"chat-2": 55.0})


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize("lag", [3, 15])
def test_calls_to_the_very_end_are_not_quiet_though_ten_minutes_are_zero(
    metrics: ModelMetrics, lag: int, absent: bool
) -> None:
    metrics.calls["chat"], metrics.lag, metrics.absent = always, lag, absent
    found = counts()
    assert naive(found) == (lag == 15), "a naive gate believes the zeros of a late metric"
    with pytest.raises(NotProvedError, match="chat had"):
        find_quiet(found, "chat", NAMES, 10)


def test_points_that_are_absent_count_as_none(metrics: ModelMetrics) -> None:
    metrics.absent = True
    assert find_quiet(counts(), "chat", NAMES, 10).end == at("10:32")


def test_a_deployment_that_the_answer_does_not_have_was_not_called(metrics: ModelMetrics) -> None:
    del metrics.calls["chat"]
    assert find_quiet(counts(), "chat", NAMES, 10).start == at("10:22")


def test_names_in_another_case_are_the_same(metrics: ModelMetrics) -> None:
    metrics.calls = {"CHAT": always, "Chat-2": always}
    with pytest.raises(NotProvedError, match="chat had"):
        find_quiet(counts(), "chat", NAMES, 10)


def test_a_window_before_the_weights_changed_proves_nothing(metrics: ModelMetrics) -> None:
    with pytest.raises(NotProvedError, match=r"since 10:25.*come to 10:32.*come to 10:35"):
        find_quiet(counts(), "chat", NAMES, 10, at("10:25"))


def test_a_call_after_the_newest_minute_counts_too(metrics: ModelMetrics) -> None:
    metrics.calls = {"chat": lambda minute: 1.0 if minute == at("10:31") else 0.0, "chat-2": until("10:30")}
    with pytest.raises(NotProvedError, match="chat had 1 calls"):
        find_quiet(counts(), "chat", NAMES, 10)


@pytest.mark.parametrize("others", [{}, {"chat-2": never}, {"gone": always}])
def test_without_another_deployment_nothing_is_proved(
    metrics: ModelMetrics, others: dict[str, Callable[[datetime], float]]
) -> None:
    metrics.calls = {"chat": never, **others}
    with pytest.raises(NotProvedError, match="--probe"):
        find_quiet(counts(), "chat", NAMES, 10)


def test_the_metric_that_is_behind_decides(metrics: ModelMetrics) -> None:
    metrics.known, metrics.behind = METRICS, {"ModelRequests": 9}
    assert find_quiet(counts(), "chat", NAMES, 10).end == at("10:26")


def test_more_than_ten_deployments_are_all_in_the_answer(metrics: ModelMetrics) -> None:
    metrics.calls = {**{f"other-{number}": always for number in range(30)}, "chat": always}
    with pytest.raises(NotProvedError, match="chat had"):
        find_quiet(counts(), "chat", ["chat", "other-1"], 10)


@pytest.mark.parametrize("known", [METRICS[:1], METRICS[1:], METRICS])
def test_one_known_metric_is_enough(metrics: ModelMetrics, known: tuple[str, ...]) -> None:
    metrics.known = known
    assert set(counts().calls) == set(known)


def test_neither_metric_known_is_not_proved(metrics: ModelMetrics) -> None:
    metrics.known = ()
    with pytest.raises(NotProvedError, match="BadRequest"):
        counts()


def test_the_question_is_the_sdks(cloud: Cloud, metrics: ModelMetrics) -> None:
    metrics.known = METRICS
    with MonitorManagementClient(Login(), SUBSCRIPTION) as sdk:
        expected = sent(
            cloud,
            lambda: sdk.metrics.list(
                ACCOUNT,
                timespan="2026-11-25T09:25:00Z/2026-11-25T10:35:00Z",
                interval="PT1M",
                metricnames="AzureOpenAIRequests,ModelRequests",
                aggregation="Total",
                top=1000,
                filter="ModelDeploymentName eq '*'",
                metricnamespace="Microsoft.CognitiveServices/accounts",
            ),
            None,
        )
    assert sent(cloud, counts, None) == expected
    answer = metrics(cloud.requests[-1])
    assert answer is not None
    theirs = types.Response.deserialize(answer.body)
    assert not theirs.additional_properties
    assert theirs.value[0].timeseries[0].data[0].total == 5.0
