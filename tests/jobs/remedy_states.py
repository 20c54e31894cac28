"""The states of a database or a lake that a command complains of, and the commands that its sentence names."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.index.run import build_index
from jobs.migrate.run import migrate_table
from jobs.pipeline.local_runner.run import run_locally
from jobs.storage import lake
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.databases import execute
from tests.jobs.adopt.tutorial_database import make_tutorial_database
from tests.jobs.embed.stale_tables import restore

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
    "a Parquet without weights, index": (forget_weights, "index", ["migrate"]),
    "no index, search": (lambda place: place.pipeline(), SEARCH, ["index"]),
    "a damaged index, search": (empty_index, SEARCH, ["index"]),
    "a Parquet newer than the index, search": (make_parquet_newer, SEARCH, ["index"]),
}
