"""int8, if OpenVINO is installed: vectors close to fp32's, the recall, and one network per table."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs.bench.embedding import read_vectors
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.errors import JobError
from jobs.state import state_folder

pytest.importorskip("openvino")
pytest.importorskip("nncf")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # from OpenVINO and NNCF about other packages


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.exhaustive
def test_int8(
    faces: Path, laptop_url: str, filled_url: str, weights: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    aside = tmp_path / "aside.jpg"
    shutil.move(faces / "train/happy/face_00000.jpg", aside)
    first = embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, precision="int8"))
    assert (first.engine, first.precision, first.embedded) == ("openvino", "int8", 39)
    assert first.recall is not None and 0.5 < first.recall <= 1
    out, log = capfd.readouterr()
    assert out == "" and f"int8 finds {first.recall:.1%} of fp32's 10 nearest" in log
    exact, int8 = read_vectors(filled_url), read_vectors(laptop_url)
    assert min(cosine(exact[path], int8[path]) for path in int8) > 0.98
    assert max(cosine(exact[path], int8[path]) for path in int8) < 1
    shutil.move(aside, faces / "train/happy/face_00000.jpg")
    second = embed_pictures(faces, laptop_url, EmbedOptions())
    assert (second.embedded, second.unchanged, second.recall) == (1, 39, first.recall)
    again = embed_pictures(faces, laptop_url, EmbedOptions(weights=weights, precision="int8", replace=True))
    assert again.embedded == 40
    shutil.rmtree(state_folder() / "networks")
    (faces / "train/happy/new.jpg").write_bytes((faces / "train/sad/face_00000.jpg").read_bytes() + b" ")
    with pytest.raises(JobError, match="--replace"):
        embed_pictures(faces, laptop_url, EmbedOptions())
