"""embed and upload on the command line: failures, prefixes and splits."""

import json
from pathlib import Path

import pytest

from jobs.target import Target
from tests.jobs.cli_process import run_jobs


@pytest.mark.parametrize(
    "arguments",
    [
        ["embed", "x", "--as", "a/b"],
        ["embed", "x", "--as", ""],
        ["upload", "x", "--as", ".."],
        ["upload", "x", "--as", "ends with a dot."],
        ["embed", "x", "--split", "Test"],
        ["embed", "--from-blob", "--as", "b"],
        ["embed", "--from-blob", "--split", "Training"],
    ],
)
def test_wrong_values_are_exit_2(arguments: list[str]) -> None:
    assert run_jobs(*arguments).returncode == 2


def test_where_nothing_can_be_used_there_is_one_sentence_and_exit_1(
    laptop: Target, tmp_path: Path, weights: str
) -> None:
    for number in range(2001):
        path = tmp_path / f"faces/train/happy/{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not a picture")
    for chosen in (weights, "random"):
        words = ("embed", str(tmp_path / "faces"), "--weights", chosen)
        done = run_jobs(*words)
        assert (done.returncode, done.stdout) == (1, "")
        sentences = [line for line in done.stderr.splitlines() if line.startswith("None of the 2,001 pictures")]
        assert len(sentences) == 1 and "it is not a picture" in sentences[0]
        assert len(done.stderr.splitlines()) < 10
        answer = json.loads(run_jobs(*words, "--json").stdout)
        assert answer["kind"] == "invalid" and answer["error"] in done.stderr
        assert len(answer["failed"]) == 2001
        assert answer["failed"][0] == {"filepath": "happy/0.jpg", "reason": "it is not a picture"}


def test_the_summary_has_the_emotions_and_at_most_ten_failures(laptop: Target, faces: Path, weights: str) -> None:
    for number in range(25):
        (faces / f"train/sad/{number:02}.jpg").write_bytes(b"not a picture")
    (faces / "train/sad/other.heic").write_bytes(b"")
    words = ("embed", str(faces), "--weights", weights)
    done = run_jobs(*words)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert " sad" in lines[1] and " happy" in lines[1]
    assert lines[2] == "  1 file passed over (1 .heic), only .jpg, .jpeg and .png are read"
    assert len(lines) == 3 + 10 + 1 + 1 and lines[-2] == "  and 15 more: --json lists all"
    answer = json.loads(run_jobs(*words, "--json").stdout)
    assert len(answer["failed"]) == 25
    assert sum(answer["emotions"].values()) == 40
    assert (answer["passed_over"], answer["folder"]) == ({".heic": 1}, str(faces / "train"))


def test_a_second_folder_is_refused_and_a_prefix_ends_that(
    laptop: Target, faces: Path, tmp_path: Path, weights: str
) -> None:
    second = str(tmp_path / "second")
    assert run_jobs("sample", second, "--count", "40", "--seed", "2").returncode == 0
    for command in (("embed", "--weights", weights), ("upload",)):
        name, *options = command
        assert run_jobs(name, str(faces), *options).returncode == 0
        answer = json.loads(run_jobs(name, second, *options, "--json").stdout)
        assert answer["kind"] == "conflict" and len(answer["paths"]) == 40
        assert (answer["folder"], answer["other_folder"]) == (f"{second}/train", str(faces / "train"))
        assert run_jobs(name, second, *options, "--as", "second").returncode == 0
    for command in (["migrate"], ["run-pipeline"], ["verify"]):
        assert run_jobs(*command).returncode == 0
