"""Which pictures every step of a training sees and at what rate: plain functions of (seed, epoch,
step)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from repro.errors import UsageError
from repro.spec.settings import Profile, Recipe

LAST = 0.005  # of the rate, where a cosine ends


class Step(NamedTuple):
    """One optimiser step: its number from 0, its epoch from 0, the pictures it sees."""

    number: int
    epoch: int
    images: tuple[int, ...]


@dataclass(frozen=True)
class Schedule:
    """Which pictures every step sees and at what rate.

    images: size of the data set. batch: pictures per step; the last batch of an epoch may be
    smaller. steps: in all. milestones: steps after which the rate falls by `decay`. warmup: steps
    of a line from `warmup_rate` to `rate`. cycle: steps of a triangle between `low` and the rate,
    whose height halves at every one of `halvings`, each the start of a triangle. cosine: after the
    warm-up half a cosine from `rate` to a 200th of it, in place of the milestones.
    """

    images: int
    batch: int
    steps: int
    rate: float
    decay: float
    milestones: tuple[int, ...]
    seed: int
    warmup: int = 0
    warmup_rate: float = 0.0
    cycle: int = 0
    low: float = 0.0
    halvings: tuple[int, ...] = ()
    cosine: bool = False

    @property
    def epoch_steps(self) -> int:
        """Steps per epoch."""
        return -(-self.images // self.batch)

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        if step < self.warmup:
            return self.warmup_rate + (self.rate - self.warmup_rate) * step / self.warmup
        if self.cosine:
            share = (step - self.warmup) / max(1, self.steps - self.warmup)
            return self.rate * (LAST + (1 - LAST) * (1 + math.cos(math.pi * share)) / 2)
        if self.cycle:
            height = (self.rate - self.low) / 2 ** sum(step >= halving for halving in self.halvings)
            return float(self.low + height * (1 - abs(2 * (step % self.cycle) / self.cycle - 1)))
        return float(
            self.rate * self.decay ** sum(step >= milestone for milestone in self.milestones)
        )

    def progress(self, epoch: int) -> float:
        """Share of the training done when an epoch begins."""
        return min(1.0, epoch * self.epoch_steps / self.steps)

    def from_step(self, start: int) -> Iterator[Step]:
        """The steps from `start` on; every epoch has its own order."""
        for epoch in range(start // self.epoch_steps, -(-self.steps // self.epoch_steps)):
            order = np.random.default_rng((self.seed, epoch)).permutation(self.images).tolist()
            for place in range(self.epoch_steps):
                number = epoch * self.epoch_steps + place
                if start <= number < self.steps:
                    yield Step(
                        number, epoch, tuple(order[place * self.batch : (place + 1) * self.batch])
                    )


def schedule(recipe: Recipe, profile: Profile, *, images: int, seed: int) -> Schedule:
    """A recipe's schedule on `images` pictures; where the profile gives steps, all its parts keep
    their fractions.

    Raises UsageError when a batch is larger than the data, or there is none.
    """
    batch = profile.batch or recipe.batch
    if images < 1 or batch > images:
        hint = "use more images or a smaller batch"
        raise UsageError(
            f"a batch of {batch} images is larger than the training set of {images}", hint
        )
    if seed < 0:
        raise UsageError(f"seed {seed} is negative", "--seed 0")
    epoch_steps = -(-images // batch)
    steps = round(profile.steps * recipe.length) or recipe.epochs * epoch_steps
    milestones = tuple(round(epoch / recipe.epochs * steps) for epoch in recipe.milestones)
    plan = Schedule(images, batch, steps, recipe.rate, recipe.decay, milestones, seed)
    share, widths = steps / (recipe.epochs * epoch_steps), len(recipe.three_pass.sigmas)
    cycle = max(4, round(recipe.cycle / recipe.epochs * steps)) if recipe.cycle else 0
    return replace(
        plan,
        warmup=round(recipe.warmup / recipe.epochs * steps)
        + round(recipe.warmup_steps * min(1.0, share)),
        warmup_rate=recipe.warmup_rate,
        cycle=cycle,
        low=recipe.rate / recipe.cycle_ratio if recipe.cycle else 0.0,
        cosine=recipe.cosine,
        # with the cycle nearest to the step of sigma: amid one, the rate would jump
        halvings=tuple(
            round(number / widths * steps / cycle) * cycle for number in range(1, widths) if cycle
        ),
    )


def recipe_at(recipe: Recipe, progress: float) -> Recipe:
    """The recipe with the sigma and the weights of the loss of a moment of the training; `progress`
    lies in 0..1."""
    sigmas, late_weights = recipe.three_pass.sigmas, recipe.bottom_up.late_weights
    if sigmas:
        recipe = replace(recipe, sigma=sigmas[min(int(progress * len(sigmas)), len(sigmas) - 1)])
    if late_weights:
        pairs = zip(recipe.loss_weights, late_weights, strict=True)
        heatmap, pull, push = (early ** (1 - progress) * late**progress for early, late in pairs)
        recipe = replace(recipe, loss_weights=(heatmap, pull, push))
    return recipe
