"""EfficientHRNet: a compact EfficientNet feeds HRNet's stages 2 to 4 and HigherHRNet's head.

arXiv 2007.08090. Branch widths are ceil(width * 1.2455^phi): the paper prints 1.25, but only
1.2455, which its code uses, gives its Table 1.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import unknown
from repro.models.convs import conv_bn, init_convs, init_normal
from repro.models.efficientnet_blocks import EfficientNetBackbone
from repro.models.hrnet_blocks import FusionModule, HeatmapPyramid, check_switches, fusion_stage
from repro.models.maps import Maps
from repro.models.upstream import Renames, efficientnet_key, hrnet_key, match_keys

BLOCKS = 2  # residual blocks per branch and after the deconvolution


class EfficientHRNet(nn.Module):
    """EfficientNet backbone, three stages of 2, 3 and 4 branches, heads at 1/4 and 1/2.

    images: (B, 3, H, W), normalised, H and W multiples of 32. Maps: heatmaps (B, joints, H / 4, W /
    4) and (B, joints, H / 2, W / 2); tags of the first shape, or of both. Every branch passes a
    conv 3x3 before each stage.
    """

    stride = 32

    def __init__(
        self,
        backbone: EfficientNetBackbone,
        widths: Sequence[int],
        modules: Sequence[int],
        *,
        joints: int,
        tags: str,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        taps = backbone.widths
        self.transition1 = _transition(taps[:2], widths)
        self.stage2 = fusion_stage(widths[:2], [BLOCKS] * 2, modules[0])
        self.transition2 = _transition((*widths[:2], taps[2]), widths)
        self.stage3 = fusion_stage(widths[:3], [BLOCKS] * 3, modules[1])
        self.transition3 = _transition((*widths[:3], taps[3]), widths)
        self.stage4 = fusion_stage(widths, [BLOCKS] * 4, modules[2], single=True)
        self.head = HeatmapPyramid(
            widths[0],
            joints,
            tags=tags,
            deconvs=1,
            deconv_width=widths[0],
            blocks=BLOCKS,
            concat=True,
        )
        for name, part in self.named_children():
            # the backbone keeps EfficientNet's start: the paper loads ImageNet weights there
            if name != "backbone":
                init_convs(part, init_normal)

    @property
    def facts(self) -> dict[str, str]:
        """Name of the backbone, channels of the four branches, fusion modules per stage, as Table 1
        prints them."""
        stages = (self.stage2, self.stage3, self.stage4)
        last = next(part for part in self.stage4.modules() if isinstance(part, FusionModule))
        widths = (len(branch.get_parameter("0.first.conv.weight")) for branch in last.branches)
        return {
            "backbone": _backbone_name(self.backbone),
            "widths": ", ".join(map(str, widths)),
            "blocks": ", ".join(str(len(stage)) for stage in stages),
        }

    def forward(self, images: Tensor) -> Maps:
        quarter, eighth, sixteenth, last = self.backbone(images)
        maps = self.stage2(_apply(self.transition1, [quarter, eighth]))
        maps = self.stage3(_apply(self.transition2, [*maps, sixteenth]))
        features = self.stage4(_apply(self.transition3, [*maps, last]))[0]
        result: Maps = self.head(features)
        return result


def _transition(sources: Sequence[int], widths: Sequence[int]) -> nn.ModuleList:
    # these convolutions have a bias and a batch norm, in all versions of the code
    return nn.ModuleList(
        conv_bn(w_in, w_out, 3, bias=True) for w_in, w_out in zip(sources, widths, strict=False)
    )


def _apply(steps: nn.ModuleList, maps: Sequence[Tensor]) -> list[Tensor]:
    return [step(x) for step, x in zip(steps, maps, strict=True)]


def _backbone_name(backbone: EfficientNetBackbone) -> str:
    """B0 .. B-4, by the exponent of equation 4 whose widths and depths the backbone has; "" for any
    other."""

    def shapes(net: EfficientNetBackbone) -> dict[str, torch.Size]:
        return {key: value.shape for key, value in net.state_dict().items()}

    with torch.device("meta"):
        scaled = {phi: shapes(EfficientNetBackbone(1.1**phi, 1.2**phi)) for phi in range(0, -5, -1)}
    return next((f"B{phi}" for phi, wanted in scaled.items() if wanted == shapes(backbone)), "")


class Variant(NamedTuple):
    """Backbone factors, channels of the four branches, fusion modules in stages 2 to 4, nominal
    input size."""

    backbone: tuple[float, float]
    widths: tuple[int, int, int, int]
    modules: tuple[int, int, int]
    size: int


VARIANTS: dict[
    str, Variant
] = {  # EfficientHRNet, Table 1; the factors of B0 .. B-4 as in efficientnet.py
    "efficienthrnet_h0": Variant((1.0, 1.0), (32, 64, 128, 256), (1, 4, 3), 512),
    "efficienthrnet_h_1": Variant((0.909, 0.833), (26, 52, 103, 206), (1, 3, 3), 480),
    "efficienthrnet_h_2": Variant((0.826, 0.694), (21, 42, 83, 166), (1, 2, 3), 448),
    "efficienthrnet_h_3": Variant((0.751, 0.578), (17, 34, 67, 133), (1, 1, 3), 416),
    "efficienthrnet_h_4": Variant((0.684, 0.483), (14, 27, 54, 107), (1, 1, 2), 384),
}


def build(variant: str, *, joints: int = 17, tags: str = "first") -> EfficientHRNet:
    """The network `variant`; `tags` says which of the two outputs carry them, "first", "both" or
    "none".

    The paper has them at 1/4 only; some released weights need "both". Raises `UsageError` for an
    unknown variant or a switch out of range.
    """
    if variant not in VARIANTS:
        raise unknown("model", variant, VARIANTS)
    check_switches(joints, tags)
    plan = VARIANTS[variant]
    return EfficientHRNet(
        EfficientNetBackbone(*plan.backbone), plan.widths, plan.modules, joints=joints, tags=tags
    )


_RENAMES: Renames = ((r"^transition(\d)\.(\d)\.", lambda m: f"trans{m[1]}_branch{int(m[2]) + 1}."),)


def official_key(net: EfficientHRNet, key: str) -> str:
    """What TeCSAR's code calls the entry `key` of our state dict."""
    return (
        efficientnet_key(key, net.backbone)
        if key.startswith("backbone.")
        else hrnet_key(key, _RENAMES)
    )


def from_upstream(
    variant: str, state_dict: Mapping[str, Tensor], **changes: object
) -> dict[str, Tensor]:
    """Weights of TeCSAR's or LitePose's EfficientHRNet under our keys, strict both ways.

    `changes` as for `build`; `joints` is read from the first head when absent. Raises
    `MissingError` where keys or shapes do not fit, `UsageError` as `build`.
    """
    head = state_dict.get("final_layers.0.weight")
    if "joints" not in changes and head is not None:
        changes["joints"] = len(head) if changes.get("tags") == "none" else len(head) // 2
    with torch.device("meta"):
        net = build(variant, **changes)  # type: ignore[arg-type]
    return match_keys(
        net.state_dict(), state_dict, functools.partial(official_key, net), model=variant
    )
