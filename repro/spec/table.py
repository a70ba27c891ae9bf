"""What a paper's table reports, and which run should reach it: frozen values that check themselves.

A table file is one literal made of these classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from repro.errors import SpecError
from repro.spec.columns import Column, column
from repro.spec.counting_rules import RULES
from repro.spec.run import Run


@dataclass(frozen=True)
class Field:
    """A printed column of one table.

    name: as in the transcription. column: its name in COLUMNS where that differs.
    run: which of the row's runs fills it. rule: the paper's counting rule, for compute columns.
    part: only this submodule of the run's network is meant.
    label: a heading of ours where the paper's own misleads.
    ratio, gain: the field that a derived column compares with the row of `Row.against`:
    `ratio` is that row's value divided by this row's, `gain` this row's minus that row's.
    quoted: why nothing here can measure the column (a device, a test server).
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
    """One printed row: values exactly as printed, in the table's order ("" where the paper prints
    nothing).

    run, runs: what should reach them, `runs` by the names that fields ask for; a row without a run
    is quoted, and `quoted` says why.
    rules, columns: by field name, this row's counting rule or column, where it is not the table's.
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
        column_name = self.columns.get(item.name)
        return replace(item, column=column_name) if column_name else item


@dataclass(frozen=True)
class PaperTable:
    """One printed table.

    also: columns that are only measured, for which the paper has no value.
    differences: remarks, which are numbered in print.
    """

    id: str
    paper: str
    number: str
    title: str
    columns: tuple[Field, ...]
    rows: tuple[Row, ...]
    also: tuple[Field, ...] = ()
    differences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields, keys = (
            [item.name for item in (*self.columns, *self.also)],
            [row.key for row in self.rows],
        )
        for noun, names in (("column", fields), ("row key", keys)):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise SpecError(f"table {self.id}: {noun} used twice: {', '.join(sorted(twice))}")
        for item in (*self.columns, *self.also):
            self._check_field(item, fields)
        for row in self.rows:
            self._check_row(row, fields, keys)

    def _check_field(self, item: Field, fields: list[str]) -> None:
        item.definition  # noqa: B018  raises for an unknown column
        if item.rule and item.rule not in RULES:
            raise SpecError(
                f"table {self.id}, column {item.name}: unknown counting rule '{item.rule}'"
            )
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
