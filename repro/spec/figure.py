"""What a figure shows, as frozen values: a figure file is one literal made of these classes.

A panel takes its numbers from tables, recipes or the literal itself. Numbers that stand in no table
but in another public place of the paper's authors are a `Quote`, which names that place and is
drawn so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from repro.errors import SpecError
from repro.spec.run import Run
from repro.spec.settings import Recipe


@dataclass(frozen=True)
class Group:
    """Rows of a table that share a marker; `joined` draws a line through them."""

    name: str
    rows: tuple[str, ...]
    joined: bool = False


@dataclass(frozen=True)
class Quote:
    """A model that no table lists. values: printed texts by field name. source: where they are
    printed.

    group: the group it belongs to. run: what would count it.
    """

    label: str
    values: Mapping[str, str]
    source: str
    group: str = ""
    run: Run | None = None


@dataclass(frozen=True)
class ScatterPanel:
    """Rows of a table (or ablation) as points.

    x, y, x_also: names of fields; `x_also` is the measured counterpart of `x`.
    told: values of x by row, where the paper prints them in its text and the table has none; x is
    then any column's name.
    rows: only these, () for all. Rows of no group are "compared methods".
    label: the field that names a point, "" for the row's key.
    front: mark the points that no other beats in both fields.
    """

    table: str
    x: str
    y: str
    x_also: str = ""
    groups: tuple[Group, ...] = ()
    rows: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    label: str = ""
    log_x: bool = False
    front: bool = True
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Which fields are plotted, and the table they are from."""
        return f"{self.y} over {self.x}, fed by {self.table}"


@dataclass(frozen=True)
class BarPanel:
    """Rows of a table (or ablation) as bars: `y` as reported and, where it is a count, as measured,
    `y_also` as measured only.

    measured: what is measured of an accuracy, in place of what is printed; a reduced number is no
    number of the paper, so both share no panel. Such a panel is left out until something is.
    """

    table: str
    y: str
    rows: tuple[str, ...] = ()
    y_also: str = ""
    quotes: tuple[Quote, ...] = ()
    measured: bool = False

    @property
    def words(self) -> str:
        """Which field the bars show, and the table it is from."""
        return f"{self.y} as bars, fed by {self.table}"


@dataclass(frozen=True)
class SchedulePanel:
    """What a recipe prescribes over its epochs; what: "rate" or "sigma"."""

    recipe: Recipe
    what: str

    def __post_init__(self) -> None:
        if self.what not in ("rate", "sigma"):
            raise SpecError(f"a schedule has no '{self.what}'; known: rate, sigma")

    @property
    def words(self) -> str:
        """Which setting is drawn, and the recipe it is from."""
        return f"{self.what} over {self.recipe.epochs} epochs of recipe {self.recipe.name}"


@dataclass(frozen=True)
class Stage:
    """Blocks of one width; the first has the stride.

    blocks: one pair of digits per block, its kernel and expansion, or "-", with spaces between.
    """

    name: str
    width: int
    stride: int
    blocks: str


@dataclass(frozen=True)
class BlockPanel:
    """A network block by block; size: side of its square input in px."""

    title: str
    size: int
    stages: tuple[Stage, ...]

    @property
    def words(self) -> str:
        """What the network is called, and how many blocks it has."""
        return f"{self.title}: {sum(len(stage.blocks.split()) for stage in self.stages)} blocks"


@dataclass(frozen=True)
class LearningPanel:
    """What a row's network scores while it learns by a reduced profile.

    value: name in the record's curve, which times `scale` is in the unit of `label`, of the axis.
    """

    table: str
    row: str
    value: str
    label: str
    title: str
    scale: float = 1.0
    profile: str = "mini"

    @property
    def words(self) -> str:
        """Which value is drawn, of which row, by which profile."""
        return f"{self.value} of {self.row} while it learns by profile {self.profile}"


@dataclass(frozen=True)
class PeoplePanel:
    """What trained networks find in pictures: first who is there, then a row per network.

    table, rows: the networks. profile: that trains them, and whose test pictures are shown.
    pictures: their numbers, from 0.
    """

    table: str
    rows: tuple[str, ...]
    pictures: tuple[int, ...]
    profile: str = "mini"

    @property
    def words(self) -> str:
        """How many pictures and networks, of which table, by which profile."""
        networks = f"{len(self.rows)} networks of {self.table}, trained by profile {self.profile}"
        return f"people found in {len(self.pictures)} pictures by {networks}"


@dataclass(frozen=True)
class MapsPanel:
    """Feature maps of trained networks: a row per picture; who is there, then a map per network and
    layer.

    layers: (row of the table, dotted path of a submodule, heading) in turn; a map is the mean of the
    layer's output over its channels. Others as of `PeoplePanel`.
    """

    table: str
    layers: tuple[tuple[str, str, str], ...]
    pictures: tuple[int, ...]
    profile: str = "mini"

    @property
    def rows(self) -> tuple[str, ...]:
        """The networks, each once."""
        return tuple(dict.fromkeys(row for row, _, _ in self.layers))

    @property
    def words(self) -> str:
        """How many maps, of which networks, by which profile."""
        networks = f"{' and '.join(self.rows)} of {self.table}"
        return f"{len(self.layers)} maps of {networks}, trained by profile {self.profile}"


@dataclass(frozen=True)
class DrawnPanel:
    """Drawn test pictures of one person with the joints that are labelled.

    pictures: their numbers, from 0. rings: thresholds of PCKh, as shares of 0.6 times the diagonal
    of the head's box; each is a circle around every joint. columns: pictures side by side.
    """

    pictures: tuple[int, ...]
    columns: int
    title: str = ""
    rings: tuple[float, ...] = ()
    data: str = "synthpose-mpii"
    level: str = "near"
    size: int = 256

    @property
    def words(self) -> str:
        """How many pictures of which drawn set, and which circles."""
        rings = "".join(f", PCKh@{ring:g}" for ring in self.rings)
        return f"{len(self.pictures)} pictures of {self.data}, level {self.level}{rings}"


Sights = PeoplePanel | MapsPanel
"""What trained networks are needed for."""
Panel = ScatterPanel | BarPanel | SchedulePanel | BlockPanel | LearningPanel | Sights | DrawnPanel


@dataclass(frozen=True)
class Figure:
    """A figure of a paper.

    columns: how many panels stand side by side. caption: printed below the picture.
    waits: what must be there before it can be drawn; a figure has either panels or this.
    """

    id: str
    paper: str
    number: str
    title: str
    panels: tuple[Panel, ...] = field(default=())
    columns: int = 1
    caption: str = ""
    waits: str = ""

    def __post_init__(self) -> None:
        if bool(self.panels) == bool(self.waits):
            raise SpecError(f"figure {self.id}: give panels, or say what it waits for")
