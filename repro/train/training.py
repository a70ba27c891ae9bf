"""What one training is: its network, task, recipe and size, and where it runs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic

import torch
from torch import nn

from repro.errors import UsageError
from repro.limits import INPUT_PIXELS, check_pixels
from repro.people.skeletons import Skeleton
from repro.spec.settings import Profile, Recipe, differing, values
from repro.tasks.task import Arrays, Size, Tensors, TrainingPart, pair
from repro.train.optimizers import optimizer_of
from repro.train.schedules import Schedule, Step, schedule

COMPUTED = ("precision", "channels_last", "compile", "micro_batch")
UNREAD = ("choices", "source")


@dataclass(frozen=True)
class Training(Generic[Arrays, Tensors]):
    """Everything but the pictures that trained weights depend on.

    model: trained in place. profile: how much of the recipe is run, and how a step is computed.
    size: of a training picture in px, (height, width) or the side of a square. info: what the
    weights are of (model, changes), kept with them.
    """

    model: nn.Module
    task: TrainingPart[Arrays, Tensors, Any]  # what a module answers, torch does not say
    skeleton: Skeleton
    recipe: Recipe
    profile: Profile
    size: int | Size
    seed: int = 0
    info: Mapping[str, object] = field(default_factory=dict)

    def plan(self, images: int) -> Schedule:
        """Which of so many pictures every step sees, and at what rate. Raises UsageError."""
        return schedule(self.recipe, self.profile, images=images, seed=self.seed)

    def optimizer(self) -> torch.optim.Optimizer:
        """What changes the weights."""
        return optimizer_of(self.recipe, self.model.parameters())

    def begin_step(self, step: Step) -> None:
        """Told of every step before it is taken; a search makes its network ready for it."""

    def check_size(self) -> None:
        """Raise UsageError for a size that the network cannot take."""
        stride = getattr(self.model, "stride", 1)
        for side in pair(self.size):
            if side <= 0 or side % stride:
                raise UsageError(
                    f"size {side} is not a multiple of {stride}, which the network needs",
                    "--size 256 256",
                )
        check_pixels(
            *pair(self.size), most=INPUT_PIXELS, what="training pictures of", hint="--size 512 512"
        )

    def settings(self, plan: Schedule) -> dict[str, object]:
        """The same as plain JSON values: a checkpoint of other settings belongs to another
        training."""
        recipe = {
            f"recipe {name}": value
            for name, value in values(self.recipe).items()
            if name not in UNREAD
        }
        rest = {
            "task": self.task.name,
            "skeleton": self.skeleton.name,
            "size": self.size,
            **self.info,
        }
        plain: dict[str, object] = json.loads(
            json.dumps({**asdict(plan), **recipe, **rest}, default=str)
        )
        return plain | computed(self.profile)

    @property
    def usual(self) -> frozenset[str]:
        """Names of the recipe's settings that are at their defaults."""
        own = differing(self.recipe, without=())
        return frozenset(f"recipe {name}" for name in values(self.recipe) if name not in own)

    @property
    def facts(self) -> dict[str, object]:
        """What else is told with every checkpoint and with the weights."""
        names = {
            "joints": len(self.skeleton),
            "recipe": self.recipe.name,
            "profile": self.profile.name,
        }
        return {**self.info, **names, "seed": self.seed}


@dataclass(frozen=True)
class Where:
    """Where a training runs, and the folder that it writes to.

    workers: processes that prepare pictures. save_steps: steps between two checkpoints.
    """

    device: torch.device
    out: Path
    workers: int = 0
    save_steps: int = 200


def computed(profile: Profile) -> dict[str, object]:
    """How a profile computes a step, as plain values."""
    return {name: getattr(profile, name) for name in COMPUTED}
