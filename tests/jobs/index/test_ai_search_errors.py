"""Requests that Azure AI Search refuses: sent again if that can help, else explained in a sentence."""

import re
from dataclasses import replace

import pytest

from jobs.errors import JobError
from jobs.index import ai_search_documents
from jobs.pipeline.local_runner.run import run_locally
from tests.azure_fakes.cloud import Response
from tests.jobs.search_stack import PLACES, SearchStack


def test_only_what_was_refused_for_the_moment_is_sent_again(
    stack: SearchStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ai_search_documents, "FIRST_PAUSE", 0)
    stack.service.document_errors = {"7": [(503, "Busy.")], "9": [(503, "Busy."), (429, "Busy.")]}
    assert stack.index().uploaded == 40
    assert [[each["id"] for each in batch] for batch in stack.sent()[1:]] == [["7", "9"], ["9"]]
    assert len(stack.service.documents) == 40


def test_a_document_that_stays_refused_ends_the_run(stack: SearchStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ai_search_documents, "FIRST_PAUSE", 0)
    monkeypatch.setattr(ai_search_documents, "MAX_RETRIES", 2)
    stack.service.document_errors = {"7": [(503, "The service is full.")] * 5}
    with pytest.raises(JobError, match=r"id 7 \(The service is full.\).*set search basic"):
        stack.index()
    assert len(stack.sent()) == 3


def test_a_busy_service_is_asked_again_when_it_says(stack: SearchStack) -> None:
    busy = {"Retry-After": "0.01"}
    stack.service.first_responses = [Response(503, headers=busy), Response(429, headers=busy)]
    assert stack.index().uploaded == 40
    assert stack.service.first_responses == []


def test_a_stack_without_search_names_the_command(stack: SearchStack) -> None:
    stack.target = replace(stack.target, search_url="")
    for work in (stack.index, stack.search):
        with pytest.raises(JobError, match="`pulumi config set search free`"):
            work()


@PLACES
def test_a_refusal_names_the_search_service(stack: SearchStack, place: str) -> None:
    run_locally(stack.target, "PL_Migrar_Datos_FER", {})
    stack.service.first_responses = [Response(403, {"error": {"code": "Forbidden", "message": "No."}})]
    with pytest.raises(JobError, match=r"search service srch-fer.* role Search Index Data Contributor.*same command"):
        stack.index(place)


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, b'{"name": "imag'),
        Response(200),
        Response(200, b"<html>Log in</html>", {"Content-Type": "text/html"}),
    ],
    ids=["half", "empty", "a page"],
)
def test_an_invalid_answer_is_reported(stack: SearchStack, answer: Response) -> None:
    for work in (stack.index, stack.search):
        stack.service.first_responses = [answer]
        with pytest.raises(JobError, match=r"does not answer for the search service.*run the same command again"):
            work()


def test_no_token_is_shown(stack: SearchStack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.index()
    stack.service.first_responses = [Response(400, {"error": {"code": "Odd", "message": "Odd."}})] * 3
    with pytest.raises(JobError) as error:
        stack.search()
    shown = "".join(capsys.readouterr()) + str(error.value)
    assert not re.search("marker-token|Bearer", shown)
