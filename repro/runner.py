"""The data flow on one screen: a run of a spec becomes a record.

spec -> network -> ( count | train -> checkpoint -> evaluate ) -> record
"""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, redirect_stderr
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import torch

from repro import environment, jobs, zoo
from repro.console import talk, track
from repro.errors import CheckError, MissingError, RecordError, ReproError, UsageError
from repro.grid import Grid
from repro.measure import counts_wanted, facts_wanted, measure_counts, measure_facts, measure_memory, memory_wanted
from repro.processes import in_processes
from repro.recipes import part_of
from repro.record import Record, dump
from repro.settings import Profile
from repro.spec import PaperTable, Run
from repro.store import Store, read_file, write_atomically


@dataclass(frozen=True)
class Job:
    """One accuracy to measure: by a profile (train, then test), or of given weights."""

    run: Run
    how: Profile | Path
    seed: int
    key: str

    @property
    def digest(self) -> str:
        """Of the record, and name of its folder."""
        return jobs.digest(self.run, self.how, seed=self.seed, family=zoo.info(self.run.model).module)


@dataclass(frozen=True)
class Plan:
    """What `--run` will do: networks to count under which rules, to describe, to weigh, then accuracies to measure.

    afresh: also those that an earlier call has finished.
    """

    counts: tuple[tuple[Run, frozenset[str]], ...]
    facts: tuple[Run, ...]
    memory: tuple[Run, ...]
    jobs: tuple[Job, ...]
    afresh: bool = False


def plan(
    table: PaperTable, held: Mapping[str, Record], *, how: Profile | Path | None, seeds: Sequence[int] = (0,),
    force: bool = False,
) -> Plan:  # fmt: skip
    """What is missing in a table: counts always; accuracies under a profile for every seed, or of weights in a file or
    folder.

    Raises MissingError when no row has weights at the given path.
    """
    counts = [
        (run, frozenset(rule for rule in rules if force or _missing(run.count_key(rule), held)))
        for run, rules in counts_wanted([table]).values()
    ]
    wanted = [job for seed in seeds for job in _jobs(table, how, seed)] if isinstance(how, Profile) else []
    wanted += _jobs(table, how, 0) if isinstance(how, Path) else []
    return Plan(
        tuple((run, rules) for run, rules in counts if rules),
        tuple(run for key, run in facts_wanted([table]).items() if force or _missing(key, held)),
        tuple(run for key, run in memory_wanted([table]).items() if force or _missing(key, held)),
        tuple(job for job in wanted if force or _missing(job.key, held) or _part(job, held)),
        force,
    )


def _missing(key: str, held: Mapping[str, Record]) -> bool:
    return key not in held or held[key].status == "failed"


def _part(job: Job, held: Mapping[str, Record]) -> bool:
    """True when a record is of a part of the test set only."""
    return bool(part_of(job.run.dataset, held[job.key].provenance.get("images")))


def _jobs(table: PaperTable, how: Profile | Path, seed: int) -> list[Job]:
    found: dict[str, Job] = {}
    for run in (run for row in table.rows for run in (row.run, *row.runs.values())):
        if run is None or not run.dataset:
            continue
        this = jobs.weights_for(how, run.model) if isinstance(how, Path) else how.of(run.recipe)
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
    costs = [jobs.cost(job.run, job.how) / 1e15 for job in todo.jobs]
    scores = [("evaluate", job.key, "", f"{cost:.3g} P MACs") for job, cost in zip(todo.jobs, costs, strict=True)]
    once = {jobs.training_key(job.run, job.how, job.seed): cost for job, cost in zip(todo.jobs, costs, strict=True)}
    total = f"{len(once)} trainings of {sum(once.values()):.3g} P MACs in all (rule true, x3 for the gradients)"
    return Grid(("kind", "what", "rules", "training cost"), (*counts, *scores), notes=(total,) if costs else ())


def carry_out(todo: Plan, store: Store, place: jobs.Place, *, workers: int = 1) -> None:
    """Measure what a plan lists; every finished record is merged at once, so an interrupted run loses nothing.

    workers: accuracies measured at a time, above 1 each in a process of its own. A measurement that fails is recorded
    as failed and the others go on; raises CheckError naming them at the end. Missing data and bad settings leave no
    record, and stop at once where there is one process.
    """
    if todo.jobs:
        environment.choose_device(place.device)  # a device that is not there is no failed measurement
    for run, rules in track(todo.counts, "counting") if todo.counts else ():
        store.merge(measure_counts(run, rules))
    store.merge([record for run in todo.facts for record in measure_facts(run)])
    store.merge([record for run in todo.memory for record in measure_memory(run)])
    kept = {} if todo.afresh else {job.key: record for job in todo.jobs if (record := _finished(job, place))}
    store.merge([*kept.values()])
    start, failed, missing = time.perf_counter(), [], [job for job in todo.jobs if job.key not in kept]
    with closing(_measured(missing, place, workers)) as results:
        for number, (job, result) in enumerate(results, start=1):
            if isinstance(result, Record):
                store.merge([result])
            error = result.error if isinstance(result, Record) else result.message
            failed += [f"{job.key}: {error}"] if error else []
            talk(f"[{number}/{len(missing)}] {job.key}: {error or 'done'}")
    if todo.jobs:
        done = f"{len(missing) - len(failed)} measured in {time.perf_counter() - start:.0f} s"
        talk(f"{done}, {len(kept)} finished before, {len(failed)} failed")
    if failed:
        raise CheckError(f"{len(failed)} of {len(todo.jobs)} measurements failed: {'; '.join(failed)}", "repro status")


def _finished(job: Job, place: jobs.Place) -> Record | None:
    """The record that an earlier call left beside the checkpoint."""
    path = place.runs / job.digest / "record.json"
    try:
        found = read_file(path) if path.exists() else []
    except RecordError as fault:
        talk(f"{fault.message}; measuring it again")
        return None
    return next((record for record in found if (record.key, record.digest) == (job.key, job.digest)), None)


Results = Generator[tuple[Job, Record | ReproError], None, None]


def _measured(wanted: Sequence[Job], place: jobs.Place, workers: int) -> Results:
    if workers > 1 and len(wanted) > 1:
        threads = max(1, torch.get_num_threads() // min(workers, len(wanted)))
        ordered = _trainings_first(wanted, place)
        yield from in_processes(partial(_measure_apart, place=place, threads=threads), ordered, count=workers)
        return
    for job in wanted:
        yield job, measure_score(job, place)


def _trainings_first(wanted: Sequence[Job], place: jobs.Place) -> list[Job]:
    """First one job of every training, then those that would wait for it."""
    first: dict[Path, Job] = {}
    for job in wanted:
        if isinstance(job.how, Profile):
            first.setdefault(jobs.train_folder(job.run, job.how, seed=job.seed, place=place), job)
    keys = {job.key for job in first.values()}
    return sorted(wanted, key=lambda job: job.key not in keys)


def _measure_apart(job: Job, *, place: jobs.Place, threads: int) -> Record:
    """`measure_score` with part of the processor; what it says goes to output.txt beside the record."""
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    talk(f"begun: {job.key}")
    folder = place.runs / job.digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("a", encoding="utf-8", buffering=1) as out, redirect_stderr(out):
        return measure_score(job, place)


def measure_score(job: Job, place: jobs.Place) -> Record:
    """Train (or load weights), test, and return the record; it is also kept beside the checkpoint."""
    module = zoo.info(job.run.model).module
    blank = Record(job.key, job.digest, module, {}, labels=jobs.labels(job.run, job.how))
    try:
        values, proof = jobs.score(job.run, job.how, seed=job.seed, place=place)
    except (MissingError, UsageError):
        raise
    except ReproError as fault:
        return replace(blank, status="failed", error=fault.message, provenance=environment.code_provenance())
    record = replace(blank, values=values, provenance=proof)
    write_atomically(place.runs / job.digest / "record.json", dump([record]))
    return record
