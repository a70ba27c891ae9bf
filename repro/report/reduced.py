"""What the reduced profiles change of the papers' recipes, and every score measured by them, in one
place."""

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

from repro.grid import Grid, to_markdown
from repro.measure.accuracy import find_profile
from repro.record.found import Found, Records
from repro.spec import catalog
from repro.spec.profiles import PROFILES
from repro.spec.run import Run

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
REDUCED = tuple(profile for profile in PROFILES.values() if profile.reduced)
VALUES = {
    "PCKh@0.5": ("PCKh@0.5", 1),
    "PCKh@0.1": ("PCKh@0.1", 1),
    "AP": ("AP", 100),
    "AP50": ("AP50", 100),
    "joints@0.1": ("joints@0.1", 100),
    "top1": ("top-1", 100),
}
NOTE = """\
In percent. `joints@0.1` is the share of all labelled joints that are found within a tenth of their person's height, the
people paired so that most are; it is smoother than AP where few joints are right. Several seeds: mean ± standard
deviation; without ± there is one seed, and differences of some points are within chance. Seconds: from start to score,
with five looks at the network while it learns, and drawing the pictures where nobody had yet; one core each, two at a
time.
"""


def section(records: Records) -> Iterator[str]:
    """The section of RESULTS.md on reduced runs: what the profiles change, what was measured."""
    yield "## The reduced benchmark: SynthPose, profile `mini`"
    yield TEXT
    yield to_markdown(profile_grid())
    rows = [line(run, found) for run, found in scores(records)]
    if rows:
        yield to_markdown(
            Grid(
                (
                    "network",
                    "tested as",
                    "training images",
                    *(name for name, _ in VALUES.values()),
                    "s",
                ),
                tuple(rows),
            )
        )
        yield NOTE


def profile_grid() -> Grid:
    """One line per reduced profile and task: data, sizes, steps, precision, replaced fields."""
    rows = []
    for reduced in REDUCED:
        for task in TASKS:
            profile = reduced.tasks.get(task, reduced)
            order = ", channels last" if profile.channels_last else ""
            side = f"{profile.scale:g} of the paper's" if profile.scale else f"{profile.size} px"
            drawn = f"{profile.picture} px" if profile.picture else side
            pictures = f"{profile.train_images} + {profile.val_images} of {drawn}"
            rows.append(
                (
                    profile.name,
                    task,
                    profile.dataset,
                    pictures,
                    side,
                    f"{profile.steps} x {profile.batch}",
                    f"{profile.precision}{order}",
                    ", ".join(f"{name} {_plain(value)}" for name, value in profile.recipe.items())
                    or "nothing",
                )
            )
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
    return " ".join(f"{number:g}" for number in value) if isinstance(value, tuple) else str(value)


def scores(records: Records) -> list[tuple[Run, Found]]:
    """Every run of a table or an ablation that a reduced profile has measured, each once, by its
    key."""
    measured: dict[str, tuple[Run, Found]] = {}
    tables = [*catalog.tables(), *(ablation.table for ablation in catalog.ablations())]
    runs = [
        run
        for table in tables
        for row in table.rows
        for run in (row.run, *row.runs.values())
        if run and run.dataset
    ]
    for run in runs:
        for profile in REDUCED:
            best = find_profile(run, profile, records)
            if best and best.state != "failed":
                measured[best.record.key] = (run, best)
    return [measured[key] for key in sorted(measured)]


def line(run: Run, found: Found) -> tuple[str, ...]:
    """One row of the scores: network, protocol and data, training images, scores, seconds."""
    proof = found.record.provenance
    words = found.record.key.partition(" ")[2].partition(" data=")[0].split()
    # the sizes that were tested, in place of the paper's
    network = " ".join([*words[:-1], *(proof.get("tested_sizes") or {"": 0})])
    curve = proof.get("curve") or [{}]
    images = curve[-1].get("images", "")
    tested = f"{run.protocol.name if run.protocol else ''}, {found.labels}"
    stale = " (stale)" if found.state == "stale" else ""
    numbers = [_number(name, scale, found) for name, (_, scale) in VALUES.items()]
    seconds = fmean(float(record.provenance.get("seconds", 0)) for record in found.seeds.values())
    return (f"{network}{stale}", tested, str(images), *numbers, f"{seconds:.0f}")


def _number(name: str, scale: float, found: Found) -> str:
    records = [record for record in found.seeds.values() if name in record.values]
    values: Sequence[float] = [scale * float(record.values[name]) for record in records]
    if not values:
        return ""
    spread = f" ± {stdev(values):.1f} ({len(values)} seeds)" if len(values) > 1 else ""
    return f"{fmean(values):.1f}{spread}"
