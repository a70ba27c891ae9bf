"""What a network is trained and tested for. Training and testing know of a task only what stands
here.

Sizes are (height, width) in px, or one number for a square. Every task is a class in a file of its
own; `tasks.all` lists them by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Required, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import default_collate

from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.spec import settings
from repro.spec.settings import Recipe

Floats = NDArray[np.floating]
Size = tuple[int, int]
Truth = Path | dict[str, Any]
"""The ground truth that predictions are scored by: a file of the data set, or the content of a COCO
file."""
Shares = dict[str, tuple[float, int]]
"""By name a sum, and over how many it is taken."""

Arrays = TypeVar("Arrays")
"""Targets of one example: a named tuple of arrays."""
Tensors = TypeVar("Tensors")
"""The same of a batch: tensors with a leading batch dimension."""
Answer = TypeVar("Answer")
"""What the network gives for a batch."""
Seen = TypeVar("Seen", bound="Observation")
"""What the network says of one picture."""
Finding = TypeVar("Finding")
"""What is read out of it."""


def pair(size: int | Size) -> Size:
    """(height, width) of a size that may be one number for a square."""
    return (size, size) if isinstance(size, int) else size


class Example(NamedTuple, Generic[Arrays]):
    """What a network learns from: a picture (3, h, w) float32, and what it should answer."""

    image: Floats
    targets: Arrays


class Batch(NamedTuple, Generic[Tensors]):
    """Examples that are learnt from together. images: (B, 3, h, w)."""

    images: Tensor
    targets: Tensors


class Observation(Protocol):
    """What a network says of one picture, or of the one person meant, before anything is read out
    of it."""

    @property
    def size(self) -> Size:
        """Input (height, width) that the network was tested at, at scale 1."""

    @property
    def cells(self) -> float:
        """Cells of the network's maps per px of the picture; NaN where it has no maps."""


class Entry(TypedDict, total=False):
    """One entry of a results file in COCO's form.

    keypoints: x, y in px of the picture and a score for every joint in turn. person: number in the
    annotation file. area: of the person's box in square px, for as long as people are compared.
    label: true class of the picture. offset: what a scorer must add to x and y.
    """

    image_id: Required[int]
    category_id: Required[int]
    keypoints: list[float]
    score: float
    person: int
    area: float
    label: int
    offset: float


class TrainingPart(ABC, Generic[Arrays, Tensors, Answer]):
    """What training asks of a task. name: as recipes and protocols give it."""

    name: ClassVar[str]

    @abstractmethod
    def outputs(self, model: nn.Module, size: int | Size) -> tuple[Size, ...]:
        """Size of every map that the network gives for a picture of `size`, coarse to fine."""

    @abstractmethod
    def prepare(
        self,
        sample: Sample,
        rng: np.random.Generator,
        *,
        size: int | Size,
        outputs: tuple[Size, ...],
        skeleton: Skeleton,
        recipe: Recipe,
    ) -> Example[Arrays]:
        """One example of a sample, varied at random as the recipe says.

        size: of its picture. outputs: sizes of the maps that its targets are for. Raises UsageError
        for a sample that this task cannot learn from.
        """

    def collate(self, examples: Sequence[Example[Arrays]]) -> Batch[Tensors]:
        """Examples as tensors with a leading batch dimension."""
        return Batch(*default_collate(list(examples)))

    @abstractmethod
    def loss(self, answer: Answer, targets: Tensors, recipe: Recipe) -> dict[str, Tensor]:
        """Scalars by name; "total" is minimised, all are logged. Raises UsageError for a network of
        other outputs."""


class TestingPart(ABC, Generic[Seen, Finding]):
    """What testing asks of a task. by_person: its samples are single people."""

    by_person: ClassVar[bool] = False

    @abstractmethod
    def observe(
        self,
        model: nn.Module,
        sample: Sample,
        *,
        skeleton: Skeleton,
        protocol: settings.Protocol,
        nominal: int | Size,
    ) -> Seen:
        """What a network in evaluation mode says of a sample's picture, or of the one person meant.

        nominal: the size that the network is named for. Raises UsageError for a network of other
        joints.
        """

    @abstractmethod
    def people(self, seen: Seen, *, skeleton: Skeleton, protocol: settings.Protocol) -> Finding:
        """What is read out of an observation; apart from `observe`, so that each is timed."""

    @abstractmethod
    def results(self, found: Finding, sample: Sample) -> list[Entry]:
        """The same as entries of a results file."""

    def finish(
        self, predictions: list[Entry], *, skeleton: Skeleton, protocol: settings.Protocol
    ) -> list[Entry]:
        """The predictions of all samples, put in order."""
        return predictions

    @abstractmethod
    def score(
        self,
        truth: Truth,
        predictions: list[Entry],
        *,
        skeleton: Skeleton,
        protocol: settings.Protocol,
    ) -> dict[str, float]:
        """Scores by the names of their columns; empty for a set without ground truth."""

    def measure(
        self,
        truth: Truth,
        predictions: list[Entry],
        *,
        skeleton: Skeleton,
        protocol: settings.Protocol,
        cells: Mapping[int, float],
    ) -> dict[str, float]:
        """More values, of what limits the network; cells: of each observation, by number of the
        picture or person."""
        return {}

    def probe(self, seen: Seen, sample: Sample, *, protocol: settings.Protocol) -> Shares:
        """What the observation alone shows, before anybody is found in it."""
        return {}


class Task(TrainingPart[Arrays, Tensors, Answer], TestingPart[Seen, Finding]):
    """A task has a part in training and one in testing. Two of one class are equal, so that workers
    get the same."""
