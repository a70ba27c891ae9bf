"""Does the drawn ground of a profile order networks whose order is known? Judged from records.
Never imports torch."""

from collections.abc import Mapping
from dataclasses import dataclass

from repro.errors import SpecError
from repro.measure import accuracy
from repro.record.found import Found, Records
from repro.record.paired import Interval, interval
from repro.record.record import Record
from repro.spec import catalog
from repro.spec.gate import KNOWN, Known, Place
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.spec.table import PaperTable

SEEDS = 3  # at least so many, before a pair is judged
STATES = ("in order", "reversed", "not resolved", "too few seeds", "not run")


@dataclass(frozen=True)
class Judged:
    """One known pair on a profile's ground. by: the measure that `difference` is of; None without a
    common seed."""

    known: Known
    state: str
    by: str = ""
    difference: Interval | None = None


def run_at(place: Place) -> Run:
    """The run of a row. Raises SpecError where there is none."""
    table = catalog.find(place.table, PaperTable)
    assert isinstance(table, PaperTable)
    runs = [row.run for row in table.rows if row.key == place.row and row.run]
    if not runs:
        raise SpecError(f"the gate names a row without a run: {place}", "repro/spec/gate.py")
    return runs[0]


def judge(profile: Profile, records: Records) -> list[Judged]:
    """Every known pair whose tables are there, in the order of the list."""
    tables = {table.id for table in catalog.tables()}
    there = [known for known in KNOWN if {known.better.table, known.other.table} <= tables]
    return [_judged(known, profile, records) for known in there]


def _judged(known: Known, profile: Profile, records: Records) -> Judged:
    better, other = (
        accuracy.find_profile(run_at(place), profile, records)
        for place in (known.better, known.other)
    )
    differences = {}
    for measure in known.measures:
        by_seed = _differences(better, other, measure)
        if by_seed:
            differences[measure] = interval(by_seed)
    if not differences:
        return Judged(known, "not run")
    judged = [
        Judged(known, _state(difference), measure, difference)
        for measure, difference in differences.items()
    ]
    return min(judged, key=lambda one: STATES.index(one.state))


def _state(difference: Interval) -> str:
    if difference.n < SEEDS:
        return "too few seeds"
    return "in order" if difference.above else "reversed" if difference.below else "not resolved"


def _differences(better: Found | None, other: Found | None, measure: str) -> list[float]:
    """Of the seeds that both have; none where a record is stale or failed, or lacks the value."""
    if any(found is None or found.state in ("stale", "failed") for found in (better, other)):
        return []
    assert better is not None and other is not None
    ours, theirs = _values(better.seeds, measure), _values(other.seeds, measure)
    return [ours[seed] - theirs[seed] for seed in sorted({*ours} & {*theirs})]


def _values(seeds: Mapping[int, Record], measure: str) -> dict[int, float]:
    """A measure by seed; of "A - B" the difference."""
    names = measure.split(" - ")
    held = {
        seed: record.values
        for seed, record in seeds.items()
        if all(name in record.values for name in names)
    }
    return {
        seed: float(values[names[0]]) - sum(float(values[name]) for name in names[1:])
        for seed, values in held.items()
    }


def tasks(judged: list[Judged]) -> dict[str, str]:
    """Verdict on the ground of each task: failed where a pair is not in order, passed where all
    are, else not run."""
    states: dict[str, set[str]] = {}
    for pair in judged:
        states.setdefault(pair.known.task, set()).add(pair.state)
    return {task: _verdict(found) for task, found in states.items()}


def _verdict(states: set[str]) -> str:
    if states & {"reversed", "not resolved"}:
        return "failed"
    return "passed" if states == {"in order"} else "not run"
