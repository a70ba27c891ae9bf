"""The data flow on one screen: a run of a spec becomes a record.

spec -> network -> ( count | train -> checkpoint -> evaluate ) -> record
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from repro import counting, environment, jobs, memory, zoo
from repro.columns import Kind
from repro.console import talk, track
from repro.errors import CheckError, MissingError, ReproError, UsageError
from repro.grid import Grid
from repro.record import Record, dump
from repro.spec import Field, PaperTable, Profile, Row, Run
from repro.store import Store, write_atomically


def check_runs(table: PaperTable) -> None:
    """Raise UsageError when a run names an unknown model or a change that is no argument of its builder."""
    for row in table.rows:
        for run in (row.run, *row.runs.values()):
            if run is not None:
                zoo.check(run.model, run.changes)


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
    counted = counting.count_all(jobs.build_empty(run), run.shape, rules=sorted(rules), part=run.part)
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


def measure_facts(run: Run) -> Record:
    """What a built network is: its own account of its configuration and the sides of the maps it returns."""
    module = zoo.info(run.model).module
    facts = zoo.facts(jobs.build_empty(run), run.shape, part=run.part)
    return Record(run.facts_key, run.facts_digest(module), module, facts, provenance=environment.code_provenance())


def measure_memory(run: Run) -> Record:
    """The activations' peak of one network at batch 1; nothing is allocated (meta device)."""
    module = zoo.info(run.model).module
    values = {"peak_bytes": memory.peak_bytes(jobs.build_empty(run), run.shape)}
    return Record(run.memory_key, run.memory_digest(module), module, values, provenance=environment.code_provenance())


def measure_tables(tables: Iterable[PaperTable]) -> list[Record]:
    """Everything that the tables print and that needs no training: counts, configurations, memory."""
    tables = list(tables)
    counts = track(list(counts_wanted(tables).values()), "counting")
    counted = [record for run, rules in counts for record in measure_counts(run, rules)]
    facts = [measure_facts(run) for run in facts_wanted(tables).values()]
    return [*counted, *facts, *(measure_memory(run) for run in memory_wanted(tables).values())]


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


@dataclass(frozen=True)
class Job:
    """One accuracy to measure: by a profile (train, then test), or of given weights."""

    run: Run
    how: Profile | Path
    seed: int
    key: str


@dataclass(frozen=True)
class Plan:
    """What `--run` will do: networks to count under which rules, to describe, to weigh, then accuracies to measure."""

    counts: tuple[tuple[Run, frozenset[str]], ...]
    facts: tuple[Run, ...]
    memory: tuple[Run, ...]
    jobs: tuple[Job, ...]


def plan(
    table: PaperTable, held: Mapping[str, Record], *, how: Profile | Path | None, seed: int = 0, force: bool = False
) -> Plan:
    """What is missing in a table: counts always; accuracies under a profile, or of weights in a file or folder.

    Raises MissingError when no row has weights at the given path.
    """
    counts = [
        (run, frozenset(rule for rule in rules if force or _missing(run.count_key(rule), held)))
        for run, rules in counts_wanted([table]).values()
    ]
    wanted = _jobs(table, how, seed) if how else []
    return Plan(
        tuple((run, rules) for run, rules in counts if rules),
        tuple(run for key, run in facts_wanted([table]).items() if force or _missing(key, held)),
        tuple(run for key, run in memory_wanted([table]).items() if force or _missing(key, held)),
        tuple(job for job in wanted if force or _missing(job.key, held)),
    )


def _missing(key: str, held: Mapping[str, Record]) -> bool:
    return key not in held or held[key].status == "failed"


def _jobs(table: PaperTable, how: Profile | Path, seed: int) -> list[Job]:
    found: dict[str, Job] = {}
    for run in (run for row in table.rows for run in (row.run, *row.runs.values())):
        if run is None or not run.dataset:
            continue
        this = jobs.weights_for(how, run.model) if isinstance(how, Path) else how
        if this is not None:
            key = jobs.key(run, this, seed)
            found.setdefault(key, Job(run, this, seed, key))
    if isinstance(how, Path) and not found:
        hint = "a folder holds MODEL.safetensors, .pth, .pt or .npz per model"
        raise MissingError(f"no row of {table.id} has weights in '{how}'", hint)
    return list(found.values())


def plan_grid(todo: Plan) -> Grid:
    """The list that `--dry-run` prints: what would be measured, and the multiply-adds it takes."""
    counts = [
        ("count", run.count_key("").removesuffix(" rule="), ", ".join(sorted(rules)), "") for run, rules in todo.counts
    ]
    counts += [("facts", run.facts_key, "", "") for run in todo.facts]
    counts += [("memory", run.memory_key, "", "") for run in todo.memory]
    scores = [("evaluate", job.key, "", jobs.cost(job.run, job.how)) for job in todo.jobs]
    return Grid(("kind", "what", "rules", "training cost"), (*counts, *scores))


def carry_out(todo: Plan, store: Store, place: jobs.Place) -> None:
    """Measure what a plan lists; every finished record is merged at once, so an interrupted run loses nothing.

    A measurement that fails is recorded as failed and the others go on; raises CheckError naming them at the end.
    Missing data and bad settings stop at once and leave no record.
    """
    for run, rules in track(todo.counts, "counting"):
        store.merge(measure_counts(run, rules))
    store.merge([measure_facts(run) for run in todo.facts])
    store.merge([measure_memory(run) for run in todo.memory])
    failed = []
    for number, job in enumerate(todo.jobs, start=1):
        talk(f"[{number}/{len(todo.jobs)}] {job.key}")
        record = measure_score(job, place)
        store.merge([record])
        failed += [f"{job.key}: {record.error}"] if record.status == "failed" else []
    if failed:
        raise CheckError(f"{len(failed)} of {len(todo.jobs)} measurements failed: {'; '.join(failed)}", "repro status")


def measure_score(job: Job, place: jobs.Place) -> Record:
    """Train (or load weights), test, and return the record; it is also kept beside the checkpoint."""
    module = zoo.info(job.run.model).module
    digest = jobs.digest(job.run, job.how, seed=job.seed, family=module)
    blank = Record(job.key, digest, module, {}, labels=jobs.labels(job.run, job.how))
    try:
        values, proof = jobs.score(job.run, job.how, seed=job.seed, place=place)
    except (MissingError, UsageError):
        raise
    except ReproError as fault:
        return replace(blank, status="failed", error=fault.message, provenance=environment.code_provenance())
    record = replace(blank, values=values, provenance=proof)
    write_atomically(place.runs / digest / "record.json", dump([record]))
    return record
