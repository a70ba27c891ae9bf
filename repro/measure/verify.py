"""`repro verify`: what needs no training is measured afresh and compared with the records."""

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

    workers: processes, by default one per core. Each network is measured by one process.
    """
    tables = list(tables)
    work = [item for kind in KINDS for item in kind.work(tables)]
    with closing(in_order(_measure, work, count=workers or os.cpu_count() or 1)) as results:
        finished = track(results, "counting", total=len(work))
        return [record for records in finished for record in records]


def _measure(work: Work) -> list[Record]:
    return work.measure()


def compare(fresh: Iterable[Record], recorded: Mapping[str, Record]) -> list[str]:
    """One line per count that is missing, stale or different in the committed records."""
    lines = []
    for record in fresh:
        old = recorded.get(record.key)
        if old is None:
            lines.append(f"{record.key}: not recorded")
        elif not record.same_measurement(old):
            lines.append(
                f"{record.key}: recorded {dict(old.values)}, measured {dict(record.values)}"
            )
    return lines
