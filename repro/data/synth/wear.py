"""What the people of the drawn classes wear or carry: ten things told apart by shape, not by
colour.

Their points are weighted sums of body points, so that they follow head, trunk and hand, plus a
shift in heights (x right, y up), so that what hangs hangs down.
"""

import functools

import numpy as np

from repro.data.synth import body
from repro.data.synth.body import (
    ACCENT,
    HAIR,
    HEAD,
    LEFT_ARM,
    PARTS,
    SEAT,
    SHIRT,
    TORSO,
    Floats,
    Part,
)
from repro.data.synth.crowd import BODY, Body

Weights = dict[str, float]
Shift = tuple[float, float, float]
Ball = tuple[Weights, Shift, float]
Thing = tuple[tuple[Ball, ...], int, int, float]  # balls, group, cloth, bias

POSES = (
    "standing",
    "running",
    "sitting",
    "arms up",
    "arms wide",
    "hands on hips",
    "bending",
    "crouching",
    "kick",
    "waving",
)
_STILL: Shift = (0.0, 0.0, 0.0)


def _on_head(up: float, side: float, front: float, radius: float) -> Ball:
    """A ball in units of half a head: 0.066, 0.058 and 0.074 heights."""
    weights = {"head": 1 - up - front, "head_top": up, "nose": front}
    return weights | {"left_ear": side / 2, "right_ear": -side / 2}, _STILL, radius


def _on_trunk(up: float, side: float, front: float, radius: float) -> Ball:
    """A ball in lengths of the trunk (0.3 heights) from the pelvis, halves of the shoulders, 0.055
    heights forward."""
    weights = {"thorax": up - 0.907 * front, "collar": front, "pelvis": 1 - up - 0.093 * front}
    return weights | {"left_shoulder": side / 2, "right_shoulder": -side / 2}, _STILL, radius


def _at_hand(right: float, up: float, radius: float) -> Ball:
    return {"left_hand": 1.0}, (right, up, 0.0), radius


def _at(name: str, radius: float) -> Ball:
    return {name: 1.0}, _STILL, radius


def _leg(side: str) -> Ball:
    return {f"{side}_hip": -0.05, f"{side}_knee": 1.05}, _STILL, 0.09


def _stripe(up: float) -> Thing:
    balls = (_on_trunk(up, 0.86, 0.9, 0.016), _on_trunk(up, -0.86, 0.9, 0.016))
    back = (_on_trunk(up, 0.86, -0.9, 0.016), _on_trunk(up, -0.86, -0.9, 0.016))
    return balls + back, TORSO, ACCENT, 0.06


_CONE = tuple(
    _on_head(0.6, side, front, 0.016) for side, front in ((1.2, 0), (-1.2, 0), (0, 0.9), (0, -0.9))
)
_BRIM = tuple(
    _on_head(0.5, side, front, 0.01) for side, front in ((2.3, 0), (-2.3, 0), (0, 1.8), (0, -1.8))
)
_CROWN = tuple(
    _on_head(up, side, 0, 0.034) for up, side in ((0.7, 0.6), (0.7, -0.6), (1.7, 0.4), (1.7, -0.4))
)
_CAPE = (
    _on_trunk(0.98, 0.8, -0.7, 0.03),
    _on_trunk(0.98, -0.8, -0.7, 0.03),
    _on_trunk(-0.95, 1.9, -2.2, 0.02),
    _on_trunk(-0.95, -1.9, -2.2, 0.02),
)
_CANOPY = (
    (-0.24, 0.27, 0.012),
    (0.24, 0.27, 0.012),
    (-0.14, 0.36, 0.02),
    (0.14, 0.36, 0.02),
    (0.0, 0.385, 0.02),
)
_CASE = ((-0.08, -0.06, 0.014), (0.08, -0.06, 0.014), (-0.08, -0.2, 0.014), (0.08, -0.2, 0.014))

WEAR: dict[str, tuple[Thing, ...]] = {
    "plain": (),
    "brimmed hat": ((_BRIM, HEAD, ACCENT, 0.03), (_CROWN, HEAD, ACCENT, 0.034)),
    "pointed hat": (((*_CONE, _on_head(4.2, 0, 0, 0.006)), HEAD, ACCENT, 0.034),),
    "skirt": (
        (
            (_at("left_hip", 0.06), _at("right_hip", 0.06), _leg("left"), _leg("right")),
            TORSO,
            SHIRT,
            0.09,
        ),
    ),
    "cape": ((_CAPE, TORSO, SEAT, 0.0),),
    "stripes": tuple(_stripe(up) for up in (0.12, 0.36, 0.6, 0.84)),
    "case": (
        (tuple(_at_hand(*one) for one in _CASE), LEFT_ARM, SEAT, 0.03),
        ((_at_hand(0, 0, 0.01), _at_hand(0, -0.06, 0.02)), LEFT_ARM, ACCENT, 0.028),
    ),
    "umbrella": (
        ((_at_hand(0, -0.04, 0.008), _at_hand(0, 0.36, 0.008)), LEFT_ARM, ACCENT, 0.02),
        (tuple(_at_hand(*one) for one in _CANOPY), LEFT_ARM, SEAT, 0.04),
    ),
    "staff": (((_at_hand(0, -0.4, 0.011), _at_hand(0, 0.4, 0.011)), LEFT_ARM, ACCENT, 0.01),),
    "gloves": tuple(
        ((_at(f"{side}_hand", 0.058),), LEFT_ARM, ACCENT, 0.05) for side in ("left", "right")
    ),
}
"""A wearable by name; the first is nothing at all."""


def _panel(front: float) -> tuple[Ball, ...]:
    return tuple(_on_trunk(up, side, front, 0.02) for up in (0.25, 0.9) for side in (0.6, -0.6))


BIB = "bib"
_THINGS = WEAR | {BIB: ((_panel(1.3), TORSO, ACCENT, 0.02), (_panel(-1.3), TORSO, HAIR, 0.02))}
"""The bib is light before the chest and dark on the back, so that from afar one sees which way a
person faces."""

CLASSES = tuple(sorted(f"{pose} {wear}".replace(" ", "_") for pose in POSES for wear in WEAR))
"""Names of the 100 classes in the order of their labels, which is that of their folders."""
_MEANS = {f"{pose} {wear}".replace(" ", "_"): (pose, wear) for pose in POSES for wear in WEAR}


def meaning(label: int) -> tuple[str, str]:
    """Pose and wearable of a class."""
    return _MEANS[CLASSES[label]]


@functools.cache
def dressed(wear: str) -> Body:
    """The body with a wearable; its balls lie at the points that `extend` adds."""
    parts, used = list(PARTS), 0
    for own, group, cloth, bias in _THINGS[wear]:
        balls = tuple(
            (f"extra {used + number}", radius) for number, (_, _, radius) in enumerate(own)
        )
        parts.append(Part(balls, group, cloth, bias))
        used += len(own)
    return Body(tuple(parts), tuple(f"extra {number}" for number in range(used))) if used else BODY


def extend(points: Floats, wear: str) -> Floats:
    """(P, N + M, 3) body points followed by those of the wearable."""
    more = []
    for own, *_ in _THINGS[wear]:
        for weights, shift, _ in own:
            place = np.zeros((len(points), 3)) + shift
            for name, weight in weights.items():  # one after the other, the same on every machine
                place = place + points[:, body.NAMES.index(name)] * weight
            more.append(place[:, None])
    return np.concatenate([points, *more], axis=1)
