"""ResNet18 with Winograd's convolutions in place of torch's, for fp32 on the processor."""

import ctypes
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from jobs.embed.model import STD, Network, normalize
from jobs.embed.winograd.convolution import LAST, Convolution, Scratch
from jobs.embed.winograd.kernels import load_kernels

WINOGRAD_BATCH = 16  # the last layers' weights, 38 MB each, are read once per batch
STEM_BATCH = 2  # pictures at a time in the first layers: their results stay in the processor's cache


class Block:
    """torchvision's BasicBlock: two convolutions and the residual. The first one halves the size where it strides."""

    def __init__(self, block: Any, kernels: ctypes.CDLL, scratch: Scratch) -> None:
        self.first: Callable[[Tensor], Tensor] = (
            StridedConvolution(block.conv1) if block.stride == 2 else Convolution(block.conv1, kernels, scratch)
        )
        self.second = Convolution(block.conv2, kernels, scratch)
        self.residual: Callable[[Tensor], Tensor] = block.downsample or (lambda x: x)

    def __call__(self, x: Tensor) -> Tensor:
        return self.second(self.first(x), self.residual(x))


class StridedConvolution:
    """torch's own convolution, then ReLU."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self.layer = layer

    def __call__(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y.relu_()


class Stem:
    """The first layer, ReLU and max pooling, for grey pictures.

    The layer's three input channels are one picture, scaled and shifted in three ways. So one channel with summed
    weights is enough, and what the shifts contribute is the same for every picture: the layer's output for a black one.
    Near the border, where the layer sees its zero padding, that output differs: it is one bias per pixel.
    """

    def __init__(self, layer: nn.Conv2d, kernels: ctypes.CDLL) -> None:
        self.weight = (layer.weight / (255 * STD)).sum(1, keepdim=True).contiguous(memory_format=LAST)
        self.stride, self.padding = layer.stride, layer.padding
        self.bias = layer(normalize(torch.zeros(1, 224, 224, dtype=torch.uint8))).contiguous(memory_format=LAST)
        self.kernels = kernels

    def __call__(self, grey: Tensor) -> Tensor:
        x = grey.unsqueeze(1).to(torch.float32).contiguous(memory_format=LAST)
        x = conv2d(x, self.weight, None, self.stride, self.padding).contiguous(memory_format=LAST)
        n, channels, height, width = x.shape
        y = torch.empty(n, channels, (height + 1) // 2, (width + 1) // 2, memory_format=LAST)
        self.kernels.max_pool(x.data_ptr(), self.bias.data_ptr(), y.data_ptr(), n, height, width, channels)
        return y


@torch.inference_mode()
def build_winograd(network: Network) -> Callable[[Tensor], Tensor]:
    """Return the network as a function of (n, 224, 224) uint8 grey pictures, which several threads may call at once.

    Raises KernelsUnavailableError.
    """
    kernels, scratch = load_kernels(), Scratch()
    resnet: Any = network.resnet
    stem = Stem(resnet.conv1, kernels)
    front, back = (
        [Block(block, kernels, scratch) for layer in layers for block in layer]
        for layers in ((resnet.layer1, resnet.layer2), (resnet.layer3, resnet.layer4))
    )

    def forward(grey: Tensor) -> Tensor:
        parts = [run_blocks(stem(part), front) for part in grey.split(STEM_BATCH)]
        return run_blocks(torch.cat(parts), back).mean((2, 3))

    return forward


def run_blocks(x: Tensor, blocks: list[Block]) -> Tensor:
    for block in blocks:
        x = block(x)
    return x
