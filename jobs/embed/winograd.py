"""ResNet18 in fp32 on the processor, past its fastest direct convolution: Winograd's F(4x4, 3x3).

Of its 20 convolutions, the 13 that are 3x3 with stride 1 take four fifths of the time. Winograd's way makes a quarter
of their multiplications, in matrix products, which torch does well; what stands around these is winograd.c, compiled
for this processor at the start, in 0.2 s. The first layer sees one channel in place of three equal ones. (55 -> 95
pictures/s on two cores, Zen 4.)

https://arxiv.org/abs/1509.09308. Vectors are those of the network but for the last bits (cosine 0.999999).
"""

import ctypes
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from jobs.embed.compiled import NotCompiled
from jobs.embed.model import Network
from jobs.embed.prepare import STD, normalised

BATCH = 16  # the last layers' weights are read once a batch: 38 MB each
FEW = 2  # pictures at a time in the first layers: what they make of more leaves the processor's cache
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
LANES, TILE, SPOTS = 16, 4, 36
LAST = torch.channels_last
# G of the paper, for points 0, 1, -1, 2, -2 and infinity
G = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
GG = torch.kron(G, G)  # both dimensions at once: (36, 9)


def load_kernels() -> ctypes.CDLL:
    """winograd.c for this processor. Raises NotCompiled."""
    compiler = shlex.split(os.environ.get("CC") or "cc")
    if shutil.which(compiler[0]) is None:
        raise NotCompiled("there is no C compiler")
    with tempfile.TemporaryDirectory(prefix="winograd-", ignore_cleanup_errors=True) as folder:
        library = Path(folder) / "winograd.so"
        words = [*compiler, *FLAGS, "-o", str(library), str(Path(__file__).with_suffix(".c"))]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotCompiled((done.stderr.strip() or f"{compiler[0]} ended with {done.returncode}").splitlines()[0])
        try:
            made = ctypes.CDLL(str(library))
        except OSError as error:
            raise NotCompiled(str(error)) from error
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for function, pointers in ((made.tiles_in, 2), (made.tiles_out, 4), (made.pooled, 3)):
        function.argtypes, function.restype = [pointer] * pointers + [number] * 4, None
    return made


class Scratch(threading.local):
    """Room for a convolution's transformed tiles, one a thread: new memory each time costs more than to fill it."""

    def __init__(self) -> None:
        self.rooms: tuple[Tensor, ...] = (torch.empty(0), torch.empty(0))

    def of(self, *shapes: tuple[int, int, int]) -> list[Tensor]:
        need = [shape[0] * shape[1] * shape[2] for shape in shapes]
        if any(len(room) < size for room, size in zip(self.rooms, need, strict=True)):
            self.rooms = tuple(torch.empty(max(len(room), size)) for room, size in zip(self.rooms, need, strict=True))
        return [room[:size].view(shape) for room, size, shape in zip(self.rooms, need, shapes, strict=True)]


class Convolution:
    """A 3x3 convolution with stride 1 and a margin of 1, what is added to its result, and ReLU."""

    def __init__(self, layer: nn.Conv2d, code: ctypes.CDLL, scratch: Scratch) -> None:
        if (layer.kernel_size, layer.stride, layer.padding, layer.groups) != ((3, 3), (1, 1), (1, 1), 1):
            raise ValueError(layer)
        out, channels = layer.weight.shape[:2]
        if out % LANES or channels % LANES or layer.bias is None:
            raise ValueError(layer)
        self.weight = (GG @ layer.weight.permute(2, 3, 1, 0).reshape(9, -1)).view(SPOTS, channels, out)
        self.bias = layer.bias.detach()
        self.code, self.scratch = code, scratch

    def __call__(self, x: Tensor, rest: Tensor | None = None) -> Tensor:
        x = x.contiguous(memory_format=LAST)
        rest = None if rest is None else rest.contiguous(memory_format=LAST)
        n, channels, height, width = x.shape
        out, tiles = self.weight.shape[2], n * -(-height // TILE) * -(-width // TILE)
        v, m = self.scratch.of((SPOTS, tiles, channels), (SPOTS, tiles, out))
        y = torch.empty(n, out, height, width, memory_format=LAST)
        self.code.tiles_in(x.data_ptr(), v.data_ptr(), n, height, width, channels)
        torch.bmm(v, self.weight, out=m)
        added = None if rest is None else rest.data_ptr()
        self.code.tiles_out(m.data_ptr(), self.bias.data_ptr(), added, y.data_ptr(), n, height, width, out)
        return y


class Block:
    """torchvision's BasicBlock: two convolutions, and what came in added; at half the size where the first strides."""

    def __init__(self, block: Any, code: ctypes.CDLL, scratch: Scratch) -> None:
        self.first: Callable[[Tensor], Tensor] = (
            Strided(block.conv1) if block.stride == 2 else Convolution(block.conv1, code, scratch)
        )
        self.second = Convolution(block.conv2, code, scratch)
        self.rest: Callable[[Tensor], Tensor] = block.downsample or (lambda x: x)

    def __call__(self, x: Tensor) -> Tensor:
        return self.second(self.first(x), self.rest(x))


class Strided:
    """A convolution as torch has it, and ReLU."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self.layer = layer

    def __call__(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y.relu_()


class Stem:
    """The first layer, ReLU and pooling, of grey pictures.

    Its three channels are one picture, scaled and shifted in three ways: so it is one channel with the weights summed,
    and what the shifts make is the same for every picture: the layer's answer to a black one. At the margin, where the
    layer sees zeros, that answer differs: it is a number for each place.
    """

    def __init__(self, layer: nn.Conv2d, code: ctypes.CDLL) -> None:
        self.weight = (layer.weight / (255 * STD)).sum(1, keepdim=True).contiguous(memory_format=LAST)
        self.stride, self.padding = layer.stride, layer.padding
        self.black = layer(normalised(torch.zeros(1, 224, 224, dtype=torch.uint8))).contiguous(memory_format=LAST)
        self.code = code

    def __call__(self, grey: Tensor) -> Tensor:
        x = grey.unsqueeze(1).to(torch.float32).contiguous(memory_format=LAST)
        x = conv2d(x, self.weight, None, self.stride, self.padding).contiguous(memory_format=LAST)
        n, channels, height, width = x.shape
        y = torch.empty(n, channels, (height + 1) // 2, (width + 1) // 2, memory_format=LAST)
        self.code.pooled(x.data_ptr(), self.black.data_ptr(), y.data_ptr(), n, height, width, channels)
        return y


@torch.inference_mode()
def build_winograd(network: Network) -> Callable[[Tensor], Tensor]:
    """The network for (n, 224, 224) uint8 grey pictures; threads may ask it side by side. Raises NotCompiled."""
    code, scratch = load_kernels(), Scratch()
    resnet: Any = network.resnet
    stem = Stem(resnet.conv1, code)
    front, back = (
        [Block(block, code, scratch) for layer in layers for block in layer]
        for layers in ((resnet.layer1, resnet.layer2), (resnet.layer3, resnet.layer4))
    )

    def through(x: Tensor, blocks: list[Block]) -> Tensor:
        for block in blocks:
            x = block(x)
        return x

    def forward(grey: Tensor) -> Tensor:
        parts = [through(stem(part), front) for part in grey.split(FEW)]
        return through(torch.cat(parts), back).mean((2, 3))

    return forward
