"""Grouping of drawn people in 512 x 512 maps, against the released algorithm in plain Python loops.

The baseline follows the released code step by step, in our own words: torch's max pooling and topk
over whole maps, Munkres 1.1.4, a loop over people and joints for the quarter pixel, and for every
person and every joint a look through the whole map, also where the joint was found. The limit is
the one pass over all maps that no decoder can leave out. A note compares this process with two that
help it, as `repro evaluate --decoders 2` does.
"""

import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import torch
from munkres import Munkres
from torch import nn

from repro.benchmarks.measure import agree, conditions, in_turn, ratio, single_thread, spread
from repro.grid import Grid
from repro.people.skeletons import COCO
from repro.pose.grouping import Doubles, Floats, group
from repro.processes import in_order

PEOPLE = (1, 5, 30)
HELPERS = 2
PIXELS, SCORE = 1e-3, 1e-5  # the two sides round in different order
_MOST, _THRESHOLD, _TAG_THRESHOLD, _NMS = 30, 0.1, 1.0, 5

# a standing person in heights, x then y: nose, eyes, ears, shoulders, elbows, wrists, hips, knees,
# ankles
_BODY = np.array(
    [
        (0, -0.42),
        (0.03, -0.45),
        (-0.03, -0.45),
        (0.06, -0.43),
        (-0.06, -0.43),
        (0.12, -0.3),
        (-0.12, -0.3),
        (0.18, -0.14),
        (-0.18, -0.14),
        (0.2, 0.02),
        (-0.2, 0.02),
        (0.08, 0.02),
        (-0.08, 0.02),
        (0.09, 0.25),
        (-0.09, 0.25),
        (0.1, 0.48),
        (-0.1, 0.48),
    ]
)


People = tuple[Floats, Floats]
"""What `group` returns: people and their scores."""


class DrawnMaps(NamedTuple):
    """Maps of one drawn picture. heatmaps: (K, S, S). tags: (K, S, S, T). Both float32."""

    heatmaps: Floats
    tags: Floats


def draw_maps(people: int, values: int, *, size: int = 512, seed: int = 0) -> DrawnMaps:
    """Maps of drawn people: noses, 85 % of the other joints, tags 2 apart that vary by 0.05, noise.

    With its nose, the first joint that is grouped, every person begins a group of its own.
    """
    rng = np.random.default_rng(seed)
    joints = len(_BODY)
    heatmaps = 0.04 * rng.random((joints, size, size))
    tags = rng.uniform(-0.3, 0.3, (joints, size, size, values))
    reach = np.arange(-8, 9)
    blob = np.exp(-(reach[:, None] ** 2 + reach[None] ** 2) / 8)
    for person in range(people):
        middle, height = size * rng.uniform((0.1, 0.25), (0.9, 0.7)), size * rng.uniform(0.3, 0.55)
        points = middle + height * _BODY + rng.uniform(-1.5, 1.5, (joints, 2))
        visible = (rng.random(joints) < 0.85) | (np.arange(joints) == 0)
        tag = 2 * person + rng.uniform(-0.1, 0.1, values)
        for joint in np.flatnonzero(visible & ((points > 8) & (points < size - 9)).all(1)):
            x, y = points[joint].astype(np.int64)
            window = np.s_[joint, y - 8 : y + 9, x - 8 : x + 9]
            peak = rng.uniform(0.35, 0.95) * blob
            nearer = (peak > heatmaps[window]) & (peak > 0.05)
            heatmaps[window][nearer] = peak[nearer]
            tags[window][nearer] = tag + rng.uniform(-0.05, 0.05, (int(nearer.sum()), values))
    return DrawnMaps(heatmaps.astype(np.float32), tags.astype(np.float32))


def _plain_peaks(maps: DrawnMaps) -> list[Doubles]:
    """Of every joint the rows x, y, score, tags of its 30 highest local maxima above the
    threshold."""
    heatmaps, tags = torch.from_numpy(maps.heatmaps), torch.from_numpy(maps.tags)
    joints, _, width = heatmaps.shape
    pooled = nn.functional.max_pool2d(heatmaps[None], _NMS, 1, _NMS // 2)[0]
    peaks = heatmaps * torch.eq(pooled, heatmaps).float()
    scores, places = peaks.view(joints, -1).topk(_MOST, dim=1)
    flat = tags.view(joints, -1, tags.shape[-1])
    values = range(tags.shape[-1])
    peak_tags = torch.stack([flat[:, :, value].gather(1, places) for value in values], dim=2)
    spots = torch.stack([places % width, places // width], dim=2)
    columns = (spots, scores[..., None], peak_tags)
    rows = torch.cat([column.double() for column in columns], dim=2).numpy()
    return [of_joint[of_joint[:, 2] > _THRESHOLD] for of_joint in rows]


def _plain_match(peaks: list[Doubles], order: Sequence[int], values: int) -> list[Doubles]:
    """People (K, 3 + T), found joint by joint; each is known by the tag it began with."""
    people: dict[float, Doubles] = {}
    tags: dict[float, list[Floats]] = {}

    def begin(joint: int, row: Doubles) -> None:
        people.setdefault(float(row[3]), np.zeros((len(peaks), 3 + values)))[joint] = row
        tags[float(row[3])] = [row[3:].astype(np.float32)]

    for joint in order:
        rows = peaks[joint]
        if not len(rows):
            continue
        if not people:
            for row in rows:
                begin(joint, row)
            continue
        keys = list(people)[:_MOST]
        means = np.array([np.mean(tags[key], axis=0) for key in keys])
        distance = np.linalg.norm(rows[:, None, 3:] - means[None], axis=2)
        cost = np.round(distance) * 100 - rows[:, 2:3]
        if len(rows) > len(keys):
            cost = np.concatenate([cost, np.full((len(rows), len(rows) - len(keys)), 1e10)], axis=1)
        for index, column in Munkres().compute(cost.tolist()):
            if column < len(keys) and distance[index, column] < _TAG_THRESHOLD:
                people[keys[column]][joint] = rows[index]
                tags[keys[column]].append(rows[index, 3:].astype(np.float32))
            else:
                begin(joint, rows[index])
    return list(people.values())


def _plain_step(heatmap: Floats, x: int, y: int) -> tuple[float, float]:
    """A quarter pixel toward the higher neighbour on each axis."""
    height, width = heatmap.shape
    right = heatmap[y, min(x + 1, width - 1)] > heatmap[y, max(x - 1, 0)]
    below = heatmap[min(y + 1, height - 1), x] > heatmap[max(y - 1, 0), x]
    return (0.25 if right else -0.25), (0.25 if below else -0.25)


def _plain_adjust(person: Doubles, heatmaps: Floats) -> None:
    for joint in range(len(person)):
        if person[joint, 2] > 0:
            x, y = int(person[joint, 0]), int(person[joint, 1])
            right, down = _plain_step(heatmaps[joint], x, y)
            person[joint, 0] += right + 0.5
            person[joint, 1] += down + 0.5


def _plain_refine(person: Doubles, maps: DrawnMaps) -> None:
    """Look every joint up in its whole map; what was missing takes the best pixel for the person's
    mean tag."""
    joints = range(len(person))
    present = [joint for joint in joints if person[joint, 2] > 0]
    tags = [maps.tags[joint, int(person[joint, 1]), int(person[joint, 0])] for joint in present]
    mean = np.mean(tags, axis=0)
    best = []
    for joint in joints:
        heatmap = maps.heatmaps[joint]
        distance = np.sqrt(((maps.tags[joint] - mean[None, None]) ** 2).sum(axis=2))
        near = heatmap - np.round(distance)
        y, x = (int(place) for place in np.unravel_index(np.argmax(near), near.shape))
        right, down = _plain_step(heatmap, x, y)
        best.append((x + 0.5 + right, y + 0.5 + down, heatmap[y, x]))
    for joint in joints:
        if best[joint][2] > 0 and person[joint, 2] == 0:
            person[joint, :3] = best[joint]


def plain_group(maps: DrawnMaps) -> tuple[list[Doubles], list[float]]:
    """The baseline: people (K, 3 + T) and their scores."""
    people = _plain_match(_plain_peaks(maps), COCO.order, maps.tags.shape[-1])
    for person in people:
        _plain_adjust(person, maps.heatmaps)
    scores = [float(person[:, 2].mean()) for person in people]
    for person in people:
        _plain_refine(person, maps)
    return people, scores


def limit(maps: DrawnMaps) -> None:
    """One 5 x 5 maximum over all heatmaps by OpenCV."""
    window = np.ones((_NMS, _NMS), np.uint8)
    for heatmap in maps.heatmaps:
        cv2.dilate(heatmap, window)


def _ours(maps: DrawnMaps) -> tuple[Floats, Floats]:
    return group(maps.heatmaps, maps.tags, COCO, assignment="munkres")


def found_by_both(maps: DrawnMaps, case: str) -> str:
    """How many people both sides find; raises CheckError when they differ."""
    people, scores = _ours(maps)
    plain, plain_scores = plain_group(maps)
    same = len(people) == len(plain)
    if same and len(plain):
        difference = np.abs(people - np.array(plain))
        same = difference[..., :2].max() <= PIXELS and difference[..., 2:].max() <= SCORE
        same = same and np.allclose(scores, plain_scores, rtol=0, atol=SCORE)
    agree(case, same)
    return str(len(people))


def _pictures_per_second(decoded: Iterable[People], results: list[People]) -> float:
    """The speed without the first results, before which processes are started."""
    source = iter(decoded)
    results += [next(source) for _ in range(HELPERS)]
    start = time.perf_counter()
    for result in source:
        results.append(result)
    return (len(results) - HELPERS) / (time.perf_counter() - start)


def _helped(people: int, *, repeats: int, pictures: int, size: int) -> str:
    """Pictures per second of this process and of helping ones, on the same maps; raises CheckError
    where they differ.

    People of 2 tag values per joint. Handing the maps over counts.
    """
    maps = [draw_maps(people, 2, size=size, seed=seed) for seed in range(pictures)]
    rates: list[tuple[float, float]] = []
    for _ in range(repeats):
        alone, helped = list[tuple[Floats, Floats]](), list[tuple[Floats, Floats]]()
        single_rate = _pictures_per_second(map(_ours, maps), alone)
        helpers = in_order(_ours, maps, count=HELPERS)
        rates.append((single_rate, _pictures_per_second(helpers, helped)))
        same = (
            np.array_equal(*pair)
            for of_picture in zip(alone, helped, strict=True)
            for pair in zip(*of_picture, strict=True)
        )
        agree(f"decode, {HELPERS} processes", all(same))
    single, several = (tuple(side) for side in zip(*rates, strict=True))
    return (
        f"pictures per second of {people} people: {spread(single, 1)} in this process, "
        f"{spread(several, 1)} with {HELPERS} helping: {ratio(several, single)}; the same people "
        f"to the bit"
    )


def run(*, repeats: int = 5, people: Sequence[int] = PEOPLE, size: int = 512) -> Grid:
    """Times by number of people and of tag values (2: with flip test).

    Raises CheckError when the two sides find different people.
    """
    rows = []
    with single_thread():
        for values in (1, 2):
            for count in people:
                maps = draw_maps(count, values, size=size)
                number = found_by_both(maps, f"decode, {count} people, {values} tag values")
                works = (partial(side, maps) for side in (_ours, plain_group, limit))
                ours, plain, bound = in_turn(*works, repeats=repeats)
                times = (
                    spread(plain),
                    spread(ours),
                    ratio(plain, ours),
                    spread(bound),
                    ratio(ours, bound),
                )
                rows.append((str(values), str(count), number, *times))
        helped = _helped(people[-1], repeats=repeats, pictures=20, size=size)
    headings = (
        "tag values",
        "people",
        "found",
        "plain loops (ms)",
        "ours (ms)",
        "plain / ours",
        "5x5 maximum (ms)",
        "ours / maximum",
    )
    note = (
        "the same people on both sides, with munkres; wanted: 10x or more against the plain loops"
    )
    title = f"grouping, {size} x {size} maps, {len(COCO)} joints"
    return Grid(headings, tuple(rows), title=title, notes=(note, helped, conditions(repeats)))
