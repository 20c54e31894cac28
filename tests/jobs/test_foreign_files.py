"""Every reader of a file that others wrote: a value or a sentence, whatever the bytes, and at once for a device."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs import foreign_files
from jobs.configuration import read_configuration
from jobs.embed.weights import weights_from_file
from jobs.entry import main
from jobs.errors import JobError
from jobs.foreign_files import MAX_DEPTH, UnusableFileError, parse_json, parse_yaml, read_regular_file
from jobs.pictures.read import UnreadableError, read_file
from jobs.pipeline.documents import Documents
from jobs.target import Target, read_outputs

Read = Callable[[Path], Any]
ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
CONFIG = "config:\n  vector-lake:"
BAD_YAML = [
    ALIASES + CONFIG + "location: *i",
    CONFIG + "location: " + "[" * 2000 + "]" * 2000,
    CONFIG + "models: '" + "[" * 100_000,
    CONFIG + "location: [a]",
    CONFIG + "location: !!int x",
    CONFIG + "location: !!bool x",
    CONFIG + "location: !!timestamp x",
    CONFIG + "budgetAmount: .inf",
    CONFIG + "budgetAmount: many",
    CONFIG + "models: text",
    CONFIG + 'location: "\\e[31m"',
    "config: [a]",
    "- a",
    "a: 2024-99-99",
    "? [a]\n: b",
    "\t",
    "x" * 200_000,
]
BAD_JSON = [
    "[" * 100_000,
    '{"a":' * (MAX_DEPTH + 2) + "1" + "}" * (MAX_DEPTH + 2),
    "1" * 5_000,
    '"\\ud800"',
    *("NaN", "Infinity"),
    *("", "{", "[]", "null"),
]


@pytest.fixture
def stack_file(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of the stack `ana`, in a project of its own."""
    (tmp_path / "Pulumi.yaml").write_bytes((project / "Pulumi.yaml").read_bytes())
    monkeypatch.setattr("jobs.configuration.PROJECT", tmp_path)
    return tmp_path / "Pulumi.ana.yaml"


def read_target(file: Path) -> Target:
    return Target.from_outputs(read_outputs(file), "pulumi up")


def read_pipeline(file: Path) -> object:
    return Documents(file.parent.parent, {}).read("pipeline", file.stem)


READERS = {
    "outputs.json": read_target,
    "pipeline/PL.json": read_pipeline,
    "weights.pt": weights_from_file,
    "Pulumi.ana.yaml": lambda file: read_configuration("ana"),
}
SPECIAL = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@SPECIAL
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_only_regular_files_are_read(stack_file: Path, name: str, kind: str) -> None:
    file = stack_file.with_name("adf") / name if "/" in name else stack_file.with_name(name)
    file.parent.mkdir(exist_ok=True, parents=True)
    make = {"pipe": os.mkfifo, "device": lambda path: path.symlink_to("/dev/zero"), "folder": Path.mkdir}
    make[kind](file)
    with pytest.raises(JobError):
        READERS[name](file)


@SPECIAL
def test_a_picture_is_a_regular_file(services: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(UnreadableError, match="a device or a pipe"):
            read_file(path)
        assert main(["search", str(path)]) == 1
        assert "a device or a pipe" in capsys.readouterr().err


def test_a_file_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_regular_file(file, 5) == b"12345"
    with pytest.raises(UnusableFileError, match="larger than 0 kB"):
        read_regular_file(file, 4)
    with file.open("wb") as stream:
        stream.truncate(2**40)
    for read in (read_outputs, weights_from_file):
        with pytest.raises(JobError, match="larger than"):
            read(file)


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    before = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        found = before(descriptor)
        with file.open("ab") as stream:
            stream.write(b"6")
        return found

    monkeypatch.setattr(foreign_files.os, "fstat", grow)
    with pytest.raises(UnusableFileError, match="changed while it was read"):
        read_regular_file(file, 100)


@pytest.mark.parametrize("text", BAD_YAML, ids=range(len(BAD_YAML)))
def test_settings_that_cannot_be_used(stack_file: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    stack_file.write_text(text)
    assert main(["cost", "--target", "ana"]) == 1
    printed = capsys.readouterr().err
    assert "Pulumi.ana.yaml" in printed
    assert len(printed) < 1000


def test_settings_that_are_no_text_and_keys_that_are_numbers(stack_file: Path) -> None:
    stack_file.write_bytes(b"config: \xff\xfe")
    with pytest.raises(JobError, match="not valid YAML"):
        read_configuration("ana")
    stack_file.write_text("config:\n  1: 2\n  vector-lake:budgetAmount: '250'\n")
    assert read_configuration("ana").budget_amount == 250


def test_an_alias_stands_for_its_value(stack_file: Path) -> None:
    stack_file.write_text("config:\n  vector-lake:location: &here spaincentral\n  vector-lake:aiLocation: *here\n")
    assert read_configuration("ana").location == "spaincentral"


@pytest.mark.parametrize("text", BAD_JSON, ids=range(len(BAD_JSON)))
@pytest.mark.parametrize("name", ["outputs.json", "pipeline/PL.json"])
def test_documents_that_cannot_be_used(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "adf" / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(JobError):
        READERS[name](file)


BYTES = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME_FOLDER
@given(BYTES | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_value_or_a_sentence(stack_file: Path, data: bytes) -> None:
    for parse in (parse_json, parse_yaml):
        try:
            parse(data)
        except UnusableFileError as error:
            assert str(error)
    for name, read in READERS.items():
        file = stack_file.with_name("adf") / name if "/" in name else stack_file.with_name(name)
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_bytes(data)
        try:
            read(file)
        except JobError as error:
            assert str(error)


@SAME_FOLDER
@given(st.dictionaries(st.sampled_from(["location", "models", "entraOnly", "budgetAmount", "allowedIps"]), JSON))
def test_any_settings_are_a_configuration_or_a_sentence(stack_file: Path, values: dict[str, Any]) -> None:
    stack_file.write_text(json.dumps({"config": {f"vector-lake:{name}": value for name, value in values.items()}}))
    try:
        read_configuration("ana")
    except JobError as error:
        assert str(error).startswith("Pulumi.ana.yaml")
