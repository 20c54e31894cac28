"""What an answer costs: tokens times Azure's price, unknown until `cost --refresh` has read it."""

from jobs.assistant.conversation import Usage


def price_usage(model: str | None, usage: Usage) -> tuple[float | None, str | None]:
    """US dollars, and the date of the price; None where no price of the model is known. Never a guess."""
    return None, None


def limit_spending(usd: float) -> None:
    """Placeholder until prices exist."""
