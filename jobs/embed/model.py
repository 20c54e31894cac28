"""ResNet18 without its last layer: pictures to vectors of 512 numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from jobs.embed.prepare import normalised
from jobs.embed.torch_ops import torchvision_models
from jobs.errors import JobError

# One picture's largest layer is 3 MB: those of 8 stay in the processor's cache. At 64 the forward pass takes almost
# twice as long a picture (reference: 85 pictures/s at 4, 66 at 1, 49 at 64, two cores).
BATCH = 8

Embedder: TypeAlias = Callable[[Tensor], NDArray[np.float32]]


class Network(nn.Module):
    """(n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors, scaling included: what is asked is small."""

    def __init__(self, resnet: nn.Module, precision: str, device: str) -> None:
        super().__init__()
        self.resnet, self.bf16, self.device = resnet, precision == "bf16", device

    def forward(self, grey: Tensor) -> Tensor:
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            vectors: Tensor = self.resnet(normalised(grey)).float()
        return vectors


def load_network(weights: Path, precision: str = "fp32", device: str = "cpu") -> Network:
    """The network of a state dict file, its layers joined and laid out for the forward pass alone, on a device.

    Raises Failure when the file holds no ResNet18.
    """
    resnet: Any = fuse_batch_norm(load_resnet18(weights))
    return Network(resnet.to(device, memory_format=torch.channels_last), precision, device).eval()


def build_embedder(weights: Path, precision: str) -> Embedder:
    """A function from (n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors, ready at once, on the processor.

    For int8 it works in fp32: a quantised network exists where it was calibrated only, and approximates fp32. A query
    in fp32 among rows in int8 finds as many true neighbours as one in int8 (recall@10 0.86 both ways, random weights).
    Raises Failure when the file holds no ResNet18.
    """
    return batched(load_network(weights, "fp32" if precision == "int8" else precision), BATCH)


def batched(forward: Callable[[Tensor], Tensor], batch: int, device: str = "cpu") -> Embedder:
    """Ask a network in batches, on its device."""

    def embed(grey: Tensor) -> NDArray[np.float32]:
        with torch.inference_mode():
            parts = [forward(part.to(device)) for part in grey.split(batch)]
            return torch.cat(parts).cpu().numpy()

    return embed


def load_resnet18(weights: Path) -> nn.Module:
    """The network of a state dict file, its last layer left out, ready to be asked."""
    try:
        state: dict[str, Any] = torch.load(weights, weights_only=True, map_location="cpu")
        network = resnet18()
        network.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")})
    except Exception as error:  # torch raises what it likes on files that are none of its own
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise JobError(f"{weights} is no state dict of a ResNet18 ({said}): save one with torch.save.") from error
    return network.eval()


def resnet18() -> nn.Module:
    """An untrained ResNet18 whose `fc` is the identity, as the original has it."""
    network: nn.Module = torchvision_models().resnet18()
    network.fc = nn.Identity()
    return network


def fuse_batch_norm(network: nn.Module) -> nn.Module:
    """Each convolution and the BatchNorm behind it as one convolution, in place."""
    for part in list(network.modules()):
        layers: dict[str, Any] = dict(part.named_children())
        for convolution, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("0", "1")):  # "0", "1": a block's downsample
            if isinstance(layers.get(norm), nn.BatchNorm2d):
                setattr(part, convolution, fuse_conv_bn_eval(layers[convolution], layers[norm]))
                setattr(part, norm, nn.Identity())
    return network
