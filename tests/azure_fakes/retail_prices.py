"""The public price list of Azure: rows by a filter, in pages, without a login.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Request, Response

HOST = "prices.azure.com"
PAGE = 2
POSTGRES = "Azure Database for PostgreSQL"
# A field has this name in the filter: that name in a row.
FIELDS = {"priceType": "type"}


def price_row(service: str, product: str, meter: str, price: float, **more: Any) -> dict[str, Any]:
    """A row of the list. `more`: further fields, by their names in the list."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": "swedencentral",
        "effectiveStartDate": "2024-01-01T00:00:00Z",
        "meterName": meter,
        "productName": product,
        "serviceName": service,
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
    } | more


@dataclass
class RetailPrices:
    """`rows`: the whole list. The filter may contain `eq`, `and`, and `or` in parentheses."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        if request.path != "/api/retail/prices" or "authorization" in request.headers:
            return Response(400, {"Error": {"Message": "Invalid request."}})
        clauses = request.query["$filter"].split(" and ")
        rows = [each for each in self.rows if all(matches(clause, each) for clause in clauses)]
        start = int(request.query.get("$skip", 0))
        body: dict[str, Any] = {"BillingCurrency": "USD", "CustomerEntityType": "Retail", "NextPageLink": None}
        if start + PAGE < len(rows):
            query = "&".join(
                f"{key}={value.replace(' ', '%20')}" for key, value in request.query.items() if key != "$skip"
            )
            body["NextPageLink"] = f"https://{HOST}:443{request.path}?{query}&$skip={start + PAGE}"
        return Response(200, body | {"Items": rows[start : start + PAGE], "Count": len(rows)})


def matches(clause: str, each: dict[str, Any]) -> bool:
    """Whether a row meets one clause of the filter."""
    pairs = re.findall(r"(\w+) eq '([^']*)'", clause)
    assert pairs, f"the filter is not supported: {clause}"
    return any(each.get(FIELDS.get(name, name)) == value for name, value in pairs)
