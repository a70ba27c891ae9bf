"""Lightweight OpenPose (Osokin, 2018, arXiv:1811.12004, section 4).

A dilated MobileNetV1, then one estimation stage and `refinement_stages` refining ones; each
predicts heatmaps and part-affinity fields at 1/8. A row of EfficientHRNet table 3 and of LitePose
table 2. OpenPose adds a neck and a background to the joints: both maps are predicted and fed to the
next stage, but `Maps` holds the joints only. `from_upstream` is left out: no original key layout is
on record. Weights start with PyTorch's defaults, as in the original.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import UsageError
from repro.models.checks import check_network
from repro.models.maps import Maps


def _layer(
    inputs: int, outputs: int, kernel: int = 3, *, dilation: int = 1, norm: bool = False
) -> nn.Sequential:
    """Convolution with bias, batch norm when asked, ReLU."""
    modules: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, padding=dilation * (kernel // 2), dilation=dilation)
    ]
    if norm:
        modules.append(nn.BatchNorm2d(outputs))
    return nn.Sequential(*modules, nn.ReLU(inplace=True))


def _separable(inputs: int, outputs: int, stride: int = 1, *, dilation: int = 1) -> nn.Sequential:
    """MobileNetV1 block: depthwise 3x3 and 1x1, each with batch norm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(
            inputs,
            inputs,
            3,
            stride,
            padding=dilation,
            dilation=dilation,
            groups=inputs,
            bias=False,
        ),
        nn.BatchNorm2d(inputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _separable_elu(width: int) -> nn.Sequential:
    """Depthwise 3x3 and 1x1, each with ELU, without batch norm."""
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
        nn.ELU(inplace=True),
        nn.Conv2d(width, width, 1, bias=False),
        nn.ELU(inplace=True),
    )


def _backbone() -> nn.Sequential:
    """MobileNetV1 up to conv5_5 at stride 8: the stride of conv4_2 is removed, conv5_1 is dilated
    (section 4.1)."""
    stem = nn.Sequential(
        nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(inplace=True),
    )
    return nn.Sequential(
        stem,
        _separable(32, 64),
        _separable(64, 128, 2),
        _separable(128, 128),
        _separable(128, 256, 2),
        _separable(256, 256),
        _separable(256, 512),
        _separable(512, 512, dilation=2),
        *(_separable(512, 512) for _ in range(4)),
    )


class Adapter(nn.Module):
    """From the backbone's 512 channels to the stages' width (the block called cpm upstream)."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.align = _layer(inputs, width, 1)
        self.trunk = nn.Sequential(*(_separable_elu(width) for _ in range(3)))
        self.merge = _layer(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, width, h, w)."""
        x = self.align(x)
        merged: Tensor = self.merge(x + self.trunk(x))
        return merged


class RefinementBlock(nn.Module):
    """The cheap stand-in for a 7x7 convolution: 1x1, then 3x3 and dilated 3x3 around a shortcut
    (section 4.2)."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.initial = _layer(inputs, width, 1)
        self.trunk = nn.Sequential(
            _layer(width, width, norm=True), _layer(width, width, dilation=2, norm=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, width, h, w)."""
        x = self.initial(x)
        total: Tensor = x + self.trunk(x)
        return total


class Stage(nn.Module):
    """A trunk shared by two 1x1 branches: heatmaps and fields (section 4.2)."""

    def __init__(
        self, trunk: nn.Module, widths: tuple[int, int], *, heatmaps: int, fields: int
    ) -> None:
        super().__init__()
        width, hidden = widths
        self.trunk = trunk
        self.heatmaps = nn.Sequential(_layer(width, hidden, 1), nn.Conv2d(hidden, heatmaps, 1))
        self.fields = nn.Sequential(_layer(width, hidden, 1), nn.Conv2d(hidden, fields, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, inputs, h, w) -> heatmaps and fields of that height and width."""
        x = self.trunk(x)
        return self.heatmaps(x), self.fields(x)


class LightweightOpenPose(nn.Module):
    """images (B, 3, H, W) -> per stage heatmaps (B, joints, H/8, W/8) and limb fields (B, 2 limbs,
    H/8, W/8)."""

    stride = 8

    def __init__(self, *, joints: int, limbs: int, width: int, refinement_stages: int) -> None:
        super().__init__()
        self.joints = joints
        heatmaps, fields = joints + 2, 2 * limbs  # + neck and background
        self.backbone = _backbone()
        self.adapter = Adapter(512, width)
        plain = nn.Sequential(*(_layer(width, width) for _ in range(3)))
        self.initial_stage = Stage(plain, (width, 512), heatmaps=heatmaps, fields=fields)
        self.refinement_stages = nn.ModuleList()
        for _ in range(refinement_stages):
            first = RefinementBlock(width + heatmaps + fields, width)
            trunk = nn.Sequential(first, *(RefinementBlock(width, width) for _ in range(4)))
            self.refinement_stages.append(
                Stage(trunk, (width, width), heatmaps=heatmaps, fields=fields)
            )

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps, one entry per stage; H and W multiples of 8."""
        features = self.adapter(self.backbone(images))
        outputs = [self.initial_stage(features)]
        for stage in self.refinement_stages:
            outputs.append(stage(torch.cat([features, *outputs[-1]], dim=1)))
        return Maps(
            heatmaps=tuple(heatmaps[:, : self.joints] for heatmaps, _ in outputs),
            limbs=tuple(fields for _, fields in outputs),
        )


class Sizes(NamedTuple):
    """Width of the stages, refinement stages, limbs of OpenPose's skeleton."""

    width: int
    refinement_stages: int
    limbs: int


VARIANTS: dict[str, Sizes] = {
    "lightweight_openpose": Sizes(128, 1, 19),  # EfficientHRNet table 3, LitePose table 2: 4.1 M
}


def build(
    variant: str, *, joints: int = 17, refinement_stages: int | None = None
) -> LightweightOpenPose:
    """The network called `variant`; `refinement_stages` may be 0 or more, 1 when not given.

    UsageError for an unknown name, no joints or a negative number of stages.
    """
    check_network(variant, VARIANTS, joints)
    sizes = VARIANTS[variant]
    stages = sizes.refinement_stages if refinement_stages is None else refinement_stages
    if stages < 0:
        raise UsageError(
            f"refinement_stages={stages} asked; it is 0 or more",
            "for example --set refinement_stages=1",
        )
    return LightweightOpenPose(
        joints=joints, limbs=sizes.limbs, width=sizes.width, refinement_stages=stages
    )
