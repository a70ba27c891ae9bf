"""OpenPose for one person, the baseline of the EfficientPose paper (Groos et al., section 2 and
Fig. 1).

The paper gives the plan (VGG-19 features, five dense blocks of three 3x3 convolutions with PReLU in
each of 4 + 2 passes) and the totals, 25.94 M parameters and 160.36 G operations at 368x368. The
widths below are those of OpenPose's BODY_25 network; they and the inputs of the passes are what
makes both totals come out. Whether the trunk's last three convolutions end in PReLU or ReLU cannot
be told from the rounded totals; here they end in PReLU. No weights of it were released, so there is
no other key layout to read.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.maps import Maps

LIMB_CHANNELS = 28  # 14 limbs, x and y
FEATURES = 128


class ConvPReLU(nn.Module):
    """Convolution with bias, then a PReLU with one slope per channel."""

    def __init__(self, c_in: int, c_out: int, kernel: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2)
        self.activation = nn.PReLU(c_out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, c_in, h, w) -> (B, c_out, h, w)."""
        out: Tensor = self.activation(self.convolution(x))
        return out


class DenseBlock(nn.Module):
    """Three 3x3 convolutions in a row; their outputs side by side."""

    def __init__(self, c_in: int, width: int) -> None:
        super().__init__()
        self.first = ConvPReLU(c_in, width, 3)
        self.second = ConvPReLU(width, width, 3)
        self.third = ConvPReLU(width, width, 3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, c_in, h, w) -> (B, 3 width, h, w)."""
        first = self.first(x)
        second = self.second(first)
        return torch.cat((first, second, self.third(second)), 1)


class DetectionPass(nn.Sequential):
    """Five dense blocks, a 1x1 convolution and the 1x1 head."""

    def __init__(self, c_in: int, maps: int, *, width: int, hidden: int) -> None:
        blocks = [DenseBlock(3 * width if index else c_in, width) for index in range(5)]
        super().__init__(*blocks, ConvPReLU(3 * width, hidden, 1), nn.Conv2d(hidden, maps, 1))


def _vgg(c_in: int, c_out: int, layers: int) -> list[nn.Module]:
    """`layers` 3x3 convolutions with ReLU, then a 2x2 max-pool."""
    modules: list[nn.Module] = []
    for index in range(layers):
        modules += [nn.Conv2d(c_out if index else c_in, c_out, 3, padding=1), nn.ReLU()]
    return [*modules, nn.MaxPool2d(2)]


class Trunk(nn.Sequential):
    """VGG-19 up to conv4_2 and two narrowing convolutions; 128 channels at stride 8."""

    def __init__(self) -> None:
        super().__init__()
        self.vgg = nn.Sequential(*_vgg(3, 64, 2), *_vgg(64, 128, 2), *_vgg(128, 256, 4))
        self.vgg.extend([nn.Conv2d(256, 512, 3, padding=1), nn.ReLU(), ConvPReLU(512, 512, 3)])
        self.narrow = nn.Sequential(ConvPReLU(512, 256, 3), ConvPReLU(256, FEATURES, 3))


class OpenPose(nn.Module):
    """Four passes of part-affinity fields, then two of heatmaps.

    The first pass of either kind is narrower. Later passes see the trunk and the maps of the pass
    before; so the second heatmap pass no longer sees the fields.
    """

    stride = 8

    def __init__(self, narrow: "PassNumbers", wide: "PassNumbers", *, joints: int) -> None:
        super().__init__()
        self.joints = joints
        self.trunk = Trunk()
        self.limbs = nn.ModuleList()
        self.heatmaps = nn.ModuleList()
        before = 0
        for index in range(4):
            self.limbs.append(
                DetectionPass(FEATURES + before, LIMB_CHANNELS, **_pass(narrow, wide, index))
            )
            before = LIMB_CHANNELS
        for index in range(2):
            self.heatmaps.append(
                DetectionPass(FEATURES + before, joints, **_pass(narrow, wide, index))
            )
            before = joints
        _initialise(self)

    def forward(self, images: Tensor) -> Maps:
        """images: (B, 3, H, W) normalised, H and W multiples of 8.

        limbs: four (B, 28, H/8, W/8). heatmaps: two (B, joints, H/8, W/8).
        """
        features = self.trunk(images)
        inputs = features
        maps: list[Tensor] = []
        for detect in (*self.limbs, *self.heatmaps):
            maps.append(detect(inputs))
            inputs = torch.cat((features, maps[-1]), 1)
        return Maps(tuple(maps[4:]), limbs=tuple(maps[:4]))


class PassNumbers(NamedTuple):
    """Width of the dense blocks and of the 1x1 convolution before the head."""

    width: int
    hidden: int


def _pass(narrow: PassNumbers, wide: PassNumbers, index: int) -> dict[str, int]:
    return (wide if index else narrow)._asdict()


def _initialise(network: nn.Module) -> None:
    """He for rectified units, as the PReLU paper; heads near zero, as the maps they give; biases
    zero."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in network.modules():
        head = module[-1] if isinstance(module, DetectionPass) else None
        if isinstance(head, nn.Conv2d):
            nn.init.normal_(head.weight, std=0.01)


# Table 3 and Fig. 1; first and later passes
VARIANTS = {"openpose": (PassNumbers(96, 256), PassNumbers(128, 512))}


def build(variant: str, *, joints: int = 16) -> OpenPose:
    """The baseline of Table 3 with random weights.

    Raises UsageError for an unknown variant or joints < 1.
    """
    if variant not in VARIANTS:
        raise unknown("OpenPose variant", variant, VARIANTS)
    if joints < 1:
        raise UsageError(f"{variant} needs at least one joint, not {joints}")
    return OpenPose(*VARIANTS[variant], joints=joints)
