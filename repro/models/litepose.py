"""LitePose: a single-branch bottom-up network for edge devices.

Wang, Li, Cai, Chen and Han, "Lite Pose: Efficient Architecture Design for 2D Human Pose
Estimation", Sec. 3.3, 3.4 and Fig. 4. The widths are those of the authors' public configurations
(mit-han-lab/litepose, mobile_configs).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.convs import conv, relu, relu6
from repro.models.efficientnet_blocks import scale_width
from repro.models.maps import Maps
from repro.models.mobile_blocks import BlockRow, InvertedBottleneck, MobileTrunk
from repro.models.upstream import match_keys

# --- blocks ---------------------------------------------------------------------------------------


def deconv(w_in: int, width: int) -> nn.ConvTranspose2d:
    """Transposed conv 4x4 of stride 2: twice the height and width."""
    return nn.ConvTranspose2d(w_in, width, 4, stride=2, padding=1, bias=False)


def norm_relu(width: int) -> nn.Sequential:
    """Batch norm and ReLU of the sum of both paths."""
    return nn.Sequential(OrderedDict(norm=nn.BatchNorm2d(width), act=relu()))


def head(w_in: int, maps: int) -> nn.Sequential:
    """Depthwise 5x5, batch norm, ReLU, 1x1 without bias."""
    depthwise, project = conv(w_in, w_in, 5, groups=w_in), conv(w_in, maps, 1)
    return nn.Sequential(
        OrderedDict(depthwise=depthwise, norm=nn.BatchNorm2d(w_in), act=relu(), project=project)
    )


# --- network --------------------------------------------------------------------------------------


class LitePose(nn.Module):
    """Mobile backbone with large kernels and the fusion deconvolution head.

    (B, 3, H, W) to heatmaps (B, joints, ., .) at 1/4 and 1/2 and tags at 1/4. Three transposed
    convolutions lead from the last stage (refined path); to each, one of a finer stage's output
    (raw path) is added before their common norm. After the second and the third, the heads of both
    paths are added. `fusion=False` leaves the raw path out, which is the conventional head of Fig.
    6.

    `stem`: widths of the first convolution and the stem's output; `stages`: width, expansion,
    kernel and stride of every block; `deconvs`: widths of the three transposed convolutions.
    Weights start as torch's defaults, like the original's.
    """

    stride = 16

    def __init__(
        self,
        stem: tuple[int, int],
        stages: Sequence[Sequence[BlockRow]],
        deconvs: Sequence[int],
        *,
        joints: int,
        fusion: bool = True,
    ) -> None:
        super().__init__()
        self.joints = joints
        self.fusion = fusion
        self.backbone = MobileTrunk(stem, stages, act=relu6)
        # of the maps at 1/2, 1/4, 1/8 and 1/16, and of the last one, at 1/16 too
        *finer, last = self.backbone.widths
        finer.reverse()
        # each from the one before it
        refined_steps = list(zip((last, *deconvs), deconvs, strict=False))
        # each from a finer map
        raw_steps = list(zip(finer, deconvs, strict=False)) if fusion else []
        # after the first there is no head
        refined_ends, raw_ends = (
            deconvs[1:],
            finer[2:] if fusion else [],
        )
        maps = (2 * joints, joints)
        self.refined_deconvs = nn.ModuleList(deconv(w_in, w_out) for w_in, w_out in refined_steps)
        self.raw_deconvs = nn.ModuleList(deconv(w_in, w_out) for w_in, w_out in raw_steps)
        self.deconv_norms = nn.ModuleList(norm_relu(w_out) for w_out in deconvs)
        self.refined_heads = nn.ModuleList(
            head(w_in, m) for w_in, m in zip(refined_ends, maps, strict=True)
        )
        self.raw_heads = nn.ModuleList(
            head(w_in, m) for w_in, m in zip(raw_ends, maps, strict=False)
        )

    @property
    def facts(self) -> dict[str, str]:
        """Sides of the blocks' depthwise kernels and whether the head fuses, as Table 3 prints
        them."""
        blocks = [
            block
            for block in self.backbone.stages.modules()
            if isinstance(block, InvertedBottleneck)
        ]
        sides = sorted({block.get_parameter("depthwise.conv.weight").shape[-1] for block in blocks})
        return {
            "kernel": ", ".join(map(str, sides)),
            "fusion_deconv_head": "yes" if self.fusion else "no",
        }

    def forward(self, images: Tensor) -> Maps:
        *finer, refined = self.backbone(images)
        half, quarter, eighth, sixteenth = finer
        refined = self._deconv(0, refined, sixteenth)  # to 1/8, which has no head
        refined = self._deconv(1, refined, eighth)
        coarse = self._head(0, refined, quarter)
        refined = self._deconv(2, refined, quarter)
        fine = self._head(1, refined, half)
        return Maps((coarse[:, : self.joints], fine), (coarse[:, self.joints :],))

    def _deconv(self, index: int, refined: Tensor, raw: Tensor) -> Tensor:
        """Twice the height and width; both paths are added before their common norm."""
        larger = self.refined_deconvs[index](refined)
        if self.fusion:
            larger = larger + self.raw_deconvs[index](raw)
        maps: Tensor = self.deconv_norms[index](larger)
        return maps

    def _head(self, index: int, refined: Tensor, raw: Tensor) -> Tensor:
        maps: Tensor = self.refined_heads[index](refined)
        return maps + self.raw_heads[index](raw) if self.fusion else maps


class Variant(NamedTuple):
    """Widths of the stem, of the four stages and of the three transposed convolutions."""

    stem: int
    stages: tuple[int, ...]
    deconvs: tuple[int, ...]


FIRST_WIDTH = 32  # of the first convolution, in every variant and at every width factor
BLOCKS = (6, 8, 10, 10)
STRIDES = (2, 2, 2, 1)
EXPANSION = 6
KERNELS = (3, 5, 7, 9)  # Fig. 7

VARIANTS: dict[str, Variant] = {
    # Tables 1 and 2, 256 px; search-XS.json
    "litepose_xs": Variant(16, (16, 32, 48, 80), (16, 24, 24)),
    # Tables 1 and 2, 448 px; search-S.json
    "litepose_s": Variant(16, (16, 32, 48, 120), (32, 24, 32)),
    "litepose_m": Variant(16, (24, 48, 72, 120), (64, 40, 32)),  # Sec. 5.2, 448 px; search-M.json
    # Sec. 3.5 and Fig. 8, 512 px; search-L.json
    "litepose_l": Variant(24, (24, 64, 96, 160), (64, 40, 32)),
    # the super-net of Sec. 5.2, 512 px; prune-L.json
    "litepose_super": Variant(24, (32, 64, 96, 160), (64, 48, 32)),
}


def build(
    variant: str,
    *,
    joints: int = 17,
    kernel: int = 7,
    fusion: bool = True,
    width: float = 1.0,
    stem: int | None = None,
    stages: Sequence[int] | None = None,
    deconvs: Sequence[int] | None = None,
) -> LitePose:
    """The network of `variant`.

    `kernel`: of all the blocks' depthwise convolutions (Table 3 "Knl."). `fusion`: the fusion
    deconvolution head (Table 3 "Fsn."). `width`: factor on all widths but the first convolution's,
    each rounded to a multiple of 8; `litepose_super` at 0.5 is the "0.5 LitePose" of Table 3
    (prune-S.json). `stem`, `stages`, `deconvs`: widths that take the place of the variant's own,
    before that factor, as a search finds them (Sec. 3.4).

    Raises `UsageError` for an unknown variant, another kernel than 3, 5, 7, 9, joints or width not
    above 0, and other than one, four and three widths above 0.
    """
    if variant not in VARIANTS:
        raise unknown("LitePose variant", variant, VARIANTS)
    if joints <= 0 or width <= 0:
        raise UsageError(f"joints is {joints} and width {width}; both must be above 0")
    if kernel not in KERNELS:
        raise UsageError(f"kernel is {kernel}; known: {', '.join(map(str, KERNELS))}")
    numbers = _numbers(VARIANTS[variant], stem, stages, deconvs)
    rows = [
        [
            (scale_width(stage, width), EXPANSION, kernel, 1 if block else stride)
            for block in range(blocks)
        ]
        for stage, blocks, stride in zip(numbers.stages, BLOCKS, STRIDES, strict=True)
    ]
    entry = (FIRST_WIDTH, scale_width(numbers.stem, width))
    ups = [scale_width(w, width) for w in numbers.deconvs]
    return LitePose(entry, rows, ups, joints=joints, fusion=fusion)


def _numbers(
    plan: Variant, stem: int | None, stages: Sequence[int] | None, deconvs: Sequence[int] | None
) -> Variant:
    """A variant's widths with those that are given in their place."""
    given = {
        "stem": (plan.stem if stem is None else stem,),
        "stages": tuple(stages or plan.stages),
        "deconvs": tuple(deconvs or plan.deconvs),
    }
    for (name, widths), wanted in zip(given.items(), (1, 4, 3), strict=True):
        if len(widths) != wanted or min(widths) <= 0:
            raise UsageError(f"{name} is {widths}; there must be {wanted}, each above 0")
    return Variant(given["stem"][0], given["stages"], given["deconvs"])


# --- key names of the original authors ------------------------------------------------------------

_STEM = {
    "first.conv": "first.0.0",
    "first.norm": "first.0.1",
    "depthwise.conv": "first.1.0",
    "depthwise.norm": "first.1.1",
    "project.conv": "first.2",
    "project.norm": "first.3",
}
_BLOCK = {"expand": "inv", "depthwise": "depth_conv", "project": "point_conv"}
_TOP = {
    "refined_deconvs": "deconv_refined.{}",
    "raw_deconvs": "deconv_raw.{}",
    "deconv_norms": "deconv_bnrelu.{}.0",
    "refined_heads": "final_refined.{}.conv",
    "raw_heads": "final_raw.{}.conv",
}
_HEAD = {"depthwise": ".0", "norm": ".1", "project": ".3"}


def official_key(key: str) -> str:
    """The original authors' name of tensor `key` of a `LitePose`."""
    module, leaf = key.rsplit(".", 1)
    top, child, *path = module.split(".")
    if top != "backbone":
        layer = _HEAD[path[0]] if top.endswith("heads") else ""
        return f"{_TOP[top].format(child)}{layer}.{leaf}"
    if child == "stem":
        return f"{_STEM['.'.join(path)]}.{leaf}"
    stage, block, unit, layer = path
    return f"stage.{stage}.{block}.{_BLOCK[unit]}.{0 if layer == 'conv' else 1}.{leaf}"


def from_upstream(
    variant: str,
    state_dict: Mapping[str, Tensor],
    *,
    joints: int | None = None,
    **switches: Any,
) -> dict[str, Tensor]:
    """Weights of the original network (mit-han-lab/litepose) under our keys; keywords as `build`.

    Without `joints` their number is read from the last head. Raises `MissingError` naming keys that
    are absent, left over or of another shape.
    """
    if joints is None:
        last = state_dict.get("final_refined.1.conv.3.weight")
        joints = 17 if last is None else len(last)
    with torch.device("meta"):
        net = build(variant, joints=joints, **switches)
    return match_keys(net.state_dict(), state_dict, official_key, model=variant)
