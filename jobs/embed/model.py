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
from jobs.failure import Failure

BATCH = 8  # larger ones leave the processor's cache: at 64 the forward pass takes almost twice as long a picture
PRECISIONS = ("fp32", "bf16")

Embedder: TypeAlias = Callable[[Tensor], NDArray[np.float32]]


def embedder(weights: Path, precision: str) -> Embedder:
    """A function from (n, 224, 224) uint8 grey pictures to (n, 512) float32 vectors.

    Raises Failure when the file holds no ResNet18.
    """
    network: Any = fused(load(weights))
    network.to(memory_format=torch.channels_last)

    def embed(grey: Tensor) -> NDArray[np.float32]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            parts = [network(normalised(batch)).float() for batch in grey.split(BATCH)]
        return torch.cat(parts).numpy()

    return embed


def load(weights: Path) -> nn.Module:
    """The network of a state dict file, its last layer left out, ready to be asked."""
    try:
        state: dict[str, Any] = torch.load(weights, weights_only=True, map_location="cpu")
        network = resnet18()
        network.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")})
    except Exception as error:  # torch raises what it likes on files that are none of its own
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Failure(f"{weights} is no state dict of a ResNet18 ({said}): save one with torch.save.") from error
    return network.eval()


def resnet18() -> nn.Module:
    """An untrained ResNet18 whose `fc` is the identity, as the original has it."""
    network: nn.Module = torchvision_models().resnet18()
    network.fc = nn.Identity()
    return network


def fused(network: nn.Module) -> nn.Module:
    """Each convolution and the BatchNorm behind it as one convolution, in place."""
    for part in list(network.modules()):
        layers: dict[str, Any] = dict(part.named_children())
        for convolution, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("0", "1")):  # "0", "1": a block's downsample
            if isinstance(layers.get(norm), nn.BatchNorm2d):
                setattr(part, convolution, fuse_conv_bn_eval(layers[convolution], layers[norm]))
                setattr(part, norm, nn.Identity())
    return network
