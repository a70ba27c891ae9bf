"""Which operations a search chooses among, and what the rest of its networks is made of.

EfficientPose-NAS: arXiv 2012.07086, Table 1 (stage 4 at stride 1, see
repro/models/efficientpose_nas.py): kernels 3, 5 and 7 with expansions 3 and 6 in every block, and
to leave a block out, which the first of a stage cannot be. LitePose: arXiv 2205.01271, section 5.2:
widths of whole stages at ratios of the super-net's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from torch import Tensor, nn

from repro.models import efficientpose_nas as nas
from repro.models import litepose
from repro.models.convs import Act, relu, relu6
from repro.models.efficientnet_blocks import scale_width
from repro.models.mobile_blocks import InvertedBottleneck, MobileTrunk

KERNELS, EXPANSIONS = (3, 5, 7), (3, 6)
RATIOS = (1.0, 0.75, 0.5, 0.25)


@dataclass(frozen=True)
class Operation:
    """One block at one place. expansion 0: left out. size: (height, width) of its input in px."""

    w_in: int
    width: int
    kernel: int
    expansion: int
    stride: int
    size: tuple[int, int]

    def build(self, act: Act) -> nn.Module:
        """The block: (B, w_in, *size) to (B, width, size / stride)."""
        if not self.expansion:
            return nn.Identity()
        return InvertedBottleneck(
            self.w_in, (self.width, self.expansion, self.kernel, self.stride), act=act
        )


@dataclass(frozen=True)
class Space:
    """Stages as (possible widths, stride, possible (kernel, expansion)). networks: made of such
    blocks alone.

    size: of the input. skips: whether a block may be left out. stems: possible widths that enter
    the first stage.
    """

    stems: tuple[int, ...]
    stages: tuple[tuple[tuple[int, ...], int], ...]
    choices: tuple[tuple[int, int], ...]
    skips: bool
    act: Act
    size: tuple[int, int]
    networks: tuple[str, ...]

    def operations(self) -> list[Operation]:
        """Every candidate at every place, each once."""
        return list(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[Operation]:
        before, side = self.stems, (self.size[0] // 2, self.size[1] // 2)
        for widths, stride in self.stages:
            for w_in, width, (kernel, expansion) in product(before, widths, self.choices):
                yield Operation(w_in, width, kernel, expansion, stride, side)
            side = (side[0] // stride, side[1] // stride)
            for width, (kernel, expansion) in product(widths, self.choices):
                yield Operation(width, width, kernel, expansion, 1, side)
            yield from (Operation(width, width, 0, 0, 1, side) for width in widths if self.skips)
            before = widths


def _nas(variant: str, networks: tuple[str, ...]) -> Space:
    plan = nas.VARIANTS[variant]
    stages = tuple(
        ((width,), stride) for width, stride in zip(plan.widths, nas.STRIDES, strict=True)
    )
    choices = tuple(product(KERNELS, EXPANSIONS))
    return Space(
        (plan.stem,), stages, choices, skips=True, act=relu, size=(256, 256), networks=networks
    )


def _litepose(networks: tuple[str, ...]) -> Space:
    plan = litepose.VARIANTS["litepose_super"]
    stages = tuple(
        (tuple(scale_width(width, ratio) for ratio in RATIOS), stride)
        for width, stride in zip(plan.stages, litepose.STRIDES, strict=True)
    )
    stems = tuple(dict.fromkeys(scale_width(plan.stem, ratio) for ratio in RATIOS))
    choices = ((7, litepose.EXPANSION),)
    return Space(stems, stages, choices, skips=False, act=relu6, size=(448, 448), networks=networks)


SPACES: Mapping[str, Space] = {
    "nas-small": _nas("efficientpose_nas_a", ("efficientpose_nas_a",)),
    "nas-large": _nas("efficientpose_nas_b", ("efficientpose_nas_b", "efficientpose_nas_c")),
    "litepose": _litepose(("litepose_s", "litepose_m")),
}


def blocks_of(trunk: MobileTrunk, images: Tensor) -> list[Operation]:
    """The operations that a trunk is made of, from one pass over images (B, 3, H, W); its stem is
    none."""
    found: list[Operation] = []
    x = trunk.stem(images)
    for block in (block for stage in trunk.stages for block in stage):  # type: ignore[attr-defined]
        height, width = x.shape[2:]
        found.append(_operation(block, int(x.shape[1]), (int(height), int(width))))
        x = block(x)
    return found


def _operation(block: nn.Module, w_in: int, size: tuple[int, int]) -> Operation:
    if not isinstance(block, InvertedBottleneck):
        return Operation(w_in, w_in, 0, 0, 1, size)
    kernel, project = (
        block.get_parameter("depthwise.conv.weight"),
        block.get_parameter("project.conv.weight"),
    )
    depthwise = block.depthwise.conv
    assert isinstance(depthwise, nn.Conv2d)
    return Operation(
        w_in, len(project), kernel.shape[-1], len(kernel) // w_in, depthwise.stride[0], size
    )
