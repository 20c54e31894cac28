"""Upgrades of the shop's deployments, and what they send."""

from tests.azure_fakes.cloud import Request
from tests.jobs.models.shop import OTHER
from tests.jobs.student import DoctorCli

NEWER = "2026-11-01"


def upgrade(student: DoctorCli, *words: str) -> tuple[int, str]:
    return student.run("models", "upgrade", *words, *OTHER, "--yes")


def changes(student: DoctorCli) -> list[Request]:
    """The requests that change something."""
    return [each for each in student.cloud.requests if each.method in ("PUT", "PATCH", "DELETE", "POST")]
