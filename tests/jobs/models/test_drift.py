"""Where the setting and Azure differ, the report names the command that ends it either way."""

from typing import Any

import pytest

from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.models.reports import by_name, report
from tests.jobs.models.shop import LUNA
from tests.jobs.student import DoctorCli

# What Azure has, and the commands that keep the setting's, in their order
DRIFTS: list[tuple[dict[str, Any], str]] = [
    ({"model": LUNA[0], "version": LUNA[1]}, "migrate start chat gpt-5.4-mini@2026-03-17"),
    ({"version": "2026-12-01"}, "upgrade chat gpt-5.4-mini@2026-03-17"),
    ({"version": "2026-12-01", "capacity": 7}, "upgrade chat gpt-5.4-mini@2026-03-17"),
    ({"capacity": 7}, "scale chat 1"),
    ({"policy": None}, "policy chat NoAutoUpgrade"),
    ({"sku": "DataZoneStandard"}, "migrate start chat gpt-5.4-mini@2026-03-17 --sku GlobalStandard"),
]


@pytest.mark.parametrize(("has", "command"), DRIFTS)
def test_drift_names_the_command_that_ends_it_either_way(
    student: DoctorCli, played: ModelAccount, has: dict[str, Any], command: str
) -> None:
    played.add("chat", **{"model": "gpt-5.4-mini", "version": "2026-03-17", "capacity": 1} | has)
    _, found = report(student, where=("--target", "ana"))
    drift = by_name(found)["chat"]["drift"]
    assert "the setting says" in drift
    assert "`models adopt chat --write --target ana` keeps Azure's" in drift
    assert f"`models {command} --target ana` keeps the setting's" in drift
    assert by_name(found)["chat"]["setting"]["version"] == "2026-03-17"


def test_without_a_difference_there_is_no_drift(student: DoctorCli, played: ModelAccount) -> None:
    played.add("CHAT", "gpt-5.4-mini", "2026-03-17", capacity=1, sku="globalstandard")
    assert by_name(report(student, where=("--target", "ana"))[1])["CHAT"]["drift"] is None
