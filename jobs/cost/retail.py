"""Azure's public price list: no login, the same for everybody.

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
from jobs.cost.billed_items import BilledItem
from jobs.cost.meters import Meter, parse_unit
from jobs.cost.prices import Price
from jobs.errors import JobError

HOST = "https://prices.azure.com"
LIST = f"{HOST}/api/retail/prices"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class UnknownPrice:
    """Why the list does not tell the price of a meter."""

    key: str
    why: str


def query_prices(needs: Sequence[BilledItem]) -> list[Price | UnknownPrice]:
    """The price of each meter, today. Raises Failure when the list cannot be read."""
    policies = [HeadersPolicy(), UserAgentPolicy(sdk_moniker="vector-lake"), Retries(), ContentDecodePolicy()]
    today = datetime.now(UTC)
    try:
        with PipelineClient[HttpRequest, HttpResponse](HOST, policies=policies) as client:
            return [
                choose_price(query_rows(client, each.meter), each.meter, each.unit, today)
                for each in needs
                if each.meter
            ]
    except AzureError as error:
        raise JobError(
            f"Azure's price list does not answer ({error_reason(error)}): `python -m jobs cost` without --refresh shows the "
            "prices at hand."
        ) from error


def query_rows(client: PipelineClient[HttpRequest, HttpResponse], meter: Meter) -> Iterator[Row]:
    """Every row that the list has for a meter's names, all pages of it."""
    asked = HttpRequest("GET", LIST, params={"api-version": api_versions.RETAIL_PRICES, "$filter": filter_of(meter)})
    while True:
        page = read_body(client.send_request(asked))
        yield from page.get("Items") or []
        more = page.get("NextPageLink")
        if not more:
            return
        if urlsplit(str(more)).netloc.partition(":")[0] != urlsplit(HOST).netloc:
            raise HttpResponseError(f"its next page is at {more}")
        asked = HttpRequest("GET", str(more))


def read_body(response: HttpResponse) -> Mapping[str, Any]:
    """An answer of the list. Raises HttpResponseError for anything else: a network's own page, for example."""
    if response.status_code == 200:
        try:
            found = response.json()
        except ValueError as error:
            raise HttpResponseError("what answers is no JSON") from error
        if isinstance(found, Mapping):
            return found
    raise HttpResponseError(response=response)


def filter_of(meter: Meter) -> str:
    """The list's own filter. Its values are case-sensitive; products are told apart here, for their odd spaces."""
    names = " or ".join(f"meterName eq '{name}'" for name in meter.meters)
    region = f" and armRegionName eq '{meter.region}'" if meter.region else ""
    return f"serviceName eq '{meter.service}'{region} and priceType eq 'Consumption' and ({names})"


def choose_price(found: Iterator[Row], meter: Meter, what: str, today: datetime) -> Price | UnknownPrice:
    """The one price of a meter that counts `what`, or why there is not exactly one.

    Rows that differ in `tierMinimumUnits` alone are one meter: what comes before the first that costs is free.
    """
    fitting = [row for row in found if matches_meter(row, meter, what, today)]
    if not fitting:
        return UnknownPrice(meter.key, "no meter of Azure's price list fits")
    first = min((float(row.get("tierMinimumUnits") or 0) for row in fitting if row["retailPrice"]), default=0.0)
    tier = [row for row in fitting if float(row.get("tierMinimumUnits") or 0) == first]
    different = {(float(row["retailPrice"]), str(row["unitOfMeasure"])) for row in tier}
    if len(different) > 1:
        return UnknownPrice(meter.key, f"{len(different)} meters of Azure's price list fit")
    ((usd, per),) = different
    return Price(meter.key, usd, per, LIST, today.date().isoformat(), first)


def matches_meter(row: Row, meter: Meter, what: str, today: datetime) -> bool:
    """Whether a row is the meter's: in dollars, in force, in its region and unit."""
    per = parse_unit(str(row.get("unitOfMeasure")))
    return (
        row.get("currencyCode") == "USD"
        and isinstance(row.get("retailPrice"), int | float)
        and str(row.get("armRegionName") or "") == meter.region
        and normalize(row.get("productName")) in map(normalize, meter.products)
        and str(row.get("meterName")) in meter.meters
        and per is not None
        and per.what == what
        and in_force(str(row.get("effectiveStartDate") or ""), today)
    )


def normalize(name: object) -> str:
    """A product's name without its odd spaces: some have ones that do not break."""
    return " ".join(str(name or "").split()).lower()


def in_force(start: str, today: datetime) -> bool:
    return start[:10] <= today.date().isoformat()
