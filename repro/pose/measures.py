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
REACH = 0.1  # of a person's height: nearer is found
HEIGHTS = ("short", "middle", "tall")
CROWDING = ("apart", "close", "crowded")


class Found(NamedTuple):
    """Every labelled person of a test set (P) beside the prediction that stands for them, by joint (K), in px.

    own (P, K): from the joint's true place; other (P, K): from that of the same joint on the other side, inf where
    there is none or both lie within `reach` of each other; any (P, K): the least distance of the joint in any
    prediction of the picture. All inf where nothing was predicted.
    labelled (P, K). reach (P,): what counts as near. height (P,): of the person. crowding (P,): joints of others in the
    person's box by own joints, at most 1, which are the terms of CrowdPose's crowdIndex. cells (P,): map cells per px.
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
    """Share of all labelled joints that lie within `share` of their person's box height, 0 to 1; -1 without any.

    Of COCO-format content. Every prediction stands for at most one person: the pairs are those with the most such
    joints, and the joints of people without a prediction count as missed. Smoother than AP where few joints are right.
    """
    found = find(annotations, predictions, share=share)
    return _share(found.own <= found.reach[:, None], found.labelled)


def find(
    annotations: Item,
    predictions: Sequence[Item],
    *,
    flip: Sequence[int] = (),
    share: float = REACH,
    cells: Mapping[Any, float] | None = None,
) -> Found:
    """The people of COCO-format content and what was found of them, paired as `near_joints` says.

    flip: the joint on the other side of each. cells: map cells per px, by the picture's id.
    """
    people, entries = defaultdict(list), defaultdict(list)
    for one in annotations["annotations"]:
        if not one.get("iscrowd") and one["num_keypoints"]:
            people[one["image_id"]].append(one)
    for one in predictions:
        entries[one["image_id"]].append(np.asarray(one["keypoints"], np.float64).reshape(-1, 3)[:, :2])
    parts = [
        _of_picture(own, entries[image], flip=flip, share=share, cells=(cells or {}).get(image, np.nan))
        for image, own in people.items()
    ]
    if not parts:
        none, nobody = np.zeros((0, 1)), np.zeros(0)
        return Found(none, none, none, none > 0, nobody, nobody, nobody, nobody)
    return Found(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _of_picture(
    people: Sequence[Item], found: Sequence[Doubles], *, flip: Sequence[int], share: float, cells: float
) -> Found:
    from scipy.optimize import linear_sum_assignment

    joints = np.array([one["keypoints"] for one in people], np.float64).reshape(len(people), -1, 3)
    boxes = np.array([one["bbox"] for one in people], np.float64)
    labelled, places, reach = joints[..., 2] > 0, joints[..., :2], share * boxes[:, 3]
    shape = (len(people), joints.shape[1])
    own, other, nearest = (np.full(shape, np.inf) for _ in range(3))
    if found:
        apart = np.linalg.norm(places[:, None] - np.array(found), axis=-1)  # (people, predictions, joints)
        right = ((apart <= reach[:, None, None]) & labelled[:, None]).sum(axis=-1)
        rows, columns = linear_sum_assignment(-right)
        nearest, own[rows] = apart.min(axis=1), apart[rows, columns]
        other[rows] = _other(places[rows], np.array(found)[columns], labelled[rows], flip=flip, reach=reach[rows])
    crowding = _crowding(places, labelled, boxes)
    return Found(own, other, nearest, labelled, reach, boxes[:, 3], crowding, np.full(len(people), cells))


def _other(places: Doubles, found: Doubles, labelled: Flags, *, flip: Sequence[int], reach: Doubles) -> Doubles:
    """(P, K) distances of joints found (P, K, 2) from the true place of the other side's."""
    if not len(flip):
        return np.full(labelled.shape, np.inf)
    across = places[:, list(flip)]
    sided = (np.asarray(flip) != np.arange(len(flip))) & labelled[:, list(flip)]
    sided &= np.linalg.norm(across - places, axis=-1) > reach[:, None]
    return np.where(sided, np.linalg.norm(across - found, axis=-1), np.inf)


def _crowding(places: Doubles, labelled: Flags, boxes: Doubles) -> Doubles:
    low, high = boxes[:, None, None, :2], boxes[:, None, None, :2] + boxes[:, None, None, 2:]
    inside = ((places >= low) & (places <= high)).all(-1) & labelled  # (boxes, people, joints)
    counts = inside.sum(axis=-1)
    others = counts.sum(axis=1) - np.diagonal(counts)
    return np.asarray(np.minimum(1, others / labelled.sum(axis=1)))


def _share(hits: Flags, of: Flags) -> float:
    """Hits among the joints that count; -1 where none does."""
    return float((hits & of).sum() / of.sum()) if of.any() else -1.0


def thirds(values: Doubles) -> NDArray[np.int64]:
    """(P,) 0, 1 or 2: the lowest, middle or highest third by value; equal values stay together."""
    return (
        np.searchsorted(np.quantile(values, (1 / 3, 2 / 3)), values, side="left") if len(values) else np.zeros(0, int)
    )


def _by_third(name: str, words: Sequence[str], values: Doubles, hits: Flags, of: Flags) -> Iterator[tuple[str, float]]:
    third = thirds(values)
    for number, word in enumerate(words):
        yield f"{name} {word}", _share(hits[third == number], of[third == number])


def people_measures(found: Found) -> dict[str, float]:
    """Of several people in a picture.

    `joints@0.1` of the third of the people who are shortest and so on (height of the box in px), and of those who stand
    apart, close or crowded (thirds again); `grouped right`: of the joints that any prediction of the picture has found,
    the share that the person's own prediction has; and `precision_measures`. Fractions, -1 where there is nothing.
    """
    near = found.own <= found.reach[:, None]
    return {
        **dict(_by_third(NEAR, HEIGHTS, found.height, near, found.labelled)),
        **dict(_by_third(NEAR, CROWDING, found.crowding, near, found.labelled)),
        "grouped right": _share(near, found.labelled & (found.any <= found.reach[:, None])),
        **precision_measures(found),
    }


def precision_measures(found: Found) -> dict[str, float]:
    """`swapped`: of the joints within reach of their own place or of the other side's, the share that is nearer to the
    other side's; `error px` and `error cells`: the median distance of labelled joints that a prediction stands for, in
    px of the picture and in cells of the finest map.
    """
    reach = found.reach[:, None]
    either = found.labelled & np.isfinite(found.other) & (np.minimum(found.own, found.other) <= reach)
    counted = found.labelled & np.isfinite(found.own)
    errors = found.own[counted]
    in_cells = (found.own * found.cells[:, None])[counted]
    medians = {"error px": errors, "error cells": in_cells[np.isfinite(in_cells)]}
    return {
        "swapped": _share(found.other < found.own, either),
        **{name: float(np.median(values)) if len(values) else -1.0 for name, values in medians.items()},
    }


def person_measures(found: Found, *, joints: Sequence[int]) -> dict[str, float]:
    """Of one person at a time: `PCKh@0.1` in percent by thirds of the head's size, and `precision_measures`.

    found: as `of_persons` has it. joints: those that MPII scores.
    """
    found = found._replace(**{name: getattr(found, name)[:, joints] for name in ("own", "other", "any", "labelled")})
    near = found.own <= 0.1 * found.height[:, None]
    parts = dict(_by_third("PCKh@0.1", HEIGHTS, found.height, near, found.labelled))
    return {
        **{name: 100 * value if value >= 0 else value for name, value in parts.items()},
        **precision_measures(found),
    }


def of_persons(
    found: Doubles, true: Doubles, labelled: Flags, heads: Doubles, *, flip: Sequence[int], cells: Doubles
) -> Found:
    """Of MPII's people: predictions and true places (P, K, 2), labelled (P, K), head sizes (P,) in px, which stand for
    heights; within reach is half a head size.
    """
    own, reach = np.linalg.norm(found - true, axis=-1), 0.5 * heads
    other = _other(true, found, labelled, flip=flip, reach=reach)
    return Found(own, other, own, labelled, reach, heads, np.zeros(len(heads)), cells)
