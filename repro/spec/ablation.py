"""An ablation: a question, and the rows of a table that answer it. An ablation file is one literal of these classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from repro.errors import SpecError
from repro.spec.table import Field, PaperTable, Row


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
            raise SpecError(f"ablation {self.id} has not been joined with its table", "repro.spec.catalog does that")
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
