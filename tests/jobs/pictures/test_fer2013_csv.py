"""FER2013's CSV file becomes a folder of pictures."""

import os
import random
from pathlib import Path

import pytest
from PIL import Image

from jobs.errors import JobError
from jobs.pictures.locate import PicturesFolder
from jobs.pictures.scan import ScanResult, find_pictures

EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder for one test."""
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path / "state"))
    return tmp_path / "state"


def pixels(seed: int) -> list[int]:
    return [random.Random(seed).randrange(256) for _ in range(48 * 48)] if seed else [0] * (48 * 48)


def write_csv(path: Path, separator: str = ",", header: str = "emotion,pixels,Usage", encoding: str = "utf-8") -> Path:
    """Write one row for each emotion to train with, and two to test with."""
    usages = ["Training"] * 7 + ["PublicTest", "PrivateTest"]
    rows = [f"{row % 7},{' '.join(map(str, pixels(row)))},{usage}" for row, usage in enumerate(usages)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]).replace(",", separator), encoding=encoding)
    return path


def scan(path: Path, split: str | None = None, prefix: str | None = None) -> ScanResult:
    return find_pictures(PicturesFolder(path, prefix, split))


def names(result: ScanResult) -> list[str]:
    return [picture.filepath for picture in result.pictures]


def test_rows_become_pictures_with_fer2013s_emotions_and_pixels(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "fer2013.csv")
    result = scan(file)
    assert names(result) == sorted(f"{emotion}/Training_{row:05}.png" for row, emotion in enumerate(EMOTIONS, 1))
    for picture in result.pictures:
        with Image.open(picture.path) as image:
            row = EMOTIONS.index(picture.emotion)
            assert (image.mode, image.size, image.tobytes()) == ("L", (48, 48), bytes(pixels(row)))


@pytest.mark.parametrize("below", ["", "fer2013", "archive/fer2013"])
def test_a_folder_that_holds_the_file_is_enough(below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_csv(tmp_path / "data" / below / "fer2013.csv")
    assert len(names(scan(tmp_path / "data"))) == 7
    assert f"Training of {file}" in capsys.readouterr().err


def test_a_folder_train_comes_before_the_file_and_a_split_asks_for_the_file(tmp_path: Path) -> None:
    write_csv(tmp_path / "fer2013.csv")
    (tmp_path / "train/happy").mkdir(parents=True)
    (tmp_path / "train/happy/a.jpg").write_bytes(b"")
    assert names(scan(tmp_path)) == ["happy/a.jpg"]
    assert names(scan(tmp_path, "PublicTest")) == ["angry/PublicTest_00008.png"]
    with pytest.raises(JobError, match="--split chooses rows"):
        scan(tmp_path / "train", "PublicTest")


def test_splits_are_apart(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "fer2013.csv")
    assert names(scan(file, "PublicTest")) == ["angry/PublicTest_00008.png"]
    assert names(scan(file, "PrivateTest", "exam")) == ["disgust/exam/PrivateTest_00009.png"]


@pytest.mark.parametrize(
    ("separator", "header", "encoding"),
    [
        (";", "emotion,pixels,Usage", "utf-8-sig"),
        (",", "emotion, pixels, Usage", "utf-16"),
        (",", '"emotion","pixels","Usage"', "utf-8"),
    ],
)
def test_files_that_other_programs_saved(tmp_path: Path, separator: str, header: str, encoding: str) -> None:
    assert len(names(scan(write_csv(tmp_path / "icml_face_data.csv", separator, header, encoding)))) == 7


def test_pictures_are_written_once_and_again_where_the_file_has_changed(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "fer2013.csv")
    first = {picture.filepath: picture.path.read_bytes() for picture in scan(file).pictures}
    os.utime(file, (1e9, 1e9))
    scan(file)
    marker = scan(file).pictures[0].path
    marker.write_bytes(b"not written again")
    assert scan(file).pictures[0].path.read_bytes() == b"not written again"
    file.write_text(file.read_text())
    assert {picture.filepath: picture.path.read_bytes() for picture in scan(file).pictures} == first


def test_rows_that_are_not_pictures_are_reported_each_time(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "fer2013.csv")
    good = " ".join(map(str, pixels(1)))
    bad = [f"7,{good},Training", f"x,{good},Training", "3,1 2 3,Training", f"3,{good} 256,Training", "3", f"3,{good}"]
    file.write_text(file.read_text() + "\n".join(bad) + "\n")
    for _ in range(2):
        result = scan(file)
        assert len(result.pictures) == 8  # the last row has no Usage: as in train.csv, which has no such column
        reasons = {each.filepath: each.reason for each in result.failed}
        assert list(reasons) == [f"fer2013.csv row {row}" for row in (10, 11, 12, 13, 14)]
        assert "its emotion is '7'" in reasons["fer2013.csv row 10"]
        assert "3 pixels" in reasons["fer2013.csv row 12"]


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"emotion,pixels,Usage\n", b"\xff\xfe\x00", b"\x89PNG\r\n\xff"]
)
def test_a_file_that_is_not_fer2013s_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "fer2013.csv"
    file.write_bytes(content)
    with pytest.raises(JobError, match=r"fer2013\.csv"):
        scan(file)


def test_two_files_are_a_doubt(tmp_path: Path) -> None:
    write_csv(tmp_path / "a/fer2013.csv")
    write_csv(tmp_path / "b/fer2013.csv")
    with pytest.raises(JobError, match="two files"):
        scan(tmp_path)
