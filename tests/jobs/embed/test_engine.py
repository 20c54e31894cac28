"""Engines, devices and precisions: which is chosen, that they agree, and what is said where one cannot be had."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.embed import compiled, device, model
from jobs.embed.flow import read_sample
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import open_connection

WITHOUT_COMPILER = """
import sys
from pathlib import Path
from jobs.embed import engine, model
made = engine.on_processor(model.network(Path(sys.argv[1]), sys.argv[2]), sys.argv[2], 1, True)
import torch
print(made.name, made.embed(torch.zeros(3, 224, 224, dtype=torch.uint8)).shape)
"""


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(vectors: np.ndarray) -> list[list[int]]:
    return np.argsort(-(unit(vectors) @ unit(vectors).T), axis=1)[:, :10].tolist()


def test_compiled_and_eager_agree_and_a_torn_archive_is_replaced(drawn: Path, weights: str) -> None:
    archive = compiled.kernels("fp32")
    archive.parent.mkdir(exist_ok=True)
    archive.write_bytes(b"PK no archive")
    grey = read_sample(find_pictures(drawn).pictures, 37)  # no whole number of batches
    network = model.load_network(Path(weights))
    eager = model.batched(network, model.BATCH)(grey)
    fast = model.batched(compiled.compiled(network, "fp32"), model.BATCH)(grey)
    assert (unit(eager) * unit(fast)).sum(axis=1).min() >= 0.999999
    assert nearest(eager) == nearest(fast)
    with zipfile.ZipFile(archive) as packed:
        assert any(name.endswith((".so", ".pyd")) for name in packed.namelist())
    torch._dynamo.reset()
    again = model.batched(compiled.compiled(network, "fp32"), model.BATCH)(grey)
    assert np.array_equal(again, fast)


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "missing"])
def test_a_damaged_archive_gives_no_file(tmp_path: Path, damage: str) -> None:
    made, archive, empty = tmp_path / "made", tmp_path / "kernels" / "a.zip", tmp_path / "empty"
    made.mkdir()
    empty.mkdir()
    (made / "kernel.so").write_bytes(bytes(range(256)) * 50)
    compiled.pack(made, archive)
    data = archive.read_bytes()
    half = len(data) // 2
    if damage == "missing":
        archive.unlink()
    else:
        flipped = data[:60] + bytes([data[60] ^ 255]) + data[61:]
        archive.write_bytes({"cut": data[:half], "flipped": flipped, "text": b"hello"}[damage])
    assert compiled.unpack(archive, empty) is False
    assert list(empty.iterdir()) == []


def test_a_whole_archive_gives_its_files(tmp_path: Path) -> None:
    made, out = tmp_path / "made", tmp_path / "out"
    (made / "ab").mkdir(parents=True)
    (made / "ab" / "kernel.so").write_bytes(b"code")
    compiled.pack(made, tmp_path / "kernels" / "a.zip")
    assert compiled.unpack(tmp_path / "kernels" / "a.zip", out) is True
    assert (out / "ab" / "kernel.so").read_bytes() == b"code"


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_without_a_compiler_it_goes_on_and_says_so(weights: str, precision: str, tmp_path: Path, project: Path) -> None:
    none = str(tmp_path / "no-such-compiler")
    environment = {"PATH": str(tmp_path), "JOBS_LOCAL": str(tmp_path), "CC": none, "CXX": none}
    words = [sys.executable, "-c", WITHOUT_COMPILER, weights, precision]
    done = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "eager (3, 512)\n"
    assert done.stderr.startswith("Not compiled (") and done.stderr.count("\n") == 1


def test_the_engine_is_told(faces: Path, laptop_url: str, weights: str, capfd: pytest.CaptureFixture[str]) -> None:
    result = embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, device="cpu"))
    assert (result.engine, result.device, result.batch) == ("winograd", "cpu", 16)
    told = capfd.readouterr().err
    assert f"cpu, fp32, winograd, {torch.get_num_threads()} threads, 16 pictures a batch" in told


def test_compiling_pays_sooner_where_kernels_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_LOCAL", str(tmp_path))
    few, many = compiled.PAYS_FROM_KEPT, compiled.PAYS_FROM
    assert [compiled.pays(count, "bf16") for count in (few, many - 1, many)] == [False, False, True]
    archive = compiled.kernels("bf16")
    archive.parent.mkdir()
    archive.touch()
    assert [compiled.pays(count, "bf16") for count in (few - 1, few)] == [False, True]
    assert compiled.kernels("fp32") != archive


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there_is_told_before_anything_is_emptied(filled_url: str, drawn: Path) -> None:
    for wish in (EmbedOptions(device="cuda"), EmbedOptions(device="cuda", replace=True, weights="random")):
        with pytest.raises(JobError, match="--device cpu"):
            embed_pictures(drawn, filled_url, wish)
    with open_connection(filled_url) as db, db.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM imagenes_fer")
        assert cursor.fetchone() == (40,)


def test_bf16_is_refused_where_it_would_only_be_slower(
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
    asked = []

    def speed(size: int) -> float:
        asked.append(size)
        return speeds[size]

    assert device.best_batch(speed) == 64
    assert asked == [16, 32, 64, 128]
    assert device.best_batch(lambda size: size if size <= 128 else 0.0) == 128  # memory ends
    assert device.best_batch(float) == device.LARGEST


def test_json_names_what_was_used(faces: Path, laptop_url: str, weights: str, project: Path) -> None:
    words = [sys.executable, "-m", "jobs", "embed", str(faces), "--source", laptop_url, "--weights", weights, "--json"]
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert (told["engine"], told["batch"], told["recall"]) == ("winograd", 16, None)
    assert "threads" in done.stderr
