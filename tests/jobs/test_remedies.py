"""Table state -> sentence -> command: each sentence's command ends the state. None leads round in a circle.

A remedy is what the sentence has in backticks, with a folder and weights filled in, or SQL. After it the same command
says something else, or nothing.
"""

import json
import re
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.local.services import laptop_url as default_url
from jobs.target import Target
from tests.databases import execute
from tests.jobs.remedy_states import STATES, Place


@pytest.fixture
def place(laptop: Target, drawn_faces: Path, weights: str) -> Place:
    """The laptop and the target that the commands use by default, empty."""
    return Place(default_url(), laptop, drawn_faces, weights)


@pytest.mark.parametrize("state", STATES)
def test_the_command_of_a_sentence_ends_the_state(
    place: Place, state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, command, remedies = STATES[state]
    make(place)
    words = fill_in(command, place, tmp_path)
    sentence = say(words, capsys)
    for remedy in remedies:
        if remedy == "SQL":
            (statement,) = re.findall(r"\b(?:ALTER|UPDATE|DELETE)\b[^;]*?(?=; |;|$| ends that)", sentence)[:1]
            execute(place.laptop, statement)
            continue
        assert_names(sentence, remedy)
        assert main(fill_in(remedy, place, tmp_path)) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert sentence[:40] not in say(words, capsys, must_complain=False)


def assert_names(sentence: str, remedy: str) -> None:
    """The sentence has the command in backticks; `--keep-one` may be added to the command that ran."""
    named = re.findall(r"`python -m jobs ([^`]*)`", sentence)
    assert remedy in named or (remedy.endswith("--keep-one") and "--keep-one" in sentence), (remedy, sentence)


def fill_in(command: str, place: Place, folder: Path) -> list[str]:
    """The words of a command line, with the weights that are on this machine."""
    picture = next(place.faces.rglob("*.jpg"))
    names = {"DIR": str(place.faces), "{picture}": str(picture), "{file}": str(folder / "x.parquet")}
    names["FILE"] = str(other_weights(place, folder)) if "FILE" in command else ""
    words = [names.get(word, word) for word in command.split()]
    return words + (["--weights", place.weights] if words[0] in ("embed", "adopt") and "FILE" not in command else [])


def other_weights(place: Place, folder: Path) -> Path:
    """Weights that are not those of the table: its own, in a file of other bytes."""
    import torch

    torch.save(torch.load(place.weights, weights_only=True) | {"fc.weight": torch.zeros(1)}, folder / "other.pt")
    return folder / "other.pt"


def say(words: list[str], capsys: pytest.CaptureFixture[str], must_complain: bool = True) -> str:
    """What a command complains of: its error, its problems, or a note on stderr."""
    capsys.readouterr()
    status = main([*words, "--json"])
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    problems = [each.partition(": ")[2] for each in answer.get("problems", [])]
    complaints = [answer["error"]] if "error" in answer else problems
    if not complaints and "python -m jobs" in printed.err:
        complaints = [line for line in printed.err.splitlines() if "python -m jobs" in line]
    assert not must_complain or complaints, (status, printed)
    return " ".join(complaints)
