"""How fast direct convolutions could be at best: this processor's fastest 3x3 one, against what ResNet18 needs.

A matrix product would misjudge it: oneDNN's convolutions are up to 2.5 times as fast as MKL's products on some
processors. What `embed` does in fp32 multiplies less (jobs/embed/winograd.py), and may pass this roof.
"""

import time

import torch
from torch.nn import functional

GFLOP_A_PICTURE = 3.63  # ResNet18 at 224 x 224: multiplications and additions
WINDOW_SECONDS, WINDOWS = 0.5, 4
SHAPES = ((512, 7, 16), (256, 14, 16), (128, 28, 8))  # channels, height and width, pictures at a time


def pictures_per_second(kind: torch.dtype = torch.float32) -> float:
    """The ceiling for ResNet18's forward pass by direct convolutions, from the best window of the best shape."""
    best = max(gflop_per_second(*shape, kind) for shape in SHAPES for _ in range(WINDOWS))
    return best / GFLOP_A_PICTURE


def gflop_per_second(channels: int, side: int, pictures: int, kind: torch.dtype) -> float:
    layout = torch.channels_last
    data = torch.randn(pictures, channels, side, side).to(kind).to(memory_format=layout)
    weight = torch.randn(channels, channels, 3, 3).to(kind).to(memory_format=layout)
    flop = 2 * pictures * side * side * channels * channels * 9
    with torch.inference_mode():
        functional.conv2d(data, weight, padding=1)
        runs, started = 0, time.perf_counter()
        while (seconds := time.perf_counter() - started) < WINDOW_SECONDS:
            functional.conv2d(data, weight, padding=1)
            runs += 1
    return runs * flop / seconds / 1e9
