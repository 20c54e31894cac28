"""An account at 10:35 whose metrics are late, and questions to them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from jobs.azure.arm import Arm
from jobs.models.traffic import Counts, ask_counts
from tests.azure_fakes.resource_manager import ROOT

NOW = datetime(2026, 11, 25, 10, 35, tzinfo=UTC)
START = NOW - timedelta(minutes=70)
ACCOUNT = f"{ROOT}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/ai"
NAMES = ["chat", "chat-2"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-25T{text}:00Z")


def always(minute: datetime) -> float:
    return 5.0


def until(text: str) -> Callable[[datetime], float]:
    return lambda minute: 5.0 if minute < at(text) else 0.0


def never(minute: datetime) -> float:
    return 0.0


def counts() -> Counts:
    with Arm() as arm:
        return ask_counts(arm, ACCOUNT, START, NOW)
