"""ResNet18 of the project is torchvision's: the same names, the same outputs, the same random start."""

import io

import torch
from torch import nn

from jobs.bench.torch_ops import torchvision_models
from jobs.embed.resnet18 import ResNet18


def seeded(network: type[nn.Module]) -> nn.Module:
    torch.manual_seed(7)
    return network()


def saved(network: nn.Module) -> bytes:
    stream = io.BytesIO()
    torch.save(network.state_dict(), stream)
    return stream.getvalue()


def test_it_has_torchvisions_keys_and_shapes_in_the_same_order() -> None:
    ours, theirs = ResNet18().state_dict(), torchvision_models().resnet18().state_dict()
    assert [(key, value.shape, value.dtype) for key, value in ours.items()] == [
        (key, value.shape, value.dtype) for key, value in theirs.items()
    ]


def test_one_seed_gives_torchvisions_random_weights_byte_for_byte() -> None:
    """Tables that were filled with `random` before torchvision left have the hash of this file."""
    assert saved(seeded(ResNet18)) == saved(seeded(torchvision_models().resnet18))


def test_its_outputs_are_torchvisions_bit_for_bit() -> None:
    """In training mode too: `random` computes BatchNorm's statistics so, on one thread or several."""
    ours, theirs = seeded(ResNet18), torchvision_models().resnet18()
    theirs.load_state_dict(ours.state_dict())
    pictures = torch.randn(4, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        for mode in (True, False):  # first training: evaluation then has statistics of real pictures
            ours.train(mode)
            theirs.train(mode)
            assert torch.equal(ours(pictures), theirs(pictures))
    assert saved(ours) == saved(theirs)
