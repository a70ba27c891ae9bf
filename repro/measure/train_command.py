"""The `train` command."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repro.data.open import NAMES
from repro.measure.place import Place
from repro.measure.training import train_run
from repro.measure.usual import protocol_for, recipe_for, usual_test_set
from repro.models.architecture import named
from repro.spec.profiles import named_profile
from repro.spec.run import Run, Size
from repro.spec.settings import Profile


@dataclass(frozen=True)
class TrainWish:
    """What is to be trained. What is empty, 0 or False stays as the profile has it; size: None for
    the profile's. start: weights to begin with."""

    model: str
    size: Size | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    profile: str = "smoke"
    dataset: str = ""
    steps: int = 0
    batch: int = 0
    micro_batch: int = 0
    precision: str = ""
    channels_last: bool = False
    compile: bool = False
    seed: int = 0
    start: Path | None = None


REPLACED = ("dataset", "steps", "batch", "micro_batch", "precision", "channels_last", "compile")


def train(wish: TrainWish, place: Place) -> Path:
    """The path of the weights. Raises UsageError for a model that no recipe of ours trains."""
    asked = named(wish.model, wish.size, wish.changes)
    wish = replace(wish, model=asked.model, changes=asked.changes)
    dataset = wish.dataset if wish.dataset in NAMES else usual_test_set(wish.model, wish.changes)
    recipe = recipe_for(wish.model, dataset)
    profile = _profile(wish, named_profile(wish.profile).of(recipe))
    protocol = protocol_for(wish.model, NAMES[dataset].skeleton)
    run = Run(wish.model, asked.shape, wish.changes, dataset, protocol, recipe)
    return train_run(run, profile, seed=wish.seed, place=place, start=wish.start).weights


def _profile(wish: TrainWish, base: Profile) -> Profile:
    """The profile with what the command changes, and then of another name; nothing stands in for a
    network that is asked for itself."""
    base = replace(base, stand_ins={})
    given = {name: getattr(wish, name) for name in REPLACED if getattr(wish, name)}
    if wish.size:
        given |= {"size": 0, "scale": 0.0}  # the run's own
    return replace(base, name=f"{base.name}-changed", **given) if given else base
