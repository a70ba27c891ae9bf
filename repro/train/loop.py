"""One plain training loop. What a step sees depends on (seed, epoch, step, image) alone, never on
what ran before: so the number of workers changes nothing, and a training that was stopped or killed
ends as if it had not been.
"""

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from repro.console import talk, track
from repro.errors import ReproError
from repro.people.sample import Samples
from repro.tasks.task import Arrays, Tensors
from repro.train import distributed
from repro.train.batches import Batches, Prepared, batches
from repro.train.checkpoint import read_info
from repro.train.folder import Folder
from repro.train.log import Log, ends
from repro.train.schedules import Schedule, Step
from repro.train.step import Stepper
from repro.train.training import Training, Where

Watch = Callable[[nn.Module, int], None]


@dataclass(frozen=True)
class TrainResult:
    """What a finished training leaves.

    weights, log: files. sha256: of the weights. first, last: mean of the total loss over the first
    and the last tenth of the steps. seconds: of this call, which began after `resumed` steps.
    """

    weights: Path
    log: Path
    sha256: str
    steps: int
    epochs: int
    first: float
    last: float
    seconds: float
    resumed: int


def train(
    training: Training[Arrays, Tensors],
    dataset: Samples,
    where: Where,
    *,
    watch: Watch | None = None,
) -> TrainResult:
    """Train a network in place by its recipe, as far as the profile says, and leave weights and log
    in a folder.

    watch: called with the network and the number of steps done after all, 1/2, 1/4, ... of them,
    `profile.points` times. A training found unfinished in the folder goes on where its last
    checkpoint was saved; a finished one is only loaded. On a CPU the weights equal those of an
    uninterrupted training bit for bit. Raises UsageError for settings that cannot work, ReproError
    when the loss is no longer finite or the folder cannot be written; KeyboardInterrupt after
    Ctrl-C, once the state is saved.
    """
    began = time.perf_counter()
    training.check_size()
    plan = training.plan(len(dataset))
    with distributed.joined(where.device) as device:
        distributed.check_shares(plan.batch, plan.images)
        training.model.to(device)
        facts = {**training.facts, "processes": distributed.world()}
        folder = Folder(where.out, training.settings(plan), facts, training.usual)
        start = folder.load(training.model)
        if start < plan.steps:
            marks = (
                {plan.steps >> halved: watch for halved in range(training.profile.points)}
                if watch
                else {}
            )
            # nothing here holds the stepper, which must be gone before the processes part: torch
            # 2.13 may wait for ever
            start = _go(
                training, dataset, plan, device=device, folder=folder, where=where, marks=marks
            )
    first, last = ends(folder.log)
    sha256, epochs = str(read_info(folder.weights)["sha256"]), -(-plan.steps // plan.epoch_steps)
    seconds = time.perf_counter() - began
    return TrainResult(
        folder.weights, folder.log, sha256, plan.steps, epochs, first, last, seconds, start
    )


def _go(
    training: Training[Arrays, Tensors],
    dataset: Samples,
    plan: Schedule,
    *,
    device: torch.device,
    folder: Folder,
    where: Where,
    marks: Mapping[int, Watch],
) -> int:
    """Train from the last checkpoint to the end; returns the steps that were done before."""
    stepper = Stepper.begin(training, plan, device)
    start = folder.resume(training.model, stepper.optimizer, stepper.engine.scaler)
    prepared = Prepared.of(training, dataset, plan)
    served = batches(prepared, plan, start=start, workers=where.workers)
    _loop(stepper, served, folder, start=start, save_steps=where.save_steps, marks=marks)
    folder.finish(training.model, steps=plan.steps)
    return start


def _loop(
    stepper: Stepper[Arrays, Tensors],
    served: Batches[Tensors],
    folder: Folder,
    *,
    start: int,
    save_steps: int,
    marks: Mapping[int, Watch],
) -> None:
    """All steps from `start` on, with a line of log each and a checkpoint every `save_steps`."""
    model, plan, first = stepper.training.model, stepper.plan, distributed.rank() == 0
    model.train()
    with _stop_flag() as asked, Log(folder.log, start, writes=first) as log, _together(folder):
        for step, batch in track(served, "train", total=plan.steps - start) if first else served:
            terms = stepper.take(batch, step)
            done = step.number + 1
            stopping = distributed.added({"stop": bool(asked)})["stop"] > 0 and done < plan.steps
            saving = done % save_steps == 0 or done == plan.steps or stopping
            _check_finite(terms, model, step, folder, saving=saving)
            log.add(step, plan.rate_at(step.number), terms)
            if done in marks and first:
                marks[done](model, done)
                model.train()
            if saving and done < plan.steps:
                folder.save(model, stepper.optimizer, stepper.engine.scaler, done=done)
            if stopping:
                talk(
                    f"stopped after {done} of {plan.steps} steps, saved in {folder.path}; run the "
                    f"same command to go on"
                )
                if signal.SIGTERM in asked:
                    raise SystemExit(128 + signal.SIGTERM)
                raise KeyboardInterrupt
    model.eval()


def _check_finite(
    terms: Mapping[str, float], model: nn.Module, step: Step, folder: Folder, *, saving: bool
) -> None:
    """Stop before a diverged network is saved over a good one."""
    good = bool(np.isfinite(terms["total"]))
    if good and saving:
        good = all(bool(torch.isfinite(values).all()) for values in model.state_dict().values())
    if good:
        return
    raise ReproError(
        f"the loss is {terms['total']} at step {step.number} (epoch {step.epoch}, images "
        f"{list(step.images)}); "
        f"{folder.kept}",
        "lower the learning rate, or look at those images",
    )


@contextmanager
def _together(folder: Folder) -> Iterator[None]:
    """Inside it, what breaks because another process of the training has ended is one fault that
    tells what is kept."""
    try:
        yield
    except RuntimeError as fault:
        if distributed.world() == 1:
            raise
        text = re.sub(r"^\[.*?\] ", "", str(fault)).partition(". ")[0].partition("\n")[0][:120]
        raise ReproError(
            f"the processes of this training have lost each other ({text}); {folder.kept}",
            "start all of them again by the same command: they go on from there",
        ) from None


@contextmanager
def _stop_flag() -> Iterator[list[int]]:
    """A list that the first Ctrl-C or request to end is put into, so that a step is never cut in
    half.

    The second one stops at once.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, _: object) -> None:
        asked.append(number)
        restore()

    def restore() -> None:
        for number, old in before.items():
            signal.signal(number, old)

    for number in before:
        signal.signal(number, handle)
    try:
        yield asked
    finally:
        restore()
