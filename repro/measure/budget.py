"""What is missing under a profile, most valuable and cheapest first, as much as fits into a given
time."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from repro.errors import UsageError
from repro.grid import Grid
from repro.measure import sweep
from repro.measure.accuracy import training_digest
from repro.measure.gate import run_at
from repro.measure.sweep import Job
from repro.record.record import Record
from repro.spec.gate import KNOWN
from repro.spec.settings import Profile
from repro.spec.table import PaperTable

FIRST = ("gradual-shrinking", "kernel-size", "slim-deconv", "sic", "compact-efficientnet")
"""The ablations named in the README, which are measured before the others."""

TIERS = ("gate", "README", "rest")
TEST = 60.0  # seconds, of a test without its training: a guess


@dataclass(frozen=True)
class Item:
    """One accuracy that is missing. names: of the tables and ablations that want it. seconds: about
    what it takes, with its training."""

    job: Job
    names: tuple[str, ...]
    seconds: float

    @property
    def order(self) -> tuple[int, int, float]:
        """The one order of value: seed by seed; the gate, the README's ablations, the rest; the
        cheapest first."""
        return self.job.seed, TIERS.index(self.tier), self.seconds

    @property
    def training(self) -> str:
        """Digest of its training, which several items may share."""
        assert isinstance(self.job.how, Profile)  # a budget is for trainings
        return training_digest(self.job.run, self.job.how, self.job.seed)

    @property
    def tier(self) -> str:
        """Why it comes when it comes."""
        if "gate" in self.names:
            return "gate"
        return "README" if {*FIRST} & {*self.names} else "rest"


def seconds_of(text: str) -> float:
    """Seconds of `90s`, `20m`, `2h` or `1h30m`. Raises UsageError."""
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text.strip())
    if not parts or not any(parts.groups()):
        raise UsageError(f"'{text}' is no length of time", "for example --budget 20m, 2h or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return float(3600 * hours + 60 * minutes + seconds)


def missing(
    tables: Mapping[str, PaperTable],
    *,
    held: Mapping[str, Record],
    profile: Profile,
    seeds: Sequence[int],
    rate: Callable[[str], float],
) -> list[Item]:
    """Every accuracy of some tables that is missing, stale or failed, in the order of value."""
    jobs: dict[str, tuple[Job, list[str]]] = {}
    for name, table in tables.items():
        for job in sweep.plan(table, held, how=profile, seeds=seeds).jobs:
            jobs.setdefault(job.digest, (job, []))[1].append(name)
    gate = {digest for seed in seeds for digest in _gate(profile, seed)}
    items = [
        Item(job, (*(["gate"] if digest in gate else []), *names), sweep.seconds_of(job, rate))
        for digest, (job, names) in jobs.items()
    ]
    return sorted(items, key=lambda item: item.order)


def _gate(profile: Profile, seed: int) -> set[str]:
    runs = [run_at(place) for known in KNOWN for place in (known.better, known.other)]
    return {Job(run, profile.of(run.recipe), seed, ("",)).digest for run in runs}


def fitting(
    items: Sequence[Item], seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[Item]:
    """The items that fit into what is left of the time, each asked for when the one before it is
    done or given away.

    Raises UsageError where not even the cheapest fits.
    """
    cheapest = min(item.seconds for item in items)
    if cheapest > seconds:
        raise UsageError(
            f"the cheapest of {len(items)} missing measurements takes about {minutes(cheapest)}",
            f"--budget {max(1, -(-int(cheapest) // 60))}m or more",
        )
    end = clock() + seconds
    waiting, trained = list(items), set[str]()

    def fits(item: Item) -> bool:
        return clock() + (TEST if item.training in trained else item.seconds) <= end

    while item := next(filter(fits, waiting), None):
        waiting.remove(item)
        trained.add(item.training)
        yield item


def minutes(seconds: float) -> str:
    """A length of time as people say it."""
    return f"{seconds / 3600:.1f} h" if seconds >= 5400 else f"{max(1, round(seconds / 60))} min"


def _trained_once(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; those whose training an earlier one needs too take the time of a test."""
    trained = set[str]()
    for item in items:
        yield replace(item, seconds=TEST) if item.training in trained else item
        trained.add(item.training)


def left_grid(items: Iterable[Item]) -> Grid:
    """What is left, by why it is wanted: how many measurements and about how long."""
    items = [*_trained_once(items)]
    rows = []
    for seed in sorted({item.job.seed for item in items}):
        for tier in TIERS:
            part = [item for item in items if (item.job.seed, item.tier) == (seed, tier)]
            if part:
                rows.append(
                    (str(seed), tier, str(len(part)), minutes(sum(item.seconds for item in part)))
                )
    seconds = sum(item.seconds for item in items)
    total = f"{len(items)} measurements, about {minutes(seconds)} on one core"
    total = total if items else "nothing is missing"
    return Grid(
        ("seed", "for", "measurements", "time"), tuple(rows), title="still missing", notes=(total,)
    )
