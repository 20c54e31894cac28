"""embed continues where Winograd's kernels cannot be compiled or loaded: one line says why, vectors are the same."""

import ctypes
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.embed.engine import cpu_engine
from jobs.embed.model import BATCH, batched, load_network
from jobs.embed.options import EmbedOptions
from jobs.embed.prepare import read_sample
from jobs.embed.run import embed_pictures
from jobs.embed.winograd.kernels import KernelsUnavailableError, load_kernels
from jobs.pictures.scan import find_pictures

FAILING = "echo 'cc: no such option' >&2; echo more >&2; exit 1"
# The real compiler's library with another machine in its ELF header: SPARC, where nobody runs the tests.
OTHER_ARCHITECTURE = r"""
{cc} "$@" || exit 1
while [ "$1" != -o ]; do shift; done
printf '\002' | dd of="$2" bs=1 seek=18 conv=notrunc status=none
"""
NOT_A_LIBRARY = 'while [ "$1" != -o ]; do shift; done; echo hello > "$2"'


def use_compiler(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    compiler = folder / "my compiler"
    compiler.write_text(script if script.startswith("no ") else f"#!/bin/sh\n{script}\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", shlex.quote(str(compiler)))


@pytest.fixture(
    params=["missing", "failing", "not started", "other architecture", "not a library", "noexec", "Windows"]
)
def reason(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Make the kernels unavailable in one way. Return the beginning of the reason."""
    if sys.platform == "win32" and request.param != "Windows":
        pytest.skip("Windows has no kernels, whatever the compiler")
    match request.param:
        case "missing":
            monkeypatch.setenv("CC", str(tmp_path / "no-such-compiler"))
            return "there is no C compiler"
        case "failing":
            use_compiler(monkeypatch, tmp_path, FAILING)
            return "cc: no such option"
        case "not started":
            use_compiler(monkeypatch, tmp_path, "no program: the system refuses to execute this")
            return f"{tmp_path / 'my compiler'} cannot be started"
        case "other architecture":
            real = shutil.which("cc")
            if real is None or sys.platform != "linux":
                pytest.skip("this needs a C compiler that builds ELF files")
            use_compiler(monkeypatch, tmp_path, OTHER_ARCHITECTURE.format(cc=shlex.quote(real)))
            return "this machine does not load them"
        case "not a library":
            use_compiler(monkeypatch, tmp_path, NOT_A_LIBRARY)
            return "this machine does not load them"
        case "noexec":
            monkeypatch.setattr(ctypes, "CDLL", refuse_to_map)
            return "this machine does not load them: kernels.so: failed to map segment"
        case _:
            monkeypatch.setattr(sys, "platform", "win32")
            return "they are not built on Windows"


def refuse_to_map(file: str) -> ctypes.CDLL:
    """What glibc raises for a library on a file system that is mounted noexec."""
    raise OSError(f"{Path(file).name}: failed to map segment from shared object: Operation not permitted")


def test_the_reason_is_one_line(reason: str) -> None:
    with pytest.raises(KernelsUnavailableError) as caught:
        load_kernels()
    assert str(caught.value).startswith(reason)
    assert "\n" not in str(caught.value)


def test_the_engine_is_eager(reason: str, drawn_faces: Path, weights: str, capfd: pytest.CaptureFixture[str]) -> None:
    network = load_network(Path(weights))
    engine = cpu_engine(network, "fp32")
    assert (engine.name, engine.batch) == ("eager", BATCH)
    log = capfd.readouterr().err
    assert log.startswith(f"Winograd's kernels are not available ({reason}") and log.count("\n") == 1
    grey = read_sample(find_pictures(drawn_faces).pictures, 11)
    assert np.array_equal(engine.embed(grey), batched(network, BATCH)(grey))


def test_bf16_does_not_need_a_compiler(
    weights: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    engine = cpu_engine(load_network(Path(weights), "bf16"), "bf16")
    assert (engine.name, capfd.readouterr().err) == ("eager", "")
    assert engine.embed(np.zeros((3, 224, 224), np.uint8)).shape == (3, 512)


def test_embed_continues(faces: Path, laptop_url: str, weights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    result = embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, device="cpu"))
    assert (result.engine, result.embedded) == ("eager", 40)
