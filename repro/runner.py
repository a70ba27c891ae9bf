"""The data flow on one screen: a run of a spec becomes a record.

spec -> network -> ( count | train -> checkpoint -> evaluate ) -> record
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from repro import environment, jobs, zoo
from repro.console import talk, track
from repro.errors import CheckError, MissingError, ReproError, UsageError
from repro.grid import Grid
from repro.measure import counts_wanted, facts_wanted, measure_counts, measure_facts, measure_memory, memory_wanted
from repro.record import Record, dump
from repro.settings import Profile
from repro.spec import PaperTable, Run
from repro.store import Store, write_atomically


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
    store.merge([record for run in todo.facts for record in measure_facts(run)])
    store.merge([record for run in todo.memory for record in measure_memory(run)])
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
