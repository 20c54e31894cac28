"""What a resource group has cost this month, by service, as Cost Management reports it some hours later.

https://learn.microsoft.com/rest/api/cost-management/query/usage
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jobs.azure import api_versions
from jobs.azure.arm import Arm
from jobs.azure.errors import translate_errors
from jobs.errors import JobError

COST_COLUMNS = ("Cost", "PreTaxCost")  # depends on the billing agreement
QUERY = {
    "type": "ActualCost",
    "timeframe": "MonthToDate",
    "dataset": {
        "granularity": "None",
        "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
        "grouping": [{"type": "Dimension", "name": "ServiceName"}],
    },
}


@dataclass(frozen=True)
class Spending:
    """Since the first of the month, in the currency of the bill."""

    currency: str
    amount: float
    services: dict[str, float]

    def summary(self) -> str:
        most = sorted(self.services.items(), key=lambda each: -each[1])
        parts = ", ".join(f"{name} {amount:.2f}" for name, amount in most if round(amount, 2))
        return f"Spent this month: {self.amount:.2f} {self.currency}" + (f" ({parts})" if parts else "")


def query_spending(arm: Arm, subscription_id: str, group: str) -> Spending | None:
    """What the group has cost since the first of the month, None where nothing is billed yet. Raises JobError."""
    with translate_errors(f"the costs of {group}", "Cost Management Reader"):
        rows = list(query_rows(arm, f"/subscriptions/{subscription_id}/resourceGroups/{group}"))
    currencies = {str(row.get("Currency")) for row in rows}
    if len(currencies) > 1:
        raise JobError("The bill is in several currencies: see Cost analysis in the portal.")
    if not rows:
        return None
    services: dict[str, float] = {}
    for row in rows:
        name = str(row.get("ServiceName") or "other")
        services[name] = services.get(name, 0.0) + row_cost(row)
    return Spending(currencies.pop(), round(sum(services.values()), 4), services)


def row_cost(row: Mapping[str, Any]) -> float:
    """The row's cost. Raises JobError where no column has it."""
    cost = next((row[name] for name in COST_COLUMNS if name in row), None)
    if not isinstance(cost, int | float):
        raise JobError(
            f"The bill has no column {COST_COLUMNS[0]}, only {', '.join(row)}: see Cost analysis in the portal."
        )
    return float(cost)


def query_rows(arm: Arm, scope: str) -> Iterator[dict[str, Any]]:
    """Every row of the answer by the names of its columns. Each page is read by sending the query again."""
    path = f"{scope}/providers/Microsoft.CostManagement/query"
    query: dict[str, str] = {}
    while True:
        answer = arm.post(path, api_versions.COST_MANAGEMENT, QUERY, **query).get("properties") or {}
        columns = [str(column.get("name")) for column in answer.get("columns") or []]
        for row in answer.get("rows") or []:
            yield dict(zip(columns, row, strict=True))
        more = dict(parse_qsl(urlsplit(str(answer.get("nextLink") or "")).query))
        if not more:
            return
        query = {key: value for key, value in more.items() if key != "api-version"}
