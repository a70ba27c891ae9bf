"""What the reduced profiles change of the papers' recipes, and every score measured by them, in one place."""

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

from repro import catalog
from repro.grid import Grid, to_markdown
from repro.recipes import PROFILES
from repro.render import Found, Records, find_profile
from repro.spec import Run

PAPER = "synthpose"  # in the place of a paper's name in figure files
TASKS = ("bottom-up", "single-person", "three-pass", "top-down", "classification")
TEXT = """\
No download and no graphics card: `repro table ID --run --profile mini` trains a table's networks on drawn people and
tests them by the papers' protocols. The networks are built as the papers build them; but all are trained and tested at
one short side, where the papers scale the input with the network, and rows that differ in the input alone become one.
A profile changes, for all networks of a task alike, what stands below, and the length of the training; milestones keep
their fraction of it. Pictures of `synthpose-easy` are easier than those of `repro data make`: at most three people,
tall and facing the camera, no things in front of them, no false limbs, no joints of the face where COCO has them; those
of classes also have nothing behind the person, no blur and no noise. These numbers compare networks with each other;
they say nothing about COCO, CrowdPose, MPII or ImageNet. MACs beside them in the tables are those of the paper's input.
"""
VALUES = {
    "PCKh@0.5": ("PCKh@0.5", 1), "PCKh@0.1": ("PCKh@0.1", 1), "AP": ("AP", 100), "AP50": ("AP50", 100),
    "joints@0.1": ("joints@0.1", 100), "top1": ("top-1", 100),
}  # fmt: skip
NOTE = """\
In percent. `joints@0.1` is the share of all labelled joints that are found within a tenth of their person's height, the
people paired so that most are; it is smoother than AP where few joints are right. Several seeds: mean ± standard
deviation; without ± there is one seed, and differences of some points are within chance. Seconds: from start to score,
with five looks at the network while it learns, and drawing the pictures where nobody had yet; one core each, two at a
time.
"""


def section(records: Records) -> Iterator[str]:
    """Heading, words, what the profiles change, what was measured."""
    yield "## The reduced benchmark: SynthPose, profile `mini`"
    yield TEXT
    yield to_markdown(profile_grid())
    rows = [line(run, found) for run, found in scores(records)]
    if rows:
        yield to_markdown(
            Grid(("network", "tested as", "training images", *(name for name, _ in VALUES.values()), "s"), tuple(rows))
        )
        yield NOTE


def profile_grid() -> Grid:
    """What the reduced profiles change, by task."""
    rows = []
    for profile in (one for one in PROFILES.values() if one.reduced):
        for task in TASKS:
            this = profile.tasks.get(task, profile)
            order = ", channels last" if this.channels_last else ""
            side = f"{this.scale:g} of the paper's" if this.scale else f"{this.size} px"
            drawn = f"{this.picture} px" if this.picture else side
            pictures = f"{this.train_images} + {this.val_images} of {drawn}"
            rows.append((
                this.name, task, this.dataset, pictures,
                side, f"{this.steps} x {this.batch}", f"{this.precision}{order}",
                ", ".join(f"{name} {_plain(value)}" for name, value in this.recipe.items()) or "nothing",
            ))  # fmt: skip
    return Grid(
        (
            "profile",
            "task",
            "data",
            "pictures (training + test)",
            "short side",
            "steps x batch",
            "precision",
            "replaced",
        ),
        tuple(rows),
    )


def _plain(value: object) -> str:
    return " ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else str(value)


def scores(records: Records) -> list[tuple[Run, Found]]:
    """Every run of a table or an ablation that a reduced profile has measured, each once, by its key."""
    found: dict[str, tuple[Run, Found]] = {}
    tables = [*catalog.tables(), *(one.table for one in catalog.ablations())]
    runs = [
        run for table in tables for row in table.rows for run in (row.run, *row.runs.values()) if run and run.dataset
    ]
    for run in runs:
        for profile in (one for one in PROFILES.values() if one.reduced):
            held = find_profile(run, profile, records)
            if held and held.state != "failed":
                found[held.record.key] = (run, held)
    return [found[key] for key in sorted(found)]


def line(run: Run, found: Found) -> tuple[str, ...]:
    """A row: network, protocol and data, training images, scores, seconds."""
    proof = found.record.provenance
    words = found.record.key.partition(" ")[2].partition(" data=")[0].split()
    what = " ".join([*words[:-1], *(proof.get("tested_sizes") or {"": 0})])  # not the size the paper has
    curve = proof.get("curve") or [{}]
    images = curve[-1].get("images", "")
    tested = f"{run.protocol.name if run.protocol else ''}, {found.labels}"
    stale = " (stale)" if found.state == "stale" else ""
    numbers = [_number(name, scale, found) for name, (_, scale) in VALUES.items()]
    seconds = fmean(float(one.provenance.get("seconds", 0)) for one in found.seeds.values())
    return (f"{what}{stale}", tested, str(images), *numbers, f"{seconds:.0f}")


def _number(name: str, scale: float, found: Found) -> str:
    values: Sequence[float] = [scale * float(one.values[name]) for one in found.seeds.values() if name in one.values]
    if not values:
        return ""
    spread = f" ± {stdev(values):.1f} ({len(values)} seeds)" if len(values) > 1 else ""
    return f"{fmean(values):.1f}{spread}"
