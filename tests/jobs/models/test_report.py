"""The report: what happens to each deployment, what counts for --fail-on, and what Azure changed since."""

import pytest

from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.reports import by_name, report
from tests.jobs.models.shop import LUNA, OTHER, after, moment
from tests.jobs.student import DoctorCli


def test_the_table_is_the_one_of_the_page(student: DoctorCli, shop: ModelAccount) -> None:
    status, seen = student.run("models", "report", *OTHER, "--fail-on", "120")
    assert status == 4
    lines = [line.split("  ") for line in seen.splitlines()]
    cells = [[each.strip() for each in line if each.strip()] for line in lines]
    assert cells[0] == ["name", "model", "sku", "until", "days", "policy", "on that day"]
    assert cells[1] == [
        *("chat", "gpt-5.4-mini 2026-03-17", "GlobalStandard", after(113), "113"),
        *("null (= OnceCurrentVersionExpired)", f"moved by Azure to gpt-5.6-luna 2026-07-09, from {after(106)}"),
    ]
    assert cells[2][-1] == ("stops, 410: provisioned is never moved; `models upgrade ptu gpt-5.6-luna@2026-07-09`")
    assert cells[3][-1] == "stops, 410; no replacement named yet"


def test_the_object_has_every_fact(student: DoctorCli, shop: ModelAccount) -> None:
    status, found = report(student)
    chat = by_name(found)["chat"]
    assert (status, found["account"], found["region"], found["taken"]) == (0, "ai-shop", "swedencentral", after(0))
    expected = {
        "lifecycle": "GenerallyAvailable",
        "stage": "Generally Available",
        "retires": after(113),
        "days": 113,
        "retires_from": "sku",
        "tentative": False,
        "policy": None,
        "policy_effective": "OnceCurrentVersionExpired",
        "acts_by": after(106),
        "replacement": {"model": LUNA[0], "version": LUNA[1]},
        "setting": None,
        "drift": None,
        "state": "Succeeded",
        "capacity": 10,
    }
    assert {key: chat[key] for key in expected} == expected
    assert found["changes"] == found["unknown"] == found["failing"] == []


def test_the_date_of_the_sku_counts_before_that_of_the_model(student: DoctorCli, shop: ModelAccount) -> None:
    both = {"deprecation": {"inference": moment(10), "deprecationStatus": "Tentative"}}
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", moment(100))], **both)
    assert {each: by_name(report(student)[1])["chat"][each] for each in ("retires", "retires_from", "tentative")} == {
        "retires": after(100),
        "retires_from": "sku",
        "tentative": False,
    }
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", None)], **both)
    chat = by_name(report(student)[1])["chat"]
    assert (chat["retires"], chat["retires_from"], chat["tentative"]) == (after(10), "model", True)


@pytest.mark.parametrize("date", [None, "9999-12-31T00:00:00Z", "2099-12-31T00:00:00Z"])
def test_without_a_date_it_is_unknown_and_never_fails(student: DoctorCli, shop: ModelAccount, date: str | None) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", skus=[("GlobalStandard", date)])
    status, found = report(student, "--fail-on", "100")
    assert (status, found["unknown"]) == (0, ["chat"])
    assert "Azure names no date for chat." in student.run("models", "report", *OTHER)[1]


@pytest.mark.parametrize(("days", "status"), [(105, 0), (106, 4), (200, 4)])
def test_fail_on_counts_from_the_first_day_on_which_anything_happens(
    student: DoctorCli, shop: ModelAccount, days: int, status: int
) -> None:
    assert report(student, "--fail-on", str(days))[0] == status
    assert report(student)[0] == 0


def test_a_model_that_azure_lists_no_more_is_retired(student: DoctorCli, shop: ModelAccount) -> None:
    del student.ai.models[0]
    status, found = report(student, "--fail-on", "0")
    chat = by_name(found)["chat"]
    assert (status, chat["stage"], chat["lifecycle"], found["unknown"]) == (4, "Retired", None, [])
    assert chat["replacement"] == {"model": LUNA[0], "version": LUNA[1]}
    assert "410" in chat["on_that_day"]


def test_a_model_that_is_retired_and_still_listed_gets_a_replacement(student: DoctorCli, shop: ModelAccount) -> None:
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", lifecycleStatus="Deprecated", isDefaultVersion=True)
    chat = by_name(report(student)[1])["chat"]
    assert (chat["stage"], chat["replacement"]) == ("Retired", {"model": LUNA[0], "version": LUNA[1]})


def test_a_sku_that_is_not_listed_has_the_date_of_its_model(student: DoctorCli, shop: ModelAccount) -> None:
    dates = {"skus": [("Standard", moment(10))], "deprecation": {"inference": moment(99)}}
    student.ai.models[0] = model("gpt-5.4-mini", "2026-03-17", **dates)
    chat = by_name(report(student)[1])["chat"]
    assert (chat["retires"], chat["retires_from"]) == (after(99), "model")


def test_a_fine_tuned_model_is_found_in_the_accounts_own_list(student: DoctorCli, shop: ModelAccount) -> None:
    dates = {"deprecation": {"fineTune": moment(50), "inference": moment(300)}, "baseModel": {"name": "gpt-5.1"}}
    shop.models = [model("gpt-5.1.ft-7", "1", skus=[("Standard", None)], **dates)]
    shop.add("own", "gpt-5.1.ft-7", "1", sku="Standard", policy="OnceNewDefaultVersionAvailable")
    own = by_name(report(student)[1])["own"]
    assert (own["retires"], own["training_ends"], own["fine_tuned"]) == (after(300), after(50), True)
    assert "a fine-tuned model is never moved" in own["on_that_day"]


def test_within_shows_only_what_is_near(student: DoctorCli, shop: ModelAccount) -> None:
    assert set(by_name(report(student, "--within", "150")[1])) == {"chat"}


def test_an_older_version_of_the_api_has_no_replacement(student: DoctorCli, shop: ModelAccount) -> None:
    report(student)
    versions = {each.query["api-version"] for each in student.cloud.requests if "CognitiveServices" in each.path}
    assert versions == {"2025-09-01"}


@pytest.mark.parametrize(
    "options",
    [
        ("--account", "..", "--resource-group", "rg"),
        ("--account", "a/b", "--resource-group", "rg"),
        ("--account", "ai%2Fb", "--resource-group", "rg"),
        ("--account", "ai-shop", "--resource-group", ".."),
        ("--account", "ai-shop", "--resource-group", "rg'"),
        ("--account", "ai-shop"),
        ("--resource-group", "rg-shop"),
        ("--subscription", "33333333-3333-3333-3333-333333333333"),
        ("--everywhere", "--account", "ai-shop", "--resource-group", "rg-shop"),
        ("--account", "ai-shop", "--resource-group", "rg", "--subscription", "../x"),
    ],
)
def test_a_name_that_azure_cannot_have_or_half_an_account_is_wrong_usage(
    student: DoctorCli, shop: ModelAccount, options: tuple[str, ...]
) -> None:
    status, seen = student.run("models", "report", *options)
    assert (status, seen.count("\n"), student.cloud.requests) == (2, 1, [])


def test_an_account_that_does_not_exist_is_one_sentence(student: DoctorCli, shop: ModelAccount) -> None:
    status, seen = student.run("models", "report", "--account", "other", "--resource-group", "rg")
    assert (status, seen.count("\n")) == (1, 1)
