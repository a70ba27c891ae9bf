"""EfficientPose-NAS: top-down networks found by differentiable search, with a slim head.

Zhang, Fang, Wang and Liu, "EfficientPose: Efficient Human Pose Estimation with Neural Architecture
Search" (arXiv 2012.07086). The paper draws only A and B (Fig. 4); the block lists of all three are
facts of the authors' public inference code (hustvl/EfficientPose).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from repro.errors import UsageError, unknown
from repro.models.convs import init_convs, init_fan_out, relu
from repro.models.mobile_blocks import MobileTrunk, stage_rows
from repro.models.slim_head import SlimHead, SlimPose, check_slim_switches, official_slim_key
from repro.models.upstream import match_keys

# --- blocks and network: `SlimPose` of a `MobileTrunk`, with ReLU where MobileNetV2 has ReLU6 -----


class Variant(NamedTuple):
    """Width of the separable stem, widths of the four stages and their blocks, written kernel then
    expansion."""

    stem: int
    widths: tuple[int, int, int, int]
    blocks: tuple[str, str, str, str]


FIRST_WIDTH = 32
SKIP = "-"
OPERATIONS = ("33", "36", "53", "56", "73", "76", SKIP)  # kernel and expansion, section 3.2.1
# Table 1 prints 2 for stage 4 of the large space, against its own output size
STRIDES = (
    2,
    2,
    2,
    1,
)

VARIANTS: dict[str, Variant] = {
    "efficientpose_nas_a": Variant(  # Fig. 4; Tables 2 to 4 and 6 to 8
        16,
        (24, 32, 64, 96),
        ("36 73 36 33", "36 33 53 33 33 33", "56 73 73 73 73 73 73 73", "56 56 76 56 73 73 73 76"),
    ),
    "efficientpose_nas_b": Variant(  # Fig. 4; Tables 2 and 4 to 6
        24,
        (32, 64, 96, 160),
        (
            "36 36 53 73 53 73",
            "56 53 73 73 73 73 73 73",
            "76 56 56 73 73 36 73 76 76 73",
            "73 73 73 73 73 73 - 73 76 73",
        ),
    ),
    "efficientpose_nas_c": Variant(  # Tables 2 and 4 to 6
        24,
        (32, 64, 96, 160),
        (
            "53 36 33 33 - 53",
            "36 76 56 36 56 36 36 36",
            "76 76 76 76 76 76 76 76 73 76",
            "76 76 73 73 76 76 76 76 76 76",
        ),
    ),
}


def build(
    variant: str,
    *,
    joints: int = 16,
    sic: bool = True,
    deconv_widths: Sequence[int] = (64, 32),
    deconv_style: str = "plain",
    blocks: Sequence[str] | None = None,
) -> SlimPose:
    """The network of `variant`, its parts named `backbone` and `head`.

    `sic`: spatial information correction (Table 6). `deconv_widths`: of the two transposed
    convolutions (Table 7). `deconv_style`: "plain", "mbv1" or "mbv2" (Table 8). Backbone weights
    start by fan-out, the head's as torch's defaults, like the original's. `blocks`: of the four
    stages, in place of the variant's own, as a search finds them (Table 1).

    Raises `UsageError` for an unknown variant, style or operation, joints not above 0, and other
    than two widths above 0.
    """
    if variant not in VARIANTS:
        raise unknown("EfficientPose-NAS variant", variant, VARIANTS)
    check_slim_switches(joints, deconv_widths, deconv_style)
    numbers = VARIANTS[variant]
    codes = numbers.blocks if blocks is None else _checked(blocks)
    stages = list(map(stage_rows, codes, numbers.widths, STRIDES))
    backbone = MobileTrunk((FIRST_WIDTH, numbers.stem), stages, act=relu)
    init_convs(backbone, init_fan_out)
    return SlimPose(
        backbone,
        SlimHead(backbone.widths[-1], joints, widths=deconv_widths, style=deconv_style, sic=sic),
    )


def _checked(blocks: Sequence[str]) -> Sequence[str]:
    """The blocks of four stages; raises `UsageError` for others than `OPERATIONS`, and for a stage
    that begins with none."""
    if len(blocks) != len(STRIDES) or not all(stage.split() for stage in blocks):
        raise UsageError(f"blocks is {tuple(blocks)}; there must be four stages of blocks")
    for code in " ".join(blocks).split():
        if code not in OPERATIONS:
            raise unknown("operation", code, OPERATIONS)
    if any(stage.split()[0] == SKIP for stage in blocks):
        raise UsageError("the first block of a stage cannot be left out: it has the new width")
    return blocks


# --- key names of the original authors ------------------------------------------------------------

_STEM = {
    "first.conv": "first.0.conv",
    "first.norm": "first.0.bn",
    "depthwise.conv": "first.1.conv",
    "depthwise.norm": "first.1.bn",
    "project.conv": "first.2",
    "project.norm": "first.3",
}
_BLOCK = {"expand": "pw", "depthwise": "dw", "project": "pwl"}


def official_key(variant: str, key: str) -> str:
    """The name of tensor `key` in hustvl/EfficientPose: blocks are numbered throughout and named
    after their kind."""
    module, leaf = key.rsplit(".", 1)
    if module.startswith("head."):
        return official_slim_key(key.removeprefix("head."))
    _, child, *path = module.split(".")
    if child == "stem":
        return f"{_STEM['.'.join(path)]}.{leaf}"
    stages = [codes.split() for codes in VARIANTS[variant].blocks]
    stage, block = int(path[0]), int(path[1])
    code = stages[stage][block]
    number = sum(map(len, stages[:stage])) + block
    layer = "conv" if path[3] == "conv" else "bn"
    return f"blocks.stages.x{number}_ir_k{code[0]}_e{code[1]}.{_BLOCK[path[2]]}.{layer}.{leaf}"


def from_upstream(
    variant: str,
    state_dict: Mapping[str, Tensor],
    *,
    joints: int | None = None,
    **switches: Any,
) -> dict[str, Tensor]:
    """Weights of the original network (hustvl/EfficientPose) under our keys; keywords as `build`.

    Only A, B and C as published exist there, so weights for other switches are refused. Without
    `joints` their number is read from the last convolution. Raises `MissingError` naming keys that
    are absent, left over or of another shape.
    """
    if "blocks" in switches:
        raise UsageError("the original authors' files hold the published blocks alone")
    if joints is None:
        last = state_dict.get("final.2.weight")
        joints = 16 if last is None else len(last)
    with torch.device("meta"):
        net = build(variant, joints=joints, **switches)
    return match_keys(
        net.state_dict(), state_dict, lambda key: official_key(variant, key), model=variant
    )
