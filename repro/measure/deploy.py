"""Leaving torch: the `export` command, and networks of given weights that another back end
computes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from repro.errors import UsageError, unknown
from repro.export import files
from repro.export.backends import Built, network_for
from repro.export.description import Description, describe
from repro.files import check_writable
from repro.grid import Grid
from repro.measure.networks import build_for
from repro.measure.usual import protocol_for
from repro.models import zoo
from repro.models.architecture import named
from repro.people.skeletons import SKELETONS
from repro.spec.run import Run
from repro.tasks.all import TASKS
from repro.tasks.task import Size


def described(run: Run, built: Built, *, free: bool, batch: int = 1) -> Description:
    """What a run's network says of itself in an exported file. Raises UsageError for a size that it
    refuses."""
    joints = int(run.changes.get("joints", zoo.info(run.model).joints))
    facts = {"joints": joints, "weights": built[1].get("sha256", ""), "free": free, "batch": batch}
    return describe(run, built[0], task=task_of(run.model, joints), **facts)


def task_of(model: str, joints: int) -> str:
    """Whose decoding a model's maps want."""
    people = next((one for one in SKELETONS.values() if len(one) == joints), None)
    return protocol_for(model, people).task if people else zoo.info(model).task


def device_for(backend: str, device: str) -> str:
    """Where a back end computes. Raises UsageError for one that cannot do so on the device that is
    asked for."""
    if not backend:
        return device
    if device not in ("auto", "cpu"):
        raise UsageError(
            f"back end {backend} runs on the processor here, not on '{device}'", "--device cpu"
        )
    return "cpu"


def build(run: Run, weights: Path, backend: str) -> Built:
    """A run's network by a back end, "" for torch, and the facts of its weights.

    What it exports on the way takes every size where pictures keep their shape, that is for
    bottom-up networks.
    """
    plain = partial(build_for, run, weights)
    if not backend:
        return plain()
    free = not TASKS[zoo.info(run.model).task].by_person
    return network_for(
        run, weights, backend, build=plain, describe=partial(described, run, free=free)
    )


@dataclass(frozen=True)
class ExportWish:
    """What the `export` command is asked for. tolerance: as a share of the largest value."""

    form: str
    weights: Path
    out: Path
    free: bool = False
    batch: int = 1
    tolerance: float = files.TOLERANCE


def export(model: str, size: Size | None, changes: Mapping[str, Any], wish: ExportWish) -> Grid:
    """The `export` command: write a network with given weights, run both, and say how far they lie
    apart.

    Raises CheckError above the tolerance; the file stays, so that it can be looked at.
    """
    out, form = wish.out, wish.form
    if form not in files.FORMATS:
        raise unknown("format", form, files.FORMATS)
    check_writable(out)
    asked = named(model, size, changes)
    run = Run(asked.model, asked.shape, asked.changes)
    built = build_for(run, wish.weights)
    told = described(run, built, free=wish.free, batch=wish.batch)
    files.write(out, form, built[0], told)
    found = files.check(built[0], out, told, tolerance=wish.tolerance)
    sides = f"multiples of {told.multiple} px" if told.free else "{}x{} px".format(*told.size)
    opset = files.FORMATS[form].opset
    rows = (
        ("file", str(out)),
        ("format", f"{form}, opset {opset}" if opset else form),
        ("input", f"{told.batch} x 3 x {sides}"),
        ("outputs", ", ".join(told.outputs)),
        ("largest difference", f"{found.largest:.3g}, {found.relative:.3g} of the largest value"),
        ("tolerance", f"{wish.tolerance:g} of the largest value"),
        ("weights", told.weights),
    )
    return Grid(("what", "value"), rows, title=f"{model} as {form}")
