"""What needs no training: counts, configurations and memory of networks on the meta device, as records."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial

from repro import counting, environment, memory, zoo
from repro.columns import Kind
from repro.console import track
from repro.errors import UsageError
from repro.processes import in_order
from repro.record import Record
from repro.spec import Field, PaperTable, Row, Run

Task = Callable[[], list[Record]]


def check_runs(table: PaperTable) -> None:
    """Raise UsageError when a run names an unknown model or a change that is no argument of its builder."""
    for row in table.rows:
        for run in (row.run, *row.runs.values()):
            if run is not None:
                try:
                    zoo.check(run.model, run.changes)
                except UsageError as fault:
                    raise UsageError(f"{table.id}, row {row.key}: {fault.message}", fault.hint) from fault


def _wanted(tables: Iterable[PaperTable], kind: Kind) -> Iterator[tuple[Row, Field, Run]]:
    """Every cell of a kind of column that a run fills."""
    for table in tables:
        for row in table.rows:
            for item in (*table.columns, *table.also):
                run = row.run_for(item)
                if run is not None and item.definition.kind == kind:
                    yield row, item, run


def counts_wanted(tables: Iterable[PaperTable]) -> dict[str, tuple[Run, set[str]]]:
    """Every network and size to count, with the rules its tables print; `true` always."""
    wanted: dict[str, tuple[Run, set[str]]] = {}
    for row, item, run in _wanted(tables, "count"):
        rules = wanted.setdefault(run.count_key(""), (run, {"true"}))[1]
        rules.add(row.rules.get(item.name, item.rule) or "true")
    return wanted


def measure_counts(run: Run, rules: Iterable[str]) -> list[Record]:
    """Count one network under several rules from one trace; nothing is allocated (meta device)."""
    start = time.perf_counter()
    module = zoo.info(run.model).module
    counted = counting.count_all(
        zoo.build_empty(run.model, **run.changes), run.shape, rules=sorted(rules), part=run.part
    )
    proof = {**environment.code_provenance(), "seconds": round(time.perf_counter() - start, 3)}
    return [
        Record(
            key=run.count_key(rule),
            digest=run.count_digest(rule, module),
            family=module,
            values={"params": one.params, one.unit.lower(): one.macs},
            provenance={**proof, "rule": rule},
        )
        for rule, one in counted.items()
    ]


def facts_wanted(tables: Iterable[PaperTable]) -> dict[str, Run]:
    """Every network whose configuration the tables print."""
    return {run.facts_key: run for _, item, run in _wanted(tables, "config") if item.definition.value}


def memory_wanted(tables: Iterable[PaperTable]) -> dict[str, Run]:
    """Every network whose activations' peak the tables print."""
    return {run.memory_key: run for _, _, run in _wanted(tables, "memory")}


def measure_facts(run: Run) -> list[Record]:
    """What a built network is: its own account of its configuration and the sides of the maps it returns."""
    module = zoo.info(run.model).module
    facts = zoo.facts(zoo.build_empty(run.model, **run.changes), run.shape, part=run.part)
    return [Record(run.facts_key, run.facts_digest(module), module, facts, provenance=environment.code_provenance())]


def measure_memory(run: Run) -> list[Record]:
    """The activations' peak of one network at batch 1; nothing is allocated (meta device)."""
    module = zoo.info(run.model).module
    values = {"peak_bytes": memory.peak_bytes(zoo.build_empty(run.model, **run.changes), run.shape)}
    return [Record(run.memory_key, run.memory_digest(module), module, values, provenance=environment.code_provenance())]


def measure_tables(tables: Iterable[PaperTable], *, workers: int | None = None) -> list[Record]:
    """Everything that the tables print and that needs no training: counts, configurations, memory.

    workers: processes; default: one per core. Each network is a task of its own.
    """
    tables = list(tables)
    tasks: list[Task] = [partial(measure_counts, *wanted) for wanted in counts_wanted(tables).values()]
    tasks += [partial(measure_facts, run) for run in facts_wanted(tables).values()]
    tasks += [partial(measure_memory, run) for run in memory_wanted(tables).values()]
    with closing(in_order(_do, tasks, count=workers or os.cpu_count() or 1)) as done:
        return [record for records in track(done, "counting", total=len(tasks)) for record in records]


def _do(task: Task) -> list[Record]:
    return task()


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
