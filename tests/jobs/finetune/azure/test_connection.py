"""The project's connection: URL and key, renewed on request, shown nowhere, read by identity."""

import json
import logging

import pytest

from jobs.errors import JobError
from jobs.finetune.runner import request_body
from jobs.finetune.serving.deployment import DeployOrder, deploy
from tests.azure_fakes.online_endpoints import expected
from tests.jobs.finetune.azure.played_learning import ANSWERS, PlayedLearning

MARKER = "marker-key"
ASKED = request_body([{"role": "user", "content": "question 7"}], {"temperature": 0})


@pytest.fixture
def deployed(learning: PlayedLearning) -> PlayedLearning:
    """The stack with an endpoint that serves."""
    learning.have_version(1)
    learning.played.endpoints.answers["blue"] = expected(ANSWERS)
    deploy(learning.runner(), DeployOrder(version=1, confirm=lambda bill: None))
    return learning


def test_an_application_reads_the_connection_and_asks(deployed: PlayedLearning) -> None:
    made = deployed.runner().connect("phi", rotate=False)
    assert made.endpoint == f"https://{deployed.endpoint}.swedencentral.inference.ml.azure.com/score"
    connection = deployed.runner().read_connection("phi")
    assert connection.url == made.endpoint
    assert deployed.runner().send(connection, ASKED) == ("answer 7", "blue")


def test_the_connection_is_of_custom_keys(deployed: PlayedLearning) -> None:
    deployed.runner().connect("phi", rotate=False)
    (body,) = deployed.cloud.bodies("PUT", "/connections/phi")
    properties = body["properties"]
    assert (properties["authType"], properties["category"]) == ("CustomKeys", "CustomKeys")
    assert set(properties["credentials"]["keys"]) == {"endpoint", "key"}
    assert properties["target"] == properties["credentials"]["keys"]["endpoint"]


def test_a_renewed_key_ends_the_old_one(deployed: PlayedLearning) -> None:
    deployed.runner().connect("phi", rotate=False)
    old = deployed.runner().read_connection("phi")
    assert deployed.runner().connect("phi", rotate=True).rotated
    with pytest.raises(JobError, match=r"does not take the key.*finetune connect"):
        deployed.runner().send(old, ASKED)
    assert deployed.runner().send(deployed.runner().read_connection("phi"), ASKED)[0] == "answer 7"


def test_the_key_is_shown_nowhere(deployed: PlayedLearning, capsys: pytest.CaptureFixture[str]) -> None:
    runner = deployed.runner()
    result = runner.connect("phi", rotate=True)
    connection = runner.read_connection("phi")
    assert connection.key.startswith(MARKER)
    out, err = capsys.readouterr()
    shown = [out, err, repr(connection), repr(result), result.summary(), json.dumps(vars(result)), repr(vars(runner))]
    assert not [text for text in shown if MARKER in text]
    files = [each for each in (deployed.folder / "local").rglob("*") if each.is_file()]
    assert not [each for each in files if MARKER.encode() in each.read_bytes()]


def test_the_key_is_in_no_log_whatever_is_logged(
    deployed: PlayedLearning, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("azure.ai.ml"), "propagate", True)
    caplog.set_level(logging.DEBUG)
    for name in ("azure", "azure.ai.ml", "azure.core", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    runner = deployed.runner()
    runner.connect("phi", rotate=True)
    runner.send(runner.read_connection("phi"), ASKED)
    assert len(caplog.records) > 10
    assert MARKER not in caplog.text
    assert not [each for each in caplog.records if MARKER in repr(vars(each))]


def test_without_an_endpoint_or_a_connection_the_next_command_is_named(learning: PlayedLearning) -> None:
    with pytest.raises(JobError, match="finetune deploy --target dev"):
        learning.runner().connect("phi", rotate=False)
    with pytest.raises(JobError, match="There is no connection phi: `python -m jobs finetune connect phi --target dev"):
        learning.runner().read_connection("phi")
