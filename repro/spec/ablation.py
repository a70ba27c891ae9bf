"""An ablation: a question, and the rows of a table that answer it. An ablation file is one literal
of these classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from repro.errors import SpecError
from repro.spec.table import Field, PaperTable, Row


@dataclass(frozen=True)
class Series:
    """Rows that are compared: the first is the base, the others are its arms.

    rows: by the name of a row in this series, its key in the ablation's table, or `TABLE:KEY` for
    a row of another table.
    columns: by the name of a column, the field of the table that fills it in this series, where
    that is another one.
    expects: where the paper says in words how all arms go and prints no number: +1 for better, -1
    for worse.
    """

    name: str
    rows: Mapping[str, str]
    columns: Mapping[str, str] = field(default_factory=dict)
    expects: int = 0

    def key(self, name: str) -> str:
        """The key, in the ablation's table, of the row that is called so in this series."""
        return f"{self.name}/{name}" if self.name else name


@dataclass(frozen=True)
class Ablation:
    """A view of a table: one question, the rows that answer it, printed as signed differences to
    the base.

    columns: names of the table's fields; a `Field` where the table has none under that name.
    measures: names of columns that show what the question is about and that no paper prints.
    own: rows that no table prints, whose `reported` are in the order of `columns`.
    waits: what has to be built before it can be measured, "" when nothing.
    differences: remarks that the table does not make.
    resolved: the rows as a table; `join` fills it in.
    """

    id: str
    paper: str
    title: str
    question: str
    table_id: str
    columns: tuple[str | Field, ...]
    series: tuple[Series, ...]
    number: str = ""
    measures: tuple[str, ...] = ()
    own: tuple[Row, ...] = ()
    waits: str = ""
    differences: tuple[str, ...] = ()
    resolved: PaperTable | None = field(default=None, compare=False, repr=False)

    @property
    def table(self) -> PaperTable:
        """The ablation as a plain table, one row per arm: cells are joined with records as in any
        table."""
        if self.resolved is None:
            raise SpecError(
                f"ablation {self.id} has not been joined with its table",
                "repro.spec.catalog does that",
            )
        return self.resolved

    def expected(self, arm: str) -> int:
        """What the paper says in words of an arm, by the arm's key: +1 better, -1 worse, 0
        nothing."""
        said = [one for one in self.series if arm in map(one.key, one.rows)]
        return said[0].expects if said else 0

    def join(self, tables: Mapping[str, PaperTable]) -> "Ablation":
        """The ablation with its rows taken from the tables.

        Raises SpecError for a table, row or column that is not there.
        """
        table = _View(self, tables).table()
        return replace(self, number=table.number, resolved=table)


@dataclass(frozen=True)
class _View:
    """Makes a table of an ablation: its columns and rows are looked up in the tables it names."""

    spec: Ablation
    tables: Mapping[str, PaperTable]

    def table(self) -> PaperTable:
        source = self._table(self.spec.table_id)
        fields = [(item, self._field(source, item)) for item in self.spec.columns]
        also = {item.name for item in source.also} if source else set[str]()
        return PaperTable(
            self.spec.id,
            self.spec.paper,
            self.spec.number or (source.number if source else ""),
            self.spec.title,
            tuple(item for _, item in fields if item.name not in also),
            tuple(row for series in self.spec.series for row in self._rows(series)),
            (
                *(item for _, item in fields if item.name in also),
                *(Field(name) for name in self.spec.measures),
            ),
            self.spec.differences,
        )

    def _table(self, name: str) -> PaperTable | None:
        if name and name not in self.tables:
            raise SpecError(f"ablation {self.spec.id}: there is no table '{name}'", "repro list")
        return self.tables.get(name)

    def _field(self, source: PaperTable | None, item: str | Field) -> Field:
        """The field of a column: its own, or that of the table under the column's name."""
        if isinstance(item, Field):
            return item
        return self._field_named(source, item)

    def _field_named(self, source: PaperTable | None, name: str) -> Field:
        for item in (*source.columns, *source.also) if source else ():
            if item.name == name:
                return item
        where = f"ablation {self.spec.id}: table '{self.spec.table_id}'"
        raise SpecError(f"{where} has no column '{name}'")

    def _rows(self, series: Series) -> list[Row]:
        names = {name: series.key(name) for name in series.rows}
        base = next(iter(names.values()))
        return [
            replace(
                self._row(series, key), key=names[name], against="" if names[name] == base else base
            )
            for name, key in series.rows.items()
        ]

    def _row(self, series: Series, key: str) -> Row:
        own_rows = {row.key: row for row in self.spec.own}
        if key in own_rows:
            return own_rows[key]
        table_name, _, row_key = key.rpartition(":")
        table_name = table_name or self.spec.table_id
        table = self._table(table_name)
        for row in table.rows if table else ():
            if table and row.key == row_key:
                return self._viewed(table, row, series)
        raise SpecError(f"ablation {self.spec.id}: table '{table_name}' has no row '{row_key}'")

    def _viewed(self, table: PaperTable, row: Row, series: Series) -> Row:
        """A row of a table with the view's columns; its run is the one that fills them."""
        source = self._table(self.spec.table_id)
        also = {item.name for item in source.also} if source else set[str]()
        names = [item if isinstance(item, str) else item.name for item in self.spec.columns]
        theirs = {name: series.columns.get(name, name) for name in names}
        runs = {self._field_named(table, name).run for name in series.columns.values()} - {""}
        return Row(
            row.key,
            tuple(table.reported(row, theirs[name]) for name in names if theirs[name] not in also),
            row.runs[runs.pop()] if runs else row.run,
            rules={name: row.rules[theirs[name]] for name in names if theirs[name] in row.rules},
            columns={
                name: row.columns[theirs[name]] for name in names if theirs[name] in row.columns
            },
            quoted=row.quoted,
        )
