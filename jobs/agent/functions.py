"""The example functions of the Foundry portal, with code: they answer from a small table, without a network."""

from collections.abc import Mapping
from typing import Any

from jobs.errors import JobError
from jobs.tools.tool import Context, Tool, strict_schema

EXAMPLE = "example data of this project, not a measurement"
CELSIUS = {"bogota": 14, "medellin": 22, "cali": 25, "quito": 15, "lima": 19, "madrid": 12, "seattle": 9}
PRICES = {"MSFT": 500.0, "AAPL": 250.0, "NVDA": 180.0}


def get_weather(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"location", "temperature", "unit", "source"} of a city in the table. Raises JobError for another one."""
    from jobs.documents.words import strip_accents

    city = strip_accents(str(arguments["location"])).partition(",")[0].strip()
    if city not in CELSIUS:
        raise JobError(f"The example knows {', '.join(name.title() for name in CELSIUS)} only.")
    unit = arguments.get("unit") or "c"
    degrees = CELSIUS[city] * 9 / 5 + 32 if unit == "f" else CELSIUS[city]
    return {"location": arguments["location"], "temperature": degrees, "unit": unit, "source": EXAMPLE}


def get_stock_price(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"symbol", "price", "currency", "source"} of a symbol in the table. Raises JobError for another one."""
    symbol = str(arguments["symbol"]).upper()
    if symbol not in PRICES:
        raise JobError(f"The example knows {', '.join(PRICES)} only.")
    return {"symbol": symbol, "price": PRICES[symbol], "currency": "USD", "source": EXAMPLE}


SHIPPED = {
    tool.name: tool
    for tool in (
        Tool(
            "get_weather",
            "Determine weather in my location",
            strict_schema(
                location={"type": "string", "description": "The city and state e.g. Seattle, WA"},
                unit={"type": ["string", "null"], "enum": ["c", "f", None]},
            ),
            get_weather,
        ),
        Tool(
            "get_stock_price",
            "Get the current stock price",
            strict_schema(symbol={"type": "string", "description": "The stock symbol"}),
            get_stock_price,
        ),
    )
}
