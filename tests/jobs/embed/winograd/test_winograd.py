"""Winograd's convolutions give torch's results, for every size, from several threads, and in the table."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from jobs.bench.embedding import read_vectors
from jobs.embed import model
from jobs.embed.options import EmbedOptions
from jobs.embed.prepare import read_sample
from jobs.embed.run import embed_pictures
from jobs.embed.winograd.convolution import BmmConvolution, Convolution, PackedConvolution, Scratch
from jobs.embed.winograd.kernels import load_kernels
from jobs.embed.winograd.network import WINOGRAD_BATCH, Stem, build_winograd
from jobs.pictures.scan import find_pictures
from jobs.postgres.connection import open_connection
from tests.jobs.embed.test_engine import nearest, unit

WAYS = pytest.mark.parametrize("way", [PackedConvolution, BmmConvolution])


@WAYS
def test_winograd_and_the_direct_convolutions_agree(way: type[Convolution], drawn_faces: Path, weights: str) -> None:
    grey = read_sample(find_pictures(drawn_faces).pictures, 37)  # the last batch is not full
    network = model.load_network(Path(weights))
    eager = model.batched(network, model.BATCH)(grey)
    fast = model.batched(build_winograd(network, load_kernels(), way), WINOGRAD_BATCH)(grey)
    assert (unit(eager) * unit(fast)).sum(axis=1).min() >= 0.999999
    assert nearest(eager) == nearest(fast)
    assert np.abs(eager - fast).max() <= 1e-4 * np.abs(eager).max()


@pytest.mark.parametrize(
    ("n", "height", "width"), [(1, 4, 4), (2, 7, 7), (1, 1, 9), (3, 13, 6), (1, 56, 56), (7, 23, 9)]
)
@pytest.mark.parametrize("with_residual", [False, True])
@WAYS
def test_a_convolution_of_any_size_is_torchs(
    way: type[Convolution], n: int, height: int, width: int, with_residual: bool
) -> None:
    torch.manual_seed(height)
    layer = torch.nn.Conv2d(32, 48, 3, padding=1).requires_grad_(False)
    x, residual = torch.randn(n, 32, height, width), torch.randn(n, 48, height, width)
    ours = way(layer, load_kernels(), Scratch())(x, residual if with_residual else None)
    theirs = torch.relu(layer.double()(x.double()) + (residual if with_residual else 0))
    assert (ours - theirs).abs().max() < 1e-4
    assert theirs.max() > 0.5 and theirs.min() == 0


def test_the_first_layer_sees_grey_as_three_channels_would(weights: str) -> None:
    network = model.load_network(Path(weights))
    grey = torch.randint(0, 256, (3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    resnet = network.resnet
    with torch.inference_mode():
        theirs = resnet.maxpool(torch.relu(resnet.conv1(model.normalize(grey))))
        ours = Stem(resnet.conv1, load_kernels(), Scratch())(grey)
    assert torch.allclose(ours, theirs, atol=1e-4 * float(theirs.max()))


def test_layers_of_another_kind_are_refused() -> None:
    kernels, scratch = load_kernels(), Scratch()
    for layer in (torch.nn.Conv2d(16, 16, 3, 2, 1), torch.nn.Conv2d(16, 16, 1), torch.nn.Conv2d(16, 20, 3, 1, 1)):
        with pytest.raises(ValueError, match="Conv2d"):
            Convolution(layer, kernels, scratch)


@WAYS
def test_pictures_of_another_shape_are_refused(way: type[Convolution]) -> None:
    convolution = way(torch.nn.Conv2d(32, 48, 3, padding=1), load_kernels(), Scratch())
    with pytest.raises(ValueError, match="32 channels"):
        convolution(torch.zeros(1, 48, 8, 8))
    with pytest.raises(ValueError, match="32 channels"):
        convolution(torch.zeros(1, 32, 8, 8), torch.zeros(1, 48, 8, 7))


def test_several_threads_may_compute_at_the_same_time(drawn_faces: Path, weights: str) -> None:
    forward = build_winograd(model.load_network(Path(weights)), load_kernels())
    grey = torch.from_numpy(read_sample(find_pictures(drawn_faces).pictures, 24)).split(4)

    def work(part: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return forward(part)

    expected = [work(part) for part in grey]
    with ThreadPoolExecutor(4, initializer=lambda: torch.set_num_threads(1)) as pool:
        parallel = list(pool.map(work, grey * 3))
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(expected * 3, parallel, strict=True))


def test_rows_are_those_of_a_run_without_winograd(drawn_faces: Path, laptop_url: str, weights: str) -> None:
    eager = embed_pictures(drawn_faces, laptop_url, EmbedOptions(weights=weights, device="cpu", winograd=False))
    before = read_vectors(laptop_url)
    with open_connection(laptop_url) as db, db.cursor() as cursor:
        cursor.execute("DELETE FROM imagenes_fer")
        db.commit()
    fast = embed_pictures(drawn_faces, laptop_url, EmbedOptions(weights=weights, device="cpu"))
    assert (eager.engine, fast.engine, fast.batch) == ("eager", "winograd", 16)
    after = read_vectors(laptop_url)
    assert before.keys() == after.keys()
    for path, vector in before.items():
        theirs, ours = (unit(each[None].astype(np.float64)) for each in (vector, after[path]))
        assert theirs @ ours.T >= 0.999999
