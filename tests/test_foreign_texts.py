"""A marker that a terminal would obey stands in every foreign text: no command prints it as it is."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.index.faiss_index import CURRENT
from jobs.local.services import postgres_server
from jobs.postgres.connection import open_connection
from jobs.storage.client import lake_container
from jobs.target import Target
from tests.azure_fakes.cloud import Cloud, Response
from tests.fake_programs import FakeProgram
from tests.jobs.test_lines import obeyed

MARKER = "\x1b]0;MARK\x07\x9b31m\u202e\nMARK: forged"
SHOWN = r"\x1b]0;MARK\x07\x9b31m\u202e\nMARK: forged"
ON_DISK = MARKER.replace("/", "")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(capsys)


class Command:
    """Runs a command line, and checks all that it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str) -> str:
        main(list(words))
        printed = "".join(self.capsys.readouterr())
        assert obeyed(printed) <= {"\n"}, words
        assert not [line for line in printed.splitlines() if line.startswith("MARK")], printed
        return printed


@pytest.fixture
def hostile_faces(faces: Path) -> Path:
    """Pictures in a folder with the marker in its name, in an emotion with the marker, one of them with the marker."""
    folder = faces.rename(faces.with_name(ON_DISK))
    happy = folder / "train/happy"
    (happy / f"{ON_DISK}.jpg").write_bytes(b"no picture")
    (folder / "train" / ON_DISK).mkdir()
    (folder / "train" / ON_DISK / "face.png").write_bytes(next(happy.glob("face*")).read_bytes())
    return folder


def test_the_command_line_itself(command: Command, laptop: Target) -> None:
    for words in (
        ["embed", MARKER],
        ["upload", MARKER],
        ["search", MARKER],
        ["verify", "--target", MARKER],
        ["verify", "--outputs", MARKER],
        ["run-pipeline", MARKER],
        ["run-pipeline", "-p", f"{MARKER}=1"],
        ["embed", ".", "--weights", MARKER],
        ["migrate", "--source", MARKER],
        ["migrate", "--source", f"postgresql://u:p@{MARKER}/x"],
        ["cost", "--target", MARKER],
        [MARKER],
        ["verify", f"--{MARKER}"],
        ["index", "--from", MARKER],
        ["search", "x.jpg", "--k", MARKER],
    ):
        command(*words)


def test_names_of_files_and_folders(
    command: Command, laptop: Target, hostile_faces: Path, weights: str, tmp_path: Path
) -> None:
    assert SHOWN in command("embed", str(hostile_faces), "--weights", weights)
    assert SHOWN in command("upload", str(hostile_faces))
    named = tmp_path / f"{ON_DISK}.pt"
    named.write_bytes(Path(weights).read_bytes())
    command("embed", str(hostile_faces), "--weights", str(named), "--replace")
    command("migrate")
    command("run-pipeline")
    command("index")
    query = tmp_path / f"{ON_DISK}.jpg"
    query.write_bytes(next((hostile_faces / "train/happy").glob("face*")).read_bytes())
    found = command("search", str(query), "--weights", str(named), "--report", str(tmp_path / ON_DISK))
    assert found.count(SHOWN) >= 2
    page = (tmp_path / ON_DISK / "index.html").read_text(encoding="utf-8")
    assert SHOWN in page
    assert obeyed(page) == {"\n"}
    command("verify")


def test_rows_and_the_manifest(command: Command, laptop: Target, drawn_faces: Path, weights: str) -> None:
    command("embed", str(drawn_faces), "--weights", weights)
    command("migrate")
    command("run-pipeline")
    with open_connection(postgres_server("cloud").url()) as db, db.cursor() as cursor:
        cursor.execute("UPDATE imagenes_fer SET emotion = %s, filepath = %s || filepath", (MARKER[:50], MARKER))
        db.commit()
    face = str(next(drawn_faces.rglob("*.jpg")))
    assert "MARK" in command("verify")
    command("migrate")
    command("index", "--from", "database")
    command("search", face, "--from", "database", "--weights", weights)
    command("index")
    container = lake_container(laptop)
    manifest = json.loads(container.download_blob(CURRENT).readall())
    for name in ("weights", "vectors", "parquet_etag"):
        container.upload_blob(CURRENT, json.dumps({**manifest, name: MARKER}), overwrite=True)
        command("search", face, "--weights", weights)
        command("search", face)


def test_programs_and_answers_of_azure(command: Command, cloud: Cloud, az: FakeProgram, programs: Path) -> None:
    pulumi = FakeProgram(programs, "pulumi")
    pulumi.set_output("", MARKER, 255, MARKER)
    error = json.dumps({"error": {"code": MARKER, "message": MARKER}}).encode()
    cloud.services["management.azure.com"] = lambda request: Response(403, error)
    for words in (
        ["verify", "--target", MARKER],
        ["verify", "--target", "ana"],
        ["teardown", "--target", "ana", "--yes"],
        ["doctor", "--target", "ana"],
    ):
        assert "MARK" in command(*words), words
    command("verify", "--target", MARKER)


def test_the_outputs_of_a_stack(command: Command, laptop: Target, tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    for name in asdict(laptop):
        file.write_text(json.dumps({**asdict(laptop), name: MARKER}))
        for word in ("verify", "run-pipeline", "index"):
            assert f"The output {name} " in command(word, "--outputs", str(file)) or name.endswith("_password")
