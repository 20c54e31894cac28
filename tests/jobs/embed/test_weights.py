"""Weights and precision of embed: recognized by their hash, and never mixed in one table."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.embed import device
from jobs.errors import JobError
from jobs.postgres.connection import open_connection
from tests.jobs.embed.embed_runs import run, table


def test_other_weights_or_precision_never_mix(faces: Path, laptop_url: str, weights: str, tmp_path: Path) -> None:
    run(faces, laptop_url, weights)
    before = table(laptop_url)
    other = tmp_path / "other.pt"
    state = torch.load(weights, weights_only=True)
    torch.save({name: value * 0.5 if "conv" in name else value for name, value in state.items()}, other)
    for options in ({"weights": str(other)}, {"weights": "random"}, {"weights": None, "precision": "bf16"}):
        with pytest.raises(JobError, match="--replace"):
            run(faces, laptop_url, **options)  # type: ignore[arg-type]
    assert table(laptop_url) == before
    result = run(faces, laptop_url, str(other), replace=True)
    assert (result.embedded, result.weights_sha256) == (40, hashlib.sha256(other.read_bytes()).hexdigest())
    after = table(laptop_url)
    assert all(after[path][2] != before[path][2] for path in before)


def test_moved_weights_are_recognized_by_their_hash(faces: Path, laptop_url: str, weights: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    shutil.copy(weights, first)
    with first.open("ab") as file:
        file.write(b"other bytes, the same numbers")
    run(faces, laptop_url, str(first))
    first.rename(second)
    with pytest.raises(JobError, match="--weights FILE"):
        run(faces, laptop_url, None)
    assert run(faces, laptop_url, str(second)).unchanged == 40
    assert run(faces, laptop_url, None).unchanged == 40


def test_a_file_that_is_not_a_state_dict_is_refused(faces: Path, laptop_url: str, tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_text("nothing of the kind")
    with pytest.raises(JobError, match="not a state dict"):
        run(faces, laptop_url, str(tmp_path / "weights.pt"))
    with pytest.raises(JobError, match="cannot be read"):
        run(faces, laptop_url, str(tmp_path / "nowhere.pt"))


def test_rows_of_unknown_weights_are_not_mixed_with_new_ones(faces: Path, laptop_url: str, weights: str) -> None:
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        vector = str([1.0] * 512)
        cursor.execute("INSERT INTO imagenes_fer (filepath, emotion, vector) VALUES ('a/b.jpg', 'a', %s)", (vector,))
        db.commit()
    with pytest.raises(JobError, match="--replace"):
        run(faces, laptop_url, weights)


def test_random_weights_are_the_same_every_time(faces: Path, laptop_url: str) -> None:
    first = run(faces, laptop_url, "random")
    before = table(laptop_url)
    assert run(faces, laptop_url, "random").unchanged == 40
    again = run(faces, laptop_url, "random", replace=True)
    assert again.weights_sha256 == first.weights_sha256
    assert table(laptop_url) == before


@pytest.mark.skipif(not device.has_bf16_instructions(), reason="refused on this processor: test_engine.py")
def test_bf16_is_close_to_fp32(faces: Path, laptop_url: str, weights: str) -> None:
    run(faces, laptop_url, weights)
    full = {path: np.array(eval(text)) for path, (_, _, text) in table(laptop_url).items()}  # noqa: S307 - numbers
    run(faces, laptop_url, weights, replace=True, precision="bf16")
    for path, (_, _, text) in table(laptop_url).items():
        approximate, exact = np.array(eval(text)), full[path]  # noqa: S307 - numbers
        assert 0.999 < approximate @ exact / np.linalg.norm(approximate) / np.linalg.norm(exact) < 1 + 1e-9
        assert not np.array_equal(approximate, exact)
