"""One picture and the people in it, as every data set gives them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Person:
    """Where one person of a picture is: what a network that sees one person at a time is shown.

    centre: x, y in pixels. extent: (width, height) in pixels of the person's box, before any
    margin. score: of the detector, 1 for an annotation. number: the person's place in the
    annotation file.
    """

    centre: tuple[float, float]
    extent: tuple[float, float]
    score: float = 1.0
    number: int = 0


@dataclass(frozen=True)
class Sample:
    """One picture and its people.

    image: (H, W, 3) uint8 RGB. joints: (P, K, 3) float64: x, y in pixels, visibility 0 (not
    labelled), 1 (hidden) or 2 (seen). mask: (H, W) bool, True where the heatmap loss counts.
    person: who of the picture is meant; `joints` then holds this person alone. label: the picture's
    class.
    """

    image: NDArray[np.uint8]
    joints: NDArray[np.float64]
    mask: NDArray[np.bool_]
    image_id: int
    file: str
    person: Person | None = None
    label: int = -1


class Samples(Protocol):
    """A data set: `len()` pictures or people, number `index` by `[index]`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Sample: ...
