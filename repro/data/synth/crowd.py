"""The suite's own data set: drawn pictures of articulated people, in COCO's form, the same on every
machine.

A picture depends only on (seed, index) and the settings. People are a 3-D body in a pose within
joint limits, seen by a tilted camera, painted from far to near; a joint is seen (2), hidden by
something nearer (1) or outside (0). Colours do not tell left from right; only the way a person
faces does.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.data import formats
from repro.data.synth import body as figures
from repro.data.synth import canvas as scenes
from repro.data.synth import cloth
from repro.data.synth.body import OWNERS, PARTS, Floats, Part, Stream
from repro.errors import UsageError
from repro.limits import check_pixels
from repro.people.sample import Sample
from repro.people.skeletons import COCO, Skeleton

MOST_PEOPLE = 40  # 6 groups each, plus things in front, fit the owner channel
# fewer seen joints: the person is left without key points and out of the loss, as COCO's annotators
# do
SEEN_ENOUGH = 3


@dataclass(frozen=True)
class Drawing:
    """A drawn sample and what COCO's form adds to it.

    boxes: (P, 4) x, y, width, height of the seen pixels; areas: (P,) seen pixels; head_boxes: (P,
    4) x, y, width, height of the whole head; owners: (H, W) uint8, 1 + person where a person is
    seen, else 0.
    """

    sample: Sample
    boxes: Floats
    areas: Floats
    head_boxes: Floats
    owners: NDArray[np.uint8]


class Body:
    """Parts as arrays over all their balls; `more` names points that follow those of
    `figures.NAMES`."""

    def __init__(self, parts: tuple[Part, ...], more: tuple[str, ...] = ()) -> None:
        names = (*figures.NAMES, *more)
        self.parts = parts
        self.balls = np.array([names.index(name) for part in parts for name, _ in part.balls])
        self.radii = np.array([radius for part in parts for _, radius in part.balls])
        self.counts = np.array([len(part.balls) for part in parts])
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.spans = [
            (int(at), int(at + count)) for at, count in zip(self.starts, self.counts, strict=True)
        ]
        self.bias = np.array([part.bias for part in parts])
        self.slim = np.array([part.group != figures.HEAD for part in parts]).repeat(self.counts)


BODY = Body(PARTS)
_SKULL = np.flatnonzero(
    np.array(
        [part.group == figures.HEAD and "neck" not in part.balls[0][0] for part in PARTS]
    ).repeat(BODY.counts)
)


def spread_heights(stream: Stream, count: int, limits: tuple[float, float]) -> Floats:
    """Heights as fractions of the picture's: a crowd and a group are alike, otherwise anything,
    small ones often."""
    low, high = limits
    spread = high / low
    kind = stream.one()
    own = stream.array(count)
    if kind < 0.3:
        return np.asarray(low * spread**own)
    middle = low * spread ** (0.35 + 0.5 * stream.one())
    if kind < 0.75:
        return np.asarray(np.clip(middle * (0.8 + 0.4 * own), low, high))
    return low + (high - low) * own**3


@dataclass(frozen=True)
class Crowd:
    """All people of a picture in pixels: points (P, N, 3), unit (P,) pixels per height, shapes of
    their balls."""

    points: Floats
    unit: Floats
    radii: Floats
    seated: NDArray[np.bool_]


def bodies(
    stream: Stream, count: int, *, pose: str = "", body: Body = BODY, turned: int = 360
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Points (P, N, 3) and ball radii (P, M) in heights, pelvis at 0, and who is seated.

    pose: the same for all. turned: how many degrees in all, around the camera's direction, people
    not facing it turn.
    """
    child = stream.array(count) < 0.15
    heads = np.where(child, 1.45, 0.95 + 0.2 * stream.array(count))
    angles = figures.draw_angles(stream, count, pose)
    facing = stream.array(count, 2)
    yaw = np.where(facing[:, 0] < 0.45, facing[:, 1] * 120 - 60, facing[:, 1] * turned).astype(
        np.int64
    )
    yaw = yaw if turned == 360 else yaw - turned // 2 * (facing[:, 0] >= 0.45)
    points = figures.build(
        angles, yaw, head=heads, pitch=stream.whole(-6, 24), roll=stream.whole(-6, 6)
    )
    build = np.where(body.slim, 0.85 + 0.4 * stream.array(count, 1), heads[:, None])
    return points, body.radii * build, angles.seated


def gather(
    stream: Stream, size: tuple[int, int], heights: Floats, horizon: float, *, turned: int = 360
) -> Crowd:
    """Bodies placed in the picture: near ones lower, some beside or before a neighbour, some cut by
    the border."""
    count = len(heights)
    points, radii, seated = bodies(stream, count, turned=turned)
    unit = heights * size[0]
    flat = project(points, unit, stream)
    x = (stream.array(count) * 1.06 - 0.03) * size[1]
    beside = stream.array(count) < 0.4
    reach = (stream.array(count) - 0.5) * 1.3 * unit
    for person in range(1, count):
        if beside[person]:
            x[person] = x[person - 1] + reach[person]
    low = horizon + (size[0] * 1.1 - horizon) * np.sqrt(heights) * (
        0.85 + 0.3 * stream.array(count)
    )
    low = np.where(
        heights > 0.6, np.maximum(low, heights * size[0] * (0.85 + 0.2 * stream.array(count))), low
    )
    middle = (flat[..., 0].min(axis=1) + flat[..., 0].max(axis=1)) / 2
    placed = flat + np.stack([x - middle, low - flat[..., 1].max(axis=1)], axis=1)[:, None]
    order = np.argsort(low + 0.3 * unit * (stream.array(count) - 0.5), kind="stable")
    return settle(placed, Crowd(points, unit, radii, seated), order)


def project(points: Floats, unit: Floats, stream: Stream) -> Floats:
    """(P, N, 2) pixels right and down of the pelvis, in a camera near or far."""
    near = 1 / (1 - np.clip(points[..., 2], -1, 1) * (0.2 * stream.one()))
    return np.asarray(points[..., :2] * near[..., None] * unit[:, None, None] * (1, -1))


def settle(placed: Floats, crowd: Crowd, order: NDArray[np.int64]) -> Crowd:
    """The people at `placed` (P, N, 2), in steps of 1/16 pixel, in `order`; crowd: as `bodies` made
    them."""
    cut = np.floor(placed * scenes.STEP + 0.5) / scenes.STEP
    whole, unit = np.concatenate([cut, crowd.points[..., 2:]], axis=-1), crowd.unit
    return Crowd(
        whole[order], unit[order], (crowd.radii * unit[:, None])[order], crowd.seated[order]
    )


# a part is painted as a dark rim, its colour, and on large people a highlight: share of the radius,
# how far toward the light, least radius in pixels
_LAYERS = ((1.0, 0.0, 0.55), (0.76, 0.7, 0.3), (0.42, 1.3, 0.3))

# rims of all balls, colours of all cloths
_Layers = list[tuple[NDArray[np.int32], list[scenes.Colour]]]


def paint(
    canvas: scenes.Canvas,
    crowd: Crowd,
    stream: Stream,
    *,
    body: Body = BODY,
    flat: float = 0.0,
    palettes: cloth.Palettes = cloth.drawn,
) -> None:
    """Every person from far to near, every part from back to front, each with a dark rim and a lit
    inside.

    People below `flat` pixels are painted in one tone. palettes: draws a person's colours.
    """
    people, balls = len(crowd.unit), crowd.points[:, body.balls]
    depth = np.add.reduceat(balls[..., 2], body.starts, axis=1) / body.counts + body.bias
    orders = np.argsort(np.floor(depth * 1e6), axis=1, kind="stable").tolist()
    light = (stream.array(2) - (0.5, 0.8)) * 0.5
    centres, radii = balls[..., :2].reshape(-1, 2), crowd.radii.reshape(-1)
    rims = [
        scenes.rims(centres + radii[:, None] * light * lift, np.maximum(radii * width, least))
        for width, lift, least in (_LAYERS if (crowd.unit > 60).any() else _LAYERS[:2])
    ]
    layers = np.stack(rims).reshape(len(rims), people, len(body.balls), 16, 2)
    for person, order in enumerate(orders):
        fine, seated = bool(crowd.unit[person] > 60), bool(crowd.seated[person])
        shown = [
            number
            for number in order
            if not (body.parts[number].detail and not fine)
            and (seated or body.parts[number].group != figures.NOBODY)
        ]
        palette = palettes(stream)
        whole = list(zip(layers[: 3 if fine else 2, person], palette, strict=False))
        if crowd.unit[person] < flat:
            whole = [(layers[0, person], palette[1])]
        _paint_person(
            canvas,
            whole,
            shown,
            detail=[(layers[0, person], palette[1])],
            first=1 + 6 * person,
            body=body,
        )


def _paint_person(
    canvas: scenes.Canvas,
    whole: _Layers,
    order: list[int],
    *,
    detail: _Layers,
    first: int,
    body: Body,
) -> None:
    for number in order:
        part, (start, end) = body.parts[number], body.spans[number]
        owner = 0 if part.group == figures.NOBODY else first + part.group
        for rims, tone in detail if part.detail else whole:
            scenes.paint(canvas, rims[start:end], tone[part.cloth], owner)


_BASES = [
    name.split("_", 1)[1] if name.startswith(("left_", "right_")) else name
    for name in figures.NAMES
]


def _shows(name: str) -> NDArray[np.bool_]:
    """(7,) which groups of the own body do not hide the joint."""
    allowed = np.zeros(7, np.bool_)
    base = name.removeprefix("left_").removeprefix("right_")
    own = list(OWNERS[base])
    if base in ("shoulder", "elbow", "wrist"):
        own.append(figures.LEFT_ARM if name.startswith("left") else figures.RIGHT_ARM)
    if base in ("hip", "knee", "ankle"):
        own.append(figures.LEFT_LEG if name.startswith("left") else figures.RIGHT_LEG)
    allowed[own] = True
    return allowed


# a joint at the surface is seen only when it is not farther than this point
_CORES = {"nose": "head", "eye": "head", "ear": "head", "shoulder": "thorax", "hip": "pelvis"}


@functools.cache
def _reading(
    skeleton: Skeleton,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Per joint: its body point, the point it must not lie behind, (K, 7) groups that show it,
    whether a face's."""
    at = np.array([figures.NAMES.index(name) for name in skeleton.joints])
    cores = np.array([figures.NAMES.index(_CORES.get(_BASES[i], figures.NAMES[i])) for i in at])
    face = np.array([_BASES[i] in ("nose", "eye", "ear") for i in at])
    return at, cores, np.array([_shows(name) for name in skeleton.joints]), face


def _joints(crowd: Crowd, labels: NDArray[np.uint8], skeleton: Skeleton) -> Floats:
    """(P, K, 3) joints with visibility from the owner channel."""
    at, cores, shows, face = _reading(skeleton)
    flat = crowd.points[:, at, :2]
    column, row = np.moveaxis(np.floor(flat + 0.5).astype(np.int64), -1, 0)
    inside = (column >= 0) & (row >= 0) & (column < labels.shape[1]) & (row < labels.shape[0])
    owner = labels[np.where(inside, row, 0), np.where(inside, column, 0)].astype(np.int64)
    group = owner - 1 - 6 * np.arange(len(flat))[:, None]
    own = (group >= 0) & (group < 6) & shows[np.arange(len(at)), np.clip(group, 0, 6)]
    sunk = crowd.points[:, at, 2] < crowd.points[:, cores, 2] - 0.02
    seen = own & ~(sunk & (face | (group == figures.TORSO)))
    visibility = np.where(inside, np.where(seen, 2.0, 1.0), 0.0)
    return np.concatenate([np.where(inside[..., None], flat, 0.0), visibility[..., None]], axis=-1)


def _head_boxes(crowd: Crowd) -> Floats:
    centres, radii = crowd.points[:, BODY.balls[_SKULL], :2], crowd.radii[:, _SKULL, None]
    low, high = (centres - radii).min(axis=1), (centres + radii).max(axis=1)
    return np.concatenate([low, high - low], axis=1)


@dataclass(frozen=True)
class Seen:
    """What can be seen of a crowd, without people of whom no pixel is: `present` (P,) are their
    numbers in the crowd.

    joints (P, K, 3); boxes, areas, head_boxes, owners as in `Drawing`.
    """

    present: NDArray[np.int64]
    joints: Floats
    boxes: Floats
    areas: Floats
    head_boxes: Floats
    owners: NDArray[np.uint8]


def look(canvas: scenes.Canvas, crowd: Crowd, skeleton: Skeleton) -> Seen:
    """Read the owner channel of a painted canvas."""
    labels = np.ascontiguousarray(canvas[..., 3])
    joints = _joints(crowd, labels, skeleton)
    counts = (
        np.bincount(labels.ravel(), minlength=256)[1 : 1 + 6 * len(joints)]
        .reshape(-1, 6)
        .sum(axis=1)
    )
    present = np.flatnonzero(counts)
    table = np.zeros(256, np.uint8)
    table[1 : 1 + 6 * len(joints)] = 1 + np.searchsorted(present, np.arange(len(joints))).repeat(6)
    owners = np.asarray(cv2.LUT(labels, table), np.uint8)
    joints = joints[present]
    joints[(joints[..., 2] == 2).sum(axis=1) < SEEN_ENOUGH] = 0
    found = [
        cv2.boundingRect((owners == person + 1).view(np.uint8)) for person in range(len(present))
    ]
    boxes, areas = np.array(found, np.float64).reshape(-1, 4), counts[present].astype(np.float64)
    return Seen(present, joints, boxes, areas, _head_boxes(crowd)[present], owners)


def loss_mask(joints: Floats, owners: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(H, W) False on people left without key points."""
    mask = np.ones(owners.shape, np.bool_)
    for person in np.flatnonzero(~joints[..., 2].any(axis=1)):
        mask &= owners != person + 1
    return mask


def draw(
    seed: int,
    index: int,
    *,
    size: tuple[int, int] = (512, 512),
    people: tuple[int, int] = (1, 8),
    heights: tuple[float, float] = (0.06, 0.95),
    skeleton: Skeleton = COCO,
) -> Drawing:
    """Picture `index` of the endless series `seed`; size is (height, width), heights fractions of
    the picture's.

    Raises UsageError for a size below 16 pixels, more than 40 people, limits in the wrong order, a
    negative seed.
    """
    if min(seed, index) < 0:
        raise UsageError(f"cannot draw picture {index} of series {seed}; both count from 0")
    if (
        min(size) < 16
        or not 0 <= people[0] <= people[1] <= MOST_PEOPLE
        or not 0.01 <= heights[0] <= heights[1] <= 2
    ):
        raise UsageError(
            f"cannot draw size {size}, people {people}, heights {heights}; sizes start at 16, "
            f"people lie in 0..{MOST_PEOPLE} and heights in 0.01..2, lower limit first"
        )
    check_pixels(*size, what="pictures of", hint="--size 512")
    stream = Stream(seed, index)
    canvas, horizon = scenes.background(stream, size)
    count = people[0] + int((people[1] - people[0] + 1) * stream.one() ** 2)
    crowd = gather(
        stream, size, np.floor(spread_heights(stream, count, heights) * 4096) / 4096, horizon
    )
    paint(canvas, crowd, stream)
    scenes.foreground(canvas, stream)
    seen = look(canvas, crowd, skeleton)
    mask = loss_mask(seen.joints, seen.owners)
    sample = Sample(
        scenes.develop(canvas, stream), seen.joints, mask, index + 1, f"{index + 1:012d}.jpg"
    )
    return Drawing(sample, seen.boxes, seen.areas, seen.head_boxes, seen.owners)


class SyntheticCoco:
    """`length` drawn pictures as a sequence of `Sample`, made when asked for; the interface of
    `CocoKeypoints`."""

    def __init__(
        self,
        length: int,
        *,
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        people: tuple[int, int] = (1, 8),
        heights: tuple[float, float] = (0.06, 0.95),
        skeleton: Skeleton = COCO,
    ) -> None:
        if length < 0:
            raise UsageError(f"cannot draw {length} pictures", "at least 0")
        self.length = length
        self.seed = seed
        self.skeleton = skeleton
        self._settings: dict[str, Any] = {
            "size": size,
            "people": people,
            "heights": heights,
            "skeleton": skeleton,
        }

    def __len__(self) -> int:
        return self.length

    @property
    def image_ids(self) -> list[int]:
        """The ids of all pictures, in order."""
        return list(range(1, self.length + 1))

    def drawing(self, index: int) -> Drawing:
        """The picture with boxes, areas and owners."""
        if not -self.length <= index < self.length:
            raise IndexError(index)
        return draw(self.seed, index % self.length, **self._settings)

    def __getitem__(self, index: int) -> Sample:
        """The picture, its people (P, K, 3) and its loss mask."""
        return self.drawing(index).sample


def _labelled(dataset: SyntheticCoco) -> Iterator[formats.Labelled]:
    for index in range(len(dataset)):
        one = dataset.drawing(index)
        yield formats.Labelled(one.sample, one.boxes, one.areas, one.owners)


def make_coco(
    out: Path,
    *,
    train: int,
    val: int,
    seed: int = 0,
    size: tuple[int, int] = (512, 512),
    people: tuple[int, int] = (1, 8),
    skeleton: Skeleton = COCO,
) -> None:
    """Writes `train` and `val` pictures with their annotations under `out` (see
    `formats.write_coco`).

    The two splits come from the series 2 * seed and 2 * seed + 1. Raises ReproError when `out` is
    not empty and MissingError when it cannot be written.
    """
    counts = {"train": (train, 2 * seed), "val": (val, 2 * seed + 1)}
    splits = {
        split: SyntheticCoco(count, seed=series, size=size, people=people, skeleton=skeleton)
        for split, (count, series) in counts.items()
    }
    formats.write_coco(
        out, {split: _labelled(one) for split, one in splits.items()}, skeleton=skeleton
    )
