"""Associative-embedding grouping: heatmaps and tags of one image to people (Newell et al. 2017;
HigherHRNet, 3.4).

Peaks of every joint are matched, joint by joint, to the group with the nearest mean tag; positions
move a quarter pixel toward the higher neighbour; joints a person still lacks are looked up in the
whole map. Settings default to those the HigherHRNet, EfficientHRNet and LitePose configurations
share.

The result equals the released code's, at a fraction of its time: a map is cut into blocks of 16 x
16 pixels, and what a block can hold at best (its highest score, its range of tags) tells which
blocks need to be looked at.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.errors import UsageError, unknown
from repro.people.skeletons import SKELETONS, Skeleton

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK = 16
ASSIGNMENTS = ("scipy", "munkres")
_MANY_BLOCKS = 24  # from here one pass over the whole map is quicker than block by block


class Candidates(NamedTuple):
    """The best peaks of every joint, best first, at most N of each; slots without a peak are zero.

    position: (K, N, 2) x, y; value: (K, N) score; tag: (K, N, T).
    """

    position: NDArray[np.int32]
    value: Floats
    tag: Floats


def block_extremes(values: Floats, ufunc: np.ufunc) -> Floats:
    """`ufunc` (np.maximum or np.minimum) over blocks of 16 x 16 pixels of a map (H, W); the last
    may be smaller."""
    height, width = values.shape
    if height % BLOCK or width % BLOCK:
        values = np.pad(values, ((0, -height % BLOCK), (0, -width % BLOCK)), mode="edge")
    rows = ufunc.reduce(values.reshape(-1, BLOCK, values.shape[1]), axis=1)
    cells = rows.reshape(len(rows), -1, BLOCK)
    result: Floats = cells[..., 0]
    for index in range(1, BLOCK):  # several times faster than reducing a short last axis
        result = ufunc(result, cells[..., index])
    return result


def _float32_limit(threshold: float) -> np.float32:
    """The float32 limit for which `value > limit` says what `float64(value) > threshold` says, as
    the original asks."""
    limit = np.float32(threshold)
    return np.nextafter(limit, np.float32(-np.inf)) if float(limit) > threshold else limit


def _busy_window(busy: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Rows and columns around all busy blocks, wider by `margin` pixels."""
    rows, columns = np.flatnonzero(busy.any(1)), np.flatnonzero(busy.any(0))
    spans = (
        (line[0] * BLOCK - margin, (line[-1] + 1) * BLOCK + margin) for line in (rows, columns)
    )
    top, left = (slice(max(0, int(start)), int(stop)) for start, stop in spans)
    return top, left


def _map_peaks(
    heatmap: Floats, busy: NDArray[np.bool_], *, limit: np.float32, nms: int
) -> tuple[Integers, Integers]:
    """Row and column of pixels above `limit` that equal the maximum of their nms x nms window, in
    raster order."""
    import cv2

    rows, columns = _busy_window(busy, nms)
    window = heatmap[rows, columns]
    highest = cv2.dilate(window, np.ones((nms, nms), np.uint8))
    high = np.flatnonzero(window > limit)
    peaks = high[window.reshape(-1)[high] == highest.reshape(-1)[high]]
    y, x = np.divmod(peaks, window.shape[1])
    return y + rows.start, x + columns.start


def _highest(
    heatmap: Floats, y: Integers, x: Integers, *, count: int, nms: int
) -> tuple[Integers, Integers]:
    """The `count` highest of the peaks at rows y and columns x, best first.

    Equal scores come in the order torch.topk gives them on the CPU, which the original calls on the
    whole map.
    """
    order = np.argsort(-heatmap[y, x], kind="stable")[: count + 1]
    values = heatmap[y[order], x[order]]
    if not (values[1:] == values[:-1]).any():
        return y[order[:count]], x[order[:count]]
    import cv2
    import torch

    peaks = np.where(
        heatmap == cv2.dilate(heatmap, np.ones((nms, nms), np.uint8)), heatmap, np.float32(0)
    )
    places = torch.from_numpy(peaks.reshape(-1)).topk(min(count, peaks.size)).indices.numpy()
    rows, columns = np.divmod(places[: len(y)], heatmap.shape[1])
    return rows, columns


def find_candidates(
    heatmaps: Floats, tags: Floats, *, max_people: int = 30, threshold: float = 0.1, nms: int = 5
) -> Candidates:
    """The `max_people` highest peaks above `threshold` of every joint. heatmaps: (K, H, W); tags:
    (K, H, W, T).

    Raises UsageError when a heatmap, or the tag of a peak, is not a number.
    """
    joints = len(heatmaps)
    result = Candidates(
        np.zeros((joints, max_people, 2), np.int32),
        np.zeros((joints, max_people), np.float32),
        np.zeros((joints, max_people, tags.shape[-1]), np.float32),
    )
    limit = _float32_limit(threshold)
    best = np.stack([block_extremes(heatmap, np.maximum) for heatmap in heatmaps])
    if np.isnan(best).any():
        raise UsageError("heatmaps hold values that are not numbers")
    busy = best > limit
    for joint in np.flatnonzero(busy.any((1, 2))):
        y, x = _map_peaks(heatmaps[joint], busy[joint], limit=limit, nms=nms)
        y, x = _highest(heatmaps[joint], y, x, count=max_people, nms=nms)
        result.position[joint, : len(y)] = np.stack([x, y], 1)
        result.value[joint, : len(y)] = heatmaps[joint, y, x]
        result.tag[joint, : len(y)] = tags[joint, y, x]
    if not np.isfinite(result.tag).all():
        raise UsageError("tag maps hold values that are not finite numbers")
    return result


def _assign(cost: Doubles, assignment: str) -> Sequence[tuple[int, int]]:
    """Optimal pairs (row, column) of a cost matrix with at least as many columns as rows, in row
    order.

    The two solvers differ where several pairings cost the same: `munkres` (release 1.1.4) takes the
    one the papers' code takes, `scipy` is some 40 times faster.
    """
    if assignment == "munkres":
        from munkres import Munkres

        pairs: list[tuple[int, int]] = Munkres().compute(cost.tolist())
        return pairs
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(cost)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


class _Groups:
    """People under construction, in order of creation, keyed by the first tag value they began
    with."""

    def __init__(self, joints: int, columns: int) -> None:
        self.shape = (joints, columns)
        self.people: list[Doubles] = []
        self.tags: list[Floats] = []
        self.counts: list[int] = []
        self.means: list[Floats] = []
        self.index: dict[float, int] = {}

    def start(self, joint: int, row: Doubles) -> None:
        """A new person, unless one began with the same first tag value: that one loses its earlier
        tags."""
        place = self.index.setdefault(float(row[3]), len(self.people))
        if place == len(self.people):
            self.people.append(np.zeros(self.shape))
            self.tags.append(np.zeros((self.shape[0], self.shape[1] - 3), np.float32))
            self.counts.append(0)
            self.means.append(self.tags[-1][0])
        self.counts[place] = 0
        self.add(place, joint, row)

    def add(self, place: int, joint: int, row: Doubles) -> None:
        """Give `joint` to a person and update its mean tag (float32, as the original)."""
        self.people[place][joint] = row
        count = self.counts[place]
        self.tags[place][count] = row[3:]
        self.counts[place] = count + 1
        self.means[place] = np.add.reduce(self.tags[place][: count + 1], axis=0) / np.float32(
            count + 1
        )


def _pairs(
    rows: Doubles, means: Floats, *, assignment: str, score_in_cost: bool
) -> tuple[list[int], Doubles]:
    """For each candidate its column (>= number of groups: none), and the distances to all
    groups."""
    difference = rows[:, None, 3:] - means[None]
    distance = np.sqrt((difference * difference).sum(2))
    cost = np.round(distance) * 100 - rows[:, 2:3] if score_in_cost else distance
    extra = len(rows) - len(means)
    if extra > 0:
        cost = np.concatenate([cost, np.full((len(rows), extra), 1e10)], 1)
    return [column for _, column in _assign(cost, assignment)], distance


def match(
    candidates: Candidates,
    order: Sequence[int],
    *,
    max_people: int = 30,
    threshold: float = 0.1,
    tag_threshold: float = 1.0,
    assignment: str = "scipy",
    score_in_cost: bool = True,
    ignore_too_much: bool = False,
) -> Floats:
    """Group the peaks: people (P, K, 3 + T) of x, y, score, tags; missing joints are zero.

    Cost of a pair: 100 x the rounded distance of the tags minus the score. A pair counts when its
    unrounded distance is below `tag_threshold`; every other candidate begins a new person. Only the
    first `max_people` people can be joined, but more can begin. With `ignore_too_much`, the
    original's option of this name, joints that come once there are `max_people` are left out, but
    for those that a later refinement looks up.
    """
    joints, tag_size = len(candidates.value), candidates.tag.shape[-1]
    groups = _Groups(joints, 3 + tag_size)
    for joint in order:
        above = candidates.value[joint].astype(np.float64) > threshold
        values = candidates.value[joint, :, None]
        fields = (candidates.position[joint], values, candidates.tag[joint])
        rows = np.concatenate([field[above].astype(np.float64) for field in fields], 1)
        if not len(rows):
            continue
        if not groups.people:
            for row in rows:
                groups.start(joint, row)
            continue
        if ignore_too_much and len(groups.people) >= max_people:
            continue
        means = np.stack(groups.means[:max_people])
        columns, distance = _pairs(rows, means, assignment=assignment, score_in_cost=score_in_cost)
        for index, column in enumerate(columns):
            if column < len(means) and distance[index, column] < tag_threshold:
                groups.add(column, joint, rows[index])
            else:
                groups.start(joint, rows[index])
    return np.array(groups.people, np.float32).reshape(-1, joints, 3 + tag_size)


def _quarter(heatmaps: Floats, joint: Integers, x: Integers, y: Integers) -> Floats:
    """Offsets (n, 2) of +-0.25 toward the higher neighbour on each axis; equal neighbours give
    -0.25."""
    height, width = heatmaps.shape[1:]
    right, left = (
        heatmaps[joint, y, np.minimum(x + 1, width - 1)],
        heatmaps[joint, y, np.maximum(x - 1, 0)],
    )
    below, above = (
        heatmaps[joint, np.minimum(y + 1, height - 1), x],
        heatmaps[joint, np.maximum(y - 1, 0), x],
    )
    return np.where(np.stack([right > left, below > above], 1), np.float32(0.25), np.float32(-0.25))


def adjust_people(people: Floats, heatmaps: Floats) -> Floats:
    """People with every found joint moved by a quarter pixel and to the pixel's middle (+0.5)."""
    result = people.copy()
    person, joint = np.nonzero(people[..., 2] > 0)
    x, y = people[person, joint, :2].astype(np.int64).T
    result[person, joint, :2] += _quarter(heatmaps, joint, x, y) + np.float32(0.5)
    return result


def _distance(differences: Sequence[Floats]) -> Floats:
    """Length of the vector of differences, in float32 as the original (one value: sqrt(d * d) is
    exactly |d|)."""
    if len(differences) == 1:
        return np.abs(differences[0])
    total = differences[0] * differences[0]
    for difference in differences[1:]:
        total = total + difference * difference
    return np.asarray(np.sqrt(total))


def _near(heatmap: Floats, tags: Floats, mean: Floats, *, scratch: Floats) -> Floats:
    """heatmap (h, w) - round(distance of tags (h, w, T) to mean (T,)), in `scratch` (2, H, W).

    The steps of `_distance`: memory that is used again is several times faster than new memory for
    every person.
    """
    total, squares = scratch[:, : heatmap.shape[0], : heatmap.shape[1]]
    np.subtract(tags[..., 0], mean[0], out=total)
    if len(mean) == 1:
        np.abs(total, out=total)
    else:
        np.multiply(total, total, out=total)
        for value in range(1, len(mean)):
            np.subtract(tags[..., value], mean[value], out=squares)
            np.multiply(squares, squares, out=squares)
            np.add(total, squares, out=total)
        np.sqrt(total, out=total)
    np.rint(total, out=total)
    np.subtract(heatmap, total, out=total)
    return np.asarray(total)


def _best_pixel(
    heatmap: Floats, tags: Floats, mean: Floats, *, bounds: Floats, scratch: Floats
) -> tuple[int, int]:
    """Row and column of the first maximum of heatmap - round(distance of tag to mean); bounds: one
    per block."""

    def search(top: int, bottom: int, left: int, right: int) -> tuple[float, int, int]:
        """Best value of a window, and its negative row and column, so that the first of equals is
        the greatest."""
        window = np.s_[top:bottom, left:right]
        near = _near(heatmap[window], tags[window], mean, scratch=scratch)
        row, column = divmod(int(near.argmax()), near.shape[1])
        return float(near[row, column]), -(top + row), -(left + column)

    def block(index: int) -> tuple[float, int, int]:
        row, column = divmod(index, bounds.shape[1])
        return search(row * BLOCK, (row + 1) * BLOCK, column * BLOCK, (column + 1) * BLOCK)

    limits = bounds.reshape(-1)
    first = int(limits.argmax())
    best = block(first)
    candidates = np.flatnonzero(limits >= best[0])
    if len(candidates) > _MANY_BLOCKS:
        best = search(0, heatmap.shape[0], 0, heatmap.shape[1])
    else:
        best = max([best, *(block(int(index)) for index in candidates if index != first)])
    return -best[1], -best[2]


def refine_people(people: Floats, heatmaps: Floats, tags: Floats) -> Floats:
    """People with each missing joint set to the best pixel for their mean tag, if its score is
    above 0."""
    result = people.copy()
    missing = people[..., 2] == 0
    means = {
        person: people[person, ~missing[person], 3:].mean(axis=0)
        for person in np.flatnonzero(missing.any(1)).tolist()
    }
    filled: list[tuple[int, int, int, int]] = []
    scratch = np.empty((2, *heatmaps.shape[1:]), np.float32)
    for joint in np.flatnonzero(missing.any(0)).tolist():
        heatmap, joint_tags = heatmaps[joint], tags[joint]
        best = block_extremes(heatmap, np.maximum)
        ranges = [
            (block_extremes(value, np.minimum), block_extremes(value, np.maximum))
            for value in np.moveaxis(joint_tags, -1, 0)
        ]
        if any(np.isnan(low).any() for low, _ in ranges):
            raise UsageError("tag maps hold values that are not numbers")
        for person in np.flatnonzero(missing[:, joint]).tolist():
            mean = means[person]
            gaps = [
                np.maximum(np.maximum(low - m, m - high), 0)
                for (low, high), m in zip(ranges, mean, strict=True)
            ]
            bounds = best - np.rint(_distance(gaps))
            y, x = _best_pixel(heatmap, joint_tags, mean, bounds=bounds, scratch=scratch)
            filled.append((person, joint, x, y))
    if filled:
        person, joint, x, y = np.array(filled).T
        positive = heatmaps[joint, y, x] > 0
        person, joint, x, y = person[positive], joint[positive], x[positive], y[positive]
        middle = np.stack([x, y], 1).astype(np.float32) + np.float32(0.5)
        result[person, joint, :2] = middle + _quarter(heatmaps, joint, x, y)
        result[person, joint, 2] = heatmaps[joint, y, x]
    return result


def _checked(heatmaps: Floats, tags: Floats, joints: int) -> tuple[Floats, Floats]:
    """Both as float32 arrays of agreeing shapes; a tag map shared by all joints is spread over
    them."""
    heatmaps = np.ascontiguousarray(heatmaps, np.float32)
    tags = np.asarray(tags, np.float32)
    if heatmaps.ndim != 3 or len(heatmaps) != joints or not heatmaps.size:
        raise UsageError(f"heatmaps must be ({joints}, height, width), got {heatmaps.shape}")
    size = heatmaps.shape[1:]
    if (
        tags.ndim != 4
        or tags.shape[1:3] != size
        or len(tags) not in (1, joints)
        or not tags.shape[3]
    ):
        raise UsageError(f"tags must be ({joints}, {size[0]}, {size[1]}, values), got {tags.shape}")
    return heatmaps, np.broadcast_to(tags, (joints, *tags.shape[1:]))


def group(
    heatmaps: Floats,
    tags: Floats,
    skeleton: Skeleton | str,
    *,
    max_people: int = 30,
    threshold: float = 0.1,
    tag_threshold: float = 1.0,
    nms: int = 5,
    adjust: bool = True,
    refine: bool = True,
    assignment: str = "scipy",
    score_in_cost: bool = True,
    ignore_too_much: bool = False,
) -> tuple[Floats, Floats]:
    """People (P, K, 3 + T: x, y in pixels of the map, score, T tags) of one image and their scores
    (P,).

    heatmaps: (K, H, W). tags: (K, H, W, T), T values per joint and pixel (2 with a flip test), or
    (1, H, W, T) shared. skeleton: coco, crowdpose, mpii or one of your own. ignore_too_much: once
    there are max_people, joints of the kinds still to come begin no person and join none. A
    person's score is the mean over all K joints before missing ones are filled in (`refine`).
    Raises UsageError for shapes that do not fit the skeleton, an unknown skeleton or solver and
    values that are not numbers.
    """
    if assignment not in ASSIGNMENTS:
        raise unknown("assignment", assignment, ASSIGNMENTS)
    if isinstance(skeleton, str):
        if skeleton not in SKELETONS:
            raise unknown("skeleton", skeleton, SKELETONS)
        skeleton = SKELETONS[skeleton]
    if nms < 1 or nms % 2 == 0 or max_people < 1:
        raise UsageError(f"nms must be odd and max_people positive, got {nms} and {max_people}")
    heatmaps, tags = _checked(heatmaps, tags, len(skeleton))
    candidates = find_candidates(
        heatmaps, tags, max_people=max_people, threshold=threshold, nms=nms
    )
    people = match(
        candidates,
        skeleton.order,
        max_people=max_people,
        threshold=threshold,
        tag_threshold=tag_threshold,
        assignment=assignment,
        score_in_cost=score_in_cost,
        ignore_too_much=ignore_too_much,
    )
    if adjust:
        people = adjust_people(people, heatmaps)
    scores = people[..., 2].mean(axis=1)
    return refine_people(people, heatmaps, tags) if refine else people, scores
