"""One thing to measure: a network at a size, perhaps with data to test it on and a recipe to train
it by."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from repro.errors import SpecError
from repro.spec.settings import Protocol, Recipe

Size = tuple[int, int]


def _size(size: int | Size) -> Size:
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) <= 0:
        raise SpecError(f"input size {height}x{width} is not positive")
    return height, width


def _text(value: Any) -> str:
    return re.sub(r"\s+", "", str(value))


def digest_of(*parts: Any) -> str:
    """Sixteen hexadecimal digits for plain values; a record shows by them when these change."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Run:
    """One thing to measure.

    size: the nominal input (height, width) in px, or one number for a square.
    changes: keyword arguments of the family's builder.
    dataset: what it is tested on; without one a run can be counted and timed only.
    part: the dotted path of the submodule that alone is counted or described, "" for all.
    """

    model: str
    size: int | Size
    changes: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = ""
    protocol: Protocol | None = None
    recipe: Recipe | None = None
    part: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", _size(self.size))
        if self.dataset and self.protocol is None:
            raise SpecError(f"run of {self.model} on {self.dataset} names no protocol")

    @property
    def shape(self) -> Size:
        """Nominal input (height, width)."""
        return _size(self.size)

    @property
    def network(self) -> str:
        """Model and changes, e.g. `litepose_s joints=14`."""
        return " ".join(
            [self.model, *(f"{name}={_text(self.changes[name])}" for name in sorted(self.changes))]
        )

    @property
    def what(self) -> str:
        """Model, changes and nominal size."""
        return "{} {}x{}".format(self.network, *self.shape)

    @property
    def of_part(self) -> str:
        """Model, changes, nominal size and, where one is named, the submodule."""
        return f"{self.what} part={self.part}" if self.part else self.what
