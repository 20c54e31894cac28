"""Which folder holds the emotions: with every layout the labels are right, or the user is asked."""

from pathlib import Path

import pytest

from jobs.errors import JobError
from jobs.pictures.scan import find_pictures

RIGHT = {"happy", "sad"}
LAYOUTS = {
    "train": ["train"],
    "emotions": [""],
    "Train": ["Train"],
    "TRAIN beside test": ["TRAIN", "TEST"],
    "training": ["training", "validation"],
    "images/train": ["images/train", "images/validation"],
    "archive/fer2013/train": ["archive/fer2013/train", "archive/fer2013/test"],
    "fer2013/train": ["fer2013/train", "fer2013/test"],
    "train/train": ["train/train", "test/test"],
    "train/images": ["train/images", "test/images"],
    "emotions below archive": ["archive"],
    "emotions below archive/fer2013": ["archive/fer2013"],
    "FERPlus with folders": ["FER2013Train", "FER2013Valid", "FER2013Test"],
    "checkpoints": ["train", "train/.ipynb_checkpoints"],
    "macOS": ["fer2013/train", "__MACOSX/fer2013/train"],
    "Synology": ["train", "train/@eaDir", "train/happy/@eaDir"],
    "Windows": ["train", "train/$RECYCLE.BIN", "train/System Volume Information"],
    "test beside emotions": ["", "test"],
}


def fill(folder: Path, *below: str, emotions: tuple[str, ...] = ("happy", "sad")) -> None:
    """Create empty picture files <below>/<emotion>/1.jpg."""
    for each in below:
        for emotion in emotions:
            path = folder / each / emotion / f"{each.replace('/', ' ')}1.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_training_pictures_with_their_emotions(
    layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = LAYOUTS[layout]
    fill(tmp_path, *folders)
    scan = find_pictures(tmp_path)
    assert {picture.emotion for picture in scan.pictures} == RIGHT
    assert scan.folder == (tmp_path / folders[0]).resolve()
    assert [picture.path.parent.parent for picture in scan.pictures] == [scan.folder, scan.folder]  # no test pictures
    obvious = scan.folder in (tmp_path, tmp_path / "train")
    assert (f"Pictures: {scan.folder}" in capsys.readouterr().err) != obvious


def test_labels_of_other_names_are_taken_where_they_are_clear(tmp_path: Path) -> None:
    fill(tmp_path / "a/train", "", emotions=("cheerful", "gloomy"))
    fill(tmp_path / "b", "", emotions=("cheerful", "gloomy"))
    for folder in (tmp_path / "a", tmp_path / "b"):
        assert {picture.emotion for picture in find_pictures(folder).pictures} == {"cheerful", "gloomy"}


@pytest.mark.parametrize(
    ("folders", "emotions", "named"),
    [
        (["a/train", "b/train"], ("happy",), ["a/train", "b/train"]),
        (["train", "Train"], ("happy",), ["train", "Train"]),
        (["one", "two"], ("happy",), ["one", "two"]),
        (["", "archive/train"], ("happy",), ["archive/train"]),
        (["archive"], ("cheerful", "gloomy"), ["archive"]),
        (["mine"], ("cheerful", "gloomy"), ["mine"]),
        (["train"], ("images", "labels"), ["train/images"]),
        ([""], ("happy", "images"), ["images"]),
        ([""], ("test", "valid"), ["test"]),
        (["test"], ("happy", "sad"), ["test"]),
    ],
)
def test_a_doubt_is_a_sentence_that_names_the_folders(
    folders: list[str], emotions: tuple[str, ...], named: list[str], tmp_path: Path
) -> None:
    fill(tmp_path, *folders, emotions=emotions)
    with pytest.raises(JobError) as raised:
        find_pictures(tmp_path)
    assert all(str(tmp_path / each) in str(raised.value) for each in named)


@pytest.mark.parametrize("deep", ["train/happy", "train/happy/album", "happy"])
def test_a_folder_that_is_too_deep_is_refused(deep: str, tmp_path: Path) -> None:
    path = tmp_path / deep / "albums/1.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    with pytest.raises(JobError, match=rf"give {tmp_path / deep.rpartition('happy')[0]}".rstrip("/")):
        find_pictures(tmp_path / deep)


def test_a_named_test_folder_is_used(tmp_path: Path) -> None:
    fill(tmp_path, "train", "test")
    assert find_pictures(tmp_path / "test").folder == tmp_path / "test"


def test_ferplus_without_emotion_folders_is_refused(tmp_path: Path) -> None:
    for name in ("FER2013Train/fer0000000.png", "FER2013Test/fer0000001.png", "FER2013Train/label.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(JobError, match=r"not in emotion folders.*FERPlus.*fer2013\.csv"):
        find_pictures(tmp_path)


def test_links_do_not_make_a_folder_twice_or_endless(tmp_path: Path) -> None:
    fill(tmp_path / "data", "archive/train")
    (tmp_path / "data/latest").symlink_to(tmp_path / "data/archive", target_is_directory=True)
    (tmp_path / "data/archive/train/train").symlink_to(tmp_path / "data/archive/train", target_is_directory=True)
    scan = find_pictures(tmp_path / "data")
    assert (scan.folder, len(scan.pictures)) == (tmp_path / "data/archive/train", 2)


def test_other_formats_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, "train")
    for name in ("a.webp", "b.WEBP", "c.bmp", "d.tiff", "e.heic", "f.jfif", "notes.txt", "._g.jpg", "Thumbs.db"):
        (tmp_path / "train/happy" / name).write_bytes(b"")
    scan = find_pictures(tmp_path)
    assert scan.passed_over == {".webp": 2, ".bmp": 1, ".tiff": 1, ".heic": 1, ".jfif": 1}
    assert len(scan.pictures) == 2
    for path in tmp_path.rglob("*.jpg"):
        path.unlink()
    with pytest.raises(JobError, match=r"6 files passed over \(1 \.bmp.*2 \.webp\)"):
        find_pictures(tmp_path)
