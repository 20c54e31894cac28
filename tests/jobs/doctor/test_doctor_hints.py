"""doctor hints at what a stack could have besides: it never stops `pulumi up`."""

import json
from typing import Any

import pytest

from tests.infra.modes import CHAT
from tests.jobs.student import DoctorCli

EMBED = {**CHAT, "alias": "EMBED", "model": "text-embedding-3-small", "version": "1"}


@pytest.mark.parametrize(("models", "hints"), [([CHAT], 1), ([CHAT, EMBED], 0), ([], 0)])
def test_a_stack_without_a_deployment_embed_is_a_hint(
    student: DoctorCli, models: list[dict[str, Any]], hints: int
) -> None:
    student.configure(models=models)
    status, seen = student.run("doctor", "--target", "ana", "--json")
    found = json.loads(seen)
    assert (status, len(found["hints"])) == (0, hints)
    screen = student.run("doctor", "--target", "ana")[1]
    assert screen.count("hint     no deployment `embed`") == hints
    assert screen.splitlines()[-1].startswith("Ready for")
