"""Reports of the shop, as their objects."""

import json
from typing import Any

from tests.jobs.models.shop import OTHER
from tests.jobs.student import DoctorCli


def report(student: DoctorCli, *options: str, where: tuple[str, ...] = OTHER) -> tuple[int, dict[str, Any]]:
    """Exit status and object of the report."""
    status, seen = student.run("models", "report", *where, "--json", *options)
    found: dict[str, Any] = json.loads(seen)
    return status, found


def by_name(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in found["deployments"]}
