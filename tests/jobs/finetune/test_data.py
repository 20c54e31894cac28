"""`finetune data`: what it writes, the same for the same seed, and what it refuses."""

import hashlib
import json
from pathlib import Path

import pytest

from jobs.entry import main
from jobs.errors import JobError
from jobs.finetune.carried.conversations import read_conversations, write_line
from jobs.finetune.data import load_data, write_data
from jobs.finetune.split import Share
from jobs.finetune.take import Source
from tests.jobs.finetune.training import draw_data, write_lines

GOOD = [
    write_line([{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": f"{n}."}]).decode().strip()
    for n in range(20)
]
BAD = '{"messages": [{"role": "user", "content": "only a question"}]}'


def questions(file: Path) -> list[str]:
    return [messages[0]["content"] for messages in read_conversations(file)]


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(state: Path, tmp_path: Path) -> None:
    first, again = (draw_data(200, 3, tmp_path / name) for name in ("a", "b"))
    assert first.sha256 == again.sha256 != draw_data(200, 4, tmp_path / "c").sha256
    assert first.sha256["train"] == hashlib.sha256((tmp_path / "a" / "train.jsonl").read_bytes()).hexdigest()
    assert (first.train, first.test) == (160, 40)


def test_no_question_is_on_both_sides_even_where_it_is_asked_often(state: Path, tmp_path: Path) -> None:
    rows = write_lines(tmp_path / "rows.jsonl", *GOOD, *GOOD, *GOOD)
    result = write_data(Source(name=str(rows)), Share(test_size=0.4), tmp_path / "out")
    train, test = (questions(tmp_path / "out" / f"{name}.jsonl") for name in ("train", "test"))
    assert not set(train) & set(test) and len(train) + len(test) == 60 == result.train + result.test


def test_percent_takes_rows_by_chance_and_not_the_first_ones(state: Path, tmp_path: Path) -> None:
    rows = write_lines(tmp_path / "rows.jsonl", *GOOD)
    write_data(Source(name=str(rows)), Share(percent=50, test_size=0.2), tmp_path / "out")
    taken = questions(tmp_path / "out" / "train.jsonl") + questions(tmp_path / "out" / "test.jsonl")
    assert len(taken) == 10 and set(taken) != {f"{n}?" for n in range(10)}


def test_the_record_is_written_last(state: Path, tmp_path: Path) -> None:
    draw_data(50, 0, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "data.json").read_text())
    assert record["train"] == 40 and record["test"] == 10 and set(record["sha256"]) == {"train", "test"}
    (tmp_path / "out" / "data.json").write_text('{"state": "writing"}')
    with pytest.raises(JobError, match=r"is not complete: run `python -m jobs finetune data"):
        load_data(tmp_path / "out")
    draw_data(50, 0, tmp_path / "out")
    assert load_data(tmp_path / "out").train == 40


def test_files_of_somebody_else_are_not_replaced(state: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / "train.jsonl", "mine")
    with pytest.raises(JobError, match="is there already, and is not from `finetune data`"):
        draw_data(50, 0, tmp_path)
    assert (tmp_path / "train.jsonl").read_bytes() == b"mine\n"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([*GOOD, "{"], "line 21, it is not valid JSON"),
        ([*GOOD[:3], BAD, *GOOD[3:]], "line 4, it has no turn of the assistant"),
        ([*GOOD, b"\xff"], "line 21, it is not UTF-8"),
        ([], "it is empty"),
        (GOOD[:1], "two are the least"),
    ],
)
def test_rows_that_cannot_be_used_are_an_error_with_their_lines(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[str | bytes], sentence: str
) -> None:
    rows = write_lines(tmp_path / "rows.jsonl", *lines)
    assert main(["finetune", "data", str(tmp_path / "out"), "--source", str(rows), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert sentence in answer["error"] and not (tmp_path / "out" / "train.jsonl").exists()
    if "line" in sentence:
        number = int(sentence.split("line ")[1].split(",")[0])
        assert [each["line"] for each in answer["dropped"]] == [number]


def test_drop_leaves_them_out_and_tells_their_lines(
    state: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = write_lines(tmp_path / "rows.jsonl", "{", *GOOD, BAD)
    assert main(["finetune", "data", str(tmp_path / "out"), "--source", str(rows), "--drop", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [each["line"] for each in answer["dropped"]] == [1, 22] and answer["train"] + answer["test"] == 20


def test_a_file_that_is_not_there(state: Path, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="There is no file"):
        write_data(Source(name=str(tmp_path / "no.jsonl")), Share(), tmp_path / "out")


def test_more_faces_than_there_are(state: Path) -> None:
    with pytest.raises(JobError, match="There are not so many faces"):
        draw_data(10_000_000)


def test_held_out_rows_that_are_learned_too_are_refused_with_their_lines(state: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / "train.jsonl", *GOOD[:10])
    write_lines(tmp_path / "test.jsonl", *GOOD[10:13], GOOD[2])
    with pytest.raises(JobError, match=r"held-out rows are in train\.jsonl too \(1\), the first in line 4") as error:
        load_data(tmp_path)
    assert error.value.details["dropped"] == [{"line": 4, "reason": "its question is in train.jsonl too"}]


def test_your_own_two_files_are_used_as_they_are(state: Path, tmp_path: Path) -> None:
    write_lines(tmp_path / "train.jsonl", *GOOD[:10])
    write_lines(tmp_path / "test.jsonl", *GOOD[10:12])
    assert (load_data(tmp_path).train, load_data(tmp_path).test) == (10, 2)
    write_lines(tmp_path / "test.jsonl", GOOD[10], "{")
    with pytest.raises(JobError, match=r"test\.jsonl, line 2: it is not valid JSON"):
        load_data(tmp_path)


def test_files_that_changed_after_data_wrote_them_are_refused(state: Path, tmp_path: Path) -> None:
    draw_data(50, 0, tmp_path)
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write(GOOD[0] + "\n")
    with pytest.raises(JobError, match="are not those that `finetune data` wrote"):
        load_data(tmp_path)


def test_the_hub_that_does_not_answer_is_named_with_the_way_without_it(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(JobError, match=r"data set owner/name.*--source FILE\.jsonl"):
        write_data(Source(name="owner/name"), Share(), tmp_path / "out")
