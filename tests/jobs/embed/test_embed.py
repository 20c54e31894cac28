"""embed with a real database: the table after a first run and after further runs."""

import importlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from jobs.bench.torch_ops import torchvision_models
from tests.jobs.embed.embed_runs import run, table

pytestmark = pytest.mark.slow


def original(path: Path, weights: str) -> np.ndarray:
    """Compute the vector of a picture as the original script does."""
    models, transforms = torchvision_models(), importlib.import_module("torchvision.transforms")
    model = models.resnet18()
    model.fc = torch.nn.Identity()
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    transform = transforms.Compose(
        [
            transforms.Grayscale(num_output_channels=3),
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
    )
    with torch.no_grad():
        return model(transform(Image.open(path)).unsqueeze(0)).squeeze().numpy()


@pytest.mark.filterwarnings("ignore:Palette images")  # the original's code warns of them
def test_vectors_are_the_originals(faces: Path, laptop_url: str, weights: str) -> None:
    colour = Image.effect_mandelbrot((90, 61), (-2, -1, 1, 1), 50).convert("RGBA")
    colour.save(faces / "train/happy/colour.png")
    colour.convert("P").save(faces / "train/happy/palette.PNG")
    colour.convert("RGB").resize((500, 400)).save(faces / "train/happy/large.jpeg")
    run(faces, laptop_url, weights)
    for filepath, (_, emotion, text) in table(laptop_url).items():
        assert emotion == filepath.partition("/")[0]
        ours, theirs = np.array(eval(text)), original(faces / "train" / filepath, weights)  # noqa: S307 - numbers
        assert ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs) >= 0.999999
    assert len(table(laptop_url)) == 43


def test_a_second_run_changes_nothing(faces: Path, laptop_url: str, weights: str) -> None:
    assert run(faces, laptop_url, weights).embedded == 40
    before = table(laptop_url)
    again = run(faces, laptop_url, None)
    assert (again.unchanged, again.embedded) == (40, 0)
    assert table(laptop_url) == before
    assert sorted(id for id, _, _ in before.values()) == list(range(1, 41))


def test_renamed_changed_deleted_and_new_pictures(faces: Path, laptop_url: str, weights: str) -> None:
    run(faces, laptop_url, weights)
    before = table(laptop_url)
    happy = faces / "train/happy"
    first, second, third, fourth = sorted(happy.iterdir())[:4]
    sad = faces / "train/sad"
    first.rename(sad / "was happy é.jpg")
    second.rename(happy / "aside")
    third.rename(second)
    (happy / "aside").rename(third)
    fourth.write_bytes((sad / "face_00000.jpg").read_bytes())
    (sad / "face_00001.jpg").unlink()
    result = run(faces, laptop_url, weights)
    assert (result.renamed, result.duplicates, result.embedded, result.deleted) == (3, 1, 0, 1)
    after = table(laptop_url)
    moved = before[f"happy/{first.name}"]
    assert after["sad/was happy é.jpg"] == (moved[0], "sad", moved[2])
    assert after[f"happy/{second.name}"] == before[f"happy/{third.name}"]
    assert after[f"happy/{third.name}"] == before[f"happy/{second.name}"]
    assert after[f"happy/{fourth.name}"][2] == before["sad/face_00000.jpg"][2]
    assert after[f"happy/{fourth.name}"][0] == before[f"happy/{fourth.name}"][0]
    assert "sad/face_00001.jpg" not in after


def test_copies_are_rows_with_the_same_vector(faces: Path, laptop_url: str, weights: str) -> None:
    for number in range(3):
        shutil.copy(faces / "train/happy/face_00000.jpg", faces / f"train/sad/copy {number}.jpg")
    result = run(faces, laptop_url, weights)
    assert (result.embedded, result.duplicates) == (40, 3)
    rows = table(laptop_url)
    assert {rows[f"sad/copy {number}.jpg"][2] for number in range(3)} == {rows["happy/face_00000.jpg"][2]}
    assert run(faces, laptop_url, weights).unchanged == 43


def test_unusable_pictures_are_reported_and_the_run_continues(faces: Path, laptop_url: str, weights: str) -> None:
    sad = faces / "train/sad"
    whole = (sad / "face_00000.jpg").read_bytes()
    (sad / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    (sad / "broken too.jpg").write_bytes(whole[: len(whole) // 2])
    (sad / "empty.png").write_bytes(b"")
    (sad / "text.jpg").write_text("not a picture")
    long = "deep/" + "x" * 243 + ".jpg"
    (sad / "deep").mkdir()
    (sad / long).write_bytes(whole + b" ")
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    (sad / "bomb.png").write_bytes(bomb.getvalue())
    Image.new("L", (60_000, 2)).save(sad / "narrow.png")
    result = run(faces, laptop_url, weights)
    reasons = {failed.filepath.removeprefix("sad/"): failed.reason for failed in result.failed}
    assert set(reasons) == {"broken.jpg", "broken too.jpg", "empty.png", "text.jpg", "bomb.png", "narrow.png", long}
    assert reasons["narrow.png"] == "it is 60000 x 2 pixels: one side is over 20 times as long as the other"
    assert "bomb" in reasons["bomb.png"]
    assert "256 characters" in reasons[long]
    assert result.embedded == len(table(laptop_url)) == 40
    (sad / "broken.jpg").write_bytes(whole + b"complete")
    again = run(faces, laptop_url, weights)
    assert (again.unchanged, again.embedded, len(again.failed)) == (40, 1, 6)


def test_a_picture_that_becomes_unreadable_loses_its_row(faces: Path, laptop_url: str, weights: str) -> None:
    run(faces, laptop_url, weights)
    (faces / "train/sad/face_00000.jpg").write_bytes(b"broken")
    result = run(faces, laptop_url, weights)
    assert (result.deleted, len(result.failed)) == (1, 1)
    assert "sad/face_00000.jpg" not in table(laptop_url)


def test_another_folder_adds_its_pictures(faces: Path, laptop_url: str, weights: str, tmp_path: Path) -> None:
    run(faces, laptop_url, weights)
    other = tmp_path / "other"
    shutil.copytree(faces / "train/happy", other / "cheerful")
    result = run(other, laptop_url, weights)
    assert (result.duplicates, result.deleted) == (result.found, 0)
    assert len(table(laptop_url)) == 40 + result.found


def test_a_limit_embeds_the_first_and_deletes_nothing(faces: Path, laptop_url: str, weights: str) -> None:
    assert run(faces, laptop_url, weights, limit=10).found == 10
    assert len(table(laptop_url)) == 10
    (faces / "train/angry/face_00000.jpg").unlink()
    run(faces, laptop_url, weights, limit=5)
    assert "angry/face_00000.jpg" in table(laptop_url)
    assert run(faces, laptop_url, weights).deleted == 1
    assert len(table(laptop_url)) == 39
