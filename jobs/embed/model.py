"""ResNet18 without its last layer: from pictures to vectors of 512 numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from jobs.embed.resnet18 import ResNet18
from jobs.errors import ErrorKind, JobError

# Pictures in one forward pass. The largest layer of one picture is 3 MB: those of 8 pictures stay in the processor's
# cache. At 64, a picture takes almost twice as long (85 pictures/s at 4, 66 at 1, 49 at 64; two cores).
BATCH = 8
VECTOR = 512  # numbers of a picture
# ImageNet's, of red, green and blue: torchvision's weights were trained on pictures that were normalized with them.
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)

Embedder: TypeAlias = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Network(nn.Module):
    """From (n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors. It normalizes: a uint8 input is small."""

    def __init__(self, resnet: nn.Module, precision: str, device: str) -> None:
        super().__init__()
        self.resnet, self.bf16, self.device = resnet, precision == "bf16", device

    def forward(self, grey: Tensor) -> Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            vectors: Tensor = self.resnet(normalize(grey)).float()
        return vectors


def normalize(grey: Tensor) -> Tensor:
    """ToTensor and Normalize: from (n, 224, 224) uint8 to (n, 3, 224, 224) float32 in channels_last format."""
    scaled = grey.unsqueeze(1).to(torch.float32).div(255)
    shifted = scaled.sub(MEAN.to(grey.device)).div(STD.to(grey.device))
    return shifted.contiguous(memory_format=torch.channels_last)


def load_network(weights: Path, precision: str = "fp32", device: str = "cpu") -> Network:
    """Load a state dict file on a device, its layers fused and laid out for inference.

    Raises JobError if the file is not a state dict of a ResNet18.
    """
    resnet: Any = fuse_batch_norm(load_resnet18(weights))
    return Network(resnet.to(device, memory_format=torch.channels_last), precision, device).eval()


def build_embedder(weights: Path, precision: str) -> Embedder:
    """Return a function from (n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors, on the processor.

    It starts at once. For int8 it computes in fp32: a quantized network exists only on the machine that calibrated it,
    and approximates fp32. An fp32 query among int8 rows finds as many true neighbors as an int8 query (recall@10 0.86
    both ways, random weights). Raises JobError if the file is not a state dict of a ResNet18.
    """
    return batched(load_network(weights, "fp32" if precision == "int8" else precision), BATCH)


def batched(forward: Callable[[Tensor], Tensor], batch: int, device: str = "cpu") -> Embedder:
    """Return a function that runs a network batch by batch, on its device."""

    def embed(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            parts = [forward(part.to(device)) for part in torch.from_numpy(grey).split(batch)]
            return torch.cat(parts).cpu().numpy()

    return embed


def load_resnet18(weights: Path) -> nn.Module:
    """Load a state dict file in eval mode. Its last layer is left out, unless it is a head. Raises JobError."""
    try:
        state: dict[str, Any] = torch.load(weights, weights_only=True, map_location="cpu")
        network: Any = resnet18()
        if has_head(state):
            network.fc = nn.Linear(VECTOR, VECTOR)
            network.load_state_dict(state)
        else:
            network.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")})
    except Exception as error:  # on other files torch raises exceptions of any class
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise JobError(
            f"{weights} is not a state dict of a ResNet18 ({reason}): save one with torch.save.", ErrorKind.invalid
        ) from error
    loaded: nn.Module = network.eval()
    return loaded


def has_head(state: dict[str, Any]) -> bool:
    """Whether the last layer is a head of `finetune faces`: from 512 numbers to 512. ImageNet's has 1,000 classes."""
    return tuple(getattr(state.get("fc.weight"), "shape", ())) == (VECTOR, VECTOR)


def resnet18() -> nn.Module:
    """Return an untrained ResNet18 whose `fc` is the identity, as in the original."""
    network = ResNet18()
    network.fc = nn.Identity()
    return network


def fuse_batch_norm(network: nn.Module) -> nn.Module:
    """Fuse each convolution with the BatchNorm behind it, in place."""
    for part in list(network.modules()):
        layers: dict[str, Any] = dict(part.named_children())
        for convolution, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("0", "1")):  # "0", "1": a block's downsample
            if isinstance(layers.get(norm), nn.BatchNorm2d):
                setattr(part, convolution, fuse_conv_bn_eval(layers[convolution], layers[norm]))
                setattr(part, norm, nn.Identity())
    return network
