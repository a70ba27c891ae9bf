"""Where the people of a SynthPose picture stand: a street, a crowd of a wanted crowdIndex, one
person meant, one class.

A layout is drawn from the picture's stream before anything is painted.
"""

from dataclasses import dataclass, replace

import numpy as np

from repro.data.synth import body as figures
from repro.data.synth import wear as synth_wear
from repro.data.synth.body import Floats, Stream
from repro.data.synth.crowd import (
    BODY,
    Body,
    Crowd,
    bodies,
    gather,
    project,
    settle,
    spread_heights,
)
from repro.data.synth.levels import Geometry
from repro.people.skeletons import Skeleton

HEIGHTS = (0.06, 0.95)
TALL = (0.4, 0.95)  # of easy pictures
NEAR = (0.2, 0.9)  # of pictures of near geometry
WIDE = (0.08, 0.9)  # of pictures of wide geometry
# the same of the one person meant, whose every joint must be there to be seen
WIDE_ONE = (
    0.2,
    0.95,
)
# 0.03 to 2.2: from one on top of the other to side by side
SQUEEZES = np.round(0.03 * 1.85 ** np.arange(8), 4)
# heights
CROWDS: dict[Geometry, tuple[float, float]] = {
    "easy": TALL,
    "near": NEAR,
    "wide": WIDE,
    "full": (0.12, 0.92),
}
MOST: dict[Geometry, int] = {"easy": 3, "near": 4, "wide": 5, "full": 11}


@dataclass(frozen=True)
class Layout:
    """People in the order they are painted; main: who is meant, -1 for everybody; body: their
    parts."""

    crowd: Crowd
    main: int = -1
    body: Body = BODY


def _turned(geometry: Geometry) -> int:
    """How many degrees several people turn in all: easy and near ones stay within 60 of the camera,
    so that left is right of it."""
    return 120 if geometry in ("easy", "near") else 360


def _even(share: float, limits: tuple[float, float]) -> float:
    """A height between the limits; even shares give heights that are even on a log scale."""
    low, high = limits
    return float(low * (high / low) ** share)


def _rounded(heights: Floats) -> Floats:
    return np.floor(heights * 4096) / 4096


def with_bibs(layout: Layout) -> Layout:
    """Everyone in a bib."""
    crowd, body = layout.crowd, synth_wear.dressed(synth_wear.BIB)
    more = body.radii[len(BODY.radii) :] * crowd.unit[:, None]
    points = synth_wear.extend(crowd.points, synth_wear.BIB)
    return replace(
        layout,
        crowd=replace(crowd, points=points, radii=np.concatenate([crowd.radii, more], 1)),
        body=body,
    )


def street(
    stream: Stream, size: tuple[int, int], horizon: float, *, geometry: Geometry = "full"
) -> Layout:
    """One to eight people of 6 to 95 % of the picture's height, often small, some beside or before
    another.

    easy: one to three of 40 to 95 %, facing the camera. wide: one to five of 8 to 90 %, half of the
    time alike. near: one to four of 20 to 90 %, half of the time alike, facing the camera.
    """
    if geometry in ("near", "wide"):
        count, limits = stream.whole(1, MOST[geometry]), CROWDS[geometry]
        own, alike = stream.array(count), stream.chance(0.5)
        shares = stream.one() + 0.15 * (own - 0.5) if alike else own
        heights = np.array([_even(min(max(share, 0.0), 1.0), limits) for share in shares.tolist()])
    else:
        count = stream.whole(1, 3) if geometry == "easy" else 1 + int(8 * stream.one() ** 2)
        heights = spread_heights(stream, count, TALL if geometry == "easy" else HEIGHTS)
    return Layout(gather(stream, size, _rounded(heights), horizon, turned=_turned(geometry)))


def full_boxes(crowd: Crowd, size: tuple[int, int]) -> Floats:
    """(P, 4) x, y, width, height of whole people, hidden parts included, cut at the picture's
    edges."""
    own = crowd.radii[:, : len(BODY.balls)]  # without what they wear
    return _cut(*_extent(crowd.points[:, BODY.balls, :2], own), size)


def _extent(centres: Floats, radii: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest x, y (P, 2) of balls (P, M, 2)."""
    return (centres - radii[..., None]).min(axis=1), (centres + radii[..., None]).max(axis=1)


def _cut(low: Floats, high: Floats, size: tuple[int, int]) -> Floats:
    """Boxes (..., 4) x, y, width, height in whole pixels inside the picture."""
    edge = np.array(size[::-1], np.float64)
    low, high = np.floor(np.clip(low, 0, edge)), np.ceil(np.clip(high, 0, edge))
    return np.concatenate([low, high - low], axis=-1)


def _indices(joints: Floats, boxes: Floats, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """(S,) crowdIndex of S arrangements and the share of people in the picture; joints (S, P, K,
    2), boxes (S, P, 4).

    As `formats.crowd_index`, but for people whom nobody sees.
    """
    inside = np.all((joints >= 0) & (joints < np.array(size[::-1]) - 0.5), axis=-1)
    low, high = boxes[..., :2], boxes[..., :2] + boxes[..., 2:]
    within = (joints[:, None] >= low[:, :, None, None]) & (
        joints[:, None] <= high[:, :, None, None]
    )
    counts = (within.all(axis=-1) & inside[:, None]).sum(axis=-1)  # (S, box, person)
    own = inside.sum(axis=-1)
    others = counts.sum(axis=-1) - np.diagonal(counts, axis1=1, axis2=2)
    ratios = np.where(own > 0, np.minimum(1, others / np.maximum(own, 1)), 0.0)
    there = (own > 0).sum(axis=1)
    return ratios.sum(axis=1) / np.maximum(there, 1), there / own.shape[1]


def crowd(
    stream: Stream,
    size: tuple[int, int],
    skeleton: Skeleton,
    *,
    horizon: float,
    geometry: Geometry = "full",
) -> Layout:
    """Two to ten people of like height, as close together as a crowdIndex drawn from 0 to 1 asks.

    easy: two or three of 40 to 95 %, facing the camera. wide: two to five of 8 to 90 %.
    near: two to four of 20 to 90 %, facing the camera.
    """
    target = stream.one()
    count = 2 + int(stream.one() * (2 + 7 * target)) + (2 if target > 0.7 else 0)
    count = min(count, MOST[geometry])
    tall = _even(stream.one(), CROWDS[geometry])
    least = TALL[0] if geometry == "easy" else HEIGHTS[0]
    heights = _rounded(np.clip(tall * (0.8 + 0.4 * stream.array(count)), least, HEIGHTS[1]))
    points, radii, seated = bodies(stream, count, turned=_turned(geometry))
    unit = heights * size[0]
    flat = project(points, unit, stream)
    flat[..., 0] -= (flat[..., 0].min(axis=1) + flat[..., 0].max(axis=1))[:, None] / 2
    ground = size[0] * (min(1.0, tall + 0.02) + max(0.02, 1.1 - tall) * 0.8 * stream.one())
    ground = max(ground, horizon + 0.25 * tall * size[0])
    low = ground + (stream.array(count) - 0.5) * 0.3 * tall * size[0]
    flat[..., 1] += (low - flat[..., 1].max(axis=1))[:, None]
    slots = (
        (np.arange(count) - (count - 1) / 2 + (stream.array(count) - 0.5) * 0.6)
        * 0.5
        * tall
        * size[0]
    )
    slots = slots[np.argsort(stream.array(count), kind="stable")]
    right = (0.3 + 0.4 * stream.one()) * size[1] + SQUEEZES[:, None] * slots
    flat[..., 0] += right[_closest(flat, right, radii * unit[:, None], size, skeleton, target)][
        :, None
    ]
    order = np.argsort(low + 0.15 * unit * (stream.array(count) - 0.5), kind="stable")
    return Layout(settle(flat, Crowd(points, unit, radii, seated), order))


def _closest(
    flat: Floats,
    right: Floats,
    radii: Floats,
    size: tuple[int, int],
    skeleton: Skeleton,
    target: float,
) -> int:
    """Which of the arrangements `right` (S, P) comes closest to the wanted crowdIndex and loses few
    people."""
    names = [figures.NAMES.index(name) for name in skeleton.joints]
    moved = np.stack([right, np.zeros_like(right)], axis=-1)
    low, high = _extent(flat[:, BODY.balls], radii)
    boxes = _cut(low + moved, high + moved, size)
    index, there = _indices(flat[None, :, names] + moved[:, :, None], boxes, size)
    return int(np.argmin(np.floor((np.abs(index - target) + 0.2 * (1 - there)) * 1e6)))


def single(stream: Stream, size: tuple[int, int], *, geometry: Geometry = "full") -> Layout:
    """One person meant, of 30 to 95 % of the picture's height, and in four pictures of ten one or
    two others.

    easy: alone, of 50 % or more, and facing the camera. near: the same, turned all the way. wide:
    of 20 to 95 %.
    """
    alone = geometry in ("easy", "near")
    others = stream.whole(1, 2) if stream.chance(0.4) and not alone else 0
    count = 1 + others
    heights = 0.3 + 0.65 * stream.array(count)
    share = stream.one()
    tall = 0.95 - (0.45 if alone else 0.65) * share**2
    heights[0] = _even(share, WIDE_ONE) if geometry == "wide" else tall
    heights = _rounded(heights)
    points, radii, seated = bodies(stream, count, turned=120 if geometry == "easy" else 360)
    unit = heights * size[0]
    flat = project(points, unit, stream)
    x = (stream.array(count) * 1.1 - 0.05) * size[1]
    x[0] = (0.25 + 0.5 * stream.one()) * size[1]
    low = size[0] * (heights + 0.02 + np.maximum(0.02, 1.1 - heights) * stream.array(count))
    flat[..., 0] += (x - (flat[..., 0].min(axis=1) + flat[..., 0].max(axis=1)) / 2)[:, None]
    flat[..., 1] += (low - flat[..., 1].max(axis=1))[:, None]
    order = np.argsort(low, kind="stable")
    return Layout(
        settle(flat, Crowd(points, unit, radii, seated), order), int(np.flatnonzero(order == 0)[0])
    )


def one_class(
    stream: Stream, size: tuple[int, int], label: int, *, geometry: Geometry = "full"
) -> Layout:
    """One person in the pose and with the wearable of a class; both together fill 60 to 95 % of the
    picture.

    easy, near: 85 to 95 %, turned by 40 degrees at most. wide: 40 to 95 %.
    """
    pose, wear = synth_wear.meaning(label)
    body = synth_wear.dressed(wear)
    points, radii, seated = bodies(
        stream, 1, pose=pose, body=body, turned=80 if geometry in ("easy", "near") else 160
    )
    points = synth_wear.extend(points, wear)
    shape = project(points, np.ones(1), stream)
    low, high = (
        shape[:, body.balls].min(axis=1)[0] - 0.04,
        shape[:, body.balls].max(axis=1)[0] + 0.04,
    )
    share = stream.one()
    least = {"easy": 0.85, "near": 0.85, "wide": 0.4, "full": 0.6}[geometry]
    share = _even(share, (least, 0.95)) if geometry == "wide" else least + (0.95 - least) * share
    unit = np.floor(share * min(np.array(size[::-1]) / (high - low)) * 256) / 256
    room = np.array(size[::-1]) - (high - low) * unit
    corner = room * (stream.array(2) * 1.2 - 0.1)
    crowd = Crowd(points, np.array([unit]), radii, seated)
    return Layout(settle((shape - low) * unit + corner, crowd, np.zeros(1, np.int64)), 0, body)
