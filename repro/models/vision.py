"""The one place that imports torchvision.

Its wheel is built for CUDA; beside a CPU build of torch the import dies with
"operator torchvision::nms does not exist". Defining the two missing schemas first cures it:
models, transforms, datasets and tv_tensors then work.
"""

import importlib
import sys

import torch

_SCHEMAS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def _define_missing_schemas() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name, schema in _SCHEMAS.items():
        library.define(name + schema)  # type: ignore[no-untyped-call]
    return library


try:
    import torchvision
except RuntimeError as fault:
    if "torchvision::nms" not in str(fault):
        raise
    for loaded in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[loaded]
    _LIBRARY = _define_missing_schemas()  # the schemas live as long as this object
    torchvision = importlib.import_module("torchvision")

datasets = importlib.import_module("torchvision.datasets")
models = importlib.import_module("torchvision.models")
transforms = importlib.import_module("torchvision.transforms.v2")

__all__ = ["datasets", "models", "torchvision", "transforms"]
