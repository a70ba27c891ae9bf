"""What a kind of measurement has to provide. Each kind is one module of this folder."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from repro.models import zoo
from repro.record.found import Found, Records, state_of
from repro.record.record import Record
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row


@dataclass(frozen=True)
class Work(ABC):
    """A measurement without training: of one network, one or several records of one kind."""

    run: Run

    @abstractmethod
    def digests(self) -> Mapping[str, str]:
        """The keys of its records, each with the digest that a fresh record has."""

    @abstractmethod
    def measure(self) -> list[Record]:
        """Measure, and return the records. The network takes no memory (meta device)."""

    @abstractmethod
    def described(self) -> tuple[str, str, str]:
        """Its line in the list of `--dry-run`: kind, key, counting rules."""

    def missing(self, wanted: Callable[[str, str], bool]) -> "Work | None":
        """What of this work is left to do, None for nothing.

        wanted: says of a key and its fresh digest whether it has to be measured.
        """
        return self if any(wanted(key, digest) for key, digest in self.digests().items()) else None


class Kind(ABC):
    """One kind of measurement.

    column: the kind of the columns that it fills. title: heading of its columns in RESULTS.md.
    """

    column: str
    title: str

    @abstractmethod
    def key(self, run: Run, rule: str) -> str:
        """Key of the record that fills a cell, existing or not. rule: what `rule` returns."""

    @abstractmethod
    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The best of the records that could fill a cell, None where there is none."""

    def fills(self, run: Run, field: Field) -> bool:
        """True where the run can fill the field, whose column is of this kind."""
        return True

    def rule(self, row: Row, field: Field) -> str:
        """The counting rule of a cell, "" where nothing is counted."""
        return ""

    def work(self, tables: Iterable[PaperTable]) -> list[Work]:
        """What has to be measured without training to fill the tables' cells of this kind."""
        return []


def cells_of(kind: Kind, tables: Iterable[PaperTable]) -> Iterator[tuple[Row, Field, Run]]:
    """Every cell of the tables that a measurement of this kind fills."""
    for table in tables:
        for row in table.rows:
            for item in (*table.columns, *table.also):
                run = row.run_for(item)
                if (
                    run is not None
                    and item.definition.kind == kind.column
                    and kind.fills(run, item)
                ):
                    yield row, item, run


def family_of(run: Run) -> str:
    """The module of repro.models that builds a run's network, part of its records' file name."""
    return zoo.info(run.model).module


def found_at(records: Records, key: str, digest: str) -> Found | None:
    """The record of a key, marked as stale where its digest is not the given one."""
    record = records.get(key)
    return Found(record, state_of(record, digest)) if record else None
