"""A 3x3 convolution as 36 matrix products over tiles: Winograd's F(4x4, 3x3)."""

import ctypes
import threading

import torch
from torch import Tensor, nn

LANES = 16  # channels that kernels.c computes at once
TILE = 4  # output rows and columns of a tile
TILE_ELEMENTS = 36  # of the 6x6 input numbers of a tile
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
    """Buffers for a convolution's transformed tiles, one pair per thread and reused: allocating them takes longer than
    filling them."""

    def __init__(self) -> None:
        self.buffers: tuple[Tensor, ...] = (torch.empty(0), torch.empty(0))

    def get(self, *shapes: tuple[int, int, int]) -> list[Tensor]:
        """Return two uninitialized tensors, valid until this thread's next call."""
        sizes = [shape[0] * shape[1] * shape[2] for shape in shapes]
        pairs = list(zip(self.buffers, sizes, strict=True))
        if any(len(buffer) < size for buffer, size in pairs):
            self.buffers = tuple(torch.empty(max(len(buffer), size)) for buffer, size in pairs)
        views = zip(self.buffers, sizes, shapes, strict=True)
        return [buffer[:size].view(shape) for buffer, size, shape in views]


class Convolution:
    """A 3x3 convolution with stride 1 and padding 1, plus its bias and a residual, then ReLU.

    Raises ValueError for a layer of another kind.
    """

    def __init__(self, layer: nn.Conv2d, kernels: ctypes.CDLL, scratch: Scratch) -> None:
        if (layer.kernel_size, layer.stride, layer.padding, layer.groups) != ((3, 3), (1, 1), (1, 1), 1):
            raise ValueError(layer)
        out, channels = layer.weight.shape[:2]
        if out % LANES or channels % LANES or layer.bias is None:
            raise ValueError(layer)
        self.weight = (GG @ layer.weight.permute(2, 3, 1, 0).reshape(9, -1)).view(TILE_ELEMENTS, channels, out)
        self.bias = layer.bias.detach()
        self.kernels, self.scratch = kernels, scratch

    def __call__(self, x: Tensor, residual: Tensor | None = None) -> Tensor:
        x = x.contiguous(memory_format=LAST)
        residual = None if residual is None else residual.contiguous(memory_format=LAST)
        n, channels, height, width = x.shape
        out, tiles = self.weight.shape[2], n * -(-height // TILE) * -(-width // TILE)
        v, m = self.scratch.get((TILE_ELEMENTS, tiles, channels), (TILE_ELEMENTS, tiles, out))
        y = torch.empty(n, out, height, width, memory_format=LAST)
        self.kernels.transform_input(x.data_ptr(), v.data_ptr(), n, height, width, channels)
        torch.bmm(v, self.weight, out=m)
        added = None if residual is None else residual.data_ptr()
        self.kernels.transform_output(m.data_ptr(), self.bias.data_ptr(), added, y.data_ptr(), n, height, width, out)
        return y
