"""What the reduced profiles change of the papers' recipes, and every score measured by them, in one
place."""

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

from repro.grid import Grid
from repro.measure.accuracy import find_profile
from repro.record.found import Found, Records
from repro.report import gate
from repro.report.ablations import RULE
from repro.report.markdown import heading, table, wrapped
from repro.spec import catalog
from repro.spec.profiles import MINI, PROFILES
from repro.spec.run import Run
from repro.spec.settings import Profile

PAPER = "synthpose"  # in the place of a paper's name in figure files
TASKS = ("bottom-up", "single-person", "three-pass", "top-down", "classification")
TEXT = """\
No download and no graphics card: `repro table ID --run --profile mini` trains a table's networks on drawn people and
tests them by the papers' protocols. The networks are built as the papers build them. Under `mini` each is trained and
tested at its own input times one factor per task, rounded to what the network accepts, so rows that differ in the input
differ here too, unless rounding makes them one; `smoke` and `gpu` have one short side for all. A profile changes, for
all networks of a task alike, what stands below, and the length of the training; warm-up and milestones keep their
fraction of it, and `cosine` lets the rate fall along half a cosine in place of milestones.

Pictures of `synthpose-near` (`mini`) are plain to see and easier than those of `repro data make`: each kind of body
part in a colour of its own, left and right alike, shifted by one hue per person; no things in front, no false limbs, no
blur or noise, no joints of the face where COCO has them. One person meant stands alone, 50 to 95 % of the picture tall,
turned all the way; several are four at most, of 20 to 90 %, within 60 degrees of facing the camera, in crowds of every
density; those of classes have nothing behind them. Pictures of `synthpose-easy` (`smoke`) show at most three people,
tall and facing the camera, in painted clothes before a place.

**Not at the plateau.** Trainings of `mini` end while networks still learn: "last doubling" below is what the second
half of the pictures added, tested on 100 pictures while the network learned. So networks are compared at equal numbers
of pictures, not at their end, and one that learns slowly stands lower than it would.

HigherHRNet W32, W40 and W48 are too large for `mini`: a run of theirs is done on W16 instead, with the same change, at
a size that is to W16's own as the asked one is to theirs; the number says "on higherhrnet_w16", and no difference is
taken between it and a network without a stand-in.

These numbers compare networks with each other; they say nothing about COCO, CrowdPose, MPII or ImageNet. MACs beside
them in the tables are those of the paper's input.
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
with the looks at the network while it learns, and drawing the pictures where nobody had yet; one core each, two at a
time.
"""


def section(records: Records) -> Iterator[str]:
    """The page on reduced runs: what the profiles change, what was measured, what it is good
    for."""
    yield heading(1, "The reduced benchmark: SynthPose, profile `mini`")
    yield "[All results](../RESULTS.md)"
    yield TEXT
    for profile in REDUCED:
        yield f"Profile `{profile.name}`:"
        yield table(profile_grid(profile))
    yield heading(2, "What was measured", "measured")
    yield from _measured(records)
    known = gate.grid(MINI, records)
    yield heading(2, "Does this ground order networks whose order is known?", "gate")
    yield "`repro gate`"
    yield table(known)
    yield "\n\n".join(map(wrapped, known.notes))
    yield heading(2, "How a verdict on an ablation is made", "verdicts")
    yield wrapped(RULE)


def _measured(records: Records) -> Iterator[str]:
    """The scores, one table per set of scores that networks share."""
    by_scores: dict[tuple[bool, ...], list[tuple[str, ...]]] = {}
    for run, found in scores(records):
        row = line(run, found)
        by_scores.setdefault(tuple(map(bool, row[3:-2])), []).append(row)
    headings = ("network", "tested as", "training images")
    names = (*headings, *(name for name, _ in VALUES.values()), "last doubling", "s")
    for held, rows in by_scores.items():
        kept = [index for index in range(len(names)) if not 3 <= index < len(names) - 2]
        kept += [3 + index for index, filled in enumerate(held) if filled]
        order = sorted(kept)
        body = tuple(tuple(row[index] for index in order) for row in rows)
        yield table(Grid(tuple(names[index] for index in order), body))
    yield NOTE if by_scores else "Nothing yet: `repro measure --all --profile mini` measures it."


def profile_grid(reduced: Profile) -> Grid:
    """What a reduced profile sets, one column per task: data, sizes, steps, precision, and the
    fields of the recipe that it replaces."""
    profiles = [reduced.tasks.get(task, reduced) for task in TASKS]
    replaced = dict.fromkeys(name for profile in profiles for name in profile.recipe)
    lines: dict[str, list[str]] = {
        "data": [profile.dataset for profile in profiles],
        "pictures, training + test": [_pictures(profile) for profile in profiles],
        "short side": [_side(profile) for profile in profiles],
        "steps x batch": [f"{profile.steps} x {profile.batch}" for profile in profiles],
        "precision": [_precision(profile) for profile in profiles],
        **{
            f"recipe: {name}": [
                _plain(profile.recipe[name]) if name in profile.recipe else ""
                for profile in profiles
            ]
            for name in replaced
        },
    }
    rows = tuple((name, *texts) for name, texts in lines.items())
    return Grid((f"{reduced.name} sets", *TASKS), rows)


def _side(profile: Profile) -> str:
    return f"{profile.scale:g} of the paper's" if profile.scale else f"{profile.size} px"


def _pictures(profile: Profile) -> str:
    drawn = f"{profile.picture} px" if profile.picture else _side(profile)
    return f"{profile.train_images} + {profile.val_images} of {drawn}"


def _precision(profile: Profile) -> str:
    return f"{profile.precision}, channels last" if profile.channels_last else profile.precision


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{number:g}" for number in value) or "none"
    return str(value)


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
    images = f"{curve[-1]['images']:.0f}" if "images" in curve[-1] else ""
    tested = f"{run.protocol.name if run.protocol else ''}, {found.labels}"
    stale = " (stale)" if found.state == "stale" else ""
    numbers = [_number(name, scale, found) for name, (_, scale) in VALUES.items()]
    seconds = fmean(float(record.provenance.get("seconds", 0)) for record in found.seeds.values())
    return (f"{network}{stale}", tested, images, *numbers, last_doubling(found), f"{seconds:.0f}")


def last_doubling(found: Found) -> str:
    """What the second half of the training images added, by the looks at the network while it
    learned: mean over the seeds of the first score that they have; "" without two looks."""
    curves = [record.provenance.get("curve") or [] for record in found.seeds.values()]
    pairs = [curve[-2:] for curve in curves if len(curve) > 1]
    for name, (title, scale) in VALUES.items():
        gains = [scale * (last[name] - half[name]) for half, last in pairs if name in last]
        if gains:
            return f"{fmean(gains):+.1f} {title}"
    return ""


def _number(name: str, scale: float, found: Found) -> str:
    records = [record for record in found.seeds.values() if name in record.values]
    values: Sequence[float] = [scale * float(record.values[name]) for record in records]
    if not values:
        return ""
    spread = f" ± {stdev(values):.1f} ({len(values)} seeds)" if len(values) > 1 else ""
    return f"{fmean(values):.1f}{spread}"
