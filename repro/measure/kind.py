"""What a kind of measurement is. Each kind is a module of this folder, which owns what is asked here."""

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
    """One piece of measuring that needs no training: one network, one record or several of one kind."""

    run: Run

    @abstractmethod
    def digests(self) -> Mapping[str, str]:
        """Keys of the records that it makes, each with the digest that a fresh one has."""

    @abstractmethod
    def measure(self) -> list[Record]:
        """The records. Nothing is allocated: networks are built on the meta device."""

    @abstractmethod
    def described(self) -> tuple[str, str, str]:
        """Kind, key and more, as `--dry-run` lists it."""

    def missing(self, wanted: Callable[[str, str], bool]) -> "Work | None":
        """What is left to measure of it; wanted: whether a key and digest have to be measured."""
        return self if any(wanted(*one) for one in self.digests().items()) else None


class Kind(ABC):
    """One kind of measurement.

    column: the kind of the columns that it fills. title: over its columns in RESULTS.md.
    """

    column: str
    title: str

    @abstractmethod
    def key(self, run: Run, rule: str) -> str:
        """Key of the record that fills a cell, also before there is one. rule: as of `rule`."""

    @abstractmethod
    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The best record of it that there is."""

    def fills(self, run: Run, field: Field) -> bool:
        """True where it can fill a field of its columns."""
        return True

    def rule(self, row: Row, field: Field) -> str:
        """The counting rule of a cell, "" for what is not counted."""
        return ""

    def work(self, tables: Iterable[PaperTable]) -> list[Work]:
        """All that tables want of it and that needs no training."""
        return []


def cells_of(kind: Kind, tables: Iterable[PaperTable]) -> Iterator[tuple[Row, Field, Run]]:
    """Every cell that a run fills by a kind."""
    for table in tables:
        for row in table.rows:
            for item in (*table.columns, *table.also):
                run = row.run_for(item)
                if run is not None and item.definition.kind == kind.column and kind.fills(run, item):
                    yield row, item, run


def family_of(run: Run) -> str:
    """The file in repro/models that builds a run's network: names the file of its records."""
    return zoo.info(run.model).module


def found_at(records: Records, key: str, digest: str) -> Found | None:
    """The record with a key."""
    record = records.get(key)
    return Found(record, state_of(record, digest)) if record else None
