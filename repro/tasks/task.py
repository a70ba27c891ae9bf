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

from repro.files import read_json
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.pose.coco_eval import TRUTH_HINT
from repro.pose.metrics import near_joints, score, score_coco, score_mpii
from repro.spec.settings import Protocol, Recipe

Floats = NDArray[np.floating]
Example = tuple[Any, Any]
Size = tuple[int, int]
Entry = dict[str, Any]

PERSON = 1  # COCO's category
NEAR = "joints@0.1"


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
    if isinstance(annotations, Path) and "image_info" in annotations.name:
        return {}
    known = skeleton.name in ("coco", "crowdpose")
    if not known:
        values = score_coco(annotations, predictions, skeleton=skeleton)
    else:
        values = score(skeleton.name, annotations, predictions)
    content = annotations
    if isinstance(annotations, Path):
        content = read_json(annotations, "ground truth", hint=TRUTH_HINT)
    return {**values, NEAR: near_joints(content, predictions)}


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
