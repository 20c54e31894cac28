"""A run's name is made of base, data and settings."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.finetune.order import RUN_NAME, TINY, Base, DataFolder, Settings, default_settings, name_run

BASE = Base(name="owner/Phi-4 mini", sha256="b")
DATA = DataFolder(folder=Path("data"), sha256="d", train=2, test=2)


def test_the_same_order_has_the_same_name_and_each_difference_another_one() -> None:
    names = [
        name_run(BASE, DATA, Settings()),
        name_run(BASE, DATA, Settings(seed=1)),
        name_run(BASE, DATA, Settings(learning_rate=0.1)),
        name_run(replace(BASE, sha256="c"), DATA, Settings()),
        name_run(BASE, replace(DATA, sha256="e"), Settings()),
    ]
    assert len(set(names)) == len(names) and names[0] == name_run(BASE, replace(DATA, train=9), Settings())


@pytest.mark.parametrize("name", ["tiny", "owner/Phi-4 mini", "é/../..", "x" * 300, "-", "catalogue:Phi:1"])
def test_the_name_can_be_that_of_a_folder_and_of_a_job(name: str) -> None:
    assert RUN_NAME.fullmatch(name_run(replace(BASE, name=name), DATA, Settings()))


def test_settings_are_arguments_of_the_program_that_trains() -> None:
    words = Settings(learning_rate=0.5).arguments()
    assert words[words.index("--learning-rate") + 1] == "0.5" and "--lr-scheduler-type" in words


def test_the_learning_rate_follows_the_kind_of_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    for model, rate, batch in ((TINY, 5e-3, 32), ("microsoft/Phi-4-mini-instruct", 2e-4, 4), ("folder", 2e-4, 4)):
        settings = default_settings(model)
        assert (settings.learning_rate, settings.batch_size) == (rate, batch)
    assert main(["finetune", "train", "--help"]) == 0
    text = " ".join(re.findall(r"[\w.]+", capsys.readouterr().out))
    assert "Default 0.005 for tiny else 0.0002" in text and "Default 32 for tiny else 4" in text
