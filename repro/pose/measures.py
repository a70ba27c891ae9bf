"""What limits a network, measured apart: size, crowding, precision, left and right, grouping.

Scores of the suite, not of the papers; the papers' AP and PCKh stand beside them. No torch.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Item = Mapping[str, Any]

NEAR = "joints@0.1"
REACH = 0.1  # of a person's height: a joint that is nearer counts as found
HEIGHTS = ("short", "middle", "tall")
CROWDING = ("apart", "close", "crowded")


class Pairing(NamedTuple):
    """Distances in px of the joints (K) of all people (P) of a test set from their predictions.

    own (P, K): of the predicted joint from its true place.
    other (P, K): from the true place of the same joint on the other side, inf where there is none
    or both places lie within `reach` of each other.
    any (P, K): the least distance of the joint in any prediction of the picture.
    All three are inf where nothing was predicted.
    labelled (P, K). reach (P,): px that count as near. height (P,): of the person in px.
    crowding (P,): joints of others in the person's box by own joints, at most 1, which are the
    terms of CrowdPose's crowdIndex. cells (P,): map cells per px.
    """

    own: Doubles
    other: Doubles
    any: Doubles
    labelled: Flags
    reach: Doubles
    height: Doubles
    crowding: Doubles
    cells: Doubles


def near_joints(annotations: Item, predictions: Sequence[Item], *, share: float = REACH) -> float:
    """Share of all labelled joints that lie within `share` of their person's box height, 0 to 1; -1
    without any.

    Of COCO-format content. Every prediction stands for at most one person: the pairs are those with
    the most such joints, and the joints of people without a prediction count as missed. Smoother
    than AP where few joints are right.
    """
    pairing = find(annotations, predictions, share=share)
    return _share(pairing.own <= pairing.reach[:, None], pairing.labelled)


def find(
    annotations: Item,
    predictions: Sequence[Item],
    *,
    flip: Sequence[int] = (),
    share: float = REACH,
    cells: Mapping[Any, float] | None = None,
) -> Pairing:
    """The people of COCO-format content with their predictions, paired as `near_joints` says.

    flip: for each joint the one on the other side. cells: map cells per px, by the picture's id.
    """
    people, entries = defaultdict(list), defaultdict(list)
    for annotation in annotations["annotations"]:
        if not annotation.get("iscrowd") and annotation["num_keypoints"]:
            people[annotation["image_id"]].append(annotation)
    for prediction in predictions:
        points = np.asarray(prediction["keypoints"], np.float64).reshape(-1, 3)
        entries[prediction["image_id"]].append(points[:, :2])
    pairings = [
        _of_picture(
            annotated,
            entries[image],
            flip=flip,
            share=share,
            cells=(cells or {}).get(image, np.nan),
        )
        for image, annotated in people.items()
    ]
    if not pairings:
        none, nobody = np.zeros((0, 1)), np.zeros(0)
        return Pairing(none, none, none, none > 0, nobody, nobody, nobody, nobody)
    return Pairing(*(np.concatenate(arrays) for arrays in zip(*pairings, strict=True)))


def _of_picture(
    people: Sequence[Item],
    predicted: Sequence[Doubles],
    *,
    flip: Sequence[int],
    share: float,
    cells: float,
) -> Pairing:
    from scipy.optimize import linear_sum_assignment

    joints = np.array([person["keypoints"] for person in people], np.float64)
    joints = joints.reshape(len(people), -1, 3)
    boxes = np.array([person["bbox"] for person in people], np.float64)
    labelled, places, reach = joints[..., 2] > 0, joints[..., :2], share * boxes[:, 3]
    shape = (len(people), joints.shape[1])
    own_side, other_side, nearest = (np.full(shape, np.inf) for _ in range(3))
    if predicted:
        points = np.array(predicted)
        apart = np.linalg.norm(places[:, None] - points, axis=-1)  # (people, predictions, joints)
        right = ((apart <= reach[:, None, None]) & labelled[:, None]).sum(axis=-1)
        rows, columns = linear_sum_assignment(-right)
        nearest, own_side[rows] = apart.min(axis=1), apart[rows, columns]
        other_side[rows] = _from_other_side(
            places[rows],
            points[columns],
            labelled[rows],
            flip=flip,
            reach=reach[rows],
        )
    heights, crowding = boxes[:, 3], _crowding(places, labelled, boxes)
    distances = own_side, other_side, nearest
    return Pairing(*distances, labelled, reach, heights, crowding, np.full(len(people), cells))


def _from_other_side(
    places: Doubles, predicted: Doubles, labelled: Flags, *, flip: Sequence[int], reach: Doubles
) -> Doubles:
    """(P, K) distances of predicted joints (P, K, 2) from the other side's true places."""
    if not len(flip):
        return np.full(labelled.shape, np.inf)
    across = places[:, list(flip)]
    sided = (np.asarray(flip) != np.arange(len(flip))) & labelled[:, list(flip)]
    sided &= np.linalg.norm(across - places, axis=-1) > reach[:, None]
    return np.where(sided, np.linalg.norm(across - predicted, axis=-1), np.inf)


def _crowding(places: Doubles, labelled: Flags, boxes: Doubles) -> Doubles:
    low, high = boxes[:, None, None, :2], boxes[:, None, None, :2] + boxes[:, None, None, 2:]
    inside = ((places >= low) & (places <= high)).all(-1) & labelled  # (boxes, people, joints)
    counts = inside.sum(axis=-1)
    of_others = counts.sum(axis=1) - np.diagonal(counts)
    return np.asarray(np.minimum(1, of_others / labelled.sum(axis=1)))


def _share(hits: Flags, of: Flags) -> float:
    """The share of hits among the joints that count (`of`); -1 where none does."""
    return float((hits & of).sum() / of.sum()) if of.any() else -1.0


def thirds(values: Doubles) -> NDArray[np.int64]:
    """(P,) 0, 1 or 2: the lowest, middle or highest third by value; equal values stay together."""
    return (
        np.searchsorted(np.quantile(values, (1 / 3, 2 / 3)), values, side="left")
        if len(values)
        else np.zeros(0, int)
    )


def _by_third(
    name: str, words: Sequence[str], values: Doubles, hits: Flags, of: Flags
) -> Iterator[tuple[str, float]]:
    third = thirds(values)
    for number, word in enumerate(words):
        yield f"{name} {word}", _share(hits[third == number], of[third == number])


def people_measures(pairing: Pairing) -> dict[str, float]:
    """Measures of pictures with several people: fractions, -1 where there is nothing to measure.

    `joints@0.1` of the shortest, middle and tallest third of the people (height of the box in px),
    and of the thirds who stand apart, close or crowded; `grouped right`: of the joints that any
    prediction of the picture has found, the share that the person's own prediction has;
    `precision_measures`.
    """
    near = pairing.own <= pairing.reach[:, None]
    return {
        **dict(_by_third(NEAR, HEIGHTS, pairing.height, near, pairing.labelled)),
        **dict(_by_third(NEAR, CROWDING, pairing.crowding, near, pairing.labelled)),
        "grouped right": _share(near, pairing.labelled & (pairing.any <= pairing.reach[:, None])),
        **precision_measures(pairing),
    }


def precision_measures(pairing: Pairing) -> dict[str, float]:
    """How precise the predicted joints are.

    `swapped`: of the joints within reach of their own place or of the other side's, the share that
    is nearer to the other side's. `error px` and `error cells`: the median distance of labelled
    joints that have a prediction, in px of the picture and in cells of the finest map.
    """
    reach = pairing.reach[:, None]
    either = (
        pairing.labelled
        & np.isfinite(pairing.other)
        & (np.minimum(pairing.own, pairing.other) <= reach)
    )
    counted = pairing.labelled & np.isfinite(pairing.own)
    errors = pairing.own[counted]
    in_cells = (pairing.own * pairing.cells[:, None])[counted]
    medians = {"error px": errors, "error cells": in_cells[np.isfinite(in_cells)]}
    return {
        "swapped": _share(pairing.other < pairing.own, either),
        **{
            name: float(np.median(values)) if len(values) else -1.0
            for name, values in medians.items()
        },
    }


def person_measures(pairing: Pairing, *, joints: Sequence[int]) -> dict[str, float]:
    """Measures of one person at a time: `PCKh@0.1` in percent by thirds of the head's size, and
    `precision_measures`.

    pairing: from `of_persons`. joints: those that MPII scores.
    """
    of_joints = ("own", "other", "any", "labelled")
    pairing = pairing._replace(**{name: getattr(pairing, name)[:, joints] for name in of_joints})
    near = pairing.own <= 0.1 * pairing.height[:, None]
    by_third = dict(_by_third("PCKh@0.1", HEIGHTS, pairing.height, near, pairing.labelled))
    return {
        **{name: 100 * value if value >= 0 else value for name, value in by_third.items()},
        **precision_measures(pairing),
    }


def of_persons(
    predicted: Doubles,
    true: Doubles,
    labelled: Flags,
    heads: Doubles,
    *,
    flip: Sequence[int],
    cells: Doubles,
) -> Pairing:
    """MPII's people, each with its own prediction.

    predicted, true: places (P, K, 2) in px. labelled: (P, K). heads: head sizes (P,) in px, which
    take the place of heights; within reach is half a head size.
    """
    own_side, reach = np.linalg.norm(predicted - true, axis=-1), 0.5 * heads
    other_side = _from_other_side(true, predicted, labelled, flip=flip, reach=reach)
    crowding = np.zeros(len(heads))
    return Pairing(own_side, other_side, own_side, labelled, reach, heads, crowding, cells)
