"""The panel kind of pictures side by side: people found by trained networks, their maps, and drawn
people.

What decides the pictures is in the digest, the pixels are not. So a picture of trained networks is
current as long as it was made from the weights that the records name, and nothing but that needs to
be known to say so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.charts.looks import RIM, SMALL, WIDTH, Legend
from repro.charts.numbers import feeding_table
from repro.errors import MissingError, SpecError
from repro.measure.accuracy import find_profile
from repro.record.found import Records
from repro.spec.figure import DrawnPanel, PeoplePanel, Sights
from repro.spec.profiles import PROFILES
from repro.spec.run import Run
from repro.spec.versions import VERSIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Tile = NDArray[np.uint8]
SIDE = 320  # px of a tile
SHOWN = 8  # letters of a weight file's hash
SEED = 0  # of the training whose network is shown
LEFT = 0.85  # inches for the names of rows
HEAD = 0.18  # inches for the names of columns
AIR = 0.02  # of a tile, around it
TRUTH = "who is there"
GIVEN = "given pictures"
NO_DIGEST = {"digest": False}  # of a field


class Pictures(NamedTuple):
    """Tiles (SIDE, SIDE, 3) uint8 row by row, and what is written into them, () for nothing."""

    tiles: Sequence[Sequence[Tile]]
    captions: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Tiles:
    """Square pictures in rows and columns.

    rows, columns: their names, () for none. across: pictures side by side. made_from: everything
    that decides the pictures. make: gives them; None where only their digest is asked for.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    across: int
    down: int
    made_from: tuple[str, ...]
    title: str = ""
    make: Callable[[], Pictures] | None = field(default=None, metadata=NO_DIGEST, compare=False)

    def height(self, columns: int) -> float:
        """What the panel takes with its names, in inches."""
        head = HEAD * bool(self.columns) + 0.25 * bool(self.title)
        return self._unit * self.down + head

    @property
    def _left(self) -> float:
        return LEFT if any(self.rows) else 0.0

    @property
    def _unit(self) -> float:
        """The side of a tile in inches."""
        return (WIDTH - 2 * RIM - self._left) / self.across

    def paint(self, axes: "Axes") -> None:
        """Row by row from the top, with names on the left and above. Raises SpecError where nobody
        makes the pictures."""
        if self.make is None:
            raise SpecError("a panel of pictures has nobody to make them")
        made, top = self.make(), HEAD / self._unit * bool(self.columns)
        for row, tiles in enumerate(made.tiles):
            for place, tile in enumerate(tiles):
                box = (place + AIR, place + 1 - AIR, -row - 1 + AIR, -row - AIR)
                axes.imshow(tile, extent=box, aspect="auto")
        style: dict[str, Any] = {"fontsize": SMALL, "gid": "name"}
        for row, name in enumerate(self.rows):
            words = "\n".join(name.split(" "))
            axes.text(-0.08, -row - 0.5, words, ha="right", va="center", **style)
        for place, name in enumerate(self.columns):
            axes.text(place + 0.5, top / 4, name, ha="center", va="bottom", **style)
        for row, texts in enumerate(made.captions):
            for place, text in enumerate(texts):
                axes.text(place + 0.05, -row - 0.94, text, va="bottom", **style)
        axes.set(xlim=(-self._left / self._unit, self.across), ylim=(-self.down, top))
        axes.set_axis_off()

    def legend(self) -> Legend:
        """Nothing: the names stand beside the pictures."""
        return []


# --- of trained networks --------------------------------------------------------------------------


def run_of(spec: Sights, name: str) -> Run:
    """What a row of the panel's table tests. Raises SpecError for a row that is not tested."""
    for row in feeding_table(spec.table).rows:
        if row.key == name and row.run and row.run.dataset:
            return row.run
    raise SpecError(f"{spec.table} has no row '{name}' that is tested")


def recorded(spec: Sights, records: Records) -> dict[str, str]:
    """The hash of the weights of every row whose training a record is of.

    Raises MissingError where there is none, or of a panel of maps not all.
    """
    weights = {}
    for row in spec.rows:
        found = find_profile(run_of(spec, row), PROFILES[spec.profile], records)
        record = found.seeds.get(SEED) if found and found.state == "reduced" else None
        if record and "weights" in record.provenance:
            weights[row] = str(record.provenance["weights"])
    lacking = [row for row in spec.rows if row not in weights]
    if not weights or (lacking and not isinstance(spec, PeoplePanel)):
        raise MissingError(
            f"no record by profile {spec.profile} of {', '.join(lacking)} of {spec.table}",
            f"repro table {spec.table} --run --profile {spec.profile}",
        )
    return weights


def of_networks(
    spec: Sights,
    weights: Mapping[str, str],
    *,
    pictures: Sequence[str] = (),
    make: Callable[[], Pictures] | None = None,
) -> Tiles:
    """The panel of networks with these weights, by row. pictures: names of given ones, in place of
    drawn ones."""
    shown = tuple(row for row in spec.rows if row in weights)
    drawn = f"profile {spec.profile}, pictures {spec.pictures}, version {VERSIONS['synthetic']}"
    source = (
        spec.words,
        " ".join(pictures) if pictures else drawn,
        *(f"{row} {weights[row]}" for row in shown),
    )
    number = len(pictures) or len(spec.pictures)
    if isinstance(spec, PeoplePanel):
        first = () if pictures else (TRUTH,)
        rows = (*first, *shown)
        return Tiles(rows, (), number, len(rows), source, make=make)
    headings = (TRUTH, *(heading for _, _, heading in spec.layers))
    return Tiles((), headings, len(headings), number, source, make=make)


def told(spec: Sights, weights: Mapping[str, str], *, given: bool = False) -> str:
    """What a reader must know of such a panel: which pictures, which weights, who is absent."""
    lacking = [row for row in spec.rows if row not in weights]
    hashes = ", ".join(f"{row} {sha256[:SHOWN]}" for row, sha256 in weights.items())
    profile = PROFILES[spec.profile]
    what = (
        "Given pictures."
        if given
        else f"Drawn people ({profile.dataset}), not the paper's pictures: networks trained for "
        f"minutes by profile {profile.name}, seed {SEED}."
    )
    absent = f" Not trained yet: {', '.join(lacking)}." if lacking else ""
    unsure = " Shown are people of whom the network is at least half as sure as of the surest."
    people = unsure if isinstance(spec, PeoplePanel) else ""
    return f"{what}{people} Weights: {hashes}.{absent}"


# --- of drawn people ------------------------------------------------------------------------------


def of_drawn(spec: DrawnPanel) -> Tiles:
    """The panel of drawn people; they are drawn when it is painted."""
    source = (spec.words, str(spec.pictures), f"version {VERSIONS['synthetic']}")
    down = -(-len(spec.pictures) // spec.columns)
    make = partial(_drawn, spec)
    return Tiles((), (), spec.columns, down, source, spec.title, make)


def _drawn(spec: DrawnPanel) -> Pictures:
    tiles = list(_people(spec))
    rows = range(0, len(tiles), spec.columns)
    return Pictures([tiles[start : start + spec.columns] for start in rows])


def _people(spec: DrawnPanel) -> Iterator[Tile]:
    """Every picture with the joints that are labelled of the person meant, and circles around
    them."""
    import cv2

    from repro.data.synth.faces import FACES, draw
    from repro.data.synth.levels import level
    from repro.evaluate.overlay import overlay

    size, skeleton = (spec.size, spec.size), FACES[spec.data]
    for index in spec.pictures:
        found = draw(spec.data, index, split="val", size=size, level=level(spec.level))
        sample = found.labelled.sample
        joints = sample.joints[found.main].copy()
        joints[:, 2] = joints[:, 2] > 0
        # a joint's own dot would hide the inner circle
        tile = sample.image.copy() if spec.rings else overlay(sample.image, joints[None], skeleton)
        head = 0.6 * float(np.hypot(*found.head_boxes[found.main][2:]))
        for x, y, _ in joints[joints[:, 2] > 0]:
            for ring in spec.rings:
                centre, radius = (round(x), round(y)), max(1, round(ring * head))
                for colour, width in (((255, 255, 255), 3), ((0, 0, 0), 1)):
                    cv2.circle(tile, centre, radius, colour, width, cv2.LINE_AA)
        yield tile
