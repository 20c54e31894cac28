"""The preflight of a stack's models, as it is asked and told, and the dates and the bucket that the models have."""

import json
from datetime import timedelta
from typing import Any

from jobs.models.offers import today
from tests.infra.modes import CHAT
from tests.jobs.doctor.doctor_cli import World

MINI = "OpenAI.GlobalStandard.gpt5.4-mini"
GONE = "2026-10-16T00:00:00Z"
SOON = f"{today() + timedelta(days=33)}T00:00:00Z"
LATE = "2199-01-01T00:00:00Z"


def preflight(world: World) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, verdicts, and the line that mends."""
    status, seen = world.run("models", "preflight", "--target", "ana", "--json")
    found = json.loads(seen)
    assert found["ok"] == (status == 0)
    return status, found["models"], found["fix"]


def entry(**other: Any) -> dict[str, Any]:
    return {**CHAT, **other}
