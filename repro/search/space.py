"""What a search chooses among: at every place one of some values.

LitePose (section 5.2, "Search Details"): the stem's, each stage's and each transposed convolution's
width at a ratio of the super-net's, and the side of the input. Which layers vary is not printed; in
the released configurations blocks that a residual connection joins have one width, and the widths
inside a block are six times that of its input. EfficientPose-NAS (Table 1): one operation for every
block.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from repro.errors import unknown
from repro.models import efficientpose_nas as nas
from repro.models import litepose
from repro.models.efficientnet_blocks import scale_width
from repro.spec.run import Run

Value = int | str
Genes = tuple[Any, ...]
"""The choice at every place of a space, in its order."""


class Space(Protocol):
    """The architectures of one search. model: of the zoo, whose keywords make each of them."""

    @property
    def model(self) -> str:
        """A key of `zoo.MODELS`."""

    @property
    def choices(self) -> tuple[tuple[Value, ...], ...]:
        """The possible values at every place."""

    def run(self, genes: Genes, joints: int) -> Run:
        """The network of these choices: model, keywords of its builder, nominal size."""


def drawn(space: Space, rng: np.random.Generator) -> Genes:
    """One architecture, every value as likely as any other of its place."""
    return tuple(values[int(rng.integers(len(values)))] for values in space.choices)


@dataclass(frozen=True)
class LitePoseSpace:
    """Widths of the stem, of four stages and of three transposed convolutions, then the side of
    the input in px."""

    ratios: tuple[float, ...]
    sides: tuple[int, ...]
    model: ClassVar[str] = "litepose_super"

    @property
    def choices(self) -> tuple[tuple[int, ...], ...]:
        """Widths from the largest; ratios that round to one width are one choice."""
        plan = litepose.VARIANTS[self.model]
        widths = (plan.stem, *plan.stages, *plan.deconvs)
        scaled = [dict.fromkeys(scale_width(one, ratio) for ratio in self.ratios) for one in widths]
        return (*map(tuple, scaled), self.sides)

    def run(self, genes: Genes, joints: int) -> Run:
        """The network of these widths at this side."""
        return Run(self.model, int(genes[-1]), {"joints": joints, **widths_of(genes)})


def widths_of(genes: Genes) -> dict[str, Any]:
    """The widths as keywords of LitePose's builder."""
    return {"stem": genes[0], "stages": tuple(genes[1:5]), "deconvs": tuple(genes[5:8])}


@dataclass(frozen=True)
class BlockSpace:
    """An operation for every block of EfficientPose-NAS's four stages.

    depths: blocks of a stage. The first of each, which has the new width, cannot be left out.
    """

    model: str
    depths: tuple[int, int, int, int]
    side: int = 256

    @property
    def choices(self) -> tuple[tuple[str, ...], ...]:
        """Codes of kernel and expansion, and at later places the one for leaving a block out."""
        return tuple(
            nas.OPERATIONS if place else nas.OPERATIONS[:-1]
            for depth in self.depths
            for place in range(depth)
        )

    def run(self, genes: Genes, joints: int) -> Run:
        """The network of these blocks."""
        return Run(self.model, self.side, {"joints": joints, "blocks": self.stages(genes)})

    def stages(self, genes: Sequence[str]) -> tuple[str, ...]:
        """The codes stage by stage, as EfficientPose-NAS's builder takes them."""
        ends = np.cumsum(self.depths).tolist()
        return tuple(
            " ".join(genes[end - depth : end]) for end, depth in zip(ends, self.depths, strict=True)
        )


SPACES: Mapping[str, LitePoseSpace | BlockSpace] = {
    "litepose-xs": LitePoseSpace((1.0, 0.75, 0.5, 0.25), (512, 448, 384, 320, 256)),
    "litepose-lms": LitePoseSpace((1.0, 0.75, 0.5), (512, 448)),
    # Table 1; that stage 4 counts its first block, and is at stride 1: repro/models/efficientpose_nas.py
    "nas-small": BlockSpace("efficientpose_nas_a", (4, 6, 10, 8)),
    "nas-large": BlockSpace("efficientpose_nas_b", (6, 8, 10, 10)),
}


def named_space(name: str) -> LitePoseSpace | BlockSpace:
    """The space called `name`; raises UsageError."""
    if name not in SPACES:
        raise unknown("search space", name, SPACES)
    return SPACES[name]
