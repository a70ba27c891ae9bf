"""What a model is trained by, tested by and tested on where nobody says otherwise."""

from collections.abc import Mapping
from typing import Any

from repro.data.datasets import usual_test
from repro.data.open import NAMES
from repro.errors import UsageError
from repro.models import zoo
from repro.people.skeletons import MPII, Skeleton
from repro.spec.protocols import PROTOCOLS
from repro.spec.run import Size
from repro.spec.settings import Protocol, Recipe


def joints_of(model: str, changes: Mapping[str, Any]) -> int:
    """How many joints a model's network finds, 0 for a classifier. Raises UsageError for changes
    that do not fit."""
    zoo.check(model, changes)
    return int(changes.get("joints", zoo.info(model).joints))


def usual_test_set(model: str, changes: Mapping[str, Any]) -> str:
    """The data set that a model is tested on."""
    return usual_test(joints_of(model, changes))


def recipe_for(model: str, dataset: str) -> Recipe:
    """The recipe a model is trained by on a data set. Raises UsageError where no paper gives
    one."""
    recipe = zoo.info(model).recipe(NAMES[dataset].form if dataset in NAMES else "coco")
    if recipe is None:
        known = ", ".join(name for name, family in zoo.FAMILIES.items() if family.recipes)
        raise UsageError(f"{model} has no recipe yet", f"models with one are of {known}")
    return recipe


def protocol_for(model: str, skeleton: Skeleton) -> Protocol:
    """The protocol a model is tested by: its family's, or its task's on such people."""
    info = zoo.info(model)
    protocol = info.family.protocol or PROTOCOLS[info.task]
    if protocol.task in ("single-person", "top-down"):
        return PROTOCOLS["single-person" if skeleton.name == MPII.name else "top-down"]
    return protocol


def nominal_size(task: str, size: Size) -> int | Size:
    """Bottom-up networks see pictures of any shape, and are named for their short side."""
    return min(size) if task == "bottom-up" else size
