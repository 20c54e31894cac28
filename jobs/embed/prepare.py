"""From grey pixels to what ResNet18 takes, bit for bit as the original's PIL transform makes it, many at a time.

Pillow resizes in two passes, columns first, with weights of 22 binary digits, and rounds to 8 bits after each. Both
passes are matrix products of whole numbers below 2**53: in float64 they are exact, whatever the processor.
(`F.interpolate(uint8, antialias=True)` is exact at 48 x 48 only: elsewhere one pixel in a thousand differs by 1.)
"""

import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

RESIZE, CROP = 256, 224
WEIGHT_BITS = 22
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def crops(pictures: list[NDArray[np.uint8]]) -> Tensor:
    """Resize(256) and CenterCrop(224) of n grey pictures of any sizes, (h, w) uint8 each: (n, 224, 224) uint8."""
    out = torch.empty(len(pictures), CROP, CROP, dtype=torch.uint8)
    for shape in {picture.shape for picture in pictures}:
        places = [place for place, picture in enumerate(pictures) if picture.shape == shape]
        out[places] = resized(torch.from_numpy(np.stack([pictures[place] for place in places])))
    return out


def resized(pictures: Tensor) -> Tensor:
    """(n, h, w) uint8 of one size: (n, 224, 224) uint8."""
    height, width = pictures.shape[1:]
    short = min(height, width)
    top, rows = weights(height, int(RESIZE * height / short))
    left, columns = weights(width, int(RESIZE * width / short))
    used = pictures[:, top : top + rows.shape[1], left : left + columns.shape[1]]
    across = rounded(used.double() @ columns.T)
    return rounded(rows @ across).to(torch.uint8)


def rounded(sums: Tensor) -> Tensor:
    return (sums + 2.0 ** (WEIGHT_BITS - 1)).mul_(2.0**-WEIGHT_BITS).floor_().clamp_(0, 255)


@lru_cache(maxsize=64)
def weights(size: int, new_size: int) -> tuple[int, Tensor]:
    """Pillow's bilinear weights from `size` pixels to the middle 224 of `new_size`, times 2**22.

    Returns the first pixel that is used and a (224, pixels used) float64 matrix of whole numbers.
    """
    first_row = round((new_size - CROP) / 2.0)
    scale = size / new_size
    reach = max(scale, 1.0)
    spans = []
    for row in range(first_row, first_row + CROP):
        center = (row + 0.5) * scale
        spans.append((center, max(int(center - reach + 0.5), 0), min(int(center + reach + 0.5), size)))
    first = spans[0][1]
    matrix = torch.zeros(CROP, spans[-1][2] - first, dtype=torch.float64)
    for row, (center, low, high) in enumerate(spans):
        raw = [max(0.0, 1.0 - abs((pixel - center + 0.5) / reach)) for pixel in range(low, high)]
        whole = [math.floor(0.5 + weight / sum(raw) * 2**WEIGHT_BITS) for weight in raw]
        matrix[row, low - first : high - first] = torch.tensor(whole, dtype=torch.float64)
    return first, matrix


def normalised(grey: Tensor) -> Tensor:
    """ToTensor and Normalize of (n, 224, 224) uint8: (n, 3, 224, 224) float32, the channels lying innermost."""
    scaled = grey.unsqueeze(1).to(torch.float32).div(255)
    shifted = scaled.sub(MEAN.to(grey.device)).div(STD.to(grey.device))
    return shifted.contiguous(memory_format=torch.channels_last)
