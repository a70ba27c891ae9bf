"""The suite's own data set: drawn pictures of articulated people, in COCO's form, the same on every machine.

A picture depends only on (seed, index) and the settings. People are a 3-D body in a pose within joint limits, seen by
a tilted camera, painted from far to near; a joint is seen (2), hidden by something nearer (1) or outside (0). Colours
do not tell left from right; only the way a person faces does.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.data import figures, formats, scenes
from repro.data.figures import OWNERS, PARTS, Floats, Stream
from repro.data.transforms import Sample
from repro.errors import UsageError
from repro.pose.skeletons import COCO, Skeleton

MOST_PEOPLE = 40  # 6 groups each, plus things in front, fit the owner channel
SEEN_ENOUGH = 3  # fewer seen joints: the person is left without key points and out of the loss, as COCO's annotators do


@dataclass(frozen=True)
class Drawing:
    """A drawn sample and what COCO's form adds to it.

    boxes: (P, 4) x, y, width, height of the seen pixels; areas: (P,) seen pixels; head_boxes: (P, 4) x, y, width,
    height of the whole head; owners: (H, W) uint8, 1 + person where a person is seen, else 0.
    """

    sample: Sample
    boxes: Floats
    areas: Floats
    head_boxes: Floats
    owners: NDArray[np.uint8]


_BALLS = np.array([figures.NAMES.index(name) for part in PARTS for name, _ in part.balls])
_RADII = np.array([radius for part in PARTS for _, radius in part.balls])
_COUNTS = np.array([len(part.balls) for part in PARTS])
_STARTS = np.concatenate([[0], np.cumsum(_COUNTS)[:-1]])
_SPANS = [(int(start), int(start + count)) for start, count in zip(_STARTS, _COUNTS, strict=True)]
_BIAS = np.array([part.bias for part in PARTS])
_SKULL = np.array([part.group == figures.HEAD and "neck" not in part.balls[0][0] for part in PARTS]).repeat(_COUNTS)
_SLIM = np.array([part.group != figures.HEAD for part in PARTS]).repeat(_COUNTS)


def _heights(stream: Stream, count: int, limits: tuple[float, float]) -> Floats:
    """Heights as fractions of the picture's: a crowd and a group are alike, otherwise anything, small ones often."""
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
class _Crowd:
    """All people of a picture in pixels: points (P, N, 3), unit (P,) pixels per height, shapes of their balls."""

    points: Floats
    unit: Floats
    radii: Floats
    seated: NDArray[np.bool_]


def _bodies(stream: Stream, count: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Points (P, N, 3) and ball radii (P, M) in heights, pelvis at 0, and who is seated."""
    child = stream.array(count) < 0.15
    heads = np.where(child, 1.45, 0.95 + 0.2 * stream.array(count))
    angles = figures.draw_angles(stream, count)
    facing = stream.array(count, 2)
    yaw = np.where(facing[:, 0] < 0.45, facing[:, 1] * 120 - 60, facing[:, 1] * 360).astype(np.int64)
    points = figures.build(angles, yaw, head=heads, pitch=stream.whole(-6, 24), roll=stream.whole(-6, 6))
    build = np.where(_SLIM, 0.85 + 0.4 * stream.array(count, 1), heads[:, None])
    return points, _RADII * build, angles.seated


def _crowd(stream: Stream, size: tuple[int, int], heights: Floats, horizon: float) -> _Crowd:
    """Bodies placed in the picture: near ones lower, some beside or before a neighbour, some cut by the border."""
    count = len(heights)
    points, radii, seated = _bodies(stream, count)
    unit = heights * size[0]
    near = 1 / (1 - np.clip(points[..., 2], -1, 1) * (0.2 * stream.one()))
    flat = points[..., :2] * near[..., None] * unit[:, None, None] * (1, -1)
    x = (stream.array(count) * 1.06 - 0.03) * size[1]
    beside = stream.array(count) < 0.4
    reach = (stream.array(count) - 0.5) * 1.3 * unit
    for person in range(1, count):
        if beside[person]:
            x[person] = x[person - 1] + reach[person]
    low = horizon + (size[0] * 1.1 - horizon) * np.sqrt(heights) * (0.85 + 0.3 * stream.array(count))
    low = np.where(heights > 0.6, np.maximum(low, heights * size[0] * (0.85 + 0.2 * stream.array(count))), low)
    middle = (flat[..., 0].min(axis=1) + flat[..., 0].max(axis=1)) / 2
    placed = flat + np.stack([x - middle, low - flat[..., 1].max(axis=1)], axis=1)[:, None]
    order = np.argsort(low + 0.3 * unit * (stream.array(count) - 0.5), kind="stable")
    cut = np.floor(placed * scenes.STEP + 0.5) / scenes.STEP
    whole = np.concatenate([cut, points[..., 2:]], axis=-1)
    return _Crowd(whole[order], unit[order], (radii * unit[:, None])[order], seated[order])


# a part is painted as a dark rim, its colour, and on large people a highlight: share of the radius, how far toward the
# light, least radius in pixels; then percents of the colour
_LAYERS = ((1.0, 0.0, 0.55), (0.76, 0.7, 0.3), (0.42, 1.3, 0.3))
_TONES = np.array([66, 94, 112])


def _palette(stream: Stream) -> list[list[scenes.Colour]]:
    """A person's colours: for each tone, those of the cloth numbers of `figures`."""
    skin = scenes.stream_choice(stream, scenes.SKINS)
    shirt, trousers, shoe, seat = (scenes.any_colour(stream) for _ in range(4))
    hair = scenes.any_colour(stream) if stream.chance(0.1) else scenes.stream_choice(stream, scenes.HAIRS)
    trousers = shirt if stream.chance(0.08) else trousers
    sleeves = stream.one()
    sleeve, forearm = skin if sleeves < 0.12 else shirt, shirt if sleeves > 0.5 else skin
    shin = skin if stream.chance(0.3) else trousers
    dark = scenes.shade(skin, 72)
    cloth = (skin, shirt, sleeve, trousers, shin, shoe, hair, (32, 26, 26), dark, seat, forearm)
    tones = np.minimum(np.array(cloth) * _TONES[:, None, None] // 100, 255)
    return [[(r, g, b) for r, g, b in tone] for tone in tones.tolist()]


def _paint(canvas: scenes.Canvas, crowd: _Crowd, stream: Stream) -> None:
    """Every person from far to near, every part from back to front, each with a dark rim and a lit inside."""
    people, balls = len(crowd.unit), crowd.points[:, _BALLS]
    depth = np.add.reduceat(balls[..., 2], _STARTS, axis=1) / _COUNTS + _BIAS
    orders = np.argsort(np.floor(depth * 1e6), axis=1, kind="stable").tolist()
    light = (stream.array(2) - (0.5, 0.8)) * 0.5
    flat, radii = balls[..., :2].reshape(-1, 2), crowd.radii.reshape(-1)
    rims = [
        scenes.rims(flat + radii[:, None] * light * lift, np.maximum(radii * width, least))
        for width, lift, least in _LAYERS
    ]
    layers = np.stack(rims).reshape(len(_LAYERS), people, len(_BALLS), 16, 2)
    for person, order in enumerate(orders):
        _paint_person(canvas, layers[:, person], order, palette=_palette(stream), first=1 + 6 * person,
                      fine=bool(crowd.unit[person] > 60), seated=bool(crowd.seated[person]))  # fmt: skip


def _paint_person(
    canvas: scenes.Canvas,
    layers: NDArray[np.int32],
    order: list[int],
    *,
    palette: list[list[scenes.Colour]],
    first: int,
    fine: bool,
    seated: bool,
) -> None:
    body = list(zip(layers, palette, strict=True))[: 3 if fine else 2]
    detail = [(layers[0], palette[1])]
    for number in order:
        part, (start, end) = PARTS[number], _SPANS[number]
        if (part.detail and not fine) or (part.group == figures.NOBODY and not seated):
            continue
        owner = 0 if part.group == figures.NOBODY else first + part.group
        for rims, tone in detail if part.detail else body:
            scenes.paint(canvas, rims[start:end], tone[part.cloth], owner)


_BASES = [name.split("_", 1)[1] if name.startswith(("left_", "right_")) else name for name in figures.NAMES]


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
def _reading(skeleton: Skeleton) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Per joint: its body point, the point it must not lie behind, (K, 7) groups that show it, whether a face's."""
    at = np.array([figures.NAMES.index(name) for name in skeleton.joints])
    cores = np.array([figures.NAMES.index(_CORES.get(_BASES[i], figures.NAMES[i])) for i in at])
    face = np.array([_BASES[i] in ("nose", "eye", "ear") for i in at])
    return at, cores, np.array([_shows(name) for name in skeleton.joints]), face


def _joints(crowd: _Crowd, labels: NDArray[np.uint8], skeleton: Skeleton) -> Floats:
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


def _head_boxes(crowd: _Crowd) -> Floats:
    centres, radii = crowd.points[:, _BALLS[_SKULL], :2], crowd.radii[:, _SKULL, None]
    low, high = (centres - radii).min(axis=1), (centres + radii).max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def _finish(canvas: scenes.Canvas, crowd: _Crowd, skeleton: Skeleton) -> tuple[Floats, tuple[Floats, ...], Any]:
    """Joints (P, K, 3), (boxes, areas, head boxes) and owners, without people of whom no pixel is seen."""
    labels = np.ascontiguousarray(canvas[..., 3])
    joints = _joints(crowd, labels, skeleton)
    counts = np.bincount(labels.ravel(), minlength=256)[1 : 1 + 6 * len(joints)].reshape(-1, 6).sum(axis=1)
    present = np.flatnonzero(counts)
    table = np.zeros(256, np.uint8)
    table[1 : 1 + 6 * len(joints)] = 1 + np.searchsorted(present, np.arange(len(joints))).repeat(6)
    owners = np.asarray(cv2.LUT(labels, table), np.uint8)
    joints = joints[present]
    joints[(joints[..., 2] == 2).sum(axis=1) < SEEN_ENOUGH] = 0
    boxes = [cv2.boundingRect((owners == person + 1).view(np.uint8)) for person in range(len(present))]
    measured = np.array(boxes, np.float64).reshape(-1, 4), counts[present].astype(np.float64)
    return joints, (*measured, _head_boxes(crowd)[present]), owners


def draw(
    seed: int,
    index: int,
    *,
    size: tuple[int, int] = (512, 512),
    people: tuple[int, int] = (1, 8),
    heights: tuple[float, float] = (0.06, 0.95),
    skeleton: Skeleton = COCO,
) -> Drawing:
    """Picture `index` of the endless series `seed`; size is (height, width), heights fractions of the picture's.

    Raises UsageError for a size below 16 pixels, more than 40 people, limits in the wrong order, a negative seed.
    """
    if min(seed, index) < 0:
        raise UsageError(f"cannot draw picture {index} of series {seed}; both count from 0")
    if min(size) < 16 or not 0 <= people[0] <= people[1] <= MOST_PEOPLE or not 0.01 <= heights[0] <= heights[1] <= 2:
        raise UsageError(
            f"cannot draw size {size}, people {people}, heights {heights}; sizes start at 16, "
            f"people lie in 0..{MOST_PEOPLE} and heights in 0.01..2, lower limit first"
        )
    stream = Stream(seed, index)
    canvas, horizon = scenes.background(stream, size)
    count = people[0] + int((people[1] - people[0] + 1) * stream.one() ** 2)
    crowd = _crowd(stream, size, np.floor(_heights(stream, count, heights) * 4096) / 4096, horizon)
    _paint(canvas, crowd, stream)
    scenes.foreground(canvas, stream)
    joints, (boxes, areas, head_boxes), owners = _finish(canvas, crowd, skeleton)
    mask = np.ones(size, np.bool_)
    for person in np.flatnonzero(~joints[..., 2].any(axis=1)):
        mask &= owners != person + 1
    sample = Sample(scenes.develop(canvas, stream), joints, mask, index + 1, f"{index + 1:012d}.jpg")
    return Drawing(sample, boxes, areas, head_boxes, owners)


class SyntheticCoco:
    """`length` drawn pictures as a sequence of `Sample`, made when asked for; the interface of `CocoKeypoints`."""

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
            raise UsageError(f"cannot draw {length} pictures")
        self.length = length
        self.seed = seed
        self.skeleton = skeleton
        self._settings: dict[str, Any] = {"size": size, "people": people, "heights": heights, "skeleton": skeleton}

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
    """Writes `train` and `val` pictures with their annotations under `out` (see `formats.write_coco`).

    The two splits come from the series 2 * seed and 2 * seed + 1. Raises ReproError when `out` is not empty and
    MissingError when it cannot be written.
    """
    counts = {"train": (train, 2 * seed), "val": (val, 2 * seed + 1)}
    splits = {
        split: SyntheticCoco(count, seed=series, size=size, people=people, skeleton=skeleton)
        for split, (count, series) in counts.items()
    }
    formats.write_coco(out, {split: _labelled(one) for split, one in splits.items()}, skeleton=skeleton)
