"""What the command `time` does: latencies of models by back ends, their ratios, their parts, and
their records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from repro.console import talk
from repro.data.coco import read_image
from repro.errors import UsageError
from repro.evaluate import evaluate
from repro.grid import Grid
from repro.measure import deploy, latency
from repro.measure.latency import Latency, Prepared, Subject
from repro.measure.networks import build_for
from repro.measure.usual import protocol_for
from repro.models import zoo
from repro.models.architecture import named
from repro.people.skeletons import SKELETONS
from repro.record import provenance
from repro.record.store import Store
from repro.spec.run import Run
from repro.spec.table import PaperTable
from repro.tasks.task import Size
from repro.timing import backends, parts, ratios, stable
from repro.timing.backends import Setting
from repro.timing.clock import RULE_WARM, Sampling
from repro.timing.machine import Watch
from repro.timing.ratios import Ratio


@dataclass(frozen=True)
class Wish:
    """What a user asks to be timed: networks by back ends. weights: of the one network, or none."""

    runs: Sequence[Run]
    settings: Sequence[Setting]
    batch: int = 1
    weights: Path | None = None
    interleave: bool = False

    def check(self) -> None:
        """Raise UsageError for what cannot be timed, before anything is built."""
        for run in self.runs:
            zoo.check(run.model, run.changes)
        for setting in self.settings:
            setting.check()
            provenance.choose_device(setting.device)
        if self.weights and len(self.runs) > 1:
            raise UsageError(
                f"one file of weights for {len(self.runs)} models", "time them one by one"
            )


def runs_of(
    models: Sequence[str], size: Size | None = None, changes: Mapping[str, Any] | None = None
) -> list[Run]:
    """The networks of some models or architecture files, at their own sizes where none is asked
    for. Raises UsageError."""
    asked = [named(name, size, changes or {}) for name in models]
    return [Run(one.model, one.shape, one.changes) for one in asked]


def runs_in(tables: Iterable[PaperTable]) -> list[Run]:
    """The networks of some tables, each once, at the sizes of their rows."""
    runs = [run for table in tables for row in table.rows for run in (row.run, *row.runs.values())]
    plain = [Run(run.model, run.size, run.changes) for run in runs if run]
    return [*{run.what: run for run in plain}.values()]


def _prepared(wish: Wish) -> Iterator[Prepared]:
    for run in wish.runs:
        network, weights = latency.network_of(run), latency.UNTRAINED
        if wish.weights:
            network, info = build_for(run, wish.weights)
            weights = info["sha256"]
        for setting in wish.settings:
            talk(f"{run.what}: {setting.backend}")
            yield latency.prepare(Subject(run, setting, wish.batch), network, weights)


def time_all(wish: Wish, plan: Sampling, *, watch: type[Watch] = Watch) -> list[Latency]:
    """Latencies of all a wish names: one after another, or all in turns. Raises UsageError,
    ReproError, CheckError."""
    wish.check()
    if wish.interleave:
        return latency.measure(list(_prepared(wish)), plan, watch=watch)
    return [found for one in _prepared(wish) for found in latency.measure([one], plan, watch=watch)]


def compared(found: Sequence[Latency]) -> list[Ratio]:
    """How many times longer each takes than the first, of latencies that were taken in turns."""
    return [ratios.ratio(one.samples, found[0].samples) for one in found]


def keep(found: Sequence[Latency], store: Store, *, anyway: bool = False) -> int:
    """Write latencies as records; returns how many changed. Raises CheckError, once the others are
    kept, for those that are not stable."""
    kept = [one for one in found if one.stable or anyway]
    changed = store.merge([latency.record(one) for one in kept])
    if len(kept) < len(found):
        latency.refuse_unstable(found)
    return changed


def as_json(found: Sequence[Latency], *, interleaved: bool) -> list[dict[str, Any]]:
    """Everything about some latencies, all samples among it; with the ratio to the first where they
    took turns."""
    held = [dict(latency.facts(one)) for one in found]
    if interleaved:
        held = [
            {**one, "ratio": asdict(own)} for one, own in zip(held, compared(found), strict=True)
        ]
    return held


# --- as text --------------------------------------------------------------------------------------


def grid(found: Sequence[Latency], *, interleaved: bool) -> Grid:
    """One row per latency; with ratios to the first where they took turns."""
    headings = [
        "model",
        "size",
        "back end",
        "batch",
        "threads",
        "precision",
        "median (ms)",
        "p90 (ms)",
        "samples",
        "stable",
    ]
    rows = [_row(one) for one in found]
    if interleaved:
        headings += ["times the first", "95 % interval"]
        rows = [(*row, *_ratio(one)) for row, one in zip(rows, compared(found), strict=True)]
    return Grid(
        tuple(headings),
        tuple(rows),
        title="latency of one pass through the network",
        notes=_notes(found, interleaved),
    )


def _row(one: Latency) -> tuple[str, ...]:
    subject, setting = one.subject, one.subject.setting
    return (
        subject.run.network,
        "{}x{}".format(*subject.run.shape),
        setting.backend,
        str(subject.batch),
        str(setting.threads),
        setting.precision,
        f"{one.median_ms:.2f}",
        f"{one.p90_ms:.2f}",
        str(len(one.samples)),
        "yes" if one.stable else "no",
    )


def _ratio(one: Ratio) -> tuple[str, str]:
    return f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}"


def _notes(found: Sequence[Latency], interleaved: bool) -> tuple[str, ...]:
    first = found[0]
    seen = first.conditions
    others = "unknown" if seen.others is None else f"{seen.others:.2f} processors"
    return (
        f"{first.device}, {seen.cpus} processors; governor {seen.governor}, load before "
        f"{seen.load:.1f}, other "
        f"processes took {others}",
        f"{RULE_WARM}; {stable.RULE}",
        *([f"passes took turns; {ratios.RULE}"] if interleaved else []),
        f"weights: {first.weights}",
        *(
            f"not stable, {one.subject.run.what}, {one.subject.setting.backend}: "
            f"{'; '.join(one.faults)}"
            for one in found
            if not one.stable
        ),
    )


# --- parts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """Parts of one model: milliseconds by part in each round; faults: why they are not stable.
    note: what was shown."""

    model: str
    samples: Mapping[str, tuple[float, ...]]
    faults: tuple[str, ...]
    note: str


def time_parts(
    wish: Wish, plan: Sampling, *, image: Path | None, people: int, watch: type[Watch] = Watch
) -> list[Taken]:
    """The time from a picture's file to its people, taken apart, by the first back end of a wish.

    image: a picture; without one a drawn one is shown. Without weights a bottom-up network's
    grouping is given the maps that a perfect network would give for the drawn people, as those of
    an untrained one are noise. Raises UsageError for classifiers, for batches and for other number
    formats than fp32.
    """
    wish.check()
    if wish.batch != 1 or wish.settings[0].precision != "fp32":
        raise UsageError(
            "parts are timed one picture at a time and in fp32", "leave out --batch and --precision"
        )
    with backends.processor_threads(wish.settings[0].threads):
        return [_parts_of(run, wish, plan, image, people, watch=watch) for run in wish.runs]


def _parts_of(
    run: Run, wish: Wish, plan: Sampling, image: Path | None, people: int, *, watch: type[Watch]
) -> Taken:
    model, setting = run.model, wish.settings[0]
    joints = int(run.changes.get("joints", zoo.info(model).joints))
    skeleton = next((one for one in SKELETONS.values() if len(one) == joints), None)
    if skeleton is None:
        raise UsageError(f"{model} has {joints} joints and finds nobody", "leave out --parts")
    protocol = protocol_for(run.model, skeleton)
    built = (
        build_for(run, wish.weights)
        if wish.weights
        else (latency.network_of(run), {"sha256": latency.UNTRAINED})
    )
    bottom_up = protocol.task == "bottom-up"
    network = backends.computed(built[0], setting, deploy.described(run, built, free=bottom_up))
    nominal = min(run.shape) if bottom_up else run.shape
    ready = evaluate.tester(
        network, skeleton=skeleton, protocol=protocol, nominal=nominal, device=setting.device
    )
    with _shown(image, people, skeleton) as (path, sample):
        perfect = sample is not None and bottom_up and not wish.weights
        seen = (lambda observation: parts.maps_of(sample, observation)) if perfect else None
        with watch() as seen_by:
            found, warm = parts.take(ready, path, plan, seen=seen)
    whole = [sum(row) for row in zip(*found.values(), strict=True)]
    told = (
        f"grouping of {people} drawn people in perfect maps"
        if perfect
        else f"maps of the network itself, {built[1]['sha256'][:12]}"
    )
    in_ms = {part: tuple(1e3 * one for one in values) for part, values in found.items()}
    return Taken(model, in_ms, stable.faults(whole, warm, seen_by.conditions), told)


@contextmanager
def _shown(image: Path | None, people: int, skeleton: Any) -> Iterator[tuple[Path, Any]]:
    """The picture to be shown, and who is in it if it is drawn."""
    if image is None:
        with parts.drawn_picture(people, skeleton) as drawn:
            yield drawn
    else:
        read_image(image)  # a picture that cannot be read is a fault of its own
        yield image, None


def parts_grid(found: Sequence[Taken]) -> Grid:
    """Medians of every part, and of the whole."""
    headings = (
        "model",
        *(f"{part} (ms)" for part in parts.PARTS),
        "whole (ms)",
        "samples",
        "stable",
        "people",
    )
    rows = []
    for one in found:
        whole = [sum(row) for row in zip(*one.samples.values(), strict=True)]
        middle = [float(np.median(values)) for values in (*one.samples.values(), whole)]
        state = "no" if one.faults else "yes"
        rows.append(
            (one.model, *(f"{value:.2f}" for value in middle), str(len(whole)), state, one.note)
        )
    faults = [f"not stable, {one.model}: {'; '.join(one.faults)}" for one in found if one.faults]
    notes = (parts.EXPLAINED, stable.RULE, *faults)
    return Grid(headings, tuple(rows), title="from a picture's file to its people", notes=notes)
