"""All that needs no training, measured afresh and held against the records: what `repro verify` does."""

import os
from collections.abc import Iterable, Mapping
from contextlib import closing

from repro.console import track
from repro.measure.kind import Work
from repro.measure.kinds import KINDS
from repro.processes import in_order
from repro.record.record import Record
from repro.spec.table import PaperTable


def measure_tables(tables: Iterable[PaperTable], *, workers: int | None = None) -> list[Record]:
    """Everything that the tables print and that needs no training: counts, configurations, memory.

    workers: processes; default: one per core. Each network is a task of its own.
    """
    tables = list(tables)
    work = [one for kind in KINDS for one in kind.work(tables)]
    with closing(in_order(_measure, work, count=workers or os.cpu_count() or 1)) as done:
        return [record for records in track(done, "counting", total=len(work)) for record in records]


def _measure(work: Work) -> list[Record]:
    return work.measure()


def compare(fresh: Iterable[Record], held: Mapping[str, Record]) -> list[str]:
    """One line per count that is missing, stale or different in the committed records."""
    lines = []
    for record in fresh:
        old = held.get(record.key)
        if old is None:
            lines.append(f"{record.key}: not recorded")
        elif not record.same_measurement(old):
            lines.append(f"{record.key}: recorded {dict(old.values)}, measured {dict(record.values)}")
    return lines
