"""What every pose network returns."""

from typing import NamedTuple

from torch import Tensor


class Maps(NamedTuple):
    """Maps of one batch, coarse to fine; `heatmaps[-1]` is the network's final answer.

    heatmaps: (B, K, h, w) per resolution or detection pass, K joints.
    tags: (B, K, h, w) associative-embedding tags; `tags[i]` belongs to `heatmaps[i]`.
        Empty for networks without grouping.
    limbs: (B, 2P, h, w) part-affinity fields of P limbs, x and y channels in turn.
        Empty for networks without a skeleton pass.
    """

    heatmaps: tuple[Tensor, ...]
    tags: tuple[Tensor, ...] = ()
    limbs: tuple[Tensor, ...] = ()
