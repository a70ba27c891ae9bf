"""One step of gradient descent: from a batch of examples to updated weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic

import numpy as np
import torch
from torch import Tensor, nn

from repro.spec.settings import Profile
from repro.tasks.task import Arrays, Batch, Tensors
from repro.train import distributed
from repro.train.precision import Network, arrange, mapped, network, scaler
from repro.train.schedules import Schedule, Step, recipe_at
from repro.train.start import begin
from repro.train.training import Training


@dataclass(frozen=True)
class Engine:
    """How a pass is computed.

    shared: the network, with the gradients of all processes. network: the same as a function.
    scaler: of the gradients.
    """

    shared: nn.Module
    network: Network
    scaler: torch.amp.GradScaler

    @classmethod
    def of(cls, model: nn.Module, profile: Profile, device: torch.device) -> "Engine":
        """As the profile says, on this process's device."""
        distributed.share_norms(model, device)
        arrange(model, profile, device)
        shared = distributed.parallel(model, device)
        return cls(shared, network(shared, profile, device), scaler(profile))


@dataclass(frozen=True)
class Stepper(Generic[Arrays, Tensors]):
    """Takes the steps of one training."""

    training: Training[Arrays, Tensors]
    plan: Schedule
    device: torch.device
    engine: Engine
    optimizer: torch.optim.Optimizer

    @classmethod
    def begin(
        cls, training: Training[Arrays, Tensors], plan: Schedule, device: torch.device
    ) -> "Stepper[Arrays, Tensors]":
        """Before the first step: the network at its start, on the device."""
        model, recipe = training.model, training.recipe
        begin(model, recipe)
        engine = Engine.of(model.to(device), training.profile, device)
        return cls(training, plan, device, engine, training.optimizer())

    def take(self, batch: Batch[Tensors], step: Step) -> dict[str, float]:
        """One step; returns the loss and its parts. A loss that is not finite changes no weight."""
        seeds = np.random.SeedSequence((self.plan.seed, step.number, distributed.rank()))
        torch.manual_seed(int(seeds.generate_state(1)[0]))  # for dropout
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(step.number)
        self.training.begin_step(step)
        self.optimizer.zero_grad()
        recipe = recipe_at(self.training.recipe, step.number / self.plan.steps)
        sums: dict[str, float] = {}
        for (images, targets), left in self._passes(batch, len(step.images)):
            # losses are means over the pictures, whole numbers are counts
            share = len(images) / len(step.images)
            with distributed.keep_back(self.engine.shared, last=not left):
                terms = self.training.task.loss(self.engine.network(images), targets, recipe)
                loss = self.engine.scaler.scale(terms["total"] * (share * distributed.world()))
                loss.backward()  # type: ignore[no-untyped-call]
            for name, value in terms.items():
                sums[name] = sums.get(name, 0) + value.item() * (
                    share if value.is_floating_point() else 1
                )
        sums = distributed.added(sums)
        if np.isfinite(sums["total"]):
            self.engine.scaler.step(self.optimizer)
            self.engine.scaler.update()
        return sums

    def _passes(self, batch: Batch[Tensors], images: int) -> Iterator[tuple[Batch[Tensors], int]]:
        """The parts of this process's share of a batch of `images` that go through the network one
        after the other, each with how many are left after it; all processes make equally many
        passes."""
        own, most = images // distributed.world(), -(-images // distributed.world())
        micro_batch = self.training.profile.micro_batch
        count = min(own, -(-most // micro_batch)) if micro_batch else 1
        for number in range(count):
            yield mapped(partial(_part, self.device, number, count), batch), count - 1 - number


def _part(device: torch.device, number: int, count: int, values: Tensor) -> Tensor:
    return values.tensor_split(count)[number].to(device)
