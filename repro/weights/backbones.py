"""ImageNet backbones of torchvision and timm as starts for trainings of this suite's networks.

The names are facts of torchvision 0.28 and timm 1.0, whose networks these were compared with.
ResNets, MobileNetV2 and HRNet give the same features here; EfficientNet-B0 does not, see
`DIFFERENT`, so its files are a start and no more.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import MissingError
from repro.models import higherhrnet, simplebaseline, slim_backbones, zoo
from repro.train import checkpoint

KIND = "start"
DIFFERENT = (
    "EfficientNet here pads strided convolutions at the end, as TensorFlow and EfficientHRNet's "
    "code do; torchvision and most of timm pad both sides alike, so features are those of a picture "
    "moved by a pixel until training goes on"
)

Rename = Callable[[str], str]  # our name of a tensor -> theirs, "" where they have none


def _resnet(key: str) -> str:
    theirs = simplebaseline.official_key(key)
    return theirs if theirs.startswith(("conv1.", "bn1.", "layer")) else ""


def _resnet_slim(key: str) -> str:
    if not key.startswith("backbone."):
        return ""
    key = re.sub(r"^backbone\.stages\.(\d)\.", lambda m: f"layer{int(m[1]) + 1}.", key)
    return key.replace("backbone.stem.0.", "conv1.").replace("backbone.stem.1.", "bn1.")


def _mobilenet(key: str) -> str:
    return slim_backbones.official_key(key) if key.startswith("backbone.") else ""


_TIMM = {
    "expand.conv": "conv_pw",
    "expand.norm": "bn1",
    "depthwise.conv": "conv_dw",
    "depthwise.norm": "bn2",
    "gate.reduce": "se.conv_reduce",
    "gate.expand": "se.conv_expand",
    "project.conv": "conv_pwl",
    "project.norm": "bn3",
}
# it does not expand
_TIMM_FIRST = {
    **_TIMM,
    "depthwise.norm": "bn1",
    "project.conv": "conv_pw",
    "project.norm": "bn2",
}


def _timm_mobilenet(key: str) -> str:
    found = re.fullmatch(r"backbone\.stages\.(\d)\.(\d)\.(\w+\.\w+)\.(\w+)", key)
    if found:
        return f"blocks.{int(found[1]) + 1}.{found[2]}.{_TIMM[found[3]]}.{found[4]}"
    found = re.fullmatch(r"backbone\.stem\.(\w+\.\w+)\.(\w+)", key)
    if not found:
        return ""
    first = {"first.conv": "conv_stem", "first.norm": "bn1"}.get(found[1])
    return f"{first or f'blocks.0.0.{_TIMM_FIRST[found[1]]}'}.{found[2]}"


def _timm_efficientnet(key: str) -> str:
    found = re.fullmatch(r"backbone\.stages\.(\d)\.(\d)\.(\w+\.\w+)\.(\w+)", key)
    if found:
        names = _TIMM_FIRST if found[1] == "1" else _TIMM
        return f"blocks.{int(found[1]) - 1}.{found[2]}.{names[found[3]]}.{found[4]}"
    return key.replace("backbone.stem.conv.", "conv_stem.").replace(
        "backbone.stem.norm.", "bn1."
    ) * (key.startswith("backbone.stem."))


_TORCHVISION = {
    "expand.conv": "0.0",
    "expand.norm": "0.1",
    "depthwise.conv": "1.0",
    "depthwise.norm": "1.1",
    "gate.reduce": "2.fc1",
    "gate.expand": "2.fc2",
    "project.conv": "3.0",
    "project.norm": "3.1",
}


def _efficientnet(key: str) -> str:
    found = re.fullmatch(r"backbone\.stages\.(\d)\.(\d)\.(\w+\.\w+)\.(\w+)", key)
    if found:
        layer, part = _TORCHVISION[found[3]].split(".", 1)
        layer = str(int(layer) - (found[1] == "1"))  # the first stage does not expand
        return f"features.{found[1]}.{found[2]}.block.{layer}.{part}.{found[4]}"
    found = re.fullmatch(r"backbone\.stem\.(conv|norm)\.(\w+)", key)
    return f"features.0.{'01'[found[1] == 'norm']}.{found[2]}" if found else ""


def _hrnet(key: str) -> str:
    return higherhrnet.official_key(key) if key.startswith("backbone.") else ""


RENAMES: dict[str, tuple[str, tuple[str, ...], Rename]] = {
    "ResNet of torchvision or timm": ("simplebaseline", ("simplebaseline_",), _resnet),
    "ResNet-50 of torchvision or timm": ("slim_backbones", ("resnet50_slim",), _resnet_slim),
    "MobileNetV2 of torchvision": ("slim_backbones", ("mobilenetv2_slim",), _mobilenet),
    "MobileNetV2 of timm": ("slim_backbones", ("mobilenetv2_slim",), _timm_mobilenet),
    "EfficientNet-B0 of torchvision": (
        "efficientnet",
        ("efficientnet_b0", "efficienthrnet_h0"),
        _efficientnet,
    ),
    "EfficientNet-B0 of timm": (
        "efficientnet",
        ("efficientnet_b0", "efficienthrnet_h0"),
        _timm_efficientnet,
    ),
    "HRNet of timm or its authors": ("higherhrnet", ("hrnet_", "higherhrnet_"), _hrnet),
}
"""By layout: the family of the names, the models (or beginnings of names) that have such a
backbone, and the names."""


class Start(NamedTuple):
    """A backbone's tensors under our names. layout: whose names they had; of: how many tensors the
    network has."""

    layout: str
    tensors: dict[str, Tensor]
    of: int

    @property
    def note(self) -> str:
        """What a user must know of its features."""
        return (
            DIFFERENT
            if self.layout.startswith("EfficientNet")
            else "features as in the network it comes from"
        )


def read(model: str, tensors: Mapping[str, Tensor], changes: Mapping[str, Any]) -> Start | None:
    """A foreign backbone as a model's; None where the model has none such or a tensor is absent or
    of another shape."""
    own = zoo.build_empty(model, **changes).state_dict()
    for layout, (_, models, rename) in RENAMES.items():
        if not model.startswith(models):
            continue
        names = {
            key: theirs
            for key in own
            if (theirs := rename(key)) and not key.endswith("num_batches_tracked")
        }
        if names and all(
            theirs in tensors and tensors[theirs].shape == own[key].shape
            for key, theirs in names.items()
        ):
            return Start(layout, {key: tensors[theirs] for key, theirs in names.items()}, len(own))
    return None


def fill(network: nn.Module, path: Path) -> dict[str, Any]:
    """Start a network from a file that `repro weights import` made of a backbone; returns the
    file's info.

    What the file does not hold keeps its own start. Raises MissingError for other files, and for
    another network.
    """
    tensors, info = checkpoint.read_tensors(path)
    if info.get("kind") != KIND:
        raise MissingError(
            f"{path} is no start of a training", "repro weights import MODEL FILE --out START"
        )
    own = network.state_dict()
    if any(name not in own or own[name].shape != value.shape for name, value in tensors.items()):
        raise MissingError(
            f"{path} is a backbone of {info.get('model')}, not of this network",
            "repro weights list",
        )
    with torch.no_grad():
        network.load_state_dict(tensors, strict=False)
    return info
