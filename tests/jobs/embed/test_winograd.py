"""Winograd's way gives what torch's own convolutions give, at every size, from several threads, to the same rows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.bench.embedding import read_vectors
from jobs.embed import compiled, model, prepare, winograd
from jobs.embed.flow import read_sample
from jobs.embed.options import EmbedOptions
from jobs.embed.run import embed_pictures
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import open_connection
from tests.jobs.embed.test_engine import nearest, unit


def test_winograd_and_the_direct_convolutions_agree(drawn: Path, weights: str) -> None:
    grey = read_sample(find_pictures(drawn).pictures, 37)  # no whole number of batches
    network = model.load_network(Path(weights))
    eager = model.batched(network, model.BATCH)(grey)
    fast = model.batched(winograd.build_winograd(network), winograd.BATCH)(grey)
    assert (unit(eager) * unit(fast)).sum(axis=1).min() >= 0.999999
    assert nearest(eager) == nearest(fast)
    assert np.abs(eager - fast).max() <= 1e-4 * np.abs(eager).max()


@pytest.mark.parametrize(("n", "height", "width"), [(1, 4, 4), (2, 7, 7), (1, 1, 9), (3, 13, 6), (1, 56, 56)])
@pytest.mark.parametrize("added", [False, True])
def test_a_convolution_of_any_size_is_torchs(n: int, height: int, width: int, added: bool) -> None:
    torch.manual_seed(height)
    layer = torch.nn.Conv2d(32, 48, 3, padding=1).requires_grad_(False)
    x, rest = torch.randn(n, 32, height, width), torch.randn(n, 48, height, width)
    ours = winograd.Convolution(layer, winograd.load_kernels(), winograd.Scratch())(x, rest if added else None)
    theirs = torch.relu(layer.double()(x.double()) + (rest if added else 0))
    assert (ours - theirs).abs().max() < 1e-4
    assert theirs.max() > 0.5 and theirs.min() == 0


def test_the_first_layer_sees_grey_as_three_channels_would(weights: str) -> None:
    network = model.load_network(Path(weights))
    grey = torch.randint(0, 256, (3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    resnet = network.resnet
    with torch.inference_mode():
        theirs = resnet.maxpool(torch.relu(resnet.conv1(prepare.normalised(grey))))
        ours = winograd.Stem(resnet.conv1, winograd.load_kernels())(grey)
    assert torch.allclose(ours, theirs, atol=1e-4 * float(theirs.max()))


def test_layers_that_winograds_way_is_not_for_are_refused() -> None:
    code, scratch = winograd.load_kernels(), winograd.Scratch()
    for layer in (torch.nn.Conv2d(16, 16, 3, 2, 1), torch.nn.Conv2d(16, 16, 1), torch.nn.Conv2d(16, 20, 3, 1, 1)):
        with pytest.raises(ValueError, match="Conv2d"):
            winograd.Convolution(layer, code, scratch)


def test_threads_may_ask_side_by_side(drawn: Path, weights: str) -> None:
    forward = winograd.build_winograd(model.load_network(Path(weights)))
    grey = read_sample(find_pictures(drawn).pictures, 24).split(4)

    def work(part: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return forward(part)

    alone = [work(part) for part in grey]
    with ThreadPoolExecutor(4, initializer=lambda: torch.set_num_threads(1)) as pool:
        together = list(pool.map(work, grey * 3))
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(alone * 3, together, strict=True))


def test_a_compiler_that_fails_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'cc: no such option' >&2; echo more >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(compiled.NotCompiled, match=r"^cc: no such option$"):
        winograd.load_kernels()


def test_many_pictures_go_through_winograd_to_the_same_rows(drawn: Path, laptop_url: str, weights: str) -> None:
    eager = embed_pictures(drawn, laptop_url, EmbedOptions(weights=weights, device="cpu", compiled=False))
    before = read_vectors(laptop_url)
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer")
        db.commit()
    fast = embed_pictures(drawn, laptop_url, EmbedOptions(weights=weights, device="cpu", compiled=True))
    assert (eager.engine, fast.engine, fast.batch) == ("eager", "winograd", 16)
    after = read_vectors(laptop_url)
    assert before.keys() == after.keys()
    for path, vector in before.items():
        theirs, ours = (unit(each[None].astype(np.float64)) for each in (vector, after[path]))
        assert theirs @ ours.T >= 0.999999
