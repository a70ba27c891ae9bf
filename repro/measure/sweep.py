"""The data flow on one screen: a run of a spec becomes a record.

spec -> network -> ( count | train -> checkpoint -> evaluate ) -> record
"""

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, redirect_stderr
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import torch

from repro.console import talk, track
from repro.data.datasets import shortfall
from repro.errors import CheckError, MissingError, RecordError, ReproError, UsageError
from repro.grid import Grid
from repro.measure import accuracy, scoring
from repro.measure.accuracy import How
from repro.measure.kind import Work, family_of
from repro.measure.kinds import KINDS
from repro.measure.networks import weights_for
from repro.measure.place import Place
from repro.measure.training import cost, train_folder
from repro.models import zoo
from repro.processes import in_processes
from repro.record import provenance
from repro.record.record import Record, dump
from repro.record.store import Store, read_file, write_atomically
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.spec.table import PaperTable


@dataclass(frozen=True)
class Job:
    """One accuracy to measure.

    how: by a profile (train, then test), or of given weights.
    keys: of the records that it fills: several where a profile makes rows of a table alike.
    """

    run: Run
    how: How
    seed: int
    keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """The first of the keys, by which messages call the job."""
        return self.keys[0]

    @property
    def digest(self) -> str:
        """Digest of the record, and the name of the job's folder below `runs`."""
        return accuracy.digest(self.run, self.how, self.seed)

    def records(self, record: Record) -> list[Record]:
        """The same measurement under every key."""
        return [replace(record, key=key) for key in self.keys]


@dataclass(frozen=True)
class Plan:
    """What `--run` will do: first what needs no training, then the accuracies.

    afresh: measure also those accuracies that an earlier call has finished.
    """

    work: tuple[Work, ...]
    jobs: tuple[Job, ...]
    afresh: bool = False


def check_runs(table: PaperTable) -> None:
    """Raise UsageError when a run names an unknown model or a change that is no argument of its
    builder."""
    for row in table.rows:
        for run in (row.run, *row.runs.values()):
            if run is not None:
                try:
                    zoo.check(run.model, run.changes)
                except UsageError as fault:
                    raise UsageError(
                        f"{table.id}, row {row.key}: {fault.message}", fault.hint
                    ) from fault


def plan(
    table: PaperTable,
    held: Mapping[str, Record],
    *,
    how: Profile | Path | None,
    seeds: Sequence[int] = (0,),
    force: bool = False,
) -> Plan:
    """What is missing or stale in a table: counts always; accuracies under a profile for every
    seed, or of weights in a file or folder.

    Raises MissingError when no row has weights at the given path.
    """

    def wanted(key: str, digest: str) -> bool:
        return (
            force or key not in held or held[key].status == "failed" or held[key].digest != digest
        )

    work = [item.missing(wanted) for kind in KINDS for item in kind.work([table])]
    accuracies = _jobs(table, how, seeds) if how else []
    missing = [
        job
        for job in accuracies
        if any(wanted(key, job.digest) or _falls_short(job, held[key]) for key in job.keys)
    ]
    return Plan(tuple(filter(None, work)), tuple(missing), force)


def _falls_short(job: Job, record: Record) -> bool:
    """True when fewer pictures were tested than the test set holds."""
    return bool(shortfall(accuracy.data_of(job.run, job.how), record.provenance.get("images")))


def _jobs(table: PaperTable, how: Profile | Path, seeds: Sequence[int]) -> list[Job]:
    """One job per digest: rows that are made alike are measured once."""
    alike: dict[str, Job] = {}
    runs = [
        run for row in table.rows for run in (row.run, *row.runs.values()) if run and run.dataset
    ]
    for seed in seeds if isinstance(how, Profile) else (0,):
        for run in runs:
            by = weights_for(how, run.model) if isinstance(how, Path) else how.of(run.recipe)
            if by is not None:
                job = Job(run, by, seed, (accuracy.key(run, by, seed),))
                first = alike.setdefault(job.digest, job)
                if job.key not in first.keys:
                    alike[job.digest] = replace(first, keys=(*first.keys, job.key))
    if isinstance(how, Path) and not alike:
        hint = "a folder holds MODEL.safetensors, .pth, .pt or .npz per model"
        raise MissingError(f"no row of {table.id} has weights in '{how}'", hint)
    return list(alike.values())


def plan_grid(todo: Plan, rate: Callable[[str], float]) -> Grid:
    """The list that `--dry-run` prints: what would be measured, the multiply-adds it takes, and
    about how long.

    rate: multiply-adds per second of a family's training on this machine.
    """
    work = [(*work.described(), "") for work in todo.work]
    costs = [_Cost.of(job, rate) for job in todo.jobs]
    scores = [
        ("evaluate", " = ".join(job.keys), "", cost.text)
        for job, cost in zip(todo.jobs, costs, strict=True)
    ]
    trainings = {
        accuracy.training_digest(job.run, job.how, job.seed): cost
        for job, cost in zip(todo.jobs, costs, strict=True)
        if isinstance(job.how, Profile)
    }
    macs = sum(cost.macs for cost in trainings.values())
    whole = _Cost(macs, sum(cost.seconds for cost in trainings.values()))
    number = "1 training" if len(trainings) == 1 else f"{len(trainings)} trainings"
    total = f"{number} of {whole.text} in all (MACs by rule true, x3 for the gradients)"
    return Grid(
        ("kind", "what", "rules", "training cost"),
        (*work, *scores),
        notes=(total,) if costs else (),
    )


def seconds_of(job: Job, rate: Callable[[str], float]) -> float:
    """About how long a job takes on this machine. rate: multiply-adds per second of a family's
    training."""
    return _Cost.of(job, rate).seconds


class _Cost(NamedTuple):
    """What a training takes."""

    macs: float
    seconds: float

    @classmethod
    def of(cls, job: Job, rate: Callable[[str], float]) -> "_Cost":
        macs = cost(job.run, job.how)
        return cls(macs, macs / rate(family_of(job.run)) if macs else 0.0)

    @property
    def text(self) -> str:
        return f"{self.macs / 1e15:.3g} P MACs, about {max(1, round(self.seconds / 60))} min"


def carry_out(todo: Plan, store: Store, place: Place, *, workers: int = 1) -> None:
    """Measure what a plan lists; every finished record is merged at once, so an interrupted run
    loses nothing.

    workers: accuracies measured at a time, above 1 each in a process of its own. A measurement that
    fails is recorded as failed and the others go on; raises CheckError naming them at the end.
    Missing data and bad settings leave no record, and stop at once where there is one process.
    """
    if todo.jobs:
        provenance.choose_device(place.device)  # one that is not there is no failed measurement
    for work in track(todo.work, "counting") if todo.work else ():
        store.merge(work.measure())
    missing = [*todo.jobs] if todo.afresh else merge_finished(todo.jobs, store, place)
    start, failed = time.perf_counter(), list[str]()
    ordered = _trainings_first(missing, place) if workers > 1 else missing
    at_once = min(workers, len(missing))  # a lone job has the whole processor
    with closing(measured(ordered, store, place, workers=at_once)) as results:
        for number, (job, error) in enumerate(results, start=1):
            failed += [f"{job.key}: {error}"] if error else []
            talk(f"[{number}/{len(missing)}] {job.key}: {error or 'done'}")
    if todo.jobs:
        done = f"{len(missing) - len(failed)} measured in {time.perf_counter() - start:.0f} s"
        before = len(todo.jobs) - len(missing)
        talk(f"{done}, {before} finished before, {len(failed)} failed")
    if failed:
        raise CheckError(
            f"{len(failed)} of {len(todo.jobs)} measurements failed: {'; '.join(failed)}",
            "repro status",
        )


def merge_finished(jobs: Sequence[Job], store: Store, place: Place) -> list[Job]:
    """Merge the records of jobs that an earlier call has finished; returns the other jobs."""
    found = [(job, _finished(job, place)) for job in jobs]
    store.merge([each for job, record in found if record for each in job.records(record)])
    return [job for job, record in found if record is None]


def _finished(job: Job, place: Place) -> Record | None:
    """The record that an earlier call left beside the checkpoint.

    Of the file only the values and their provenance are taken.
    """
    path = place.runs / job.digest / "record.json"
    try:
        records = read_file(path) if path.exists() else []
    except RecordError as fault:
        talk(f"{fault.message}; measuring it again")
        return None
    for record in records:
        if record.digest == job.digest and record.status == "ok":
            return replace(_blank(job), values=record.values, provenance=record.provenance)
    return None


def _blank(job: Job) -> Record:
    return Record(
        job.key, job.digest, family_of(job.run), {}, labels=accuracy.labels(job.run, job.how)
    )


def measured(
    wanted: Iterable[Job], store: Store, place: Place, *, workers: int = 1
) -> Generator[tuple[Job, str], None, None]:
    """Measure jobs, each asked for when there is a process for it; its record is merged when it is
    done.

    Gives every job with the fault that it met, "" where it met none.
    """
    with closing(_results(wanted, place, workers)) as results:
        for job, result in results:
            if isinstance(result, Record):
                store.merge(job.records(result))
            yield job, result.error if isinstance(result, Record) else result.message


def _results(
    wanted: Iterable[Job], place: Place, workers: int
) -> Generator[tuple[Job, Record | ReproError], None, None]:
    if workers > 1:
        threads = max(1, torch.get_num_threads() // workers)
        yield from in_processes(
            partial(_measure_apart, place=place, threads=threads), wanted, count=workers
        )
        return
    for job in wanted:
        yield job, measure_score(job, place)


def _trainings_first(wanted: Sequence[Job], place: Place) -> list[Job]:
    """First one job of every training, then those that would wait for it."""
    first: dict[Path, Job] = {}
    for job in wanted:
        if isinstance(job.how, Profile):
            first.setdefault(train_folder(job.run, job.how, seed=job.seed, place=place), job)
    keys = {job.key for job in first.values()}
    return sorted(wanted, key=lambda job: job.key not in keys)


def _measure_apart(job: Job, *, place: Place, threads: int) -> Record:
    """`measure_score` with part of the processor; what it says goes to output.txt beside the
    record."""
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    talk(f"begun: {job.key}")
    folder = place.runs / job.digest
    folder.mkdir(parents=True, exist_ok=True)
    with (
        (folder / "output.txt").open("a", encoding="utf-8", buffering=1) as out,
        redirect_stderr(out),
    ):
        return measure_score(job, place)


def measure_score(job: Job, place: Place) -> Record:
    """Train (or load weights), test, and return the record; it is also kept beside the
    checkpoint."""
    blank = _blank(job)
    try:
        values, proof = scoring.score(job.run, job.how, seed=job.seed, place=place)
    except (MissingError, UsageError):
        raise
    except ReproError as fault:
        return replace(
            blank, status="failed", error=fault.message, provenance=provenance.code_provenance()
        )
    record = replace(blank, values=values, provenance=proof)
    write_atomically(place.runs / job.digest / "record.json", dump([record]))
    return record
