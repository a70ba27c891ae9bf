"""What the tasks of people have in common: maps of joints, entries of key points, OKS AP or
PCKh."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from repro.errors import UsageError
from repro.files import read_json
from repro.models.maps import Maps
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.pose import measures
from repro.pose.coco_files import TRUTH_HINT
from repro.pose.measures import NEAR, near_joints
from repro.pose.metrics import MPII_SCORED, mpii_truth, score, score_coco, score_mpii
from repro.spec.settings import Protocol
from repro.tasks.task import Arrays, Entry, Floats, Seen, Size, Task, Tensors, Truth, pair

PERSON = 1  # COCO's category


class People(NamedTuple):
    """Who is found in a picture.

    people: (P, K, 3) as x, y in px of the picture and a score per joint. scores: (P,), one per
    person.
    """

    people: Floats
    scores: Floats


def map_sizes(model: nn.Module, size: int | Size) -> tuple[Size, ...]:
    """(height, width) of every heatmap the network gives for a picture of `size`, found by running
    it once."""
    training, weight = model.training, next(model.parameters())
    model.eval()
    with torch.no_grad():
        maps: Maps = model(torch.zeros(1, 3, *pair(size), device=weight.device, dtype=weight.dtype))
    model.train(training)
    return tuple((int(heatmap.shape[-2]), int(heatmap.shape[-1])) for heatmap in maps.heatmaps)


class KeypointTask(Task[Arrays, Tensors, Maps, Seen, People]):
    """A task whose networks answer with heatmaps of joints and whose people are scored by key
    points."""

    def outputs(self, model: nn.Module, size: int | Size) -> tuple[Size, ...]:
        """As `map_sizes`."""
        return map_sizes(model, size)

    def results(self, found: People, sample: Sample) -> list[Entry]:
        """An entry per person; "person" is the number in the annotation file where one person is
        meant."""
        people, scores = found
        return [
            _entry(person, float(own), sample) for person, own in zip(people, scores, strict=True)
        ]

    def score(
        self, truth: Truth, predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol
    ) -> dict[str, float]:
        """Scores by the ground truth's form: PCKh for a gt_valid.mat, else OKS AP by the skeleton's
        rules.

        Empty for a set without ground truth (COCO's list of test pictures).
        """
        if isinstance(truth, Path) and truth.suffix == ".mat":
            return _pckh(truth, predictions, offset=protocol.offset)
        if _unknown(truth):
            return {}
        plain = [dict(entry) for entry in predictions]
        if skeleton.name in ("coco", "crowdpose"):
            values = score(skeleton.name, truth, plain)
        else:
            values = score_coco(truth, plain, skeleton=skeleton)
        return {**values, NEAR: near_joints(_content(truth), predictions)}

    def measure(
        self,
        truth: Truth,
        predictions: list[Entry],
        *,
        skeleton: Skeleton,
        protocol: Protocol,
        cells: Mapping[int, float],
    ) -> dict[str, float]:
        """What limits the network, as `pose.measures` has it. Empty for a set without ground
        truth."""
        if isinstance(truth, Path) and truth.suffix == ".mat":
            return _person_measures(
                truth, predictions, skeleton=skeleton, offset=protocol.offset, cells=cells
            )
        if _unknown(truth):
            return {}
        found = measures.find(_content(truth), predictions, flip=skeleton.flip, cells=cells)
        return measures.people_measures(found)


def _entry(person: Floats, score: float, sample: Sample) -> Entry:
    """One person (K, 3) of a sample."""
    keypoints = [float(value) for value in person.reshape(-1)]
    entry: Entry = {
        "image_id": sample.image_id,
        "category_id": PERSON,
        "keypoints": keypoints,
        "score": score,
    }
    if sample.person:
        entry["person"] = sample.person.number
    return entry


def check_channels(heatmaps: Floats, skeleton: Skeleton) -> None:
    """Raise UsageError unless there is a heatmap (K, h, w) for each of the skeleton's joints."""
    if len(heatmaps) != len(skeleton):
        raise UsageError(
            f"the network has {len(heatmaps)} joints, skeleton '{skeleton.name}' has "
            f"{len(skeleton)}"
        )


def _unknown(truth: Truth) -> bool:
    """True for COCO's list of test pictures, which only its server can score."""
    return isinstance(truth, Path) and "image_info" in truth.name


def _content(truth: Truth) -> dict[str, Any]:
    """The ground truth as plain values."""
    if not isinstance(truth, Path):
        return truth
    content: dict[str, Any] = read_json(truth, "ground truth", hint=TRUTH_HINT)
    return content


def _points(predictions: Sequence[Entry]) -> NDArray[np.float64]:
    """Where the joints of one person per entry were found: (P, K, 2)."""
    return np.array([entry["keypoints"] for entry in predictions], np.float64).reshape(
        len(predictions), -1, 3
    )[..., :2]


def _person_measures(
    truth: Path,
    predictions: Sequence[Entry],
    *,
    skeleton: Skeleton,
    offset: float,
    cells: Mapping[int, float],
) -> dict[str, float]:
    numbers = [entry["person"] for entry in predictions]
    people = mpii_truth(truth).of(numbers)
    errors = measures.of_persons(
        _points(predictions) + offset,
        people.points,
        people.labelled,
        people.heads,
        flip=skeleton.flip,
        cells=np.array([cells.get(number, np.nan) for number in numbers]),
    )
    return measures.person_measures(errors, joints=list(MPII_SCORED))


def _pckh(truth: Path, predictions: Sequence[Entry], *, offset: float) -> dict[str, float]:
    """Percent at each threshold: `PCKh@0.5` and its "mean" over all points, then `PCKh@0.5 PART`
    and the like."""
    numbers = [entry["person"] for entry in predictions]
    flat: dict[str, float] = {}
    for name, parts in score_mpii(
        truth, _points(predictions), offset=offset, people=numbers
    ).items():
        mean = parts.pop("mean_over_points")
        flat |= {name: mean, f"{name} mean": mean} | {
            f"{name} {part}": value for part, value in parts.items()
        }
    return flat
