"""Kind `evaluate`, the accuracy of a network: what is really run, key, digest, and its best record.

The key names what the paper asks for: network, nominal size, data, protocol, recipe, and how much
of it was run. The digest is of what is really run: two rows that a profile makes alike have two
keys and one digest. No torch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

from repro.data.datasets import shortfall
from repro.measure.kind import Kind
from repro.models import zoo
from repro.pose.sizes import tested_side
from repro.record.found import RANKS, Found, Records, mean, state_of, words
from repro.record.record import Record
from repro.spec.profiles import PAPER, PROFILES
from repro.spec.run import Run, Size, digest_of
from repro.spec.settings import WORDS, Profile, Protocol, Recipe, differing, values
from repro.spec.table import Field
from repro.spec.versions import versions

SHOWN = 12  # letters of a weight file's hash


@dataclass(frozen=True)
class Weights:
    """A weight file. sha256: of its content, by which its records are known."""

    path: Path
    sha256: str


How = Profile | Weights
"""How an accuracy is measured: trained by a profile, then tested; or of given weights."""


def key(run: Run, how: How, seed: int = 0) -> str:
    """Key of the record, e.g. `evaluate litepose_s 448x448 data=coco-val protocol=bottom-up
    weights=0123456789ab`."""
    if isinstance(how, Weights):
        return f"{weights_start(run)}{how.sha256[:SHOWN]}"
    return f"{profile_start(run, how)}{seed}"


def weights_start(run: Run) -> str:
    """What the keys of all weights of a run begin with."""
    return f"{_start(run, run.dataset)} weights="


def profile_start(run: Run, profile: Profile) -> str:
    """What the keys of all seeds of a run by a profile begin with."""
    recipe = f" recipe={run.recipe.name}" if run.recipe else ""
    return f"{_start(run, data_of(run, profile))}{recipe} profile={profile.name} seed="


def _start(run: Run, data: str) -> str:
    return (
        f"evaluate {run.what} data={data} protocol={run.protocol.name if run.protocol else 'none'}"
    )


def data_of(run: Run, how: How) -> str:
    """The data set that is really trained and tested on."""
    return (how.dataset if isinstance(how, Profile) else "") or run.dataset


def run_done(run: Run, how: How) -> Run:
    """The run that is really done: the same change on a smaller network where the profile names one
    that stands in, at the size that is to its own as the asked one is to the asked network's."""
    if not isinstance(how, Profile) or run.model not in how.stand_ins:
        return run
    asked, small = zoo.info(run.model), how.stand_ins[run.model]
    sides = zip(run.shape, zoo.info(small).size, asked.size, strict=True)
    height, width = (round(side * own / theirs) for side, own, theirs in sides)
    return replace(run, model=small, size=(height, width))


def shape_of(run: Run, how: How) -> Size:
    """Input (height, width) that is really used: the run's, times the profile's factor or shrunk to
    its short side.

    Sides are rounded to multiples of what the network takes, of which there is at least one.
    """
    run = run_done(run, how)
    if not isinstance(how, Profile) or not (how.scale or how.size):
        return run.shape
    factor, multiple = how.scale or Fraction(how.size, min(run.shape)), _multiple(run)
    height, width = (
        max(1, math.floor(side * factor / multiple + 0.5)) * multiple for side in run.shape
    )
    return height, width


def _multiple(run: Run) -> int:
    return zoo.info(run.model).family.multiple


def as_trained(protocol: Protocol, run: Run, how: How) -> Protocol:
    """The protocol as it suits what a profile has trained: inputs that it scales are not rounded up
    to the papers' 64 px, maps of a softmax are read as such."""
    if not isinstance(how, Profile):
        return protocol
    run = run_done(run, how)
    recipe = run.recipe and how.applied(run.recipe)
    if recipe and recipe.heat == "entropy":
        protocol = replace(protocol, softmax=_covered(recipe))
    return replace(protocol, multiple=_multiple(run)) if how.scale else protocol


def as_learnt(protocol: Protocol, info: Mapping[str, Any]) -> Protocol:
    """The protocol as it suits weights of ours, which say what they learnt: maps of a softmax are
    read as such. info: what the file says of itself."""
    told = info.get("settings", {})
    if told.get("recipe heat") != "entropy":
        return protocol
    widths = told["recipe sigmas"] or [told["recipe sigma"]]
    return replace(protocol, softmax=_area(told["recipe gauss"], widths))


def _covered(recipe: Recipe) -> float:
    passes = recipe.three_pass
    return _area(passes.gauss, passes.sigmas or (recipe.sigma,))


def _area(gauss: float, widths: Sequence[float]) -> float:
    """The area under a target of the last width, in the unit of the width squared."""
    return math.pi * gauss * widths[-1] ** 2


def scored(run: Run, field: Field) -> bool:
    """Whether a run's task gives a column's measure: classifiers have top-1, and no other has."""
    classifies = zoo.info(run.model).task == "classification"
    return classifies == (field.definition.value == "top1")


def tested(run: Run) -> Run:
    """The same network at the size that its test gives it: bottom-up, a square of the rounded short
    side."""
    if run.protocol is None or run.protocol.task != "bottom-up":
        return run
    return replace(run, size=tested_side(min(run.shape), min(run.protocol.scales)))


def digest(run: Run, how: How, seed: int = 0) -> str:
    """Hash of everything that can change the score."""
    tested = [_plain(run.protocol and as_trained(run.protocol, run, how)), *versions("evaluation")]
    if isinstance(how, Weights):
        family = zoo.info(run.model).module
        return digest_of(
            "weights", run.what, run.dataset, how.sha256[:SHOWN], tested, versions(family)
        )
    return digest_of("trained", _training(run, how, seed), tested)


def training_digest(run: Run, profile: Profile, seed: int) -> str:
    """Hash of everything that can change the trained weights: the same for all protocols that test
    them."""
    return digest_of("training", _training(run, profile, seed))


def _training(run: Run, profile: Profile, seed: int) -> list[object]:
    """What is really trained.

    A profile's `size`, `scale`, `recipe` and `batch` are in the shape and in the recipe, its
    `stand_ins` in the network; `points`,
    how often the network is tested while it learns, changes no number.
    """
    run = run_done(run, profile)
    applied = run.recipe and profile.applied(run.recipe)
    recipe = _plain(applied)
    elsewhere = (
        *("name", "dataset", "size", "scale", "recipe", "batch"),
        *("stand_ins", "tasks", "points"),
    )
    settings = differing(profile, without=elsewhere)
    data = data_of(run, profile)
    drawn = versions("synthetic") if data.startswith("synth") else []
    code = versions(zoo.info(run.model).module, "training", *_searched(run.recipe))
    told = [run.network, shape_of(run, profile), data, recipe, settings, seed, code, drawn]
    return [*told, versions("cycles")] if applied and applied.cycle else told


def _searched(recipe: Recipe | None) -> list[str]:
    """The part of the code that makes a super-net or teaches, where the recipe asks for either."""
    asked = recipe and (recipe.bottom_up.supernet or recipe.bottom_up.teacher)
    return ["search"] if asked else []


def _plain(settings: Protocol | Recipe | None) -> Mapping[str, object]:
    return differing(settings) if settings else {}


def labels(run: Run, how: How) -> dict[str, str]:
    """The labels of a record: what a reader must see beside the number."""
    if isinstance(how, Weights):
        return {"weights": how.sha256[:SHOWN]}
    done = run_done(run, how).model
    stand_in = {"network": done} if done != run.model else {}
    return {"data": data_of(run, how), "profile": how.name, **stand_in}


def made_alike(run: Run, other: Run) -> list[str]:
    """In what two runs of one digest differ in the paper, e.g. `size 512x512 and 256x256`."""
    apart = [] if run.model == other.model else [f"network {run.model} and {other.model}"]
    apart += [] if run.shape == other.shape else [f"size {_side(run)} and {_side(other)}"]
    if run.recipe is None or other.recipe is None:
        return apart
    ours, theirs = values(run.recipe), values(other.recipe)
    names = sorted(name for name in ours if name not in WORDS and ours[name] != theirs[name])
    return apart + [f"{name} {ours[name]} and {theirs[name]}" for name in names]


def _side(run: Run) -> str:
    return "{}x{}".format(*run.shape)


# --- finding --------------------------------------------------------------------------------------

NOBODY = "the test set has nobody whom this measure is about"


def _found(
    record: Record,
    state: str,
    labels: str,
    seeds: Mapping[int, Record] = MappingProxyType({}),
    *,
    beside: str = "",
) -> Found:
    """beside: what a reader must see too, but keeps no two numbers apart."""
    shown = words(labels, beside)
    return Found(record, state, shown, seeds, basis=f"{labels} {state}", without=NOBODY)


def _with_weights(run: Run, records: Records) -> list[Found]:
    """Every record of given weights, in the order of their hashes."""
    start = weights_start(run)
    held = [
        (records[key], key.removeprefix(start)) for key in sorted(records) if key.startswith(start)
    ]
    found = []
    for record, weights in held:
        short = shortfall(run.dataset, record.provenance.get("images"))
        several = f"one of {len(held)} weights" if len(held) > 1 else ""
        labels = words(f"weights {weights[:8]}", several, short)
        state = state_of(record, digest(run, Weights(Path(), weights)), "reduced" if short else "")
        found.append(_found(record, state, labels))
    return found


def find_profile(run: Run, profile: Profile, records: Records) -> Found | None:
    """A run by a profile: the mean over all seeds that are as good as the best.

    Those tested on the whole set come before those tested on fewer, fresh ones before stale and
    failed ones.
    """
    profile = profile.of(run.recipe)
    data, start = data_of(run, profile), profile_start(run, profile)
    groups: dict[tuple[int, str, str], dict[int, Record]] = {}
    for key in sorted(key for key in records if key.startswith(start)):
        record, seed = records[key], int(key.removeprefix(start))
        short = shortfall(data, record.provenance.get("images"))
        state = state_of(
            record, digest(run, profile, seed), "reduced" if profile.reduced or short else ""
        )
        groups.setdefault((RANKS[state], short, state), {})[seed] = record
    if not groups:
        return None
    _, short, state = best = min(groups)
    seeds = groups[best]
    origin, sides = f"{data}, {profile.name}" if profile.reduced else "", _sides(run, profile)
    # a factor keeps the sizes apart that the papers keep apart; a size is meant to be one for all
    labels = words(origin, _stand_in(run, profile), "" if profile.scale else sides, short)
    return _found(mean(seeds), state, labels, seeds, beside=sides if profile.scale else "")


def _stand_in(run: Run, profile: Profile) -> str:
    """The network as a label, where it is not the asked one."""
    done = run_done(run, profile)
    return f"on {done.model}" if done.model != run.model else ""


def _sides(run: Run, profile: Profile) -> str:
    """The size as a label, where it is not the profile's because the network cannot take that."""
    run = run_done(run, profile)
    height, width = shape_of(run, profile)
    wanted = min(run.shape) * profile.scale or profile.size
    return f"at {height}x{width} px" if wanted and min(height, width) != wanted else ""


def find_score(run: Run, records: Records) -> Found | None:
    """The best record of a run's accuracy.

    Fresh ones come before stale ones, tests on all pictures before those on some; then the paper's
    recipe before given weights before reduced profiles.
    """
    reduced = [
        find_profile(run, profile, records)
        for profile in reversed(PROFILES.values())
        if profile.reduced
    ]
    ordered = [find_profile(run, PAPER, records), *_with_weights(run, records), *reduced]
    return min(filter(None, ordered), key=lambda found: RANKS[found.state], default=None)


class AccuracyKind(Kind):
    """Fills the columns of accuracies."""

    column = "evaluate"
    title = "Accuracy"

    def key(self, run: Run, rule: str) -> str:
        """The key under the paper's own recipe; accuracies have no rule."""
        return key(run, PAPER)

    def find(self, run: Run, rule: str, records: Records) -> Found | None:
        """The best record of any origin; accuracies have no rule."""
        return find_score(run, records)

    def fills(self, run: Run, field: Field) -> bool:
        """Only a run that names its data can be tested."""
        return bool(run.dataset) and scored(run, field)
