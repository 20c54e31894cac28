"""The exact matrices against the transform of the original script, made by torchvision and Pillow."""

import importlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from jobs.embed.prepare import crops, normalised
from jobs.embed.torch_ops import torchvision_models

torchvision_models()
transforms = importlib.import_module("torchvision.transforms")

ORIGINAL = transforms.Compose(
    [
        transforms.Grayscale(num_output_channels=3),
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)
SIZES = [(48, 48), (1, 1), (1, 40), (40, 3), (224, 224), (256, 256), (257, 255), (300, 500), (613, 411), (900, 30)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("smooth", [False, True])
def test_every_number_is_the_originals(size: tuple[int, int], smooth: bool) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, size, dtype=np.uint8)
    if smooth:
        pixels = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2)))
    assert torch.equal(normalised(crops([pixels]))[0], ORIGINAL(Image.fromarray(pixels)))


def test_sizes_may_mix_in_a_batch() -> None:
    pictures = [np.full(size, 10 * number, dtype=np.uint8) for number, size in enumerate(SIZES)]
    assert [int(crop.unique()) for crop in crops(pictures)] == [10 * number for number in range(len(SIZES))]


def test_a_very_long_picture_takes_no_more_memory_than_its_middle() -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (2, 1_000_000), dtype=np.uint8)
    assert crops([pixels]).shape == (1, 224, 224)  # enlarged whole, it would have 32 billion pixels
