"""Blue and green on the real endpoint: made, checked, exchanged, and killed between any two steps."""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import JobError
from jobs.finetune.folder import models_folder
from jobs.finetune.local import LocalRunner
from jobs.finetune.registry import RECORD
from jobs.finetune.results import Deployment, DeployResult, ModelVersion
from jobs.finetune.runner import Connection
from jobs.finetune.serving.deployment import DeployOrder, deploy
from jobs.finetune.serving.traffic import change_traffic, show_traffic

pytestmark = pytest.mark.slow
STEPS = ("make_endpoint", "make_deployment", "questions", "ask", "mark_checked", "set_traffic")


def deploy_here(version: int, traffic: int = 100, runner: LocalRunner | None = None) -> DeployResult:
    order = DeployOrder(version=version, traffic=traffic, confirm=lambda bill: None)
    return deploy(runner or LocalRunner(), order)


def copy_version(version: ModelVersion, number: int) -> Path:
    """Another version with the same model. Returns the folder of its weights."""
    folder = models_folder() / version.name / str(number)
    shutil.copytree(version.path, folder)
    (folder / RECORD).unlink()  # it shares its bytes with the first one
    (folder / RECORD).write_text(json.dumps(asdict(replace(version, version=number, path=str(folder)))))
    return folder / "model"


def make_silent(weights: Path) -> None:
    """Let a model end its answers with their first token."""
    config = json.loads((weights / "generation_config.json").read_text())
    tokenizer = json.loads((weights / "tokenizer.json").read_text())
    (weights / "generation_config.json").unlink()
    config["eos_token_id"] = sorted({*config["eos_token_id"], *tokenizer["model"]["vocab"].values()})
    (weights / "generation_config.json").write_text(json.dumps(config))


class Killed(BaseException):
    """The process ends here."""


class KilledRunner(LocalRunner):
    """The laptop's runner that is killed before its n-th step."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __getattribute__(self, name: str) -> Any:
        if name in STEPS:
            self.left -= 1
            if not self.left:
                raise Killed
        return super().__getattribute__(name)


@pytest.fixture
def serving(served: Connection) -> Iterator[ModelVersion]:
    """The version that blue serves. Green is deleted at the end."""
    yield LocalRunner().versions()[0]
    LocalRunner().set_traffic({"blue": 100})
    LocalRunner().delete_deployment("green")


def test_the_first_deployment_is_blue_and_gets_all_the_traffic_after_the_check(trained: ModelVersion) -> None:
    with pytest.raises(JobError, match="There is no endpoint"):
        show_traffic(LocalRunner())
    result = deploy_here(1)
    assert (result.deployment, result.checked, dict(result.traffic)) == ("blue", True, {"blue": 100})
    assert deploy_here(1) == result
    with pytest.raises(JobError, match="It is the only deployment"):
        deploy_here(1, traffic=40)
    copy_version(trained, 2)
    assert dict(deploy_here(2, traffic=10).traffic) == {"blue": 90, "green": 10}
    copy_version(trained, 3)
    with pytest.raises(JobError, match="Both deployments have traffic"):
        deploy_here(3)
    assert change_traffic(LocalRunner(), {"green": 100}, drop_old=True).traffic == {"green": 100}
    assert deploy_here(3).deployment == "blue"


def test_a_deployment_that_answers_with_nothing_gets_no_traffic(serving: ModelVersion) -> None:
    make_silent(copy_version(serving, 4))
    with pytest.raises(JobError, match="answered 20 of 20 questions with nothing"):
        deploy_here(4)
    with pytest.raises(JobError, match="answered 20 of 20 questions with nothing"):
        change_traffic(LocalRunner(), {"blue": 50, "green": 50}, drop_old=False)
    assert show_traffic(LocalRunner()).traffic == {"blue": 100} and show_traffic(LocalRunner()).checked == ["blue"]
    answer, colour = LocalRunner().ask(question(serving), None)
    assert answer.startswith("This face shows") and colour == "blue"


def test_a_deployment_that_matches_fewer_answers_gets_no_traffic(serving: ModelVersion) -> None:
    weights = copy_version(serving, 5)
    base = next(Path(each) for each in models_folder().parent.glob("tiny-*/model.safetensors"))
    (weights / "model.safetensors").unlink()
    shutil.copy(base, weights / "model.safetensors")
    with pytest.raises(JobError, match=r"green matches 0\.\d\d of the held-out answers, and blue, which serves"):
        deploy_here(5)


def test_a_model_that_does_not_load_is_failed_and_the_same_command_can_follow(serving: ModelVersion) -> None:
    weights = copy_version(serving, 6)
    whole = (weights / "model.safetensors").read_bytes()
    (weights / "model.safetensors").unlink()
    (weights / "model.safetensors").write_bytes(whole[:1000])
    with pytest.raises(JobError, match="green does not start"):
        deploy_here(6)
    (weights / "model.safetensors").write_bytes(whole)
    assert dict(deploy_here(6).traffic) == {"blue": 0, "green": 100}


def test_killed_between_any_two_steps_the_same_command_goes_on(serving: ModelVersion) -> None:
    copy_version(serving, 7)
    kills = 0
    while True:
        try:
            result = deploy_here(7, runner=KilledRunner(kills + 1))
            break
        except Killed:
            kills += 1
            assert sum(show_traffic(LocalRunner()).traffic.values()) == 100
        if kills in (4, 5, 44):  # the questions in between are alike
            kills += 18
    assert kills >= 5 and result.checked and dict(result.traffic) == {"blue": 0, "green": 100}


def test_traffic_names_deployments_and_sums_to_100(serving: ModelVersion) -> None:
    for shares, sentence in (({"red": 100}, "no deployment red"), ({"blue": 90}, "sum to 90 %")):
        with pytest.raises(JobError, match=sentence):
            change_traffic(LocalRunner(), shares, drop_old=False)


def test_azures_options_are_not_for_the_laptop(trained: ModelVersion) -> None:
    order = DeployOrder(version=1, size="Standard_DS2_v2", confirm=lambda bill: None)
    with pytest.raises(JobError, match="--size or --instances is for Azure"):
        deploy(LocalRunner(), order)
    with pytest.raises(JobError, match="There is no version 9"):
        deploy_here(9)


def question(version: ModelVersion) -> Mapping[str, Any]:
    asked = LocalRunner().questions(version, 1)[0]
    return {"input_data": {"input_string": asked.messages, "parameters": {"temperature": 0}}}


def test_what_a_deployment_is_holds_no_key() -> None:
    assert "key" not in Deployment.__dataclass_fields__ and "key" not in DeployResult.__dataclass_fields__
