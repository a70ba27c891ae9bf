"""EfficientNet-B0 and EfficientHRNet's compact classifiers B-1 .. B-4.

EfficientNet: arXiv 1905.11946. Compact scaling: EfficientHRNet, arXiv 2007.08090, section 3.1 and
Table 2. The factors are its code's: width 1.1^phi and depth 1.2^phi to three decimals.
"""

import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.convs import init_convs, init_fan_out
from repro.models.efficientnet_blocks import Depths, EfficientNetBackbone, conv_swish, scale_width
from repro.models.upstream import efficientnet_key, match_keys

HEAD_WIDTH = 1280
DROPOUT = 0.2
ROUNDINGS: dict[str, Depths] = {"up": math.ceil, "nearest": round, "down": math.floor}


class EfficientNet(nn.Module):
    """Backbone, conv 1x1, mean over the image, dropout and one linear layer.

    images: (B, 3, H, W), normalised, any size from 32 x 32. Returns logits (B, classes).
    """

    stride = 1

    def __init__(
        self,
        width_factor: float,
        depth_factor: float,
        classes: int,
        *,
        step: int = 8,
        depths: Depths = math.ceil,
    ) -> None:
        super().__init__()
        self.backbone = EfficientNetBackbone(width_factor, depth_factor, step=step, depths=depths)
        width = scale_width(HEAD_WIDTH, width_factor, step)
        self.head = conv_swish(self.backbone.widths[-1], width, 1)
        self.dropout = nn.Dropout(DROPOUT)
        self.classifier = nn.Linear(width, classes)
        self._init_weights()

    def _init_weights(self) -> None:
        init_convs(self.head, init_fan_out)
        bound = self.classifier.out_features**-0.5
        nn.init.uniform_(self.classifier.weight, -bound, bound)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, images: Tensor) -> Tensor:
        x = self.head(self.backbone(images)[-1])
        logits: Tensor = self.classifier(self.dropout(x.mean((2, 3))))
        return logits


class Variant(NamedTuple):
    """Factors on B0's widths and depths, and the nominal input size (one side of a square)."""

    width: float
    depth: float
    size: int


VARIANTS: dict[str, Variant] = {  # EfficientHRNet, Table 2
    "efficientnet_b0": Variant(1.0, 1.0, 224),
    "efficientnet_b_1": Variant(0.909, 0.833, 195),
    "efficientnet_b_2": Variant(0.826, 0.694, 170),
    "efficientnet_b_3": Variant(0.751, 0.578, 145),
    "efficientnet_b_4": Variant(0.684, 0.483, 128),
}


def build(
    variant: str, *, classes: int = 1000, width_multiple: int = 8, depth_rounding: str = "up"
) -> EfficientNet:
    """The classifier `variant` for `classes` classes (ImageNet 1000, CIFAR-100 100).

    width_multiple: all widths are multiples of it. depth_rounding: of the blocks per stage, "up",
    "nearest" or "down". The paper states neither; the defaults are those of its code. Raises
    `UsageError` for an unknown variant or a switch out of range.
    """
    if variant not in VARIANTS:
        raise unknown("model", variant, VARIANTS)
    if depth_rounding not in ROUNDINGS:
        raise unknown("rounding of the depth", depth_rounding, ROUNDINGS)
    if width_multiple < 1:
        raise UsageError(
            f"width_multiple is {width_multiple}; it is at least 1", "EfficientNet takes 8"
        )
    if classes <= 0:
        raise UsageError(
            f"classes is {classes}; a classifier needs at least 1",
            "ImageNet has 1000, CIFAR-100 has 100",
        )
    plan = VARIANTS[variant]
    return EfficientNet(
        plan.width, plan.depth, classes, step=width_multiple, depths=ROUNDINGS[depth_rounding]
    )


def official_key(net: EfficientNet, key: str) -> str:
    """What narumiruna/efficientnet-pytorch calls the entry `key` of our state dict."""
    last = 1 + sum(len(list(stage.children())) for stage in net.backbone.stages.values())
    key = key.replace("classifier.", "classifier.1.").replace("head.", f"features.{last}.")
    return efficientnet_key(key, net.backbone)


def from_upstream(
    variant: str, state_dict: Mapping[str, Tensor], **changes: object
) -> dict[str, Tensor]:
    """Weights of narumiruna/efficientnet-pytorch, whose blocks EfficientHRNet's code uses, under
    our keys.

    Strict both ways; `classes` is read from the last layer when absent. Raises `MissingError` where
    keys or shapes do not fit, `UsageError` as `build`.
    """
    last = state_dict.get("classifier.1.weight")
    if "classes" not in changes and last is not None:
        changes["classes"] = len(last)
    with torch.device("meta"):
        net = build(variant, **changes)  # type: ignore[arg-type]
    return match_keys(
        net.state_dict(), state_dict, functools.partial(official_key, net), model=variant
    )
