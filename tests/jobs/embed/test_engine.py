"""Engines, devices and precisions: which one is chosen, and the error if one is not available."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.embed import device
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.postgres.connection import open_connection


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(vectors: np.ndarray) -> list[list[int]]:
    return np.argsort(-(unit(vectors) @ unit(vectors).T), axis=1)[:, :10].tolist()


def test_the_engine_is_printed(faces: Path, laptop_url: str, weights: str, capfd: pytest.CaptureFixture[str]) -> None:
    result = embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, device="cpu"))
    assert (result.engine, result.device, result.batch) == ("winograd", "cpu", 16)
    output = capfd.readouterr().err
    assert f"cpu, fp32, winograd, {torch.get_num_threads()} threads, 16 pictures a batch" in output


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has one")
def test_a_missing_device_is_reported_before_the_table_is_emptied(filled_url: str, drawn_faces: Path) -> None:
    for options in (EmbedOptions(device="cuda"), EmbedOptions(device="cuda", replace=True, weights="random")):
        with pytest.raises(JobError, match="--device cpu"):
            embed_pictures(drawn_faces, filled_url, options)
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM imagenes_fer")
        assert cursor.fetchone() == (40,)


def test_bf16_is_refused_without_bf16_instructions(
    faces: Path, laptop_url: str, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "has_bf16_instructions", lambda: False)
    with pytest.raises(JobError, match=r"avx512_bf16.*--precision fp32"):
        embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, precision="bf16", device="cpu"))


def test_int8_without_openvino_names_the_command(
    faces: Path, laptop_url: str, weights: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(JobError, match=r"pip install -r requirements-openvino\.txt"):
        embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, precision="int8"))


def test_the_batch_is_the_smallest_that_is_nearly_the_fastest() -> None:
    speeds = {16: 100, 32: 190, 64: 350, 128: 360, 256: 900}
    measured = []

    def speed(size: int) -> float:
        measured.append(size)
        return speeds[size]

    assert device.best_batch(speed) == 64
    assert measured == [16, 32, 64, 128]
    assert device.best_batch(lambda size: size if size <= 128 else 0.0) == 128  # out of memory
    assert device.best_batch(float) == device.LARGEST


def test_json_names_what_was_used(faces: Path, laptop_url: str, weights: str, project: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "jobs",
        "embed",
        str(faces),
        "--source",
        laptop_url,
        "--weights",
        weights,
        "--json",
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert (result["engine"], result["batch"], result["recall"]) == ("winograd", 16, None)
    assert "threads" in done.stderr
