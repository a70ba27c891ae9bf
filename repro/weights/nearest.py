"""Which network a file of foreign tensors most likely is, told by shapes alone: names differ by
author."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from torch import Tensor

from repro.models import zoo


class Near(NamedTuple):
    """alike: how many of the model's tensors have a counterpart of their shape; of: all that either
    side has."""

    model: str
    alike: int
    of: int

    def __str__(self) -> str:
        return f"{self.model} ({self.alike} of {self.of} tensors alike in shape)"


def nearest(tensors: Mapping[str, Tensor]) -> Near:
    """The model of the zoo with the largest share of tensors alike; head and joints count as little
    as they are."""
    given = Counter(
        tuple(value.shape)
        for name, value in tensors.items()
        if not name.endswith("num_batches_tracked")
    )
    found = [_compared(model, given) for model in zoo.MODELS]
    return max(found, key=lambda one: one.alike / one.of)


def _compared(model: str, given: Counter[tuple[int, ...]]) -> Near:
    own = _shapes(model)
    return Near(model, (given & own).total(), max(1, (given | own).total()))


@cache
def _shapes(model: str) -> Counter[tuple[int, ...]]:
    state = zoo.build_empty(model).state_dict()
    return Counter(
        tuple(value.shape)
        for name, value in state.items()
        if not name.endswith("num_batches_tracked")
    )
