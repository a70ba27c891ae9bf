"""Articulated people for the drawn data set: poses within joint limits, a 3-D skeleton, its body
parts.

Everything is computed for all P people of a picture at once. Axes in the body's rest frame: x to
the person's left, y up, z forward; lengths in units of the standing height. A person with yaw 0
faces the camera, so x is right in the picture and larger z is nearer. Angles are whole degrees
looked up in a table of multiples of 2**-14: sines differ in the last bit between machines, and
pixels must not.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEPS = 1 << 14
_SIN = np.array([round(math.sin(math.radians(d)) * _STEPS) / _STEPS for d in range(360)])
_COS = np.array([round(math.cos(math.radians(d)) * _STEPS) / _STEPS for d in range(360)])


class Stream:
    """Fractions in [0, 1) from PCG64's raw output, which NumPy guarantees to stay the same in every
    version."""

    def __init__(self, *seed: int) -> None:
        self._bits = np.random.PCG64(list(seed))
        self._left: list[float] = []

    def array(self, *shape: int) -> Floats:
        """An array of fractions, multiples of 2**-24."""
        raw = np.asarray(self._bits.random_raw(math.prod(shape)), np.uint64)
        return ((raw >> np.uint64(40)).astype(np.float64) / (1 << 24)).reshape(shape)

    def one(self) -> float:
        """One fraction."""
        if not self._left:
            self._left = self.array(64).tolist()
        return self._left.pop()

    def whole(self, low: int, high: int) -> int:
        """A whole number in low..high, both included."""
        return low + int(self.one() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.one() < probability


Range = tuple[int, int]
Pair = tuple[Range, Range]


def _both(low: int, high: int) -> Pair:
    return (low, high), (low, high)


@dataclass(frozen=True)
class Pose:
    """Ranges of joint angles in degrees; pairs are left, right (drawn mirrored half of the time).

    hip, arm: forward raise; spread, out: sideways raise; turn: inward rotation of the upper arm;
    knee, elbow: bend; bend, lean, twist: of the trunk; nod, look, tilt: of the head; fall: of the
    whole body in the picture plane.
    """

    hip: Pair = ((-4, 6), (-4, 6))
    spread: Pair = ((2, 9), (2, 9))
    knee: Pair = ((0, 8), (0, 8))
    arm: Pair = ((-10, 14), (-10, 14))
    out: Pair = ((5, 16), (5, 16))
    turn: Pair = ((0, 30), (0, 30))
    elbow: Pair = ((4, 35), (4, 35))
    bend: Range = (-3, 8)
    lean: Range = (-5, 5)
    twist: Range = (-10, 10)
    nod: Range = (-10, 22)
    look: Range = (-45, 45)
    tilt: Range = (-10, 10)
    fall: Range = (-4, 4)
    seat: bool = False


_ON_HIP: Range = (42, 56)
_WALKING_LEGS = {"hip": ((16, 32), (-22, -8)), "knee": ((2, 14), (8, 34)), "spread": _both(0, 4)}
_SEATED = {
    "hip": _both(78, 96),
    "knee": _both(72, 104),
    "spread": _both(3, 22),
    "bend": (-8, 22),
    "seat": True,
}

# (how often, pose); a name serves only the reader
POSES: dict[str, tuple[int, Pose]] = {
    "standing": (5, Pose()),
    "relaxed": (
        3,
        Pose(hip=((0, 22), (-4, 2)), knee=((8, 32), (0, 4)), lean=(-7, 7), spread=_both(3, 14)),
    ),
    "hands on hips": (
        2,
        Pose(out=(_ON_HIP, _ON_HIP), turn=_both(68, 82), elbow=_both(88, 108), arm=_both(-22, -6)),
    ),
    "one hand on hip": (
        1,
        Pose(out=(_ON_HIP, (4, 14)), turn=((66, 82), (0, 30)), elbow=((88, 108), (4, 30))),
    ),
    "walking": (
        5,
        Pose(**_WALKING_LEGS, arm=((-26, -6), (10, 32)), elbow=_both(8, 45), bend=(0, 8)),  # type: ignore[arg-type]
    ),
    "running": (
        2,
        Pose(
            hip=((38, 72), (-28, -4)),
            knee=((40, 95), (25, 95)),
            spread=_both(0, 4),
            arm=((-48, -15), (25, 60)),
            elbow=_both(70, 110),
            turn=_both(0, 20),
            bend=(8, 24),
            look=(-15, 15),
        ),
    ),
    "sitting": (3, Pose(**_SEATED, arm=_both(15, 50), elbow=_both(25, 80), turn=_both(5, 40))),  # type: ignore[arg-type]
    "sitting at ease": (
        1,
        Pose(**_SEATED, arm=((10, 40), (-20, 10)), out=_both(10, 40), elbow=_both(10, 70)),  # type: ignore[arg-type]
    ),
    "arms up": (
        2,
        Pose(arm=_both(150, 178), out=_both(-2, 30), elbow=_both(0, 45), turn=_both(-30, 10)),
    ),
    "waving": (
        2,
        Pose(out=((75, 125), (5, 16)), turn=((-95, -60), (0, 30)), elbow=((40, 105), (4, 35))),
    ),
    "arms wide": (1, Pose(out=_both(70, 100), elbow=_both(0, 20), spread=_both(4, 24))),
    "star jump": (
        1,
        Pose(
            out=_both(110, 150),
            elbow=_both(0, 25),
            turn=_both(-40, 0),
            spread=_both(18, 36),
            hip=_both(-4, 16),
        ),
    ),
    "reaching": (
        2,
        Pose(arm=((65, 110), (-10, 30)), elbow=((0, 25), (4, 60)), bend=(0, 20), twist=(-25, 10)),
    ),
    "telephone": (
        1,
        Pose(
            arm=((35, 60), (-10, 14)),
            out=((15, 35), (5, 16)),
            elbow=((128, 142), (4, 30)),
            turn=((0, 25), (0, 25)),
        ),
    ),
    "arms crossed": (
        1,
        Pose(arm=_both(26, 38), out=_both(2, 10), turn=_both(62, 76), elbow=_both(88, 100)),
    ),
    "holding": (2, Pose(arm=_both(5, 30), turn=_both(15, 45), elbow=_both(65, 100))),
    "bending": (
        1,
        Pose(bend=(45, 85), arm=_both(50, 90), knee=_both(0, 35), hip=_both(0, 30), nod=(-30, 10)),
    ),
    "crouching": (
        1,
        Pose(
            hip=_both(95, 122),
            knee=_both(105, 138),
            bend=(15, 40),
            arm=_both(25, 60),
            spread=_both(4, 26),
        ),
    ),
    "lunge": (
        1,
        Pose(
            hip=((65, 92), (-28, -8)), knee=((65, 92), (10, 50)), bend=(0, 18), arm=_both(-20, 50)
        ),
    ),
    "kick": (
        1,
        Pose(hip=((55, 100), (-10, 4)), knee=((0, 35), (0, 18)), bend=(-18, 6), out=_both(20, 70)),
    ),
    "lying": (
        1,
        Pose(
            fall=(76, 102),
            arm=_both(0, 100),
            hip=_both(-6, 45),
            knee=_both(0, 70),
            out=_both(5, 60),
        ),
    ),
}

_PAIRS = [
    one.name
    for one in fields(Pose)
    if isinstance(one.default, tuple) and isinstance(one.default[0], tuple)
]
_SINGLES = [one.name for one in fields(Pose) if one.name not in (*_PAIRS, "seat")]


def _table() -> tuple[Floats, Floats]:
    """(poses, angles) lowest and highest angle: left of each pair, right of each pair, then the
    single ones."""
    rows = []
    for _, pose in POSES.values():
        pairs = [getattr(pose, name) for name in _PAIRS]
        rows.append(
            [pair[0] for pair in pairs]
            + [pair[1] for pair in pairs]
            + [getattr(pose, n) for n in _SINGLES]
        )
    table = np.array(rows, np.float64)
    return table[..., 0], table[..., 1]


_LOW, _HIGH = _table()
_CHOICE = np.repeat(np.arange(len(POSES)), [often for often, _ in POSES.values()])
_SEAT = np.array([pose.seat for _, pose in POSES.values()])


@dataclass(frozen=True)
class Angles:
    """Drawn angles in whole degrees: pairs (P, 2) left and right, singles (P,); seated (P,)
    bool."""

    pairs: dict[str, Ints]
    singles: dict[str, Ints]
    seated: NDArray[np.bool_]


def draw_angles(stream: Stream, people: int, pose: str = "") -> Angles:
    """A pose for each of `people`, within the joint limits of `POSES`; `pose` names the same one
    for all."""
    chosen = _CHOICE[(stream.array(people) * len(_CHOICE)).astype(np.int64)]
    if pose:
        chosen = np.full(people, list(POSES).index(pose))
    low, high = _LOW[chosen], _HIGH[chosen]
    drawn = np.floor(low + stream.array(*low.shape) * (high - low + 1)).astype(np.int64)
    count = len(_PAIRS)
    sides = np.stack([drawn[:, :count], drawn[:, count : 2 * count]], axis=1)
    mirrored = stream.array(people) < 0.5
    sides[mirrored] = sides[mirrored, ::-1]
    singles = drawn[:, 2 * count :] * np.where(mirrored, -1, 1)[:, None] ** _MIRRORS
    pairs = {name: sides[..., at] for at, name in enumerate(_PAIRS)}
    return Angles(pairs, {name: singles[:, at] for at, name in enumerate(_SINGLES)}, _SEAT[chosen])


# what changes sign in a mirror: leaning, twisting, looking, tilting and falling; not bending or
# nodding
_MIRRORS = np.array([0 if name in ("bend", "nod") else 1 for name in _SINGLES])


def turn(frame: Floats, axis: int, degrees: Ints) -> Floats:
    """The frames (..., 3, 3) turned about their own axis 0 (x), 1 (y) or 2 (z) by whole degrees
    (...)."""
    cos, sin = _COS[degrees % 360][..., None], _SIN[degrees % 360][..., None]
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turned = frame.copy()
    turned[..., a] = cos * frame[..., a] + sin * frame[..., b]
    turned[..., b] = cos * frame[..., b] - sin * frame[..., a]
    return turned


def at(frame: Floats, offset: tuple[float, float, float]) -> Floats:
    """(..., 3) the vector `offset` given in the frames (..., 3, 3)."""
    return frame[..., 0] * offset[0] + frame[..., 1] * offset[1] + frame[..., 2] * offset[2]


_SIDE = np.array([1, -1])  # left, right: the sign of x


def _arms(points: dict[str, Floats], trunk: Floats, angles: Angles) -> None:
    pairs, both = angles.pairs, np.stack([trunk, trunk], axis=1)
    upper = turn(turn(both, 0, -pairs["arm"]), 2, _SIDE * pairs["out"])
    fore = turn(turn(upper, 1, -_SIDE * pairs["turn"]), 0, -pairs["elbow"])
    shoulder = (
        points["thorax"][:, None] + at(both, (0, -0.012, 0)) + _SIDE[:, None] * 0.108 * both[..., 0]
    )
    points["shoulder"] = shoulder
    points["elbow"] = shoulder + at(upper, (0, -0.162, 0))
    points["wrist"] = points["elbow"] + at(fore, (0, -0.14, 0))
    points["hand"] = points["wrist"] + at(fore, (0, -0.05, 0.006))


def _legs(points: dict[str, Floats], root: Floats, angles: Angles) -> None:
    pairs, both = angles.pairs, np.stack([root, root], axis=1)
    thigh = turn(turn(both, 0, -pairs["hip"]), 2, _SIDE * pairs["spread"])
    shin = turn(thigh, 0, pairs["knee"])
    # soles stay about level when the leg stands, and follow the shin when it is bent far
    foot = turn(turn(shin, 1, _SIDE * 12), 0, np.clip(pairs["hip"] - pairs["knee"], -30, 20))
    points["hip"] = _SIDE[:, None] * 0.062 * both[..., 0]
    points["knee"] = points["hip"] + at(thigh, (0, -0.243, 0.008))
    points["ankle"] = points["knee"] + at(shin, (0, -0.243, 0))
    points["heel"] = points["ankle"] + at(foot, (0, -0.022, -0.025))
    points["toe"] = points["ankle"] + at(foot, (0, -0.03, 0.105))
    seat = at(both, (0, -0.09, -0.02)) + _SIDE[:, None] * 0.11 * both[..., 0]
    points["seat"], points["stand"] = seat, seat + at(both, (0, -0.22, 0))


def _head(points: dict[str, Floats], trunk: Floats, angles: Angles, *, size: Floats) -> None:
    single = angles.singles
    head = turn(turn(turn(trunk, 1, single["look"]), 0, single["nod"]), 2, single["tilt"])
    head = head * size[:, None, None]
    base = points["thorax"] + at(trunk, (0, 0.035, 0.004))
    points["neck"], points["upper_neck"] = base, base + at(trunk, (0, 0.028, 0.006))
    middle = points["upper_neck"] + at(head, (0, 0.052, 0.012))
    places = {
        "head": (0, 0, 0),
        "jaw": (0, -0.034, 0.02),
        "head_top": (0, 0.066, 0),
        "nose": (0, -0.012, 0.074),
        "hair": (0, 0.014, -0.026),
        "fringe": (0, 0.03, -0.004),
        "nape": (0, -0.03, -0.03),
        "mouth": (0, -0.04, 0.06),
    }
    points.update({name: middle + at(head, place) for name, place in places.items()})
    for name, (x, y, z) in {"eye": (0.023, 0.01, 0.058), "ear": (0.058, -0.004, -0.004)}.items():
        points[name] = np.stack([middle + at(head, (side * x, y, z)) for side in (1, -1)], axis=1)


def build(angles: Angles, yaw: Ints, *, head: Floats, pitch: int, roll: int) -> Floats:
    """(P, N, 3) places of all body points in the order of `NAMES`, pelvis at 0, as the camera sees
    them.

    yaw (P,): turn of each person in degrees, 0 faces the camera; head (P,): size of the head, 1 for
    an adult; pitch, roll: degrees the camera looks down and is tilted.
    """
    places = _points(angles, yaw, head=head, pitch=pitch, roll=roll).values()
    return np.concatenate([one[:, None] if one.ndim == 2 else one for one in places], axis=1)


def _points(angles: Angles, yaw: Ints, *, head: Floats, pitch: int, roll: int) -> dict[str, Floats]:
    people = len(yaw)
    world = np.broadcast_to(np.eye(3), (people, 3, 3))
    camera = turn(turn(world, 2, np.full(people, roll)), 0, np.full(people, pitch))
    root = turn(turn(camera, 2, angles.singles["fall"]), 1, yaw)
    trunk = turn(turn(root, 0, angles.singles["bend"]), 2, angles.singles["lean"])
    upper = turn(trunk, 1, angles.singles["twist"])
    points = {"pelvis": np.zeros((people, 3)), "thorax": at(trunk, (0, 0.3, 0))}
    points["belly"], points["chest"] = at(trunk, (0, 0.1, 0.008)), at(upper, (0, 0.215, 0.006))
    points["collar"] = at(upper, (0, 0.272, 0.055))
    _arms(points, upper, angles)
    _legs(points, root, angles)
    _head(points, upper, angles, size=head)
    return points


def _names() -> tuple[str, ...]:
    points = _points(
        draw_angles(Stream(0), 1), np.zeros(1, np.int64), head=np.ones(1), pitch=0, roll=0
    )
    sided = [
        [name] if place.ndim == 2 else [f"left_{name}", f"right_{name}"]
        for name, place in points.items()
    ]
    return tuple(name for names in sided for name in names)


NAMES = _names()  # joints are named as in `repro.people.skeletons`


HEAD, TORSO, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG, NOBODY = range(7)


@dataclass(frozen=True)
class Part:
    """A convex piece of the body: the hull of balls.

    balls: (body point, radius); group: what it hides and shows; cloth: index of its colour in a
    person's palette; bias: added to the mean depth that orders the pieces; detail: left out when
    small.
    """

    balls: tuple[tuple[str, float], ...]
    group: int
    cloth: int
    bias: float = 0.0
    detail: bool = False


SKIN, SHIRT, SLEEVE, TROUSERS, SHIN, SHOE, HAIR, EYE, DARK_SKIN, SEAT, FOREARM, ACCENT = range(12)


def _sided(side: str, arm: int, leg: int) -> list[Part]:
    def ball(name: str, radius: float) -> tuple[str, float]:
        return f"{side}_{name}", radius

    return [
        Part((ball("shoulder", 0.039), ball("elbow", 0.027)), arm, SLEEVE, 0.012),
        Part((ball("elbow", 0.026), ball("wrist", 0.019)), arm, FOREARM, 0.016),
        Part((ball("wrist", 0.018), ball("hand", 0.021)), arm, SKIN, 0.02),
        Part((ball("hip", 0.056), ball("knee", 0.037)), leg, TROUSERS, -0.002),
        Part((ball("knee", 0.036), ball("ankle", 0.023)), leg, SHIN, -0.006),
        Part((ball("heel", 0.022), ball("toe", 0.015)), leg, SHOE, -0.004),
        Part((ball("ear", 0.012),), HEAD, DARK_SKIN, 0.024, detail=True),
        Part((ball("eye", 0.008),), HEAD, EYE, 0.002, detail=True),
    ]


PARTS: tuple[Part, ...] = (
    Part(
        (("left_seat", 0.03), ("right_seat", 0.03), ("left_stand", 0.03), ("right_stand", 0.03)),
        NOBODY,
        SEAT,
        -0.03,
    ),
    *_sided("left", LEFT_ARM, LEFT_LEG),
    *_sided("right", RIGHT_ARM, RIGHT_LEG),
    Part((("left_hip", 0.057), ("right_hip", 0.057), ("belly", 0.06)), TORSO, TROUSERS, 0.0),
    Part(
        (
            ("left_shoulder", 0.036),
            ("right_shoulder", 0.036),
            ("chest", 0.078),
            ("belly", 0.07),
            ("left_hip", 0.046),
            ("right_hip", 0.046),
        ),
        TORSO,
        SHIRT,
        0.004,
    ),
    Part((("neck", 0.034), ("upper_neck", 0.032)), HEAD, SKIN, 0.002),
    Part((("collar", 0.026), ("neck", 0.03)), TORSO, SKIN, -0.002, detail=True),
    Part((("head", 0.06), ("jaw", 0.042)), HEAD, SKIN, 0.008),
    Part((("hair", 0.06), ("fringe", 0.061), ("nape", 0.042)), HEAD, HAIR, 0.02),
    Part((("nose", 0.009),), HEAD, DARK_SKIN, 0.0, detail=True),
    Part((("mouth", 0.009),), HEAD, DARK_SKIN, -0.004, detail=True),
)

# which groups show a joint; a joint at the surface of trunk or head is seen only from its own side
OWNERS: dict[str, tuple[int, ...]] = {
    "nose": (HEAD,),
    "eye": (HEAD,),
    "ear": (HEAD,),
    "shoulder": (TORSO,),
    "elbow": (),
    "wrist": (),
    "hip": (TORSO,),
    "knee": (),
    "ankle": (),
    "head_top": (HEAD,),
    "neck": (HEAD, TORSO),
    "upper_neck": (HEAD, TORSO),
    "thorax": (TORSO, HEAD),
    "pelvis": (TORSO,),
}
