"""A refusal of Azure, or a missing login, is one sentence of the commands about models."""

import pytest

from tests.azure_fakes.cloud import Answer
from tests.azure_fakes.resource_manager import refusal
from tests.jobs.student import DoctorCli


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refusal(403, "AuthorizationFailed"), "Cognitive Services Usages Reader"),
        (refusal(409, "MissingSubscriptionRegistration"), "MissingSubscriptionRegistration"),
        (Answer(200, b'{"value": [{'), "the models of swedencentral"),
    ],
)
@pytest.mark.parametrize("command", ["list", "preflight"])
def test_a_refusal_is_one_sentence(world: DoctorCli, answer: Answer, message: str, command: str) -> None:
    world.manager.instead["/usages"] = answer
    status, seen = world.run("models", command, "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert message in seen


def test_without_a_login_the_sentence_names_the_command(world: DoctorCli) -> None:
    (world.project / "programs" / "az").unlink()
    status, seen = world.run("models", "preflight", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert "`az login`" in seen and "install" in seen
