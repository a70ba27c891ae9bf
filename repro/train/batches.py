"""Training examples in the order of a schedule. An example depends on (seed, epoch, image) alone: the number of
processes that prepare them changes nothing."""

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from repro.errors import ReproError
from repro.tasks.task import Samples, Task
from repro.train import distributed
from repro.train.schedules import Schedule, Step, recipe_at


class Prepared(Dataset[Any]):
    """Training examples by (epoch, index): the random numbers of an example depend on nothing else."""

    def __init__(self, dataset: Samples, task: Task, plan: Schedule, *, options: Mapping[str, Any]) -> None:
        self.dataset = dataset
        self.task = task
        self.plan = plan
        self.options = options

    def __getitem__(self, key: tuple[int, int]) -> Any:
        epoch, index = key
        rng = np.random.default_rng((self.plan.seed, epoch, index))
        recipe = recipe_at(self.options["recipe"], self.plan.progress(epoch))
        try:
            return self.task.prepare(self.dataset[index], rng, **{**self.options, "recipe": recipe})
        except ReproError as fault:
            return fault  # raised in a worker, it would arrive as a page of traceback

    def collate(self, examples: Sequence[Any]) -> Any:
        """A batch, or the first fault among its examples."""
        faults = [one for one in examples if isinstance(one, ReproError)]
        return faults[0] if faults else self.task.collate(examples)


@dataclass(frozen=True)
class _Keys:
    """What the loader asks `Prepared` for, batch by batch, without listing millions of steps at once.

    Of several processes each asks for its own part of every batch.
    """

    plan: Schedule
    start: int

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        rank, world = distributed.rank(), distributed.world()
        steps = self.plan.from_step(self.start)
        return ([(step.epoch, image) for image in step.images[rank::world]] for step in steps)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here do not hear Ctrl-C, not even before `_start_worker`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _start_worker(_: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which saves first
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def batches(prepared: Prepared, plan: Schedule, *, start: int, workers: int) -> Iterator[tuple[Step, Any]]:
    """Every step from `start` on with its batch; a picture that cannot be read raises its MissingError here."""
    loader = DataLoader(
        prepared,
        batch_sampler=_Keys(plan, start),
        collate_fn=prepared.collate,
        num_workers=workers,
        worker_init_fn=_start_worker,
        multiprocessing_context="spawn" if workers else None,  # a fork would wait for OpenMP's threads for ever
    )
    with _deaf():
        served = iter(loader)
    for step, batch in zip(plan.from_step(start), served, strict=True):
        if isinstance(batch, ReproError):
            raise batch
        yield step, batch
