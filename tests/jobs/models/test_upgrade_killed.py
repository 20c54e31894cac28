"""An upgrade that is killed at any of its requests ends the same when the same command runs again."""

import signal

import pytest

from tests.azure_fakes.cognitive_services import model
from tests.azure_fakes.model_account import ModelAccount
from tests.jobs.killed import Killed, each_third
from tests.jobs.models.shop import LUNA, moment
from tests.jobs.student import DoctorCli

NEWER = "2026-11-01"
COMMAND = ("models", "upgrade", "chat", f"@{NEWER}", "--target", "ana", "--yes", "--write")
REQUESTS = 10  # the deployment, its models and usages, the deployment again, the change, and looking at it
MOMENTS = [(at, True) for at in range(REQUESTS)] + [(at, False) for at in (5, 6)]


@pytest.mark.parametrize(("at", "answered"), each_third(*MOMENTS))
def test_a_killed_upgrade_goes_on(student: DoctorCli, played: ModelAccount, at: int, answered: bool) -> None:
    student.ai.models = [
        model(*LUNA, skus=[("GlobalStandard", moment(412))]),
        model(LUNA[0], NEWER, isDefaultVersion=False, skus=[("GlobalStandard", moment(500))]),
    ]
    entry = {"alias": "chat", "model": LUNA[0], "version": LUNA[1], "sku": "GlobalStandard", "capacity": 10}
    student.configure(models=[entry])
    played.add("chat", *LUNA)
    played.states = ("Updating", "Updating")
    killed = Killed(student.cloud, student.project)
    status, _ = killed.run(*COMMAND, at=at, answered=answered)
    assert status == (0 if at == REQUESTS - 1 else -signal.SIGKILL), "the moments are all there are, and one more"
    status, err = killed.run(*COMMAND)
    assert status == 0, err
    assert played.deployments["chat"]["properties"]["model"]["version"] == NEWER
    assert f'version: "{NEWER}"' in (student.project / "Pulumi.ana.yaml").read_text().replace("'", '"')
    assert len([each for each in student.cloud.requests if each.method == "PUT"]) <= 2
