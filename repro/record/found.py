"""The record that fills a cell, with what a reader must be told about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from repro.record.record import Record

Records = Mapping[str, Record]

RANKS = {"": 0, "reduced": 1, "stale": 2, "failed": 3}
"""Where there are several records for a cell, that of the lowest rank is shown."""


@dataclass(frozen=True)
class Found:
    """The record that fills a cell.

    state: reduced, stale or failed, as the cell shows it; "" for none of these.
    labels: what a reader must see beside the number. seeds: the records whose mean it is, by seed.
    basis: how an accuracy came about; only numbers on the same basis are subtracted.
    without: what it means that the record lacks a column's value, "" where that is a fault.
    """

    record: Record
    state: str = ""
    labels: str = ""
    seeds: Mapping[int, Record] = field(default_factory=dict)
    basis: str = ""
    without: str = ""

    def marked(self, text: str) -> str:
        """A number of the record as text; where it is stale, it says so."""
        return f"{text} (stale)" if self.state == "stale" else text


def state_of(record: Record, digest: str, otherwise: str = "") -> str:
    """State of a record, given the digest that a fresh one has."""
    if record.status == "failed":
        return "failed"
    return "stale" if record.digest != digest else otherwise


def words(*texts: str) -> str:
    """The texts that are not empty, with commas between them."""
    return ", ".join(filter(None, texts))


def mean(seeds: Mapping[int, Record]) -> Record:
    """The record of the first seed, with the means of the values that every seed's record has."""
    records: Sequence[Record] = [*seeds.values()]
    names = [name for name in records[0].values if all(name in record.values for record in records)]
    means = {name: fmean(float(record.values[name]) for record in records) for name in names}
    return replace(records[0], values=means) if len(records) > 1 else records[0]
