"""A head for the faces: it helps where labels follow from the vectors, and a head of noise is not written."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from jobs.embed.model import load_resnet18
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.entry import main
from jobs.errors import JobError
from jobs.finetune.faces import Search, discriminants, helps, judge, number_classes
from jobs.pictures.sample import draw_sample
from jobs.postgres.connection import open_connection

Floats = NDArray[np.float64]


def draw_vectors(noise: float) -> tuple[Floats, NDArray[np.intp]]:
    """280 vectors of 512: seven classes differ in a few directions that the noise hides from cosines."""
    numbers = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), 40)
    means = numbers.normal(size=(7, 512)) * 0.25
    return means[labels] + numbers.normal(size=(280, 512)) * noise, labels


def test_held_out_pictures_have_more_neighbours_of_their_own_emotion() -> None:
    vectors, labels = draw_vectors(1.0)
    before, after = judge(vectors, labels, Search(), 0)
    assert after > before + 0.1
    matrix, bias = discriminants(vectors, labels)
    assert matrix.shape == (6, 512) and np.abs((vectors @ matrix.T + bias).mean(axis=0)).max() < 1e-8


def test_labels_of_chance_do_not_help() -> None:
    vectors, labels = draw_vectors(1.0)
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permutation(labels)
        folds = [judge(vectors, shuffled, Search(), fold) for fold in range(5)]
        assert not helps(np.array([after - before for before, after in folds]))


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(JobError, match="A head needs 4 pictures of each of two emotions"):
        number_classes(["happy"] * 10 + ["sad"] * 3)


@pytest.mark.slow
def test_the_head_is_embedded_and_a_head_of_noise_is_refused(
    laptop_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_sample(tmp_path / "faces", 350, 5)
    embed_pictures(tmp_path / "faces", laptop_url, EmbedOptions(weights="random"))
    head = tmp_path / "head.pt"
    words = ["finetune", "faces", "--source", laptop_url, "--out", str(head), "--json"]
    assert main(words) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["purity_after"] > result["purity_before"] and result["pictures"] == 350
    state = torch.load(head, weights_only=True)
    rows = len(result["classes"]) - 1
    assert (
        state["fc.weight"].shape == (512, 512)
        and not state["fc.weight"][rows:].any()
        and not state["fc.bias"][rows:].any()
    )
    assert isinstance(load_resnet18(head).fc, torch.nn.Linear)
    embed_pictures(tmp_path / "faces", laptop_url, EmbedOptions(weights=str(head), replace=True))
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT vector FROM imagenes_fer LIMIT 1")
        (vector,) = cursor.fetchone() or ("",)
        assert np.flatnonzero(json.loads(vector)).max() < rows
        cursor.execute("UPDATE imagenes_fer SET emotion = (ARRAY['happy', 'sad', 'fear'])[1 + id % 3]")
        db.commit()
    head.unlink()
    assert main(words) == 1
    assert "A head does not help" in json.loads(capsys.readouterr().out)["error"] and not head.exists()
