"""Import torchvision with a torch that it was not built for: for the bench's baseline, and for tests.

On import, torchvision registers Python parts of its C++ operators. With a CPU build of torch and PyPI's torchvision
(built for CUDA), its C++ library does not load, torch does not know the operators, and the import fails with "operator
torchvision::nms does not exist". It is enough to declare them, because ResNet18 does not call them.
"""

import importlib
import sys
from types import ModuleType

import torch

OPERATORS = ("nms", "qnms")
_declared: list[torch.library.Library] = []  # a declaration lasts as long as its library object


def torchvision_models() -> ModuleType:
    """Return the module torchvision.models."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    library = torch.library.Library("torchvision", "DEF")
    for name in OPERATORS:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # partly imported
    return importlib.import_module("torchvision.models")
