"""Import torchvision beside a torch that it was not built for.

torchvision registers Python parts of its C++ operators when it is imported. With a CPU build of torch and the
registry's torchvision (built for CUDA) its C++ library does not load, the operators are unknown to torch, and the
import fails: "operator torchvision::nms does not exist". Declaring them is enough: ResNet18 calls neither.
"""

import importlib
import sys
from types import ModuleType

import torch

OPERATORS = ("nms", "qnms")
_declared: list[torch.library.Library] = []  # a declaration lasts as long as its library object


def torchvision_models() -> ModuleType:
    """The module torchvision.models."""
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
        del sys.modules[name]  # half imported
    return importlib.import_module("torchvision.models")
