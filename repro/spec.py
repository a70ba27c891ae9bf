"""What a paper reports and which run should reach it: frozen values that check themselves.

A table or ablation file is one literal made of these classes. A `Run` says what is measured; a key names the
measurement, a digest changes whenever anything that could change the number does.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from repro.columns import Column, column
from repro.counting_rules import RULES
from repro.errors import SpecError
from repro.settings import Protocol, Recipe
from repro.versions import versions

Size = tuple[int, int]


def _size(size: int | Size) -> Size:
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) <= 0:
        raise SpecError(f"input size {height}x{width} is not positive")
    return height, width


def _text(value: Any) -> str:
    return re.sub(r"\s+", "", str(value))


def digest_of(*parts: Any) -> str:
    """Sixteen letters for plain values: part of a record, so that it is known when they have changed."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Run:
    """One thing to measure. `size` is the nominal input (height, width) or one number for a square.

    changes: keyword arguments of the family's builder. part: count or describe only this submodule.
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

    @property
    def network(self) -> str:
        """Model and changes, e.g. `litepose_s joints=14`."""
        return " ".join([self.model, *(f"{name}={_text(self.changes[name])}" for name in sorted(self.changes))])

    @property
    def what(self) -> str:
        """Model, changes and nominal size."""
        return "{} {}x{}".format(self.network, *self.shape)

    @property
    def _of_part(self) -> str:
        return f"{self.what} part={self.part}" if self.part else self.what

    def count_key(self, rule: str) -> str:
        """Key of a count record, e.g. `count litepose_s joints=14 448x448 rule=true`."""
        return f"count {self._of_part} rule={rule}"

    def count_digest(self, rule: str, family: str) -> str:
        """Hash of everything that can change a count: network, size, part, rule, and the versions of both codes."""
        return digest_of("count", self._of_part, rule, versions(family, "counting"))

    @property
    def facts_key(self) -> str:
        """Key of the record of what the built network (or part) is, e.g. `facts efficienthrnet_h0 512x512`."""
        return f"facts {self._of_part}"

    def facts_digest(self, family: str) -> str:
        """Hash of everything that can change what the built network is."""
        return digest_of("facts", self._of_part, versions(family, "facts"))

    @property
    def memory_key(self) -> str:
        """Key of the record of the activations' peak, e.g. `memory litepose_s 448x448`."""
        return f"memory {self.what}"

    def memory_digest(self, family: str) -> str:
        """Hash of everything that can change the activations' peak."""
        return digest_of("memory", self.what, versions(family, "memory"))


@dataclass(frozen=True)
class Field:
    """A printed column of one table.

    name: as in the transcription. column: name in COLUMNS when it differs. run: which of the row's runs fills it.
    rule: the paper's counting rule, for compute columns. part: only this submodule of the row's run is meant.
    label: the paper's own heading where it misleads.
    ratio, gain: a derived column: that field of the row named by `Row.against` divided by this row's, or this row's
    minus that one's. quoted: why nothing here can measure the column (a device, a test server).
    """

    name: str
    column: str = ""
    run: str = ""
    rule: str = ""
    part: str = ""
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
    rules, columns: this row's counting rule or column (unit) by field name, where it differs from the table's.
    against: key of the row that the derived columns compare with.
    notes: remarks by field name, shown under the table.
    """

    key: str
    reported: tuple[str, ...]
    run: Run | None = None
    runs: Mapping[str, Run] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    against: str = ""
    quoted: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def run_for(self, item: Field) -> Run | None:
        """The run that fills a field, or None where the cell is quoted."""
        if item.quoted or item.ratio or item.gain:
            return None
        run = self.runs.get(item.run) if item.run else self.run
        return replace(run, part=item.part) if run and item.part else run

    def field_for(self, item: Field) -> Field:
        """The field as this row prints it: with the row's own column where it has one."""
        own = self.columns.get(item.name)
        return replace(item, column=own) if own else item


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
        if item.rule and item.rule not in RULES:
            raise SpecError(f"table {self.id}, column {item.name}: unknown counting rule '{item.rule}'")
        for name in (item.ratio, item.gain):
            if name and name not in fields:
                raise SpecError(f"table {self.id}, column {item.name}: there is no column '{name}'")

    def _check_row(self, row: Row, fields: list[str], keys: list[str]) -> None:
        where, wide = f"table {self.id}, row {row.key}", len(self.columns)
        if len(row.reported) != wide:
            raise SpecError(f"{where}: {len(row.reported)} values for {wide} columns")
        strays = {*row.rules, *row.columns, *row.notes} - set(fields)
        if strays:
            raise SpecError(f"{where}: there is no column '{sorted(strays)[0]}'")
        for name in row.columns.values():
            column(name)
        if row.against and row.against not in keys:
            raise SpecError(f"{where}: there is no row '{row.against}' to compare with")

    def reported(self, row: Row, name: str) -> str:
        """The printed text of one cell, "" where the paper prints nothing."""
        names = [item.name for item in self.columns]
        return row.reported[names.index(name)] if name in names else ""


@dataclass(frozen=True)
class Arm:
    """One named change to the base of a series: what is changed, and what the paper prints for it ("" where nothing).

    changes: keywords of the builder, added to the base's; None takes one of the base's back. rules, columns: as of
    `Row`. The others replace the base's own where given.
    """

    name: str
    reported: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    size: int | Size | None = None
    protocol: Protocol | None = None
    recipe: Recipe | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
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
    changes = {**series.run.changes, **arm.changes}
    run = replace(
        series.run,
        model=arm.model or series.run.model,
        size=arm.size or series.run.size,
        protocol=arm.protocol or series.run.protocol,
        recipe=arm.recipe or series.run.recipe,
        changes={name: value for name, value in changes.items() if value is not None},
    )
    return Row(key, arm.reported, run, rules=arm.rules, columns=arm.columns, against=base)
