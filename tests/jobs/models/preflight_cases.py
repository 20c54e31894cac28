"""Runs the preflight of a stack's models; dates and a quota bucket for its tests."""

import json
from datetime import timedelta
from typing import Any

from jobs.models.offers import today
from tests.infra.modes import CHAT
from tests.jobs.student import DoctorCli

MINI = "OpenAI.GlobalStandard.gpt5.4-mini"
GONE = "2026-10-16T00:00:00Z"
SOON = f"{today() + timedelta(days=33)}T00:00:00Z"
LATE = "2199-01-01T00:00:00Z"


def preflight(student: DoctorCli) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, verdicts, and the line that fixes the setting."""
    status, output = student.run("models", "preflight", "--target", "ana", "--json")
    result = json.loads(output)
    assert result["ok"] == (status == 0)
    return status, result["models"], result["fix"]


def entry(**other: Any) -> dict[str, Any]:
    return {**CHAT, **other}
