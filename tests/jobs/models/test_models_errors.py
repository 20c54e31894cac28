"""A refusal of Azure, or a missing login, is one sentence of the commands about models."""

import pytest

from tests.azure_fakes.cloud import Response
from tests.azure_fakes.resource_manager import error_response
from tests.jobs.student import DoctorCli


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (error_response(403, "AuthorizationFailed"), "Cognitive Services Usages Reader"),
        (error_response(409, "MissingSubscriptionRegistration"), "MissingSubscriptionRegistration"),
        (Response(200, b'{"value": [{'), "the models of swedencentral"),
    ],
)
@pytest.mark.parametrize("command", ["list", "preflight"])
def test_a_refusal_is_one_sentence(student: DoctorCli, answer: Response, message: str, command: str) -> None:
    student.manager.overrides["/usages"] = answer
    status, seen = student.run("models", command, "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert message in seen


def test_without_a_login_the_sentence_names_the_command(student: DoctorCli) -> None:
    (student.project / "programs" / "az").unlink()
    status, seen = student.run("models", "preflight", "--target", "ana")
    assert (status, seen.count("\n")) == (1, 1)
    assert "`az login`" in seen and "install" in seen
