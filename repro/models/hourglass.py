"""Stacked hourglass networks, for one person and with associative embedding for many.

hourglass_8: Newell, Yang, Deng, ECCV 2016, section 3; a row of EfficientPose-NAS tables 2 and 4.
hourglass_ae: Newell, Huang, Deng, NIPS 2017, section 4; a row of the EfficientHRNet, HigherHRNet
and LitePose COCO tables. Its convolution wrapper is called `Conv`, as the original's: the papers'
summary adds up the parameters of every module whose class name contains "Conv" and so counts each
of its weights twice, 277.79 M printed for 138.89 M. `from_upstream` is left out: no original key
layout is on record. Weights start with PyTorch's defaults.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from torch import Tensor, nn

from repro.models.checks import check_network
from repro.models.maps import Maps


class Residual(nn.Module):
    """Pre-activation bottleneck: 1x1 to half the width, 3x3, 1x1 (ECCV 2016, figure 4)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half = outputs // 2
        self.reduce = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(inplace=True), nn.Conv2d(inputs, half, 1)
        )
        self.spatial = nn.Sequential(
            nn.BatchNorm2d(half), nn.ReLU(inplace=True), nn.Conv2d(half, half, 3, padding=1)
        )
        self.expand = nn.Sequential(
            nn.BatchNorm2d(half), nn.ReLU(inplace=True), nn.Conv2d(half, outputs, 1)
        )
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, outputs, h, w)."""
        total: Tensor = self.shortcut(x) + self.expand(self.spatial(self.reduce(x)))
        return total


class Conv(nn.Module):
    """Convolution and, unless told otherwise, ReLU; without batch norm. The name matters: see
    above."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2)
        self.activation = nn.ReLU(inplace=True) if relu else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, outputs, h/stride, w/stride)."""
        y: Tensor = self.activation(self.conv(x))
        return y


class Hourglass(nn.Module):
    """Down `depth` halvings and up again, one block per step (ECCV 2016, figure 3).

    Each halving widens by `growth`; the block between is another hourglass down to depth 1.
    """

    def __init__(
        self, depth: int, width: int, growth: int, *, block: Callable[[int, int], nn.Module]
    ) -> None:
        super().__init__()
        wider = width + growth
        self.skip = block(width, width)
        self.down = nn.Sequential(nn.MaxPool2d(2), block(width, wider))
        self.inner = (
            Hourglass(depth - 1, wider, growth, block=block) if depth > 1 else block(wider, wider)
        )
        self.up = nn.Sequential(block(wider, width), nn.Upsample(scale_factor=2, mode="nearest"))

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, h, w) -> the same shape; h and w multiples of 2^depth."""
        total: Tensor = self.skip(x) + self.up(self.inner(self.down(x)))
        return total


class Stack(nn.Module):
    """One hourglass with its features and its maps."""

    def __init__(self, hourglass: nn.Module, refine: nn.Module, score: nn.Module) -> None:
        super().__init__()
        self.hourglass = hourglass
        self.refine = refine
        self.score = score

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, width, h, w) -> features (B, width, h, w), maps (B, maps, h, w)."""
        features = self.refine(self.hourglass(x))
        return features, self.score(features)


class Merge(nn.Module):
    """Features and maps of a stack, brought back by 1x1 convolutions, added to its input."""

    def __init__(self, features: nn.Module, maps: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.maps = maps

    def forward(self, x: Tensor, features: Tensor, maps: Tensor) -> Tensor:
        """The input of the next stack, (B, width, h, w)."""
        total: Tensor = x + self.features(features) + self.maps(maps)
        return total


class _Stacks(nn.Module):
    """Stem, stacks in a row, and one merge between each two."""

    stride = 64

    def __init__(self, stem: nn.Module, stacks: Iterable[Stack], merges: Iterable[Merge]) -> None:
        super().__init__()
        self.stem = stem
        self.stacks = nn.ModuleList(stacks)
        self.merges = nn.ModuleList(merges)

    def predict(self, images: Tensor) -> list[Tensor]:
        """Every stack's maps, (B, maps, H/4, W/4) each, first to last."""
        x = self.stem(images)
        features, maps = self.stacks[0](x)
        outputs = [maps]
        for merge, stack in zip(self.merges, self.stacks[1:], strict=True):
            x = merge(x, features, maps)
            features, maps = stack(x)
            outputs.append(maps)
        return outputs


class StackedHourglass(_Stacks):
    """images (B, 3, H, W) -> heatmaps (B, joints, H/4, W/4) per stack."""

    def __init__(self, *, joints: int, stacks: int, width: int, growth: int) -> None:
        stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            Residual(64, width // 2),
            nn.MaxPool2d(2),
            Residual(width // 2, width // 2),
            Residual(width // 2, width),
        )
        super().__init__(
            stem,
            (self._stack(joints, width, growth) for _ in range(stacks)),
            (
                Merge(nn.Conv2d(width, width, 1), nn.Conv2d(joints, width, 1))
                for _ in range(stacks - 1)
            ),
        )

    @staticmethod
    def _stack(joints: int, width: int, growth: int) -> Stack:
        point = nn.Sequential(
            nn.Conv2d(width, width, 1), nn.BatchNorm2d(width), nn.ReLU(inplace=True)
        )
        refine = nn.Sequential(Residual(width, width), point)
        return Stack(
            Hourglass(4, width, growth, block=Residual), refine, nn.Conv2d(width, joints, 1)
        )

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps, one entry per stack; H and W multiples of 64."""
        return Maps(heatmaps=tuple(self.predict(images)))


class GroupingHourglass(_Stacks):
    """images (B, 3, H, W) -> heatmaps and tags (B, joints, H/4, W/4) per stack.

    A stack predicts 4 maps per joint: heatmaps, tags, and twice as many again that no loss and no
    decoding reads; the original keeps them, and the next stack sees them.
    """

    def __init__(self, *, joints: int, stacks: int, width: int, growth: int) -> None:
        maps = 4 * joints
        stem = nn.Sequential(
            Conv(3, 64, 7, stride=2),
            Conv(64, 128),
            nn.MaxPool2d(2),
            Conv(128, 128),
            Conv(128, width),
        )
        super().__init__(
            stem,
            (self._stack(maps, width, growth) for _ in range(stacks)),
            (
                Merge(Conv(width, width, 1, relu=False), Conv(maps, width, 1, relu=False))
                for _ in range(stacks - 1)
            ),
        )
        self.joints = joints

    @staticmethod
    def _stack(maps: int, width: int, growth: int) -> Stack:
        refine = nn.Sequential(Conv(width, width), Conv(width, width))
        return Stack(
            Hourglass(4, width, growth, block=Conv), refine, Conv(width, maps, 1, relu=False)
        )

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps, one entry per stack; H and W multiples of 64."""
        outputs = self.predict(images)
        return Maps(
            heatmaps=tuple(maps[:, : self.joints] for maps in outputs),
            tags=tuple(maps[:, self.joints : 2 * self.joints] for maps in outputs),
        )


class Sizes(NamedTuple):
    """Stacks, channels at 1/4, channels added per halving."""

    stacks: int
    width: int
    growth: int


VARIANTS: dict[str, Sizes] = {
    "hourglass_8": Sizes(8, 256, 0),  # EfficientPose-NAS tables 2, 4: 25.1 M
    # HigherHRNet table 1, EfficientHRNet table 4, LitePose table 2
    "hourglass_ae": Sizes(4, 256, 128),
}


def build(variant: str, *, joints: int = 17) -> StackedHourglass | GroupingHourglass:
    """The network called `variant`; UsageError for an unknown name or no joints."""
    check_network(variant, VARIANTS, joints)
    network = GroupingHourglass if variant == "hourglass_ae" else StackedHourglass
    return network(joints=joints, **VARIANTS[variant]._asdict())
