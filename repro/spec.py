"""What a paper reports and which run should reach it: frozen values that check themselves.

A table or ablation file is one literal made of these classes. A `Run` says what is measured; its `key` names the
measurement, its `digest` changes whenever anything that could change the number does.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from repro.columns import Column, column
from repro.errors import SpecError
from repro.versions import VERSIONS

Size = tuple[int, int]


@dataclass(frozen=True)
class Protocol:
    """How a trained network is tested. Names and defaults follow PROTOCOL of the bottom-up code bases.

    scales: test scales, 1.0 is the nominal size. nms: side of the peak window in pixels.
    assignment: "scipy" or "munkres" (the original's tie rule).
    """

    name: str
    task: str = "bottom-up"
    scales: tuple[float, ...] = (1.0,)
    flip: bool = True
    max_people: int = 30
    threshold: float = 0.1
    tag_threshold: float = 1.0
    nms: int = 5
    adjust: bool = True
    refine: bool = True
    assignment: str = "scipy"


@dataclass(frozen=True)
class Recipe:
    """A paper's training schedule.

    source: section or table. batch: images per step over all devices. milestones: epochs after which the rate is
    multiplied by `decay`. loss_weights: heatmap, pull, push. rotation in degrees, shift in units of 1/200 of the
    short side x 200 px (the originals' convention). choices: what the paper leaves open and what we chose.
    """

    name: str
    source: str
    task: str = "bottom-up"
    optimizer: str = "adam"
    rate: float = 1e-3
    weight_decay: float = 0.0
    epochs: int = 300
    milestones: tuple[int, ...] = (200, 260)
    decay: float = 0.1
    batch: int = 12
    loss_weights: tuple[float, float, float] = (1.0, 1e-3, 1e-3)
    sigma: float = 2.0
    scale: tuple[float, float] = (0.75, 1.5)
    rotation: float = 30.0
    shift: float = 40.0
    flip: float = 0.5
    max_people: int = 30
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """How much of a recipe is run. `paper` is the whole; every other profile is reduced and labelled so.

    dataset: replaces the run's data set ("" keeps it). size: training and test size in px (0 keeps the run's).
    steps: optimiser steps in all (0 keeps the recipe's epochs). batch: images per step (0 keeps the recipe's).
    train_images, val_images: images drawn for a synthetic data set.
    """

    name: str
    dataset: str = ""
    size: int = 0
    steps: int = 0
    batch: int = 0
    train_images: int = 0
    val_images: int = 0

    @property
    def reduced(self) -> bool:
        """True unless the paper's own recipe runs on the paper's own data."""
        return self.name != "paper"


def _size(size: int | Size) -> Size:
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) <= 0:
        raise SpecError(f"input size {height}x{width} is not positive")
    return height, width


def _text(value: Any) -> str:
    return re.sub(r"\s+", "", str(value))


def _versions(*parts: str) -> list[int]:
    return [VERSIONS.get(part, 0) for part in parts]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Run:
    """One thing to measure. `size` is the nominal input (height, width) or one number for a square.

    changes: keyword arguments of the family's builder. part: count only this submodule.
    A run without `dataset` can be counted and timed only.
    """

    model: str
    size: int | Size
    changes: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = ""
    protocol: Protocol | None = None
    recipe: Recipe | None = None
    part: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", _size(self.size))
        if self.dataset and self.protocol is None:
            raise SpecError(f"run of {self.model} on {self.dataset} names no protocol")

    @property
    def shape(self) -> Size:
        """Nominal input (height, width)."""
        return _size(self.size)

    def _what(self) -> list[str]:
        changes = [f"{name}={_text(self.changes[name])}" for name in sorted(self.changes)]
        return [self.model, *changes, "{}x{}".format(*self.shape)]

    def count_key(self, rule: str) -> str:
        """Key of a count record, e.g. `count litepose_s joints=14 448x448 rule=true`."""
        part = [f"part={self.part}"] if self.part else []
        return " ".join(["count", *self._what(), *part, f"rule={rule}"])

    @property
    def facts_key(self) -> str:
        """Key of the record of what the built network is, e.g. `facts efficienthrnet_h0 512x512`."""
        return " ".join(["facts", *self._what()])

    def facts_digest(self, family: str) -> str:
        """Hash of everything that can change what the built network is."""
        return _digest(self._what(), *_versions(family))

    def evaluate_key(self, how: str, *, dataset: str = "", seed: int = 0) -> str:
        """Key of an accuracy record; `how` is `profile=NAME` or `weights=HASH`."""
        protocol = self.protocol.name if self.protocol else "none"
        data = dataset or self.dataset
        seeds = [f"seed={seed}"] if how.startswith("profile=") else []
        recipe = [f"recipe={self.recipe.name}"] if self.recipe and seeds else []
        return " ".join(["evaluate", *self._what(), f"data={data}", f"protocol={protocol}", *recipe, how, *seeds])

    def count_digest(self, rule: str, family: str) -> str:
        """Hash of everything that can change a count: network, size, part, rule, and the versions of both codes."""
        return _digest(self._what(), self.part, rule, *_versions(family, "counting"))

    def evaluate_digest(self, profile: Profile, seed: int, family: str) -> str:
        """Hash of everything that can change a trained network's score."""
        recipe = {} if self.recipe is None else {k: v for k, v in asdict(self.recipe).items() if k != "choices"}
        protocol = asdict(self.protocol) if self.protocol else {}
        data = profile.dataset or self.dataset
        versions = _versions(family, "training", "decode", *(["synthetic"] if data.startswith("synthetic") else []))
        return _digest(self._what(), data, protocol, recipe, asdict(profile), seed, *versions)

    def weights_digest(self, weights: str, family: str) -> str:
        """Hash of everything that can change the score of given weights (`weights`: their hash)."""
        protocol = asdict(self.protocol) if self.protocol else {}
        return _digest(self._what(), self.dataset, protocol, weights, *_versions(family, "decode"))


@dataclass(frozen=True)
class Field:
    """A printed column of one table.

    name: as in the transcription. column: name in COLUMNS when it differs. run: which of the row's runs fills it.
    rule: the paper's counting rule, for compute columns. label: the paper's own heading where it misleads.
    ratio, gain: a derived column: that field of the row named by `Row.against` divided by this row's, or this row's
    minus that one's. quoted: why nothing here can measure the column (a device, a test server).
    """

    name: str
    column: str = ""
    run: str = ""
    rule: str = ""
    label: str = ""
    ratio: str = ""
    gain: str = ""
    quoted: str = ""

    @property
    def definition(self) -> Column:
        """Label, unit and tolerance; raises SpecError for an unknown column."""
        return column(self.column or self.name)

    @property
    def title(self) -> str:
        """Heading, with unit and counting rule."""
        text = self.label or self.definition.title
        return f"{text}, rule {self.rule}" if self.rule else text


@dataclass(frozen=True)
class Row:
    """One printed row: values exactly as printed, in the table's order ("" where the paper prints nothing).

    run, runs: what should reach them; a row without a run is quoted, and `quoted` says why.
    rules: this row's counting rule by field name, where it differs from the table's.
    against: key of the row that the derived columns compare with.
    notes: remarks by field name, shown under the table.
    """

    key: str
    reported: tuple[str, ...]
    run: Run | None = None
    runs: Mapping[str, Run] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    against: str = ""
    quoted: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def run_for(self, item: Field) -> Run | None:
        """The run that fills a field, or None where the cell is quoted."""
        if item.quoted or item.ratio or item.gain:
            return None
        return self.runs.get(item.run) if item.run else self.run


@dataclass(frozen=True)
class PaperTable:
    """One printed table. `also` are measured-only columns (no paper value), `differences` numbered remarks."""

    id: str
    paper: str
    number: str
    title: str
    columns: tuple[Field, ...]
    rows: tuple[Row, ...]
    also: tuple[Field, ...] = ()
    differences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields, keys = [item.name for item in (*self.columns, *self.also)], [row.key for row in self.rows]
        for what, names in (("column", fields), ("row key", keys)):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise SpecError(f"table {self.id}: {what} used twice: {', '.join(sorted(twice))}")
        for item in (*self.columns, *self.also):
            self._check_field(item, fields)
        for row in self.rows:
            self._check_row(row, fields, keys)

    def _check_field(self, item: Field, fields: list[str]) -> None:
        item.definition  # noqa: B018  raises for an unknown column
        for name in (item.ratio, item.gain):
            if name and name not in fields:
                raise SpecError(f"table {self.id}, column {item.name}: there is no column '{name}'")

    def _check_row(self, row: Row, fields: list[str], keys: list[str]) -> None:
        where, wide = f"table {self.id}, row {row.key}", len(self.columns)
        if len(row.reported) != wide:
            raise SpecError(f"{where}: {len(row.reported)} values for {wide} columns")
        strays = {*row.rules, *row.notes} - set(fields)
        if strays:
            raise SpecError(f"{where}: there is no column '{sorted(strays)[0]}'")
        if row.against and row.against not in keys:
            raise SpecError(f"{where}: there is no row '{row.against}' to compare with")

    def reported(self, row: Row, name: str) -> str:
        """The printed text of one cell, "" where the paper prints nothing."""
        names = [item.name for item in self.columns]
        return row.reported[names.index(name)] if name in names else ""


@dataclass(frozen=True)
class Figure:
    """A plot of one table: `x`, `y` and `x_also` (the measured counterpart of `x`) are field names.

    own: rows that are models of the paper itself.
    """

    id: str
    paper: str
    number: str
    title: str
    table: str
    x: str
    y: str
    log_x: bool = False
    x_also: str = ""
    own: tuple[str, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Arm:
    """One named change to the base of a series: what is changed, and what the paper prints for it ("" where nothing).

    changes: keywords of the builder, added to the base's. The others replace the base's own where given.
    """

    name: str
    reported: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    size: int | Size | None = None
    recipe: Recipe | None = None
    quoted: str = ""


@dataclass(frozen=True)
class Series:
    """One base network with its arms. `name` and `base` name series and base row; `reported` is the base's.

    A series whose base cannot be built has no run, and `quoted` says why.
    """

    name: str
    base: str
    reported: tuple[str, ...]
    arms: tuple[Arm, ...]
    run: Run | None = None
    quoted: str = ""


@dataclass(frozen=True)
class Ablation:
    """An ablation: base runs and named changes, printed as signed differences to the base.

    waits: what has to be built before it can be measured, "" when nothing.
    """

    id: str
    paper: str
    number: str
    title: str
    columns: tuple[Field, ...]
    series: tuple[Series, ...]
    also: tuple[Field, ...] = ()
    waits: str = ""
    differences: tuple[str, ...] = ()

    @property
    def table(self) -> PaperTable:
        """The ablation as a plain table, one row per arm: cells are joined with records as in any table."""
        rows = tuple(row for one in self.series for row in _series_rows(one))
        return PaperTable(self.id, self.paper, self.number, self.title, self.columns, rows, self.also, self.differences)


def _series_rows(series: Series) -> list[Row]:
    base = Row(_arm_key(series, series.base), series.reported, series.run, quoted=series.quoted)
    return [base, *(_arm_row(series, arm, base.key) for arm in series.arms)]


def _arm_key(series: Series, name: str) -> str:
    return f"{series.name}/{name}" if series.name else name


def _arm_row(series: Series, arm: Arm, base: str) -> Row:
    key, quoted = _arm_key(series, arm.name), arm.quoted or series.quoted
    if series.run is None or quoted:
        return Row(key, arm.reported, against=base, quoted=quoted)
    run = replace(
        series.run,
        model=arm.model or series.run.model,
        size=arm.size or series.run.size,
        recipe=arm.recipe or series.run.recipe,
        changes={**series.run.changes, **arm.changes},
    )
    return Row(key, arm.reported, run, against=base)
