"""The roof: the most pictures per second that direct convolutions could do, from the fastest 3x3 one of this processor.

Matrix products are no measure of it: on some processors, oneDNN's convolutions are up to 2.5 times as fast as MKL's
products. In fp32 `embed` multiplies less (jobs/embed/winograd), and may be above this roof.
"""

import time

import torch
from torch.nn import functional

GFLOP_A_PICTURE = 3.63  # ResNet18 at 224 x 224: multiplications and additions
WINDOW_SECONDS, WINDOWS = 0.5, 4
SHAPES = ((512, 7, 16), (256, 14, 16), (128, 28, 8))  # channels, height and width, pictures at a time


def measure_roof(dtype: torch.dtype = torch.float32) -> float:
    """Pictures per second of ResNet18's forward pass at the rate of the best window of the best shape."""
    best = max(measure_gflops(*shape, dtype) for shape in SHAPES for _ in range(WINDOWS))
    return best / GFLOP_A_PICTURE


def measure_gflops(channels: int, side: int, pictures: int, dtype: torch.dtype) -> float:
    layout = torch.channels_last
    data = torch.randn(pictures, channels, side, side).to(dtype).to(memory_format=layout)
    weight = torch.randn(channels, channels, 3, 3).to(dtype).to(memory_format=layout)
    flop = 2 * pictures * side * side * channels * channels * 9
    with torch.inference_mode():
        functional.conv2d(data, weight, padding=1)
        runs, started = 0, time.perf_counter()
        while (seconds := time.perf_counter() - started) < WINDOW_SECONDS:
            functional.conv2d(data, weight, padding=1)
            runs += 1
    return runs * flop / seconds / 1e9
