"""What an answer costs: tokens times Azure's price of the deployment's model, as `cost --refresh` has read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.assistant.conversation import Turn, Usage
from jobs.configuration import read_configuration
from jobs.cost.prices import load_prices
from jobs.cost.tokens import CACHED, INPUT, OUTPUT, price_tokens, token_meters
from jobs.errors import ErrorKind, JobError

UNKNOWN = (
    "What a call of {model} costs is unknown, so --max-usd cannot be kept: `python -m jobs cost --refresh` reads the "
    "prices, or leave the option out."
)
BYTES_PER_TOKEN = 3  # fewer than a text has: an estimate that is not too low
USUAL_OUTPUT = 1000  # tokens that an answer may have where --max-tokens does not say


class SpendingLimitError(JobError):
    """Another call would pass --max-usd, or may: its price is not known."""


@dataclass(frozen=True)
class Tariff:
    """The prices of one deployment: `model`, `sku` and `region` of the setting `models`."""

    model: str
    sku: str
    region: str

    def price(self, usage: Usage) -> tuple[float | None, str | None]:
        """US dollars, and the date of the price; None where a price is unknown."""
        counts = {INPUT: usage.input - usage.cached, CACHED: usage.cached, OUTPUT: usage.output}
        usd, date = price_tokens(token_meters(self.region, self.model, self.sku), counts, load_prices())
        return (None if usd is None else round(usd, 8)), date


def find_tariff(models: tuple[Mapping[str, Any], ...], alias: str, region: str) -> Tariff | None:
    """The tariff of a deployment as configured, None for one that the settings do not name."""
    found = next((each for each in models if str(each.get("alias")).lower() == alias.lower()), None)
    return Tariff(str(found.get("model")), str(found.get("sku")), region) if found else None


def stack_tariff(stack: str, alias: str) -> Tariff | None:
    """The tariff of a stack's deployment; with a file of outputs alone, of one of the stack `dev`. Raises JobError."""
    config = read_configuration("dev" if stack == "local" else stack)
    return find_tariff(config.models, alias, config.ai_location)


def limit_spending(
    tariff: Tariff | None, model: str, most: float, spent: Callable[[], float]
) -> Callable[[Turn], None]:
    """Returns a check of each request: SpendingLimitError is raised before one that would pass `most` US dollars."""

    def check(turn: Turn) -> None:
        usd = estimate_price(tariff, model, turn)
        if spent() + usd > most:
            raise SpendingLimitError(
                f"The next call may cost {usd:.6f} USD, and {spent():.6f} of the {most:g} of --max-usd are spent: "
                "raise it, or ask for less (--max-tokens, --history, --k).",
                ErrorKind.refused,
            )

    return check


def estimate_price(tariff: Tariff | None, model: str, turn: Turn) -> float:
    """What a request may cost in US dollars, with a token for every three bytes, and as many out as it may have.

    Raises SpendingLimitError where no price is known.
    """
    texts = [turn.instructions, *map(str, turn.items), *(f"{each.description}{each.parameters}" for each in turn.tools)]
    size = sum(len(each.encode()) for each in texts)
    output = int(turn.parameters.get("max_tokens", USUAL_OUTPUT))
    usd = tariff.price(Usage(size // BYTES_PER_TOKEN, 0, output))[0] if tariff else None
    if usd is None:
        raise SpendingLimitError(UNKNOWN.format(model=model), ErrorKind.invalid)
    return usd
