"""HRNet and HigherHRNet for pose, and LitePose's slimmed copies of them.

HigherHRNet: arXiv 1908.10357. HRNet: arXiv 1902.09212 (top-down: one head on the 1/4 branch).
LitePose: arXiv 2205.01271, section 3.2 (gradual shrinking); its code narrows layer1 and the
deconvolution too.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.convs import conv_bn, init_convs, init_normal
from repro.models.hrnet_blocks import (
    BasicBlock,
    Bottleneck,
    FusionModule,
    HeatmapPyramid,
    check_switches,
    fusion_stage,
)
from repro.models.maps import Maps
from repro.models.upstream import Renames, hrnet_key, match_keys

Blocks = Sequence[Sequence[int]]

STEM = 64
LAYER1_BLOCKS = 4
MODULES = (1, 4, 3)  # fusion modules in stages 2, 3 and 4
# residual blocks per branch in stages 2, 3 and 4
BLOCKS: Blocks = (
    (4, 4),
    (4, 4, 4),
    (4, 4, 4, 4),
)


class HRNet(nn.Module):
    """Stem, bottlenecks and three stages of 2, 3 and 4 parallel branches.

    images (B, 3, H, W), H and W multiples of 32, to features (B, widths[0], H / 4, W / 4).
    `blocks[s][i]` is the number of residual blocks of branch i in stage s + 2.
    """

    def __init__(
        self, widths: Sequence[int], *, layer1_width: int = 64, blocks: Blocks = BLOCKS
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, STEM, 3, stride=2), conv_bn(STEM, STEM, 3, stride=2))
        wide = 4 * layer1_width
        narrowing = (Bottleneck(wide, layer1_width) for _ in range(LAYER1_BLOCKS - 1))
        self.layer1 = nn.Sequential(Bottleneck(STEM, layer1_width), *narrowing)
        first = (conv_bn(wide, widths[0], 3), conv_bn(wide, widths[1], 3, stride=2))
        self.transition1 = nn.ModuleList(first)
        self.stage2 = fusion_stage(widths[:2], blocks[0], MODULES[0])
        self.transition2 = conv_bn(widths[1], widths[2], 3, stride=2)
        self.stage3 = fusion_stage(widths[:3], blocks[1], MODULES[1])
        self.transition3 = conv_bn(widths[2], widths[3], 3, stride=2)
        self.stage4 = fusion_stage(widths, blocks[2], MODULES[2], single=True)

    def forward(self, images: Tensor) -> Tensor:
        x = self.layer1(self.stem(images))
        maps = self.stage2([step(x) for step in self.transition1])
        maps = self.stage3([*maps, self.transition2(maps[-1])])
        features: Tensor = self.stage4([*maps, self.transition3(maps[-1])])[0]
        return features


class PoseHRNet(nn.Module):
    """HRNet with a heatmap pyramid on its 1/4 features; without deconvolutions it is plain HRNet.

    images: (B, 3, H, W), normalised, H and W multiples of 32. Maps: heatmaps (B, joints, H / 4, W /
    4) and twice that per deconvolution; tags of the first output's shape, or none.
    """

    stride = 32

    def __init__(self, backbone: HRNet, head: HeatmapPyramid) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        init_convs(self, init_normal)

    @property
    def facts(self) -> dict[str, str]:
        """Blocks per branch of each stage, finest first, and the finest branch's width, as LitePose
        lists them.

        Besides the components of the head, as HigherHRNet's Table 4 marks them.
        """
        exchanges = [m for m in self.backbone.modules() if isinstance(m, FusionModule)]
        branches: dict[int, list[nn.Module]] = {1: [self.backbone.layer1]}
        branches |= {len(exchange.branches): list(exchange.branches) for exchange in exchanges}
        blocks = {
            f"stage{count}": ", ".join(map(_blocks, of_stage))
            for count, of_stage in branches.items()
        }
        width = len(self.backbone.get_parameter("transition1.0.conv.weight"))
        return {**blocks, "base_channel": str(width), **self._components(width)}

    def _components(self, width: int) -> dict[str, str]:
        """HigherHRNet's components, as its Table 4 marks them. Every resolution that has a head is
        supervised."""
        widths_in = [len(deconv.get_parameter("up.conv.weight")) for deconv in self.head.deconvs]
        facts = {
            "multi_resolution_supervision": len(self.head.heads) > 1,
            "feature_concat": any(width_in > width for width_in in widths_in[:1]),
            "extra_residual_blocks": any(isinstance(m, BasicBlock) for m in self.head.modules()),
        }
        return {name: "yes" if is_so else "no" for name, is_so in facts.items()}

    def forward(self, images: Tensor) -> Maps:
        maps: Maps = self.head(self.backbone(images))
        return maps


def _blocks(branch: nn.Module) -> str:
    """The number of residual blocks of a branch, whose layers may also be one convolution."""
    return str(sum(isinstance(block, (BasicBlock, Bottleneck)) for block in branch.children()))


class Variant(NamedTuple):
    """Numbers of one network; branch i is `width` * 2^i wide."""

    width: int
    layer1_width: int = 64
    deconvs: int = 1
    deconv_width: int | None = None
    deconv_blocks: int = 4
    blocks: Blocks = BLOCKS
    tags: str = "first"


slimmed = functools.partial(Variant, deconv_width=32, deconv_blocks=0)

VARIANTS: dict[str, Variant] = {
    "higherhrnet_w32": Variant(32),  # HigherHRNet, Table 6
    "higherhrnet_w40": Variant(40),  # HigherHRNet, Table 6
    "higherhrnet_w48": Variant(48),  # HigherHRNet, Table 6
    # the official class at widths that have no official file
    "higherhrnet_w16": Variant(16),  # LitePose, Fig. 3 names it
    "higherhrnet_w18": Variant(18),  # LitePose, section 3.2: base channel 18
    "higherhrnet_w24": Variant(24),  # LitePose, Table 1 names it
    # LitePose's code: layer1 2 x base wide, deconvolution 32 wide without residual blocks
    "litepose_higherhrnet_w24": slimmed(24, 48),  # LitePose, Table 1
    "shrink_c1": slimmed(16, 32),  # LitePose, section 3.2: baseline, HigherHRNet-W16
    "shrink_c2": slimmed(16, 32, blocks=((3, 4), (2, 3, 4), (1, 2, 3, 4))),  # Shrink 1
    "shrink_c3": slimmed(18, 36, blocks=((1, 4), (1, 1, 4), (1, 1, 1, 4))),  # Shrink 2
    "shrink_c4": slimmed(18, 36, blocks=((0, 4), (0, 0, 4), (0, 0, 0, 4))),  # Shrink 3
    # top-down HRNet, EfficientPose-NAS, Tables 2, 4 and 5
    "hrnet_w32": Variant(32, deconvs=0, tags="none"),
    "hrnet_w48": Variant(48, deconvs=0, tags="none"),
}


def build(
    variant: str,
    *,
    joints: int = 17,
    deconvs: int | None = None,
    feature_concat: bool = True,
    deconv_blocks: int | None = None,
    blocks: Blocks | None = None,
    tags: str | None = None,
    widths: Sequence[int] | None = None,
) -> PoseHRNet:
    """The network `variant`; a switch left at None keeps the variant's own number.

    deconvs: deconvolution modules, 0, 1 or 2 for heatmaps down to stride 4, 2 or 1 (HigherHRNet,
    Table 3; 0 is the
        bottom-up HRNet baseline).
    feature_concat: a deconvolution module sees features and predicted maps, else features alone
    (Table 4). deconv_blocks: extra residual blocks after each deconvolution (Table 4; 0 is off).
    blocks: residual blocks per branch, for stages 2, 3 and 4 (LitePose, section 3.2). tags: outputs
    that carry tags, "first", "both" or "none". widths: channels of the four branches; the
    deconvolution keeps the variant's width or follows `widths[0]`.

    Raises `UsageError` for an unknown variant or a switch out of range.
    """
    if variant not in VARIANTS:
        raise unknown("model", variant, VARIANTS)
    plan = VARIANTS[variant]
    widths = widths or [plan.width * 2**i for i in range(4)]
    blocks = blocks or plan.blocks
    deconvs = plan.deconvs if deconvs is None else deconvs
    tags = tags or plan.tags
    deconv_blocks = plan.deconv_blocks if deconv_blocks is None else deconv_blocks
    _check(widths, blocks, deconvs, deconv_blocks=deconv_blocks)
    check_switches(joints, tags, deconvs)
    head = HeatmapPyramid(
        widths[0],
        joints,
        tags=tags,
        deconvs=deconvs,
        deconv_width=plan.deconv_width or widths[0],
        blocks=deconv_blocks,
        concat=feature_concat,
    )
    return PoseHRNet(HRNet(widths, layer1_width=plan.layer1_width, blocks=blocks), head)


def _check(widths: Sequence[int], blocks: Blocks, deconvs: int, *, deconv_blocks: int) -> None:
    if len(widths) != 4 or min(widths) < 1:
        raise UsageError(
            f"widths is {tuple(widths)}; four positive numbers are needed, one per branch"
        )
    if [len(row) for row in blocks] != [2, 3, 4] or min(min(row) for row in blocks) < 0:
        raise UsageError(
            f"blocks is {blocks}; 2, 3 and 4 numbers are needed, none negative",
            "e.g. ((4, 4), (4, 4, 4), (4, 4, 4, 4))",
        )
    if deconvs not in (0, 1, 2):
        raise UsageError(f"deconvs is {deconvs}; known: 0, 1, 2")
    if deconv_blocks < 0:
        raise UsageError(f"deconv_blocks is {deconv_blocks}; it cannot be negative")


_RENAMES: Renames = (
    (r"^backbone\.stem\.0\.conv", "conv1"),
    (r"^backbone\.stem\.0\.norm", "bn1"),
    (r"^backbone\.stem\.1\.conv", "conv2"),
    (r"^backbone\.stem\.1\.norm", "bn2"),
    (r"^backbone\.", ""),
    (r"\.third\.conv\.", ".conv3."),
    (r"\.third\.norm\.", ".bn3."),
    (r"\.shortcut\.", ".downsample."),
    (r"^transition1\.1\.", "transition1.1.0."),
    (r"^transition([23])\.", r"transition\1.\1.0."),
)


def official_key(key: str) -> str:
    """What the original repositories call the entry `key` of our state dict (top-down HRNet:
    `final_layer`)."""
    return hrnet_key(key, _RENAMES)


def from_upstream(
    variant: str, state_dict: Mapping[str, Tensor], **changes: object
) -> dict[str, Tensor]:
    """Weights of the original repositories (HigherHRNet, HRNet, LitePose) under our keys, strict
    both ways.

    `changes` as for `build`; `joints` is read from the head when absent. Raises `MissingError`
    where keys or shapes do not fit, `UsageError` as `build`.
    """
    upstream = {
        key.replace("final_layer.", "final_layers.0."): value for key, value in state_dict.items()
    }
    head = upstream.get("final_layers.0.weight")
    if "joints" not in changes and head is not None:
        tags = changes.get("tags") or (VARIANTS[variant].tags if variant in VARIANTS else "first")
        changes["joints"] = len(head) if tags == "none" else len(head) // 2
    with torch.device("meta"):
        ours = build(variant, **changes).state_dict()  # type: ignore[arg-type]
    return match_keys(ours, upstream, official_key, model=variant)
