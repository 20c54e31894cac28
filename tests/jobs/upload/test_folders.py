"""upload: two folders with the same names, what is pruned, FER2013's CSV file, and what the summary says."""

from pathlib import Path

import pytest

from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.migrate.run import migrate_table
from jobs.pictures.locate import PicturesFolder
from jobs.pictures.sample import draw_sample
from jobs.pipeline import DEFAULT_PIPELINE
from jobs.pipeline.run import run_pipeline
from jobs.storage.client import pictures_container
from jobs.target import Target
from jobs.upload.run import upload_pictures
from jobs.verify.run import verify_target


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Other faces with the same names."""
    draw_sample(tmp_path / "others", 40, 2)
    return tmp_path / "others"


def blobs(target: Target) -> dict[str, bytes]:
    """The container's blobs with their MD5."""
    return {blob.name: bytes(blob.content_settings.content_md5) for blob in pictures_container(target).list_blobs()}


def test_a_second_folder_does_not_replace_the_pictures_of_the_first(faces: Path, others: Path, target: Target) -> None:
    container = pictures_container(target)
    upload_pictures(faces, container)
    before = blobs(target)
    with pytest.raises(JobError, match=rf"40 pictures of {others}.*from {faces}.*--as PREFIX.*--replace"):
        upload_pictures(others, container)
    assert blobs(target) == before
    second = PicturesFolder(others, "second")
    assert upload_pictures(second, container).uploaded == 40
    assert before.items() <= blobs(target).items() and len(blobs(target)) == 80
    (others / "train/sad/face_00000.jpg").unlink()
    assert upload_pictures(second, container, prune=True).pruned == 1
    assert before.items() <= blobs(target).items()
    assert upload_pictures(others, container, replace=True).uploaded == 39


def test_a_moved_folder_is_uploaded_with_what_has_changed(faces: Path, target: Target) -> None:
    container = pictures_container(target)
    upload_pictures(faces, container)
    moved = faces.rename(faces.with_name("moved"))
    changed = moved / "train/sad/face_00000.jpg"
    changed.write_bytes(changed.read_bytes() + b".")
    result = upload_pictures(moved, container)
    assert (result.uploaded, result.skipped) == (1, 39)


def test_what_cannot_be_listed_or_opened_is_not_pruned(faces: Path, target: Target) -> None:
    container = pictures_container(target)
    upload_pictures(faces, container)
    before = blobs(target)
    (faces / "train/happy").rename(faces / "aside")
    (faces / "train/happy").symlink_to("happy", target_is_directory=True)
    loop = faces / "train/sad/face_00000.jpg"
    loop.unlink()
    loop.symlink_to(loop.name)
    result = upload_pictures(faces, container, prune=True)
    assert (result.pruned, [each.filepath for each in result.failed]) == (0, ["happy/", "sad/face_00000.jpg"])
    assert blobs(target) == before


def test_the_summary_has_the_emotions_and_at_most_ten_failures(faces: Path, target: Target) -> None:
    for number in range(15):
        (faces / f"train/sad/{number:02}.jpg").symlink_to(f"{number:02}.jpg")
    (faces / "train/sad/other.webp").write_bytes(b"")
    result = upload_pictures(faces, pictures_container(target))
    lines = result.summary().splitlines()
    assert sum(result.emotions.values()) == 40 and f"{result.emotions['sad']} sad" in lines[1]
    assert lines[2] == "  1 file passed over (1 .webp), only .jpg, .jpeg and .png are read"
    assert len(lines) == 3 + 10 + 1 and lines[-1] == "  and 5 more: --json lists all"


def test_a_csv_file_goes_through_all_places(tmp_path: Path, target: Target, laptop_url: str, weights: str) -> None:
    rows = [f"{row % 7},{' '.join(str((row * 7 + pixel) % 256) for pixel in range(2304))},Training" for row in range(9)]
    (tmp_path / "data").mkdir()
    (tmp_path / "data/fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows, rows[0] + " 1"]))
    data = tmp_path / "data"
    embedded = embed_pictures(data, laptop_url, EmbedOptions(weights=weights))
    assert embedded.emotions == {"angry": 2, "disgust": 2, **dict.fromkeys(["fear", "happy", "neutral", "sad"], 1)} | {
        "surprise": 1
    }
    migrate_table(laptop_url, target)
    assert upload_pictures(data, pictures_container(target)).uploaded == 9
    assert run_pipeline(target, DEFAULT_PIPELINE, {}).status == "Succeeded"
    assert verify_target(target, laptop_url).problems == []
    assert embed_pictures(data, laptop_url, EmbedOptions()).unchanged == 9
