"""Cost Management: the costs of a resource group by service.

https://learn.microsoft.com/rest/api/cost-management/query/usage
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.azure import HOST, ROOT
from tests.azure_fakes.cloud import Request, Response
from tests.azure_fakes.resource_manager import error_response, path_below

BUSY = Response(429, headers={"x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "0.01"})
QUERY = re.compile("/resourcegroups/[^/]+/providers/microsoft.costmanagement/query")
COLUMNS = ("ServiceName", "Cost", "Currency")  # another order than in the documentation's example


@dataclass
class CostManagement:
    """The same costs for every resource group.

    `costs`: in EUR by service, one row a page. `first_responses`: responses that are returned first, each once.
    """

    costs: dict[str, float] = field(default_factory=dict)
    first_responses: list[Response] = field(default_factory=list)

    def __call__(self, request: Request) -> Response | None:
        if not QUERY.fullmatch(path_below(request, ROOT) or ""):
            return None
        if request.method != "POST" or (request.body or {}).get("timeframe") != "MonthToDate":
            return error_response(400, "BadRequest")
        if self.first_responses:
            return self.first_responses.pop(0)
        page = int(request.query.get("$skiptoken", 0))
        rows = [[service, cost, "EUR"] for service, cost in self.costs.items()]
        columns = [{"name": name, "type": "Number" if name == "Cost" else "String"} for name in COLUMNS]
        properties: dict[str, Any] = {"columns": columns, "rows": rows[page : page + 1], "nextLink": None}
        if page + 1 < len(rows):
            version = request.query["api-version"]
            properties["nextLink"] = f"https://{HOST}{request.path}?api-version={version}&$skiptoken={page + 1}"
        return Response(200, {"properties": properties})
