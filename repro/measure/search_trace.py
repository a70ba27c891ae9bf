"""What every search shares: what is asked for, the trace of what was tried, and what is left in the
end: an architecture file, weights, and a record with the whole trace."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from repro.console import talk
from repro.errors import UsageError
from repro.files import Finite, read_json, write_atomically
from repro.grid import Grid
from repro.measure.kind import family_of
from repro.measure.place import Place
from repro.models.architecture import Architecture
from repro.record import provenance
from repro.record.record import Record, dump
from repro.search.costs import Limit
from repro.search.space import Genes
from repro.spec.run import Run, digest_of
from repro.spec.searches import Effort, effort_of
from repro.spec.settings import Profile
from repro.spec.versions import versions

TRACE, ARCHITECTURE, WEIGHTS, RECORD = (
    "trace.json",
    "architecture.json",
    "weights.safetensors",
    "record.json",
)


@dataclass(frozen=True)
class SearchWish:
    """What is searched, and how. Fields are the options of `repro search`.

    limit: None for none. table: of `repro layer-costs`, where latency is the cost. seconds: after
    which no new candidate is begun.
    """

    method: str
    space: str
    profile: Profile
    out: Path
    limit: Limit | None = None
    rule: str = "true"
    cost: str = "macs"
    table: Path | None = None
    seed: int = 0
    seconds: float = float("inf")
    norms: bool = True

    @property
    def effort(self) -> Effort:
        """How much of the search its profile runs."""
        return effort_of(self.profile.name)

    @property
    def settings(self) -> dict[str, Any]:
        """What the result follows from, as plain values; time and place are no part of it."""
        limit = f"{self.limit.kind}={self.limit.most:g}" if self.limit else ""
        return {
            "method": self.method,
            "space": self.space,
            "limit": limit,
            "cost": self.cost,
            "rule": self.rule,
            "table": digest_of(self.table.read_text()) if self.table else "",
            "profile": self.profile.name,
            "seed": self.seed,
            "norms": self.norms,
            "effort": json.loads(json.dumps(self.effort, default=vars)),
        }


def devices() -> list[str]:
    """The names by which cost tables know this machine's processor and card."""
    here = (provenance.choose_device("auto"), "cpu")
    return list(dict.fromkeys(provenance.device_name(one) for one in here))


class Tried(TypedDict):
    """One step of a search. score: what is to be high. seconds: that it took."""

    genes: list[Any]
    cost: Finite
    score: Finite
    seconds: Finite


class _Body(TypedDict):
    """A trace's file."""

    settings: dict[str, Any]
    tried: list[Tried]


class TimeOverError(Exception):
    """The search has used the time that it was given."""


@dataclass
class Trace:
    """What was tried, kept in a file after every step, so that a search that is cut off goes on
    there."""

    path: Path
    settings: Mapping[str, Any]
    seconds: float = float("inf")
    tried: list[Tried] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    @classmethod
    def open(cls, wish: SearchWish) -> "Trace":
        """The trace in the wish's folder. Raises UsageError for one of another search."""
        path, settings = wish.out / TRACE, wish.settings
        if not path.exists():
            return cls(path, settings, wish.seconds)
        hint = f"choose another --out, or remove {wish.out}"
        body: _Body = read_json(path, "trace of a search", hint=hint, kind=_Body)
        held = body["settings"]
        differing = sorted(name for name in settings if held.get(name) != settings[name])
        if differing:
            raise UsageError(f"{path} is of a search with other {', '.join(differing)}", hint)
        talk(f"going on after {len(body['tried'])} steps, from {path}")
        return cls(path, settings, wish.seconds, body["tried"])

    def check_time(self) -> None:
        """Raise TimeOverError when nothing new may be begun."""
        if time.perf_counter() - self.began > self.seconds:
            raise TimeOverError

    def add(self, genes: Genes, *, cost: float, score: float, seconds: float) -> None:
        """Keep one step."""
        tried = Tried(genes=list(genes), cost=cost, score=score, seconds=round(seconds, 3))
        self.tried.append(tried)
        body = {"settings": dict(self.settings), "tried": self.tried}
        write_atomically(self.path, json.dumps(body) + "\n")

    @property
    def scores(self) -> dict[Genes, float]:
        """The scores by architecture."""
        return {tuple(one["genes"]): one["score"] for one in self.tried}

    @property
    def best(self) -> Tried:
        """The step with the highest score, the first of those that are equal."""
        return max(self.tried, key=lambda one: one["score"])


@dataclass(frozen=True)
class Outcome:
    """What a search has found.

    run: the network, on the data that it was searched on. counts: parameters and multiply-adds of
    the built network. score: under the name that it has there. steps, planned: made, and to be made.
    """

    run: Run
    counts: Mapping[str, float]
    score: tuple[str, float]
    cost: float
    steps: int
    planned: int
    facts: Mapping[str, Any] = field(default_factory=dict)


def key(wish: SearchWish, run: Run) -> str:
    """Key of a search's record, e.g. `search litepose litepose-xs limit=macs=1.2e+09 rule=true
    data=synthpose-near profile=mini seed=0`."""
    limit = f" limit={wish.settings['limit']}" if wish.limit else ""
    data = wish.profile.dataset or run.dataset
    how = f"cost={wish.cost} rule={wish.rule} data={data} profile={wish.profile.name}"
    return f"search {wish.method} {wish.space}{limit} {how} seed={wish.seed}"


def finish(
    wish: SearchWish, tried: Sequence[Mapping[str, Any]], outcome: Outcome, place: Place
) -> Record:
    """Write architecture and record into the wish's folder; returns the record. tried: the trace."""
    name = key(wish, outcome.run)
    label, score = outcome.score
    origin = {"search": name, label: score, **outcome.counts, "settings": wish.settings}
    Architecture.of(outcome.run, origin).write(wish.out / ARCHITECTURE)
    record = Record(
        key=name,
        digest=digest_of(wish.settings, versions(family_of(outcome.run), "training", "search")),
        family=family_of(outcome.run),
        values={label: score, "cost": outcome.cost, **outcome.counts},
        labels={"data": wish.profile.dataset or outcome.run.dataset, "profile": wish.profile.name},
        provenance={
            **provenance.provenance(provenance.choose_device(place.device)),
            **outcome.facts,
            "network": outcome.run.what,
            "steps": outcome.steps,
            "planned": outcome.planned,
            "seconds": round(sum(one.get("seconds", 0.0) for one in tried), 1),
            "trace": list(tried),
        },
    )
    write_atomically(wish.out / RECORD, dump([record]))
    return record


def grid(wish: SearchWish, record: Record) -> Grid:
    """What a search has found, in words."""
    proof = record.provenance
    rows = [("network", proof["network"])]
    rows += [(name, f"{value:.6g}") for name, value in record.values.items()]
    rows += [("steps", f"{proof['steps']} of {proof['planned']}")]
    rows += [("seconds of them", str(proof["seconds"]))]
    rows += [("file", str(wish.out / ARCHITECTURE))]
    notes = [f"searched on {record.labels['data']} by profile {wish.profile.name}"]
    with suppress(KeyError):
        notes.append(str(proof["note"]))
    return Grid(("what", "value"), tuple(rows), title=record.key, notes=tuple(notes))
