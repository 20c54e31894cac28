"""A 3x3 convolution as 36 matrix products over tiles: Winograd's F(4x4, 3x3).

Two classes give the same results: `PackedConvolution` multiplies in kernels.c, a few tiles at a time, and
`BmmConvolution` by `torch.bmm`, all tiles at once. Which one is faster depends on the processor.
"""

import ctypes
import threading

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

LANES = 16  # channels that kernels.c transforms at once
TILE = 4  # output rows and columns of a tile
TILE_ELEMENTS = 36  # of the 6x6 input numbers of a tile
BLOCK = 48  # tiles at a time: their numbers stay in the processor's second cache, and the weights are read less often
SKEW = 16  # numbers between the planes of kernels.c
LAST = torch.channels_last
# G of the paper, for the points 0, 1, -1, 2, -2 and infinity
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


class Scratch(threading.local):
    """A buffer for a convolution's transformed tiles, one per thread and reused: allocating it takes longer than
    filling it."""

    def __init__(self) -> None:
        self.buffer = torch.empty(0)

    def get(self, size: int) -> Tensor:
        """Return `size` uninitialized numbers, valid until this thread's next call."""
        if len(self.buffer) < size:
            self.buffer = torch.empty(size)
        return self.buffer[:size]


class Convolution:
    """A 3x3 convolution with stride 1 and padding 1, plus its bias and a residual, then ReLU.

    `weight` is transformed: (36, channels, out). Raises ValueError for a layer of another kind.
    """

    def __init__(self, layer: nn.Conv2d, kernels: ctypes.CDLL, scratch: Scratch) -> None:
        if (layer.kernel_size, layer.stride, layer.padding, layer.groups) != ((3, 3), (1, 1), (1, 1), 1):
            raise ValueError(layer)
        self.out, self.channels = layer.weight.shape[:2]
        if self.out % LANES or self.channels % LANES or layer.bias is None or layer.weight.dtype != torch.float32:
            raise ValueError(layer)
        self.weight = (GG @ layer.weight.permute(2, 3, 1, 0).reshape(9, -1)).view(TILE_ELEMENTS, self.channels, -1)
        self.bias = layer.bias.detach().contiguous()
        self.kernels, self.scratch = kernels, scratch

    def __call__(self, x: Tensor, residual: Tensor | None = None) -> Tensor:
        """Return (n, out, height, width) for an x of (n, channels, height, width). Raises ValueError for another."""
        n, channels, height, width = x.shape
        shape = (n, self.out, height, width)
        if channels != self.channels or (residual is not None and residual.shape != shape):
            raise ValueError(f"{x.shape} is not an input of {self.channels} channels")
        y = torch.empty(*shape, memory_format=LAST)
        self.compute(to_kernels(x), None if residual is None else to_kernels(residual), y)
        return y

    def compute(self, x: Tensor, residual: Tensor | None, y: Tensor) -> None:
        """Fill y. All three are float32 in channels_last format."""
        raise NotImplementedError


class BmmConvolution(Convolution):
    """torch multiplies, with MKL where it has it."""

    def compute(self, x: Tensor, residual: Tensor | None, y: Tensor) -> None:
        n, channels, height, width = x.shape
        tiles = count_tiles(n, height, width)
        sizes = [TILE_ELEMENTS * tiles * channels, TILE_ELEMENTS * tiles * self.out]
        v, m = self.scratch.get(sum(sizes)).split(sizes)
        self.kernels.transform_input(x.data_ptr(), v.data_ptr(), tiles * channels, 0, tiles, height, width, channels)
        shape = (TILE_ELEMENTS, tiles, -1)
        torch.bmm(v.view(shape), self.weight, out=m.view(shape))
        products = [m.data_ptr(), tiles * self.out, self.out]
        outputs = [self.bias.data_ptr(), pointer(residual), y.data_ptr()]
        self.kernels.transform_output(*products, *outputs, 0, tiles, height, width, self.out)


class PackedConvolution(Convolution):
    """kernels.c multiplies, by weights in panels: the numbers that it needs together are side by side."""

    def __init__(self, layer: nn.Conv2d, kernels: ctypes.CDLL, scratch: Scratch) -> None:
        super().__init__(layer, kernels, scratch)
        self.weight, self.columns = pack(self.weight, kernels.panel_width())

    def compute(self, x: Tensor, residual: Tensor | None, y: Tensor) -> None:
        n, channels, height, width = x.shape
        tiles = count_tiles(n, height, width)
        block = BLOCK if tiles > 2 * BLOCK else tiles
        scratch = self.scratch.get(TILE_ELEMENTS * (block * (channels + self.columns) + 2 * SKEW))
        addresses = [x.data_ptr(), self.weight.data_ptr(), self.bias.data_ptr(), pointer(residual), y.data_ptr()]
        sizes = [block, n, height, width, channels, self.out, self.columns]
        self.kernels.convolve(*addresses, scratch.data_ptr(), *sizes)


def pack(matrices: Tensor, width: int) -> tuple[Tensor, int]:
    """Return (n, k, columns) matrices in panels, (n, columns / width, k, width), filled up to a multiple of `width`
    columns, and that multiple."""
    n, k, columns = matrices.shape
    padded = pad(matrices, (0, -columns % width))
    return padded.view(n, k, -1, width).permute(0, 2, 1, 3).contiguous(), padded.shape[2]


def count_tiles(n: int, height: int, width: int) -> int:
    return n * -(-height // TILE) * -(-width // TILE)


def to_kernels(x: Tensor) -> Tensor:
    return x.float().contiguous(memory_format=LAST)


def pointer(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()
