"""A record that was looked for and found, with what a reader must be told about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from repro.record.record import Record

Records = Mapping[str, Record]

RANKS = {"": 0, "reduced": 1, "stale": 2, "failed": 3}
"""Which state is shown where there are several records."""


@dataclass(frozen=True)
class Found:
    """A record that fills a cell.

    state: "" or a state that a cell shows. labels: what a reader must see beside the number. seeds: the records it is
    the mean of. ground: how an accuracy came about; only numbers of one ground are subtracted. without: what it means
    that the record lacks a column's value, "" where that is a fault.
    """

    record: Record
    state: str = ""
    labels: str = ""
    seeds: Mapping[int, Record] = field(default_factory=dict)
    ground: str = ""
    without: str = ""

    def marked(self, text: str) -> str:
        """A number of the record as text; where it is stale, it says so."""
        return f"{text} (stale)" if self.state == "stale" else text


def state_of(record: Record, digest: str, otherwise: str = "") -> str:
    """State of a record, given the digest that a fresh one has."""
    if record.status == "failed":
        return "failed"
    return "stale" if record.digest != digest else otherwise


def words(*parts: str) -> str:
    """The parts that are not empty, with commas."""
    return ", ".join(filter(None, parts))


def mean(seeds: Mapping[int, Record]) -> Record:
    """The record of the first seed with the means of what all of them hold."""
    records: Sequence[Record] = [*seeds.values()]
    names = [name for name in records[0].values if all(name in one.values for one in records)]
    means = {name: fmean(float(one.values[name]) for one in records) for name in names}
    return replace(records[0], values=means) if len(records) > 1 else records[0]
