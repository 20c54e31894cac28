"""ResNet18 with Winograd's convolutions in place of torch's, for fp32 on the processor."""

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from jobs.embed.model import STD, Network, normalize
from jobs.embed.winograd.convolution import LAST, Convolution, PackedConvolution, Scratch, pack

WINOGRAD_BATCH = 16  # the last layers' weights, 38 MB each, are read once per batch
SIDE = 224  # rows and columns of a picture
STEM_BATCH = 4  # pictures at a time in the first layers: their results stay in the processor's cache


class Block:
    """torchvision's BasicBlock: two convolutions and the residual. The first one halves the size where it strides."""

    def __init__(self, block: Any, convolution: Callable[[nn.Conv2d], Convolution]) -> None:
        self.first: Callable[[Tensor], Tensor] = (
            StridedConvolution(block.conv1) if block.stride == 2 else convolution(block.conv1)
        )
        self.second = convolution(block.conv2)
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

    def __init__(self, layer: nn.Conv2d, kernels: ctypes.CDLL, scratch: Scratch) -> None:
        weight = (layer.weight / (255 * STD)).sum(1).permute(1, 2, 0).reshape(1, 49, -1)
        self.weight, self.out = pack(weight, kernels.panel_width())
        self.bias = layer(normalize(torch.zeros(1, SIDE, SIDE, dtype=torch.uint8))).contiguous(memory_format=LAST)
        self.kernels, self.scratch = kernels, scratch

    def __call__(self, grey: Tensor) -> Tensor:
        grey, half = grey.contiguous(), SIDE // 2
        y = torch.empty(len(grey), self.out, half // 2, half // 2, memory_format=LAST)
        scratch = self.scratch.get((SIDE + 6) ** 2 + 3 * half * self.out)
        addresses = [each.data_ptr() for each in (grey, self.weight, self.bias, y, scratch)]
        self.kernels.stem(*addresses, len(grey), SIDE, self.out)
        return y


@torch.inference_mode()
def build_winograd(
    network: Network, kernels: ctypes.CDLL, convolution: type[Convolution] = PackedConvolution
) -> Callable[[Tensor], Tensor]:
    """Return the network as a function of (n, 224, 224) uint8 grey pictures, which several threads may call at once."""
    scratch = Scratch()
    resnet: Any = network.resnet
    stem = Stem(resnet.conv1, kernels, scratch)
    front, back = (
        [Block(block, partial(convolution, kernels=kernels, scratch=scratch)) for layer in layers for block in layer]
        for layers in ((resnet.layer1, resnet.layer2), (resnet.layer3, resnet.layer4))
    )

    def forward(grey: Tensor) -> Tensor:
        parts = [run_blocks(stem(part), front) for part in grey.split(STEM_BATCH)]
        vectors: Tensor = resnet.fc(run_blocks(torch.cat(parts), back).mean((2, 3)))
        return vectors

    return forward


def run_blocks(x: Tensor, blocks: list[Block]) -> Tensor:
    for block in blocks:
        x = block(x)
    return x
