"""cost with a login: what Cost Management reports, and how long the money lasts."""

from datetime import UTC, date, datetime

import pytest

from jobs.cost.runway import compute_runway
from jobs.cost.spending import Spending
from tests.azure_fakes import cost_management, resource_manager
from tests.azure_fakes.azure import SUBSCRIPTION
from tests.azure_fakes.cloud import Cloud
from tests.azure_fakes.cost_management import BUSY, CostManagement
from tests.azure_fakes.resource_manager import ResourceManager, error_response
from tests.fake_programs import FakeProgram
from tests.jobs.cost.cost_cli import CostCli


def test_without_a_login_the_table_is_shown_and_how_to_see_the_rest(cost_cli: CostCli) -> None:
    found = cost_cli.cost()
    assert found["spent"] is None and found["items"]
    assert "`az login`" in found["hint"]


@pytest.fixture
def bill(cloud: Cloud, az: FakeProgram) -> CostManagement:
    az.set_output("account show", {"id": SUBSCRIPTION, "user": {"name": "ana@example.edu", "type": "user"}})
    played = CostManagement({"Azure Database for PostgreSQL": 9.5, "Storage": 0.5})
    cloud.services[resource_manager.HOST] = ResourceManager([played])
    return played


def test_what_was_spent_is_read_by_its_columns_from_all_pages(
    cost_cli: CostCli, cloud: Cloud, bill: CostManagement
) -> None:
    bill.first_responses = [BUSY]
    found = cost_cli.cost()["spent"]
    assert found == {"currency": "EUR", "amount": 10.0, "services": bill.costs}
    asked = [each for each in cloud.requests if each.method == "POST"]
    assert len(asked) == 3  # refused once, then two pages
    assert all(each.body["dataset"]["grouping"] == [{"type": "Dimension", "name": "ServiceName"}] for each in asked)
    assert "Spent this month: 10.00 EUR (Azure Database for PostgreSQL 9.50, Storage 0.50)" in cost_cli.screen()


def test_days_left_are_shown_with_what_they_are_computed_from(cost_cli: CostCli, bill: CostManagement) -> None:
    left = cost_cli.cost("--credit", "80")["lasts"]
    assert left["days"] == pytest.approx(80 / (10 / today().day))
    assert "days left: 80.00 EUR of credit (--credit), at the 10.00 EUR" in cost_cli.screen("--credit", "80")
    assert cost_cli.cost()["lasts"] is None
    assert "`--credit AMOUNT`" in cost_cli.screen()
    cost_cli.configure(budgetEmails=["ana@example.edu"], budgetAmount=40)
    assert "days left: 30.00 EUR of the budget of 40.00 (budgetAmount)" in cost_cli.screen()


@pytest.mark.parametrize(("credit", "budget", "days"), [(80.0, None, 160), (None, 40.0, 60), (None, 5.0, 0)])
def test_days_left_are_of_the_rate_of_this_month(credit: float | None, budget: float | None, days: float) -> None:
    left = compute_runway(Spending("USD", 10.0, {}), credit, budget, date(2026, 11, 20))
    assert left is not None and left.days == days


def test_where_nothing_was_spent_no_days_are_shown() -> None:
    assert compute_runway(Spending("USD", 0.0, {}), 80.0, None, date(2026, 11, 20)) is None


def test_an_error_of_cost_management_does_not_hide_the_table(cost_cli: CostCli, bill: CostManagement) -> None:
    bill.first_responses = [error_response(403, "AuthorizationFailed")]
    found = cost_cli.cost()
    assert found["items"] and found["spent"] is None
    assert "AuthorizationFailed" in found["hint"] and "Cost Management Reader" in found["hint"]


def test_the_costs_column_may_have_its_older_name(
    cost_cli: CostCli, bill: CostManagement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost_management, "COLUMNS", ("ServiceName", "PreTaxCost", "Currency"))
    assert cost_cli.cost()["spent"]["amount"] == 10.0
    monkeypatch.setattr(cost_management, "COLUMNS", ("ServiceName", "Usage", "Currency"))
    assert "no column Cost, only ServiceName, Usage, Currency: see Cost analysis" in cost_cli.cost()["hint"]


def test_a_group_without_costs_is_explained(cost_cli: CostCli, bill: CostManagement) -> None:
    bill.costs = {}
    assert "Nothing is billed" in cost_cli.cost()["hint"]


def today() -> date:
    return datetime.now(UTC).date()
