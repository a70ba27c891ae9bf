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
class Series:
    """Rows that are compared: the first is the base, the others are its arms.

    rows: name of each row here, and its key in the ablation's table; `TABLE:KEY` for a row of another table.
    columns: field of the table by column, where this series has its own.
    """

    name: str
    rows: Mapping[str, str]
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ablation:
    """A view of a table: one question, the rows that answer it, printed as signed differences to the base.

    columns: names of the table's fields; a `Field` where the table has none under that name. own: rows that no table
    prints, whose `reported` are in the order of `columns`. waits: what has to be built before it can be measured, ""
    when nothing. differences: remarks that the table does not make.
    """

    id: str
    paper: str
    title: str
    question: str
    table_id: str
    columns: tuple[str | Field, ...]
    series: tuple[Series, ...]
    number: str = ""
    own: tuple[Row, ...] = ()
    waits: str = ""
    differences: tuple[str, ...] = ()
    resolved: PaperTable | None = field(default=None, compare=False, repr=False)

    @property
    def table(self) -> PaperTable:
        """The ablation as a plain table, one row per arm: cells are joined with records as in any table."""
        if self.resolved is None:
            raise SpecError(f"ablation {self.id} has not been joined with its table", "repro.catalog does that")
        return self.resolved

    def join(self, tables: Mapping[str, PaperTable]) -> "Ablation":
        """The ablation with its rows taken from the tables. Raises SpecError for a table, row or column that is not
        there."""
        table = _View(self, tables).table()
        return replace(self, number=table.number, resolved=table)


@dataclass(frozen=True)
class _View:
    """How an ablation becomes a table."""

    spec: Ablation
    tables: Mapping[str, PaperTable]

    def table(self) -> PaperTable:
        source = self._table(self.spec.table_id)
        fields = [(item, self._field(source, item)) for item in self.spec.columns]
        also = {item.name for item in source.also} if source else set[str]()
        return PaperTable(
            self.spec.id, self.spec.paper, self.spec.number or (source.number if source else ""), self.spec.title,
            tuple(item for _, item in fields if item.name not in also),
            tuple(row for series in self.spec.series for row in self._rows(series)),
            tuple(item for _, item in fields if item.name in also),
            self.spec.differences,
        )  # fmt: skip

    def _table(self, name: str) -> PaperTable | None:
        if name and name not in self.tables:
            raise SpecError(f"ablation {self.spec.id}: there is no table '{name}'", "repro list")
        return self.tables.get(name)

    def _field(self, source: PaperTable | None, item: str | Field) -> Field:
        """The field of a column: its own, or that of the table under the column's name."""
        if isinstance(item, Field):
            return item
        return self._found(source, item)

    def _found(self, source: PaperTable | None, name: str) -> Field:
        found = [one for one in (*source.columns, *source.also) if one.name == name] if source else []
        if not found:
            raise SpecError(f"ablation {self.spec.id}: table '{self.spec.table_id}' has no column '{name}'")
        return found[0]

    def _rows(self, series: Series) -> list[Row]:
        names = {name: f"{series.name}/{name}" if series.name else name for name in series.rows}
        base = next(iter(names.values()))
        return [
            replace(self._row(series, key), key=names[name], against="" if names[name] == base else base)
            for name, key in series.rows.items()
        ]

    def _row(self, series: Series, key: str) -> Row:
        own = {row.key: row for row in self.spec.own}
        if key in own:
            return own[key]
        name, _, rest = key.rpartition(":")
        table = self._table(name or self.spec.table_id)
        found = [row for row in table.rows if row.key == rest] if table else []
        if table is None or not found:
            raise SpecError(f"ablation {self.spec.id}: table '{name or self.spec.table_id}' has no row '{rest}'")
        return self._taken(table, found[0], series)

    def _taken(self, table: PaperTable, row: Row, series: Series) -> Row:
        """A row of a table with the view's columns; its run is the one that fills them."""
        source = self._table(self.spec.table_id)
        also = {item.name for item in source.also} if source else set[str]()
        names = [item if isinstance(item, str) else item.name for item in self.spec.columns]
        theirs = {name: series.columns.get(name, name) for name in names}
        runs = {self._found(table, name).run for name in series.columns.values()} - {""}
        return Row(
            row.key,
            tuple(table.reported(row, theirs[name]) for name in names if theirs[name] not in also),
            row.runs[runs.pop()] if runs else row.run,
            rules={name: row.rules[theirs[name]] for name in names if theirs[name] in row.rules},
            columns={name: row.columns[theirs[name]] for name in names if theirs[name] in row.columns},
            quoted=row.quoted,
        )
