"""Where the names beside points go: pure arithmetic on boxes in pixels, the same answer every time."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

GAPS = (5, 9, 14, 21, 31, 43, 57, 75, 95)  # px between point and name, tried in turn
ANGLES = (0, 180, 45, 315, 135, 225, 90, 270, 22, 338, 158, 202, 67, 293, 113, 247)  # degrees, the liked ones first
BLOCKED = 1e4  # cost of covering a name, a mark or the edge
PASSES = 4
LEADER = 10  # px from which a thin line ties a name to its point
AIR = 1.5  # px kept free around a name


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
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def within(self, other: "Box") -> bool:
        """True where it lies wholly in the other."""
        return self.x0 >= other.x0 and self.y0 >= other.y0 and self.x1 <= other.x1 and self.y1 <= other.y1

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Its point that is nearest to (x, y)."""
        return min(max(x, self.x0), self.x1), min(max(y, self.y0), self.y1)


class Name(NamedTuple):
    """A text of `width` x `height` px for the point (x, y); radius: of the mark. One that need not stay may be left."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    stays: bool = True


Segment = tuple[float, float, float, float]


class Ground(NamedTuple):
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
            along, up = (max(-1.0, min(1.0, 1.42 * part)) for part in _direction(angle))
            x = name.x + along * (name.radius + gap + name.width / 2)
            y = name.y + up * (name.radius + gap + name.height / 2)
            box = Box(x - name.width / 2, y - name.height / 2, x + name.width / 2, y + name.height / 2)
            yield gap * 2.0 + rank * 0.4, gap, box


def _points_on(line: Segment, step: float = 3.0) -> Iterator[Box]:
    x0, y0, x1, y1 = line
    count = max(1, int(math.hypot(x1 - x0, y1 - y0) / step))
    for index in range(count + 1):
        x, y = x0 + (x1 - x0) * index / count, y0 + (y1 - y0) * index / count
        yield Box(x, y, x + 0.01, y + 0.01)


def leader(name: Name, box: Box) -> Segment | None:
    """The thin line from a point to its name, or None where the name is near enough."""
    x, y = box.nearest(name.x, name.y)
    far = math.hypot(x - name.x, y - name.y)
    if far < name.radius + LEADER:
        return None
    share = (name.radius + 1) / far
    return name.x + (x - name.x) * share, name.y + (y - name.y) * share, x, y


def _cost(name: Name, box: Box, ground: Ground, others: Sequence[tuple[Name, Box]]) -> float:
    cost = 0.0 if box.within(ground.edge) else BLOCKED
    wide = box.grown(AIR)
    cost += BLOCKED * sum(wide.meets(mark) for mark in ground.marks)
    cost += BLOCKED * sum(wide.meets(other.grown(AIR)) for _, other in others)
    cost += 45 * sum(any(wide.meets(point) for point in _points_on(line)) for line in ground.lines)
    tie = leader(name, box)
    if tie:
        path = list(_points_on(tie))
        cost += BLOCKED * sum(any(point.meets(other) for point in path) for _, other in others)
        cost += 40 * sum(any(point.meets(mark) for point in path[2:]) for mark in ground.marks)
    for other, held in others:
        far = leader(other, held)
        if far:
            cost += BLOCKED * any(wide.meets(point) for point in _points_on(far))
    return cost


def _best(name: Name, ground: Ground, others: Sequence[tuple[Name, Box]]) -> tuple[float, Box]:
    best: tuple[float, Box] | None = None
    for base, _, box in _candidates(name):
        if best and base >= best[0]:
            break
        cost = base + _cost(name, box, ground, others)
        if best is None or cost < best[0]:
            best = cost, box
    assert best is not None
    return best


def place(names: Sequence[Name], ground: Ground) -> list[Box | None]:
    """A box for every name; None for one that need not stay and finds no free place.

    The crowded ones choose first, then all choose again while the others stand still.
    """
    crowd = [sum(math.hypot(one.x - other.x, one.y - other.y) < 80 for other in names) for one in names]
    order = sorted(range(len(names)), key=lambda index: (not names[index].stays, -crowd[index], index))
    held: dict[int, Box] = {}
    for _ in range(PASSES):
        before = dict(held)
        for index in order:
            others = [(names[other], box) for other, box in held.items() if other != index]
            cost, box = _best(names[index], ground, others)
            held.pop(index, None)
            if names[index].stays or cost < BLOCKED:
                held[index] = box
        if held == before:
            break
    return [held.get(index) for index in range(len(names))]
