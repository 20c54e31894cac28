"""What Data Factory returns about a run and its activities."""

from jobs.pipeline.data_factory.client import FactoryClient
from jobs.pipeline.data_factory.run import watch_run
from jobs.pipeline.run import to_result
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.data_factory import DataFactory
from tests.azure_fakes.factory_answers import FORBIDDEN, PIPELINE, ROWS, RUN, activity_run


def test_activities_are_queried_from_the_run_s_start(cloud: Cloud, factory_client: FactoryClient) -> None:
    watch_run(factory_client, RUN)
    first, second = cloud.bodies("POST", "/queryActivityruns")
    assert first["lastUpdatedAfter"].startswith("2026-11-20T03:00:00")
    assert ("continuationToken" in first, second["continuationToken"]) == (False, "1")


def test_only_the_latest_attempt_of_an_activity_counts(
    data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    failed = activity_run("Copy_Embeddings_PostgreSQL", "Failed", error=FORBIDDEN)
    later = {**ROWS, "activityRunStart": "2026-11-21T03:09:00Z", "activityRunId": "another"}
    data_factory.activity_pages = [[later], [failed]]
    (activity,) = watch_run(factory_client, RUN).activities
    assert (activity.status, activity.attempts, activity.error, activity.error_details) == ("Succeeded", 2, None, {})


def test_the_iterations_of_a_loop_are_activities_of_their_own(
    data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    data_factory.activity_pages = [[{**ROWS, "iterationHash": "1"}, {**ROWS, "iterationHash": "2"}]]
    assert [each.attempts for each in watch_run(factory_client, RUN).activities] == [1, 1]


def test_errors_are_shown_as_azure_returns_them(data_factory: DataFactory, factory_client: FactoryClient) -> None:
    data_factory.statuses, data_factory.message = ["Failed"], "Operation on target Copy_Images_BlobStorage failed"
    data_factory.activity_pages = [
        [ROWS, activity_run("Copy_Images_BlobStorage", "Failed", error=FORBIDDEN | {"target": "the sink"})]
    ]
    result = to_result(watch_run(factory_client, RUN))
    assert result.summary().splitlines() == [
        f"{PIPELINE}: Failed (28.1 s)",
        "  Copy_Embeddings_PostgreSQL: Succeeded, 350 rows",
        "  Copy_Images_BlobStorage: Failed (error 2200, UserError, in the sink), "
        "ErrorCode=AdlsGen2OperationFailed,'Type=Microsoft.DataTransfer...",
        "StatusCode=Forbidden",
    ]
    assert (result.status, result.error, result.seconds) == ("Failed", data_factory.message, 28.105)
    rows, files = result.activities
    assert (rows["rowsCopied"], rows["error"], "errorCode" in rows) == (350, None, False)
    assert (files["errorCode"], files["failureType"], files["target"]) == ("2200", "UserError", "the sink")
    assert files["error"] == FORBIDDEN["message"]


def test_a_run_that_fails_before_its_activities_says_why(
    data_factory: DataFactory, factory_client: FactoryClient
) -> None:
    data_factory.statuses, data_factory.message, data_factory.activity_pages = (
        ["Failed"],
        "The template is not valid",
        [[]],
    )
    assert "The template is not valid" in to_result(watch_run(factory_client, RUN)).summary()


def test_an_activity_that_copies_nothing(data_factory: DataFactory, factory_client: FactoryClient) -> None:
    data_factory.activity_pages = [[activity_run("Wait_A_Bit", "Succeeded", durationInMs=None)]]
    assert to_result(watch_run(factory_client, RUN)).summary().endswith("  Wait_A_Bit: Succeeded")
