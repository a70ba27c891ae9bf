"""What a training begins with and learns from: a new network, given weights, a super-net's, a
teacher."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import nn

from repro.measure.accuracy import shape_of
from repro.measure.networks import trained_changes
from repro.measure.place import Place
from repro.measure.search_litepose import supernet_weights
from repro.models import zoo
from repro.record import provenance
from repro.search.distillation import Distilled, teach
from repro.search.supernet import first_channels
from repro.spec.recipes import LITEPOSE_FROM_LMS
from repro.spec.run import Run
from repro.spec.settings import Profile, Recipe, changed
from repro.tasks.all import TASKS
from repro.tasks.task import TrainingPart
from repro.train.checkpoint import load_weights
from repro.train.loop import TrainResult

Train = Callable[[Run], TrainResult]


@dataclass(frozen=True)
class Learning:
    """A network ready to be trained, the task it learns, and by which recipe.

    info: what else of its start stands beside the weights.
    """

    model: nn.Module
    task: TrainingPart[Any, Any, Any]
    recipe: Recipe
    info: Mapping[str, object] = field(default_factory=dict)


def learning_of(
    run: Run,
    recipe: Recipe,
    profile: Profile,
    *,
    seed: int,
    place: Place,
    start: Path | None,
    train: Train,
) -> Learning:
    """What a run's recipe asks for, the super-net and the teacher trained first.

    start: weights to begin with, in place of the recipe's own start. train: trains another run by
    the same profile. A network that begins with
    weights keeps them: its residual branches do not start at 0.
    """
    settings, info = recipe.bottom_up, dict[str, object]()
    supernet = (
        supernet_weights(settings.supernet, profile, seed, place) if settings.supernet else None
    )
    taught_by = _teacher(run, recipe, profile, train) if settings.teacher else None
    provenance.seed_everything(seed)
    model = zoo.build(run.model, **trained_changes(run))
    if start:
        info["start"] = load_weights(model, start)["sha256"]
    elif supernet:
        weights, info["start"] = supernet
        model.load_state_dict(first_channels(weights, model))
    if info:
        recipe = changed(recipe, {"still": False})
    if taught_by is None:
        return Learning(model, TASKS[recipe.task], recipe, info)
    teacher, side, info["teacher"] = taught_by
    teach(model, teacher, side=side)
    return Learning(model, Distilled(), recipe, info)


def teacher_of(run: Run, name: str) -> Run:
    """The run of a run's teacher: as the paper has it, from its own super-net (Table 3)."""
    info = zoo.info(name)
    changes = {"joints": run.changes.get("joints", info.joints)}
    return replace(run, model=name, size=info.size, recipe=LITEPOSE_FROM_LMS, changes=changes)


def _teacher(
    run: Run, recipe: Recipe, profile: Profile, train: Train
) -> tuple[nn.Module, int, str]:
    """The teacher of a run, its side in px, and the hash of its weights."""
    own = teacher_of(run, recipe.bottom_up.teacher)
    done = train(own)
    teacher = zoo.build(own.model, **own.changes)
    load_weights(teacher, done.weights)
    return teacher, min(shape_of(own, profile)), done.sha256
