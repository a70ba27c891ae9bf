"""Training examples in the order of a schedule. An example depends on (seed, epoch, image) alone:
the number of processes that prepare them changes nothing."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from repro.errors import ReproError
from repro.people.sample import Samples
from repro.people.skeletons import Skeleton
from repro.spec.settings import Recipe
from repro.tasks.task import Arrays, Batch, Example, Size, Tensors, TrainingPart
from repro.train import distributed
from repro.train.schedules import Schedule, Step, recipe_at
from repro.train.training import Training

Key = tuple[int, int]
"""Epoch, and number of a picture."""


@dataclass(frozen=True)
class Prepared(Dataset["Example[Arrays] | ReproError"], Generic[Arrays, Tensors]):
    """Training examples by (epoch, index): the random numbers of an example depend on nothing else.

    size: of their pictures. outputs: sizes of the network's maps. It is sent to workers, so it does
    not hold the network. A fault stands in the place of the example or batch: raised in a worker,
    it would arrive as a page of traceback.
    """

    dataset: Samples
    task: TrainingPart[Arrays, Tensors, Any]
    plan: Schedule
    size: int | Size
    outputs: tuple[Size, ...]
    skeleton: Skeleton
    recipe: Recipe

    @classmethod
    def of(
        cls, training: Training[Arrays, Tensors], dataset: Samples, plan: Schedule
    ) -> "Prepared[Arrays, Tensors]":
        """The examples that a training sees."""
        task, size = training.task, training.size
        outputs = task.outputs(training.model, size)
        return cls(dataset, task, plan, size, outputs, training.skeleton, training.recipe)

    def __getitem__(self, key: Key) -> Example[Arrays] | ReproError:
        epoch, index = key
        rng = np.random.default_rng((self.plan.seed, epoch, index))
        recipe = recipe_at(self.recipe, self.plan.progress(epoch))
        try:
            return self.task.prepare(
                self.dataset[index],
                rng,
                size=self.size,
                outputs=self.outputs,
                skeleton=self.skeleton,
                recipe=recipe,
            )
        except ReproError as fault:
            return fault

    def collate(
        self, examples: Sequence[Example[Arrays] | ReproError]
    ) -> Batch[Tensors] | ReproError:
        """A batch, or the first fault among its examples."""
        faults = [example for example in examples if isinstance(example, ReproError)]
        whole = [example for example in examples if not isinstance(example, ReproError)]
        return faults[0] if faults else self.task.collate(whole)

    def batch(self, step: Step) -> Batch[Tensors]:
        """The batch of one step, made in this process; raises what keeps an example from being
        made."""
        return _whole(self.collate([self[step.epoch, image] for image in step.images]))


def _whole(batch: Batch[Tensors] | ReproError) -> Batch[Tensors]:
    if isinstance(batch, ReproError):
        raise batch
    return batch


@dataclass(frozen=True)
class _Keys:
    """What the loader asks `Prepared` for, batch by batch, without listing millions of steps at
    once.

    Of several processes each asks for its own part of every batch.
    """

    plan: Schedule
    start: int

    def __iter__(self) -> Iterator[list[Key]]:
        rank, world = distributed.rank(), distributed.world()
        steps = self.plan.from_step(self.start)
        return ([(step.epoch, image) for image in step.images[rank::world]] for step in steps)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started inside it ignore Ctrl-C from their first moment, before
    `_start_worker` says so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start_worker(_: int) -> None:
    # Ctrl-C is for the main process, which saves first
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


Batches = Iterator[tuple[Step, Batch[Tensors]]]


def batches(
    prepared: Prepared[Arrays, Tensors], plan: Schedule, *, start: int, workers: int
) -> Batches[Tensors]:
    """Every step from `start` on with its batch; a picture that cannot be read raises its
    MissingError here."""
    loader = DataLoader(
        prepared,
        batch_sampler=_Keys(plan, start),
        collate_fn=prepared.collate,
        num_workers=workers,
        worker_init_fn=_start_worker,
        multiprocessing_context="spawn"
        if workers
        else None,  # a fork would wait for OpenMP's threads for ever
    )
    with _without_ctrl_c():
        served = iter(loader)
    for step, batch in zip(plan.from_step(start), served, strict=True):
        yield step, _whole(batch)
