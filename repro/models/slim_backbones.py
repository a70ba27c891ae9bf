"""The backbones of EfficientPose-NAS's Table 3: MobileNetV2, ResNet-50 and ProxylessNAS under the
same slim head.

Zhang et al., arXiv 2012.07086, Table 3 (MPII, four downsamplings). MobileNetV2 (arXiv 1801.04381)
ends with its 160 wide stage, as in the authors' public code (hustvl/EfficientPose). ResNet-50
(arXiv 1512.03385) keeps its last stage at stride 1, ProxylessNAS (arXiv 1812.00332) ends before its
single last block; both cuts are inferred from the printed figures, and the 4.5 M parameters of
ProxylessNAS (GPU) fit no cut (this one: 3.8 M).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import MissingError, unknown
from repro.models import vision
from repro.models.convs import init_convs, init_fan_out, relu6
from repro.models.mobile_blocks import MobileTrunk, stage_rows
from repro.models.slim_head import SlimHead, SlimPose, check_slim_switches, official_slim_key
from repro.models.upstream import match_keys

# --- blocks and networks: `SlimPose` of a `MobileTrunk` or of this --------------------------------


class ResNetTrunk(nn.Module):
    """ResNet-50 without its classifier, the last stage at stride 1 and not dilated.

    (B, 3, H, W) to the outputs of the stem (1/4) and the stages (1/4, 1/8, 1/16, 1/16; the last
    2048 wide).
    """

    widths = (64, 256, 512, 1024, 2048)

    def __init__(self) -> None:
        super().__init__()
        body = vision.models.resnet50(weights=None)
        for layer in (body.layer4[0].conv2, body.layer4[0].downsample[0]):
            layer.stride = (1, 1)
        self.stem = nn.Sequential(body.conv1, body.bn1, body.relu, body.maxpool)
        self.stages = nn.ModuleList((body.layer1, body.layer2, body.layer3, body.layer4))

    def forward(self, images: Tensor) -> list[Tensor]:
        features = [self.stem(images)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return features


class Variant(NamedTuple):
    """Widths of the stem; of each stage width, first stride and blocks (kernel then expansion, "-"
    the identity)."""

    stem: tuple[int, int]
    stages: tuple[tuple[int, int, str], ...]
    eps: float = 1e-5


VARIANTS: dict[str, Variant | None] = {
    # Tables 3 and 6 "MobileNetV2"; all at 1/16 after the 64 wide stage
    "mobilenetv2_slim": Variant(
        (32, 16),
        (
            (24, 2, "36 36"),
            (32, 2, "36 36 36"),
            (64, 2, "36 36 36 36"),
            (96, 1, "36 36 36"),
            (160, 1, "36 36 36"),
        ),
    ),
    "resnet50_slim": None,  # Table 3 "ResNet-50": `ResNetTrunk`
    "proxyless_cpu_slim": Variant(  # Table 3 "Proxyless(CPU)"
        (40, 24),
        (
            (32, 2, "36 33 33 33"),
            (48, 2, "36 33 33 53"),
            (88, 2, "36 - - 33"),
            (104, 1, "56 33 33 33"),
            (216, 1, "56 53 53 33"),
        ),
        eps=1e-3,
    ),
    "proxyless_mobile_slim": Variant(  # Table 3 "Proxyless(Mobile)"
        (32, 16),
        (
            (32, 2, "53 33 - -"),
            (40, 2, "73 33 53 53"),
            (80, 2, "76 53 53 53"),
            (96, 1, "56 53 53 53"),
            (192, 1, "76 76 73 73"),
        ),
        eps=1e-3,
    ),
    "proxyless_gpu_slim": Variant(  # Table 3 "Proxyless(GPU)"
        (40, 24),
        (
            (32, 2, "53 - - -"),
            (56, 2, "73 - - 33"),
            (112, 2, "76 - - 53"),
            (128, 1, "56 - 33 53"),
            (256, 1, "76 76 76 56"),
        ),
        eps=1e-3,
    ),
}


def _mobile_trunk(numbers: Variant) -> MobileTrunk:
    stages = [stage_rows(codes, width, stride) for width, stride, codes in numbers.stages]
    trunk = MobileTrunk(numbers.stem, stages, act=relu6, eps=numbers.eps)
    init_convs(trunk, init_fan_out)
    return trunk


def build(
    variant: str,
    *,
    joints: int = 16,
    sic: bool = True,
    deconv_widths: Sequence[int] = (64, 32),
    deconv_style: str = "plain",
) -> SlimPose:
    """The network of `variant`; the head's switches are those of EfficientPose-NAS.

    Raises `UsageError` for an unknown variant or style, joints not above 0, and other than two
    widths above 0.
    """
    if variant not in VARIANTS:
        raise unknown("backbone with the slim head", variant, VARIANTS)
    check_slim_switches(joints, deconv_widths, deconv_style)
    numbers = VARIANTS[variant]
    trunk = ResNetTrunk() if numbers is None else _mobile_trunk(numbers)
    return SlimPose(
        trunk, SlimHead(trunk.widths[-1], joints, widths=deconv_widths, style=deconv_style, sic=sic)
    )


# --- key names of the original authors ------------------------------------------------------------

_STEM = {
    "first.conv": "features.0.0",
    "first.norm": "features.0.1",
    "depthwise.conv": "features.1.conv.0.0",
    "depthwise.norm": "features.1.conv.0.1",
    "project.conv": "features.1.conv.1",
    "project.norm": "features.1.conv.2",
}
_BLOCK = {
    "expand.conv": "0.0",
    "expand.norm": "0.1",
    "depthwise.conv": "1.0",
    "depthwise.norm": "1.1",
    "project.conv": "2",
    "project.norm": "3",
}
_DEPTHS = (2, 3, 4, 3, 3)


def official_key(key: str) -> str:
    """The name of tensor `key` of `mobilenetv2_slim` in hustvl/EfficientPose."""
    module, leaf = key.rsplit(".", 1)
    if module.startswith("head."):
        return official_slim_key(key.removeprefix("head."))
    _, child, *path = module.split(".")
    if child == "stem":
        return f"{_STEM['.'.join(path)]}.{leaf}"
    number = 2 + sum(_DEPTHS[: int(path[0])]) + int(path[1])
    return f"features.{number}.conv.{_BLOCK['.'.join(path[2:])]}.{leaf}"


def from_upstream(
    variant: str,
    state_dict: Mapping[str, Tensor],
    *,
    joints: int | None = None,
    sic: bool = True,
    deconv_widths: Sequence[int] = (64, 32),
    deconv_style: str = "plain",
) -> dict[str, Tensor]:
    """Weights of the original network under our keys; keywords as `build`.

    Raises `MissingError` for keys that are absent, left over or of another shape, and for every
    variant but `mobilenetv2_slim`, the only one of Table 3's other backbones whose network the
    authors published.
    """
    if variant in VARIANTS and variant != "mobilenetv2_slim":
        raise MissingError(
            f"the original authors published no {variant}, so there is no key layout to read"
        )
    if joints is None:
        last = state_dict.get("final.2.weight")
        joints = 16 if last is None else len(last)
    with torch.device("meta"):
        net = build(
            variant, joints=joints, sic=sic, deconv_widths=deconv_widths, deconv_style=deconv_style
        )
    return match_keys(net.state_dict(), state_dict, official_key, model=variant)
