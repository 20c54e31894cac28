"""Table state -> sentence -> command: each sentence's command ends the state. None leads round in a circle.

A remedy is what the sentence has in backticks, with a folder and weights filled in, or SQL. After it the same command
says something else, or nothing.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.entry import main
from jobs.index.run import build_index
from jobs.local.services import laptop_url as default_url
from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.storage import lake
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.jobs.adopt.tutorial_database import make_tutorial_database
from tests.jobs.embed.stale_tables import execute, restore

PIPELINE = "PL_Migrar_Datos_FER"


@dataclass(frozen=True)
class Place:
    """The services' own databases and containers, as the commands see them without --source."""

    laptop: str
    target: Target
    faces: Path
    weights: str

    def embed(self) -> None:
        embed_pictures(self.faces, self.laptop, EmbedOptions(weights=self.weights))

    def migrate(self) -> None:
        self.embed()
        migrate_table(self.laptop, self.target)

    def pipeline(self) -> None:
        self.migrate()
        run_locally(self.target, PIPELINE, {})

    def index(self) -> None:
        self.pipeline()
        build_index(self.target, "lake")

    def tutorial(self, times: int) -> None:
        make_tutorial_database(self.laptop, self.faces, self.weights, times)


def forget_weights(place: Place) -> None:
    """A Parquet of a database without a record: what `index` cannot use."""
    place.migrate()
    execute(place.target, "DELETE FROM embedding")
    run_locally(place.target, PIPELINE, {})


def make_parquet_newer(place: Place) -> None:
    place.index()
    run_locally(place.target, PIPELINE, {})


def put_vectors_in_the_wrong_rows(place: Place, of: Callable[[Place], str | Target]) -> None:
    place.migrate()
    restore(of(place), "dropped", shifted=True)


def relabel(place: Place) -> None:
    place.pipeline()
    execute(place.laptop, "UPDATE imagenes_fer SET emotion = 'sad' WHERE emotion = 'happy'")


def write_backslashes(place: Place) -> None:
    place.pipeline()
    execute(place.laptop, r"UPDATE imagenes_fer SET filepath = replace(filepath, '/', '\')")


def lose_all_weights(place: Place) -> None:
    place.migrate()
    for database in (place.laptop, place.target):
        execute(database, "DELETE FROM embedding")


def float_vectors(place: Place) -> None:
    place.embed()
    execute(place.laptop, "ALTER TABLE imagenes_fer ALTER vector TYPE float8[] USING vector::real[]::float8[]")


def empty_index(place: Place) -> None:
    place.index()
    lake_container(place.target).upload_blob(lake.INDEX + "current.json", b"{}", overwrite=True)


SEARCH = "search {picture}"
STATES: dict[str, tuple[Callable[[Place], None], str, list[str]]] = {
    "no table, verify": (lambda place: None, "verify", ["embed DIR", "migrate"]),
    "no vectors, search": (lambda place: place.embed(), SEARCH + " --from database", ["migrate"]),
    "no table, export": (lambda place: place.embed(), "export {file}", ["migrate"]),
    "a tutorial's table, embed": (lambda place: place.tutorial(1), "embed DIR", ["adopt DIR"]),
    "a tutorial's table, replaced": (lambda place: place.tutorial(1), "embed DIR", ["embed DIR --replace"]),
    "a tutorial's table, verify": (lambda place: place.tutorial(1), "verify", ["adopt DIR"]),
    "a tutorial's table twice, embed": (lambda place: place.tutorial(2), "embed DIR", ["adopt DIR --keep-one"]),
    "a tutorial's table twice, adopt": (lambda place: place.tutorial(2), "adopt DIR", ["SQL"]),
    "backslashes, verify": (write_backslashes, "verify", ["adopt DIR"]),
    "labels by hand, verify": (relabel, "verify", ["SQL"]),
    "float8[], embed": (float_vectors, "embed DIR", ["SQL"]),
    "float8[], adopt": (float_vectors, "embed DIR", ["adopt DIR"]),
    "other weights, embed": (
        lambda place: place.embed(),
        "embed DIR --weights FILE",
        ["embed DIR --replace --weights FILE"],
    ),
    "a stale record, embed": (
        lambda place: put_vectors_in_the_wrong_rows(place, lambda each: each.laptop),
        "embed DIR",
        ["embed DIR --replace"],
    ),
    "a stale record, verify": (
        lambda place: put_vectors_in_the_wrong_rows(place, lambda each: each.laptop),
        "verify",
        ["embed DIR --replace"],
    ),
    "a stale target, search": (
        lambda place: put_vectors_in_the_wrong_rows(place, lambda each: each.target),
        SEARCH + " --from database",
        ["migrate"],
    ),
    "a stale target, index": (
        lambda place: put_vectors_in_the_wrong_rows(place, lambda each: each.target),
        "index --from database",
        ["migrate"],
    ),
    "unknown weights, search": (
        lose_all_weights,
        SEARCH + " --from database",
        ["embed DIR --replace", "migrate"],
    ),
    "unknown weights, adopted": (lose_all_weights, SEARCH + " --from database", ["adopt DIR", "migrate"]),
    "no Parquet, index": (lambda place: place.migrate(), "index", ["run-pipeline"]),
    "no Parquet, verify": (lambda place: place.migrate(), "verify", ["run-pipeline"]),
    "a Parquet without weights, index": (forget_weights, "index", ["migrate", "run-pipeline"]),
    "no index, search": (lambda place: place.pipeline(), SEARCH, ["index"]),
    "a damaged index, search": (empty_index, SEARCH, ["index"]),
    "a Parquet newer than the index, search": (make_parquet_newer, SEARCH, ["index"]),
}


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
