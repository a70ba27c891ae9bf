"""What a network is trained for, as plain functions: examples, loss, decoding, score. The loops know nothing else."""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import default_collate

from repro.data.transforms import Sample
from repro.files import read_json
from repro.pose import measures
from repro.pose.measures import NEAR, near_joints
from repro.pose.metrics import MPII_SCORED, mpii_truth, score, score_coco, score_mpii
from repro.pose.scoring import TRUTH_HINT
from repro.pose.skeletons import Skeleton
from repro.settings import Protocol, Recipe

Floats = NDArray[np.floating]
Example = tuple[Any, Any]
Size = tuple[int, int]
Entry = dict[str, Any]
Shares = dict[str, tuple[float, int]]

PERSON = 1  # COCO's category


class Samples(typing.Protocol):
    """A data set: `len()` pictures, picture `index` by `[index]`."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Sample: ...


def pair(size: int | Size) -> Size:
    """(height, width) of a size that may be one number for a square."""
    return (size, size) if isinstance(size, int) else size


def entries(found: tuple[Floats, Floats], sample: Sample) -> list[Entry]:
    """People (P, K, 3) and their scores (P,) as entries of a COCO results file; "person" is the number in its file."""
    more = {} if sample.person is None else {"person": sample.person.number}
    return [
        {
            "image_id": sample.image_id,
            "category_id": PERSON,
            "keypoints": [float(value) for value in person.reshape(-1)],
            "score": float(own),
            **more,
        }
        for person, own in zip(*found, strict=True)
    ]


def unchanged(predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol) -> list[Entry]:
    """All predictions as they are."""
    return predictions


def collate(examples: Sequence[Example]) -> Any:
    """Examples as tensors with a leading batch dimension."""
    return default_collate(list(examples))


def keypoint_score(
    annotations: Any, predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol
) -> dict[str, float]:
    """Scores by the ground truth's form: PCKh for a gt_valid.mat, else OKS AP by the skeleton's rules.

    Empty for a set without ground truth (COCO's list of test pictures).
    """
    if isinstance(annotations, Path) and annotations.suffix == ".mat":
        return _pckh(annotations, predictions, offset=protocol.offset)
    if _unknown(annotations):
        return {}
    known = skeleton.name in ("coco", "crowdpose")
    if not known:
        values = score_coco(annotations, predictions, skeleton=skeleton)
    else:
        values = score(skeleton.name, annotations, predictions)
    return {**values, NEAR: near_joints(_content(annotations), predictions)}


def _unknown(annotations: Any) -> bool:
    """True for COCO's list of test pictures, which only its server can score."""
    return isinstance(annotations, Path) and "image_info" in annotations.name


def _content(annotations: Any) -> Any:
    return read_json(annotations, "ground truth", hint=TRUTH_HINT) if isinstance(annotations, Path) else annotations


def keypoint_measures(
    annotations: Any,
    predictions: Sequence[Entry],
    *,
    skeleton: Skeleton,
    protocol: Protocol,
    cells: Mapping[Any, float],
) -> dict[str, float]:
    """What limits the network, as `pose.measures` has it; cells: map cells per px of the picture (or person) with this
    number. Empty for a set without ground truth.
    """
    if isinstance(annotations, Path) and annotations.suffix == ".mat":
        return _person_measures(annotations, predictions, skeleton=skeleton, offset=protocol.offset, cells=cells)
    if _unknown(annotations):
        return {}
    return measures.people_measures(measures.find(_content(annotations), predictions, flip=skeleton.flip, cells=cells))


def _person_measures(
    path: Path, predictions: Sequence[Entry], *, skeleton: Skeleton, offset: float, cells: Mapping[Any, float]
) -> dict[str, float]:
    people, scored = [int(one["person"]) for one in predictions], list(MPII_SCORED)
    truth = mpii_truth(path).of(people)
    points = np.array([one["keypoints"] for one in predictions], np.float64).reshape(len(people), -1, 3)[..., :2]
    apart = measures.of_persons(points + offset, truth.points, truth.labelled, truth.heads, flip=skeleton.flip,
                                cells=np.array([cells.get(one, np.nan) for one in people]))  # fmt: skip
    return measures.person_measures(apart, joints=scored)


def nothing(seen: Any, sample: Sample, **_: Any) -> Shares:
    """No shares to count while testing."""
    return {}


def _pckh(truth: Path, predictions: Sequence[Mapping[str, Any]], *, offset: float) -> dict[str, float]:
    """Percent at each threshold: `PCKh@0.5` and its "mean" over all points, then `PCKh@0.5 PART` and the like."""
    points = np.array([one["keypoints"] for one in predictions], np.float64).reshape(len(predictions), -1, 3)
    people = [int(one["person"]) for one in predictions]
    flat: dict[str, float] = {}
    for name, parts in score_mpii(truth, points[..., :2], offset=offset, people=people).items():
        mean = parts.pop("mean_over_points")
        flat |= {name: mean, f"{name} mean": mean} | {f"{name} {part}": value for part, value in parts.items()}
    return flat


@dataclass(frozen=True)
class Task:
    """A task's part in training and testing. Sizes are (height, width) or one number for a square.

    outputs(model, size): size of every map the network gives for a picture of `size`, coarse to fine.
    prepare(sample, rng, *, size, outputs, skeleton, recipe): one example, its picture (3, h, w) float32 first
        and its targets, nested tuples of arrays, second.
    collate(examples): the same as tensors with a leading batch dimension.
    loss(output, targets, recipe): scalars by name; "total" is minimised, all are logged.
    observe(model, sample, *, skeleton, protocol, nominal): what the network says of a sample's picture, or of the one
        person meant; has `size`, the size tested at.
    people(observation, *, skeleton, protocol): what is found, apart from `observe` so that each is timed: the people,
        (P, K, 3) as x, y in pixels of the picture and a score per joint, and a score per person (P,).
    results(found, sample): the same as entries of a results file.
    finish(predictions, *, skeleton, protocol): the predictions of all samples, put in order.
    score(annotations, predictions, *, skeleton, protocol): values by column name.
    measure(annotations, predictions, *, skeleton, protocol, cells): more values, as `keypoint_measures`.
    probe(observation, sample, *, protocol): what the maps alone show: by name a sum, and over how many it is taken.
    by_person: its samples are single people.
    """

    name: str
    outputs: Callable[[nn.Module, Any], tuple[Any, ...]]
    prepare: Callable[..., Example]
    loss: Callable[[Any, Any, Recipe], dict[str, Tensor]]
    observe: Callable[..., Any]
    people: Callable[..., Any]
    collate: Callable[[Sequence[Example]], Any] = collate
    results: Callable[[Any, Sample], list[Entry]] = entries
    finish: Callable[..., list[Entry]] = unchanged
    score: Callable[..., dict[str, float]] = keypoint_score
    measure: Callable[..., dict[str, float]] = keypoint_measures
    probe: Callable[..., Shares] = nothing
    by_person: bool = False


def _shapes(model: nn.Module, size: Size) -> list[Size]:
    training, weight = model.training, next(model.parameters())
    model.eval()
    with torch.no_grad():
        maps = model(torch.zeros(1, 3, *size, device=weight.device, dtype=weight.dtype))
    model.train(training)
    return [(int(heatmap.shape[-2]), int(heatmap.shape[-1])) for heatmap in maps.heatmaps]


def map_sizes(model: nn.Module, size: int) -> tuple[int, ...]:
    """Side of every heatmap the network gives for a `size` x `size` picture, found by running it once."""
    return tuple(width for _, width in _shapes(model, pair(size)))


def map_shapes(model: nn.Module, size: int | Size) -> tuple[Size, ...]:
    """(height, width) of every heatmap the network gives for a picture of `size`, found by running it once."""
    return tuple(_shapes(model, pair(size)))
