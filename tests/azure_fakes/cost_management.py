"""Cost Management: the costs of a resource group by service.

https://learn.microsoft.com/rest/api/cost-management/query/usage
"""

from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Answer, Request
from tests.azure_fakes.resource_manager import HOST, ROOT, below, refusal

BUSY = Answer(429, headers={"x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "0.01"})
COLUMNS = ("ServiceName", "Cost", "Currency")  # another order than in the documentation's example


@dataclass
class CostManagement:
    """`costs`: in EUR by service, one row a page. `first`: answers that are returned first, each once."""

    group: str
    costs: dict[str, float] = field(default_factory=dict)
    first: list[Answer] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer | None:
        path = below(request, ROOT)
        if path != f"/resourcegroups/{self.group}/providers/microsoft.costmanagement/query":
            return None
        if request.method != "POST" or (request.body or {}).get("timeframe") != "MonthToDate":
            return refusal(400, "BadRequest")
        if self.first:
            return self.first.pop(0)
        page = int(request.query.get("$skiptoken", 0))
        rows = [[service, cost, "EUR"] for service, cost in self.costs.items()]
        columns = [{"name": name, "type": "Number" if name == "Cost" else "String"} for name in COLUMNS]
        properties: dict[str, Any] = {"columns": columns, "rows": rows[page : page + 1], "nextLink": None}
        if page + 1 < len(rows):
            version = request.query["api-version"]
            properties["nextLink"] = f"https://{HOST}{request.path}?api-version={version}&$skiptoken={page + 1}"
        return Answer(200, {"properties": properties})
