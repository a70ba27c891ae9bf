"""Where the names beside points go: pure arithmetic on boxes in pixels, the same answer every
time."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

GAPS = (5, 9, 14, 21, 30, 41, 54, 70, 90, 115, 145)  # px between point and name, tried in turn
# degrees, the liked ones first
ANGLES = (
    0,
    180,
    45,
    315,
    135,
    225,
    90,
    270,
    22,
    338,
    158,
    202,
    67,
    293,
    113,
    247,
)
BLOCKED = 1e4  # cost of covering a name, a mark or the edge
STRUCK = 1e3  # cost of a line through the name
FAR = 150  # cost from which a name that need not stay is left out
PASSES = 4
LEADER = 10  # px from which a thin line ties a name to its point
AIR = 1.5  # px kept free around a name


Segment = tuple[float, float, float, float]  # from (x0, y0) to (x1, y1)


class Box(NamedTuple):
    """Lower left and upper right corner."""

    x0: float
    y0: float
    x1: float
    y1: float

    def grown(self, by: float) -> "Box":
        """The box with a rim."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def meets(self, other: "Box") -> bool:
        """True where the two share more than an edge."""
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def within(self, other: "Box") -> bool:
        """True where it lies wholly in the other."""
        return (
            self.x0 >= other.x0
            and self.y0 >= other.y0
            and self.x1 <= other.x1
            and self.y1 <= other.y1
        )

    def holds(self, x: float, y: float) -> bool:
        """True where the point lies in it."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def crossed(self, line: "Segment") -> bool:
        """True where a part of the line lies in it (Liang and Barsky's clipping)."""
        x, y, across, up = line[0], line[1], line[2] - line[0], line[3] - line[1]
        first, last = 0.0, 1.0
        for step, room in (
            (-across, x - self.x0),
            (across, self.x1 - x),
            (-up, y - self.y0),
            (up, self.y1 - y),
        ):
            if step == 0 and room < 0:
                return False
            if step < 0:
                first = max(first, room / step)
            elif step > 0:
                last = min(last, room / step)
        return first <= last

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Its point that is nearest to (x, y)."""
        return min(max(x, self.x0), self.x1), min(max(y, self.y0), self.y1)


class Name(NamedTuple):
    """A text of `width` x `height` px for the point (x, y); radius: of the mark.

    stays: it is written even where it must cover something; others are left out there.
    """

    x: float
    y: float
    width: float
    height: float
    radius: float
    stays: bool = True


class Surroundings(NamedTuple):
    """What names must not cover (marks), should not cover (lines) and must not leave (edge)."""

    edge: Box
    marks: Sequence[Box]
    lines: Sequence[Segment]


def _direction(angle: float) -> tuple[float, float]:
    return math.cos(math.radians(angle)), math.sin(math.radians(angle))


def _candidates(name: Name) -> Iterator[tuple[float, float, Box]]:
    """(cost, gap, box) around the point, near and liked ones first."""
    for gap in GAPS:
        for rank, angle in enumerate(ANGLES):
            along, up = (max(-1.0, min(1.0, 1.42 * share)) for share in _direction(angle))
            x = name.x + along * (name.radius + gap + name.width / 2)
            y = name.y + up * (name.radius + gap + name.height / 2)
            box = Box(
                x - name.width / 2, y - name.height / 2, x + name.width / 2, y + name.height / 2
            )
            yield gap * 2.0 + rank * 0.4, gap, box


def leader(name: Name, box: Box) -> Segment | None:
    """The thin line from a point to its name, or None where the name is near enough."""
    x, y = box.nearest(name.x, name.y)
    far = math.hypot(x - name.x, y - name.y)
    if far < name.radius + LEADER:
        return None
    share = (name.radius + 1) / far
    return name.x + (x - name.x) * share, name.y + (y - name.y) * share, x, y


def _cost(
    name: Name, box: Box, surroundings: Surroundings, others: Sequence[tuple[Box, Segment | None]]
) -> float:
    """others: the names that stand already, with their lines."""
    wide = box.grown(AIR)
    cost = 0.0 if box.within(surroundings.edge) else 2 * BLOCKED
    cost += BLOCKED * sum(wide.meets(mark) for mark in surroundings.marks)
    cost += BLOCKED * sum(
        wide.meets(other.grown(AIR)) + bool(tie and wide.crossed(tie)) for other, tie in others
    )
    cost += STRUCK * sum(wide.crossed(line) for line in surroundings.lines)
    tie = leader(name, box)
    if tie:
        cost += BLOCKED * sum(other.crossed(tie) for other, _ in others)
        cost += 40 * sum(
            mark.crossed(tie) for mark in surroundings.marks if not mark.holds(name.x, name.y)
        )
    return cost


def _best(
    name: Name, surroundings: Surroundings, others: Sequence[tuple[Box, Segment | None]]
) -> tuple[float, Box]:
    best: tuple[float, Box] | None = None
    for base, _, box in _candidates(name):
        if best and base >= best[0]:
            break
        cost = base + _cost(name, box, surroundings, others)
        if best is None or cost < best[0]:
            best = cost, box
    assert best is not None
    return best


def place(names: Sequence[Name], surroundings: Surroundings) -> list[Box | None]:
    """A box for every name; None for one that need not stay and finds no free place.

    The crowded ones choose first, then all choose again while the others stand still.
    """
    crowd = [
        sum(math.hypot(name.x - other.x, name.y - other.y) < 80 for other in names)
        for name in names
    ]
    order = sorted(
        range(len(names)), key=lambda index: (not names[index].stays, -crowd[index], index)
    )
    placed: dict[int, Box] = {}
    for _ in range(PASSES):
        before = dict(placed)
        for index in order:
            others = [
                (box, leader(names[other], box)) for other, box in placed.items() if other != index
            ]
            cost, box = _best(names[index], surroundings, others)
            placed.pop(index, None)
            if names[index].stays or cost < FAR:
                placed[index] = box
        if placed == before:
            break
    return [placed.get(index) for index in range(len(names))]
