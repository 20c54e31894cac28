"""cost, for who is logged in: what Cost Management tells, and how long the money lasts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jobs.cost.runway import compute_runway
from jobs.cost.spending import Spending
from tests.azure_fakes import cost_management, resource_manager
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cost_management import BUSY, CostManagement
from tests.azure_fakes.programs import Program
from tests.azure_fakes.resource_manager import SUBSCRIPTION, ResourceManager, refusal
from tests.jobs.cost.cost_cli import Desk, sitting


@pytest.fixture
def desk(programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    return sitting(tmp_path, monkeypatch, capsys)


def test_who_is_not_logged_in_sees_the_table_and_how_to_see_the_rest(desk: Desk) -> None:
    found = desk.cost()
    assert found["spent"] is None and found["items"]
    assert "`az login`" in found["hint"]


@pytest.fixture
def bill(cloud: Cloud, az: Program) -> CostManagement:
    az.says("account show", {"id": SUBSCRIPTION, "user": {"name": "ana@example.edu", "type": "user"}})
    played = CostManagement("rg-vector-lake", {"Azure Database for PostgreSQL": 9.5, "Storage": 0.5})
    cloud.services[resource_manager.HOST] = ResourceManager([played])
    return played


def test_what_was_spent_is_read_by_its_columns_from_all_pages(desk: Desk, cloud: Cloud, bill: CostManagement) -> None:
    bill.first = [BUSY]
    found = desk.cost()["spent"]
    assert found == {"currency": "EUR", "amount": 10.0, "services": bill.costs}
    asked = [each for each in cloud.asked if each.method == "POST"]
    assert len(asked) == 3  # refused once, then two pages
    assert all(each.body["dataset"]["grouping"] == [{"type": "Dimension", "name": "ServiceName"}] for each in asked)
    assert "Spent this month: 10.00 EUR (Azure Database for PostgreSQL 9.50, Storage 0.50)" in desk.told()


def test_days_left_are_told_with_what_they_are_computed_from(desk: Desk, bill: CostManagement) -> None:
    left = desk.cost("--credit", "80")["lasts"]
    assert left["days"] == pytest.approx(80 / (10 / today().day))
    assert "days left: 80.00 EUR of credit (--credit), at the 10.00 EUR" in desk.told("--credit", "80")
    assert desk.cost()["lasts"] is None
    assert "`--credit AMOUNT`" in desk.told()
    desk.configure(budgetEmails=["ana@example.edu"], budgetAmount=40)
    assert "days left: 30.00 EUR of the budget of 40.00 (budgetAmount)" in desk.told()


@pytest.mark.parametrize(("credit", "budget", "days"), [(80.0, None, 160), (None, 40.0, 60), (None, 5.0, 0)])
def test_days_left_are_of_the_rate_of_this_month(credit: float | None, budget: float | None, days: float) -> None:
    left = compute_runway(Spending("USD", 10.0, {}), credit, budget, date(2026, 11, 20))
    assert left is not None and left.days == days


def test_where_nothing_was_spent_no_days_are_told() -> None:
    assert compute_runway(Spending("USD", 0.0, {}), 80.0, None, date(2026, 11, 20)) is None


def test_costs_that_azure_does_not_tell_cost_nobody_the_table(desk: Desk, bill: CostManagement) -> None:
    bill.first = [refusal(403, "AuthorizationFailed")]
    found = desk.cost()
    assert found["items"] and found["spent"] is None
    assert "AuthorizationFailed" in found["hint"] and "Cost Management Reader" in found["hint"]


def test_the_costs_column_may_have_its_older_name(
    desk: Desk, bill: CostManagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost_management, "COLUMNS", ("ServiceName", "PreTaxCost", "Currency"))
    assert desk.cost()["spent"]["amount"] == 10.0
    monkeypatch.setattr(cost_management, "COLUMNS", ("ServiceName", "Usage", "Currency"))
    assert "no column Cost, only ServiceName, Usage, Currency: see Cost analysis" in desk.cost()["hint"]


def test_a_group_without_costs_is_told(desk: Desk, bill: CostManagement) -> None:
    bill.costs = {}
    assert "Nothing is billed" in desk.cost()["hint"]


def today() -> date:
    return datetime.now(UTC).date()
