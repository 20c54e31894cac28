"""Azure's public price list: rows by a filter, in pages, for anybody.

https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.azure_fakes.cloud import Answer, Request

HOST = "prices.azure.com"
PAGE = 2
POSTGRES = "Azure Database for PostgreSQL"
# What the filter calls differently from the rows.
FIELDS = {"priceType": "type"}


def row(service: str, product: str, meter: str, price: float, **more: Any) -> dict[str, Any]:
    """A row as the list has them; `more` are its fields, in the list's own names."""
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
    """`rows` are all that there are; the filter's equalities and its one choice in parentheses are kept to."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        if request.path != "/api/retail/prices" or "authorization" in request.headers:
            return Answer(400, {"Error": {"Message": "Invalid request."}})
        clauses = request.query["$filter"].split(" and ")
        found = [each for each in self.rows if all(holds(clause, each) for clause in clauses)]
        start = int(request.query.get("$skip", 0))
        body: dict[str, Any] = {"BillingCurrency": "USD", "CustomerEntityType": "Retail", "NextPageLink": None}
        if start + PAGE < len(found):
            query = "&".join(
                f"{key}={value.replace(' ', '%20')}" for key, value in request.query.items() if key != "$skip"
            )
            body["NextPageLink"] = f"https://{HOST}:443{request.path}?{query}&$skip={start + PAGE}"
        return Answer(200, body | {"Items": found[start : start + PAGE], "Count": len(found)})


def holds(clause: str, each: dict[str, Any]) -> bool:
    pairs = re.findall(r"(\w+) eq '([^']*)'", clause)
    assert pairs, f"the list takes no {clause}"
    return any(each[FIELDS.get(name, name)] == value for name, value in pairs)
