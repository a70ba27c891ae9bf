"""Convolutional Pose Machines (Wei, Ramakrishna, Kanade, Sheikh, CVPR 2016, section 3 and figure
2).

Six stages of belief maps at 1/8. The first has its own trunk of 9x9 convolutions, the others share
a second one and refine the maps before with 11x11 convolutions. A row of EfficientPose-NAS table 2,
whose 175 G are reached at 368x368, not at the 256x256 of that table. `from_upstream` is left out:
no original key layout is on record.
"""

from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repro.models.checks import check_network
from repro.models.convs import init_convs
from repro.models.maps import Maps

CENTRE_SIGMA = 21.0  # input pixels, the original's setting


def _layer(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU(inplace=True)
    )


def _trunk() -> nn.Sequential:
    """Three 9x9 convolutions, each halved by a 3x3 max-pooling (rounded up): (B, 128, H/8, W/8)."""
    modules: list[nn.Module] = []
    for inputs in (3, 128, 128):
        modules += [_layer(inputs, 128, 9), nn.MaxPool2d(3, stride=2, ceil_mode=True)]
    return nn.Sequential(*modules)


def centre_map(images: Tensor) -> Tensor:
    """(1, 1, H/8, W/8): a Gaussian on the middle of the crop, where the person to be read stands.

    Drawn at input size and averaged over 9x9 windows at stride 8, as the original prepares it.
    """
    height, width = images.shape[-2:]
    y = torch.arange(height, device=images.device, dtype=images.dtype) - (height - 1) / 2
    x = torch.arange(width, device=images.device, dtype=images.dtype) - (width - 1) / 2
    drawn = torch.exp(-(y[:, None].square() + x[None, :].square()) / (2 * CENTRE_SIGMA**2))
    return F.avg_pool2d(drawn[None, None], 9, stride=8, ceil_mode=True)


class RefiningStage(nn.Module):
    """Features of the shared trunk, the maps before and the centre map -> new maps (figure 2d)."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.features = _layer(128, 32, 5)
        self.refine = nn.Sequential(
            _layer(32 + maps + 1, 128, 11),
            _layer(128, 128, 11),
            _layer(128, 128, 11),
            _layer(128, 128, 1),
            nn.Conv2d(128, maps, 1),
        )

    def forward(self, shared: Tensor, before: Tensor, centre: Tensor) -> Tensor:
        """(B, 128, h, w), (B, maps, h, w), (B, 1, h, w) -> (B, maps, h, w)."""
        maps: Tensor = self.refine(torch.cat([self.features(shared), before, centre], dim=1))
        return maps


class CPM(nn.Module):
    """images (B, 3, H, W) -> heatmaps (B, joints, H/8, W/8) per stage, first to last."""

    stride = 8

    def __init__(self, *, joints: int, stages: int, background: bool) -> None:
        super().__init__()
        self.joints = joints
        maps = joints + int(background)
        self.first_trunk = _trunk()
        self.first_stage = nn.Sequential(
            _layer(128, 32, 5), _layer(32, 512, 9), _layer(512, 512, 1), nn.Conv2d(512, maps, 1)
        )
        self.shared_trunk = _trunk()
        self.refining_stages = nn.ModuleList(RefiningStage(maps) for _ in range(stages - 1))
        init_convs(self, partial(nn.init.normal_, std=0.01))  # as the original's model files

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps, one entry per stage; H and W multiples of 8."""
        outputs = [self.first_stage(self.first_trunk(images))]
        shared = self.shared_trunk(images)
        centre = centre_map(images).expand(len(images), -1, -1, -1)
        for stage in self.refining_stages:
            outputs.append(stage(shared, outputs[-1], centre))
        return Maps(heatmaps=tuple(maps[:, : self.joints] for maps in outputs))


class Sizes(NamedTuple):
    """Number of stages."""

    stages: int


VARIANTS: dict[str, Sizes] = {
    "cpm": Sizes(6),  # EfficientPose-NAS table 2: 31 M
}


def build(variant: str, *, joints: int = 17, background: bool = False) -> CPM:
    """The network called `variant`; UsageError for an unknown name or no joints.

    background: predict one more map, for no joint at all, that later stages see and `Maps` leaves
    out; the original's 15 maps are joints=14 with background.
    """
    check_network(variant, VARIANTS, joints)
    return CPM(joints=joints, stages=VARIANTS[variant].stages, background=background)
