"""Azure's public price list, which needs no login.

Rows and filters: https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.policies import ContentDecodePolicy, HeadersPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse

from jobs.azure import api_versions
from jobs.azure.errors import error_reason
from jobs.azure.retries import Retries
from jobs.azure.transport import SpeakingTransport
from jobs.cost.billed_items import BilledItem
from jobs.cost.meters import Meter, SizeMeter, parse_unit
from jobs.cost.prices import Price
from jobs.errors import ErrorKind, JobError

HOST = "https://prices.azure.com"
PRICE_LIST_URL = f"{HOST}/api/retail/prices"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class UnknownPrice:
    """A meter without a price in the list, and the reason."""

    key: str
    reason: str


def query_prices(items: Sequence[BilledItem]) -> list[Price | UnknownPrice]:
    """Today's price of each item that has a meter. Raises JobError when the list cannot be read."""
    policies = [HeadersPolicy(), UserAgentPolicy(sdk_moniker="vector-lake"), Retries(), ContentDecodePolicy()]
    today = datetime.now(UTC)
    try:
        with PipelineClient[HttpRequest, HttpResponse](
            HOST, policies=policies, transport=SpeakingTransport()
        ) as client:
            return [
                choose_price(query_rows(client, each.meter), each.meter, each.unit, today)
                for each in items
                if each.meter
            ]
    except AzureError as error:
        raise JobError(
            f"Azure's price list does not answer ({error_reason(error)}): `python -m jobs cost` without --refresh "
            "shows the saved prices.",
            ErrorKind.unavailable,
        ) from error


def query_rows(client: PipelineClient[HttpRequest, HttpResponse], meter: Meter | SizeMeter) -> Iterator[Row]:
    """Every row that the list has for a meter's names, from all pages."""
    query = {"api-version": api_versions.RETAIL_PRICES, "$filter": build_filter(meter)}
    request = HttpRequest("GET", PRICE_LIST_URL, params=query)
    while True:
        page = read_body(client.send_request(request))
        yield from page.get("Items") or []
        more = page.get("NextPageLink")
        if not more:
            return
        if urlsplit(str(more)).netloc.partition(":")[0] != urlsplit(HOST).netloc:
            raise HttpResponseError(f"its next page is at {more}")
        request = HttpRequest("GET", str(more))


def read_body(response: HttpResponse) -> Mapping[str, Any]:
    """An answer of the list. Raises HttpResponseError for anything else, such as a network's login page."""
    if response.status_code == 200:
        try:
            body = response.json()
        except ValueError as error:
            raise HttpResponseError("the answer is not valid JSON") from error
        if isinstance(body, Mapping):
            return body
    raise HttpResponseError(response=response)


def build_filter(meter: Meter | SizeMeter) -> str:
    """The list's own filter. Its values are case-sensitive; it leaves out products, for their unusual spaces."""
    region = f" and armRegionName eq '{meter.region}'" if meter.region else ""
    service = f"serviceName eq '{meter.service}'" if meter.service else ""
    clauses = f"{service}{region} and priceType eq 'Consumption' and ({meter.clause})"
    return clauses.removeprefix(" and ")


def choose_price(rows: Iterator[Row], meter: Meter | SizeMeter, unit: str, today: datetime) -> Price | UnknownPrice:
    """The one price of a meter in `unit`, or why there is not exactly one.

    Rows that differ only in `tierMinimumUnits` are one meter: what comes before the first tier with a price is free.
    """
    matching = newest_rows(row for row in rows if matches_meter(row, meter, unit, today))
    if not matching:
        return UnknownPrice(meter.key, "no meter of Azure's price list matches")
    first = min((float(row.get("tierMinimumUnits") or 0) for row in matching if row["retailPrice"]), default=0.0)
    tier = [row for row in matching if float(row.get("tierMinimumUnits") or 0) == first]
    different = {(float(row["retailPrice"]), str(row["unitOfMeasure"])) for row in tier}
    if len(different) > 1:
        return UnknownPrice(meter.key, f"{len(different)} meters of Azure's price list match")
    ((usd, per),) = different
    return Price(meter.key, usd, per, PRICE_LIST_URL, today.date().isoformat(), first)


def newest_rows(rows: Iterator[Row]) -> list[Row]:
    """The rows without those that a later one of the same meter has replaced: a meter has one for each price it had."""
    newest: dict[object, list[Row]] = {}
    for row in rows:
        key = (*(row.get(name) for name in ("productName", "meterName", "skuName")), row.get("tierMinimumUnits"))
        start = str(row.get("effectiveStartDate") or "")
        kept = newest.get(key, [])
        latest = str(kept[0].get("effectiveStartDate") or "") if kept else ""
        if not kept or start > latest:
            newest[key] = [row]
        elif start == latest:
            kept.append(row)
    return [row for kept in newest.values() for row in kept]


def matches_meter(row: Row, meter: Meter | SizeMeter, unit: str, today: datetime) -> bool:
    """Whether a row is the meter's: in dollars, in force, in its region and unit."""
    per = parse_unit(str(row.get("unitOfMeasure")))
    return (
        row.get("currencyCode") == "USD"
        and isinstance(row.get("retailPrice"), int | float)
        and str(row.get("armRegionName") or "") == meter.region
        and meter.describes(row)
        and per is not None
        and per.name == unit
        and in_force(str(row.get("effectiveStartDate") or ""), today)
    )


def in_force(start: str, today: datetime) -> bool:
    return start[:10] <= today.date().isoformat()
