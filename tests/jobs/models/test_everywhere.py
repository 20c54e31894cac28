"""The report of every account of a subscription: each region asked once, and accounts of one name told apart."""

import csv
import io
import json
from typing import Any

import pytest
from icalendar import Calendar
from junitparser import JUnitXml

from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.shop import LUNA, moment
from tests.jobs.student import DoctorCli

EVERYWHERE = ("models", "report", "--everywhere")


@pytest.fixture
def twin(student: DoctorCli, shop: ModelAccount) -> ModelAccount:
    """A second account `ai-shop`, in another group. Its `chat` is not the first one's."""
    second = ModelAccount("ai-shop", "rg-two", "Sweden Central")
    second.add("chat", *LUNA)
    first = shop.__call__
    listed = {"value": [shop.document(), second.document(), {**second.document(), "kind": "Face", "id": "/x"}]}

    def accounts(request: Request) -> Response | None:
        if request.path.endswith("/accounts"):
            return Response(200, listed)
        return second(request) or first(request)

    student.manager.providers = [accounts, *list(student.manager.providers)[1:]]
    return second


def seen(student: DoctorCli, *options: str) -> tuple[int, str]:
    return student.run(*EVERYWHERE, *options)


def test_every_account_is_reported_and_each_region_asked_once(student: DoctorCli, twin: ModelAccount) -> None:
    status, text = seen(student, "--json")
    found = {(each["resource_group"], each["name"]) for each in json.loads(text)["deployments"]}
    assert found == {("rg-shop", "chat"), ("rg-shop", "ptu"), ("rg-shop", "pinned"), ("rg-two", "chat")}
    requests = [
        each for each in student.cloud.requests if "/locations/" in each.path and "$skiptoken" not in each.query
    ]
    asked = [each.path for each in requests]
    assert (status, len(asked), len(set(asked))) == (0, 2, 2)


def test_accounts_of_one_name_are_told_apart_in_every_format(student: DoctorCli, twin: ModelAccount) -> None:
    options, shop_names = ("--fail-on", "120"), ("chat", "ptu", "pinned")
    status, table = seen(student, *options)
    names = {line.split()[0] for line in table.splitlines()[1:]}
    assert (status, names) == (4, {f"rg-shop/ai-shop/{each}" for each in shop_names} | {"rg-two/ai-shop/chat"})
    github = seen(student, *options, "--format", "github")[1]
    assert github.count("::error") == 1 and "::error title=rg-shop/ai-shop/chat::" in github
    suites = JUnitXml.fromstring(seen(student, *options, "--format", "junit")[1].encode())
    failed = [(each.classname, each.name) for suite in suites for each in suite if each.result]
    assert failed == [("rg-shop.ai-shop", "chat")]
    events: list[Any] = Calendar.from_ical(seen(student, "--format", "ics")[1]).walk("VEVENT")
    assert len({str(each["uid"]) for each in events}) == 4
    rows = list(csv.DictReader(io.StringIO(seen(student, "--format", "csv")[1])))
    assert {each["resource_group"] for each in rows} == {"rg-shop", "rg-two"}


def test_a_date_that_moved_is_said_of_the_account_that_it_is_about(student: DoctorCli, twin: ModelAccount) -> None:
    assert "earlier" not in seen(student)[1] + seen(student)[1], "the date of one is not the date of the other"
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(90))])
    status, text = seen(student, "--json", "--fail-on", "1")
    found = json.loads(text)
    assert (status, found["failing"]) == (4, ["rg-shop/ai-shop/chat"])
    assert {each["key"] for each in found["changes"]} == {"rg-shop/ai-shop/chat"}


def test_what_has_no_date_is_named_with_its_account(student: DoctorCli, twin: ModelAccount) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", None)])
    assert "Azure names no date for rg-shop/ai-shop/chat." in seen(student)[1]
