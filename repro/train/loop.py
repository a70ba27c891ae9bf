"""One plain training loop. What a step sees depends on (seed, epoch, step, image) alone, never on what ran before:
so the number of workers changes nothing, and a training that was stopped or killed ends as if it had not been.
"""

import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from repro.console import talk, track
from repro.errors import MissingError, ReproError, UsageError, unknown
from repro.limits import INPUT_PIXELS, check_pixels
from repro.people.skeletons import Skeleton
from repro.spec.settings import Profile, Recipe, values
from repro.tasks.task import Samples, Size, Task, pair
from repro.train import distributed
from repro.train.batches import Prepared, batches
from repro.train.checkpoint import load_state, load_weights, read_info, save_state, save_weights
from repro.train.log import Log, ends
from repro.train.precision import Network, arrange, mapped, network, scaler
from repro.train.schedules import Schedule, Step, recipe_at, schedule
from repro.train.start import still

Watch = Callable[[nn.Module, int], None]
STATE, BEFORE, WEIGHTS, LOG = "state.safetensors", "state-before.safetensors", "weights.safetensors", "log.csv"
OPTIMIZERS = ("adam", "sgd")


@dataclass(frozen=True)
class TrainResult:
    """What a finished training leaves.

    weights, log: files. sha256: of the weights. first, last: mean of the total loss over the first and the last tenth
    of the steps. seconds: of this call, which began after `resumed` steps.
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


@contextmanager
def _stop_flag() -> Iterator[list[int]]:
    """A list that the first Ctrl-C or request to end is put into, so that a step is never cut in half.

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


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimizer not in OPTIMIZERS:
        raise unknown("optimizer", recipe.optimizer, OPTIMIZERS)
    rate, decay = recipe.rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=recipe.momentum, weight_decay=decay)
    return torch.optim.Adam(model.parameters(), lr=rate, weight_decay=decay)


def _check_settings(path: Path, wanted: Mapping[str, Any]) -> None:
    held = read_info(path).get("settings", {})
    differing = sorted(name for name in {*held, *wanted} if held.get(name) != wanted.get(name))
    if differing:
        hint = f"choose another directory, or remove {path.parent}"
        raise UsageError(f"{path} belongs to a training with other settings: {', '.join(differing)} differ", hint)


def _check_finite(terms: Mapping[str, float], job: "_Job", step: Step, *, saving: bool) -> None:
    """Stop before a diverged network is saved over a good one."""
    good = bool(np.isfinite(terms["total"]))
    if good and saving:
        good = all(bool(torch.isfinite(one).all()) for one in job.model.state_dict().values())
    if good:
        return
    raise ReproError(
        f"the loss is {terms['total']} at step {step.number} (epoch {step.epoch}, images {list(step.images)}); "
        f"{_kept(job)}",
        "lower the learning rate, or look at those images",
    )


def _kept(job: "_Job") -> str:
    state = next((path for path in job.states if path.exists()), None)
    return f"the last good checkpoint is {state}" if state else "no checkpoint was saved yet"


@contextmanager
def _together(job: "_Job") -> Iterator[None]:
    """Inside it, what breaks because another process of the training has ended is one fault that tells what is kept."""
    try:
        yield
    except RuntimeError as fault:
        if distributed.world() == 1:
            raise
        text = re.sub(r"^\[.*?\] ", "", str(fault)).partition(". ")[0].partition("\n")[0][:120]
        raise ReproError(
            f"the processes of this training have lost each other ({text}); {_kept(job)}",
            "start all of them again by the same command: they go on from there",
        ) from None


class _Engine(NamedTuple):
    """How steps are computed. shared: the network, with the gradients of all processes. network: the same as a
    function. scaler: of the gradients."""

    shared: nn.Module
    network: Network
    scaler: torch.amp.GradScaler
    micro_batch: int


def _engine(model: nn.Module, profile: Profile, device: torch.device) -> _Engine:
    distributed.share_norms(model, device)
    arrange(model, profile, device)
    shared = distributed.parallel(model, device)
    return _Engine(shared, network(shared, profile, device), scaler(profile), profile.micro_batch)


@dataclass(frozen=True)
class _Job:
    """What the loop works on. about: plain values kept with every checkpoint."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    task: Task
    recipe: Recipe
    plan: Schedule
    device: torch.device
    out: Path
    about: Mapping[str, Any]
    engine: _Engine

    @property
    def states(self) -> tuple[Path, Path]:
        """The checkpoints, the newest first: one that is damaged has another behind it."""
        return self.out / STATE, self.out / BEFORE

    def save(self, done: int) -> None:
        if distributed.rank() == 0:
            newest, before = self.states
            if newest.exists():
                newest.replace(before)
            info = {**self.about, "step": done, "scaler": self.engine.scaler.state_dict()}
            save_state(newest, self.model, self.optimizer, info)


def _passes(job: _Job, batch: Any, images: int) -> Iterator[tuple[Any, int]]:
    """The parts of this process's share of a batch of `images` that go through the network one after the other, each
    with how many are left after it; all processes make equally many passes."""
    own = images // distributed.world()
    most = -(-images // distributed.world())
    count = min(own, -(-most // job.engine.micro_batch)) if job.engine.micro_batch else 1
    for number in range(count):
        yield mapped(partial(_share, job.device, number, count), batch), count - 1 - number


def _share(device: torch.device, number: int, count: int, values: Tensor) -> Tensor:
    return values.tensor_split(count)[number].to(device)


def _step(job: _Job, batch: Any, step: Step) -> dict[str, float]:
    """One step of gradient descent; returns the loss and its parts. A loss that is not finite changes no weight."""
    seeds = np.random.SeedSequence((job.plan.seed, step.number, distributed.rank()))
    torch.manual_seed(int(seeds.generate_state(1)[0]))  # for dropout
    for group in job.optimizer.param_groups:
        group["lr"] = job.plan.rate_at(step.number)
    job.optimizer.zero_grad()
    found: dict[str, float] = {}
    recipe = recipe_at(job.recipe, step.number / job.plan.steps)
    for (images, targets), left in _passes(job, batch, len(step.images)):
        share = len(images) / len(step.images)  # losses are means over the pictures, whole numbers are counts
        with distributed.keep_back(job.engine.shared, last=not left):
            terms = job.task.loss(job.engine.network(images), targets, recipe)
            job.engine.scaler.scale(terms["total"] * (share * distributed.world())).backward()  # type: ignore[no-untyped-call]
        for name, value in terms.items():
            found[name] = found.get(name, 0) + value.item() * (share if value.is_floating_point() else 1)
    found = distributed.added(found)
    if np.isfinite(found["total"]):
        job.engine.scaler.step(job.optimizer)
        job.engine.scaler.update()
    return found


def _loop(
    job: _Job, batches: Iterator[tuple[Step, Any]], *, start: int, save_steps: int, watch: Mapping[int, Watch]
) -> None:
    """All steps from `start` on, with a line of log each and a checkpoint every `save_steps`."""
    first, steps = distributed.rank() == 0, job.plan.steps
    job.model.train()
    with _stop_flag() as asked, Log(job.out / LOG, start, writes=first) as log, _together(job):
        for step, batch in track(batches, "train", total=steps - start) if first else batches:
            terms = _step(job, batch, step)
            done = step.number + 1
            stopping = distributed.added({"stop": bool(asked)})["stop"] > 0 and done < steps
            saving = done % save_steps == 0 or done == steps or stopping
            _check_finite(terms, job, step, saving=saving)
            log.add(step, job.plan.rate_at(step.number), terms)
            if done in watch and first:
                watch[done](job.model, done)
                job.model.train()
            if saving and done < steps:
                job.save(done)
            if stopping:
                talk(f"stopped after {done} of {steps} steps, saved in {job.out}; run the same command to go on")
                if signal.SIGTERM in asked:
                    raise SystemExit(128 + signal.SIGTERM)
                raise KeyboardInterrupt
    job.model.eval()


def train(
    model: nn.Module,
    dataset: Samples,
    *,
    task: Task,
    skeleton: Skeleton,
    recipe: Recipe,
    profile: Profile,
    size: int | Size,
    seed: int,
    device: torch.device,
    out: Path,
    info: Mapping[str, Any] | None = None,
    workers: int = 0,
    save_steps: int = 200,
    watch: Watch | None = None,
) -> TrainResult:
    """Train `model` in place by a recipe, as far as the profile says, and leave weights and log in `out`.

    size: training picture in px, (height, width) or the side of a square. info: what the weights are of (model,
    changes), kept with them. save_steps: steps between two checkpoints.
    watch: called with the network and the number of steps done after all, 1/2, 1/4, ... of them, `profile.points`
    times.
    A training found unfinished in `out` goes on where its last checkpoint was saved; a finished one is only loaded.
    On a CPU the weights equal those of an uninterrupted training bit for bit. Raises UsageError for settings that
    cannot work, ReproError when the loss is no longer finite or `out` cannot be written; KeyboardInterrupt after
    Ctrl-C, once the state is saved.
    """
    began = time.perf_counter()
    check_size(model, size)
    if recipe.still:
        still(model)
    plan = schedule(recipe, profile, images=len(dataset), seed=seed)
    settings = _settings(plan, task=task.name, skeleton=skeleton.name, recipe=recipe, size=size, info=info)
    settings |= computed(profile)
    about = {**(info or {}), "joints": len(skeleton), "recipe": recipe.name, "profile": profile.name}
    about |= {"seed": seed, "settings": settings}

    with distributed.joined(device) as own:
        distributed.check_shares(plan.batch, plan.images)
        model.to(own)
        start = _finished(model, out / WEIGHTS, settings)
        if start < plan.steps:
            about["processes"] = distributed.world()
            marks = {plan.steps >> halved: watch for halved in range(profile.points)} if watch else {}
            # nothing here holds the job, which must be gone before the processes part: torch 2.13 may wait for ever
            start = _go(
                _Job(
                    engine=_engine(model, profile, own), model=model, optimizer=_optimizer(model, recipe), task=task,
                    recipe=recipe, plan=plan, device=own, out=out, about=about,
                ),
                dataset, size=size, skeleton=skeleton, workers=workers, save_steps=save_steps, watch=marks,
            )  # fmt: skip

    first, last = ends(out / LOG)
    sha256, epochs = str(read_info(out / WEIGHTS)["sha256"]), -(-plan.steps // plan.epoch_steps)
    seconds = time.perf_counter() - began
    return TrainResult(out / WEIGHTS, out / LOG, sha256, plan.steps, epochs, first, last, seconds, start)


def _go(
    job: _Job, dataset: Samples, *, size: int | Size, skeleton: Skeleton, workers: int, save_steps: int,
    watch: Mapping[int, Watch],
) -> int:  # fmt: skip
    """Train from the last checkpoint to the end; returns the steps that were done before."""
    start = _resume(job, job.about["settings"])
    outputs = job.task.outputs(job.model, size)
    options = {"size": size, "outputs": outputs, "skeleton": skeleton, "recipe": job.recipe}
    prepared = Prepared(dataset, job.task, job.plan, options=options)
    _loop(
        job, batches(prepared, job.plan, start=start, workers=workers),
        start=start, save_steps=save_steps, watch=watch,
    )  # fmt: skip
    _finish(job)
    return start


def stepper(
    model: nn.Module, dataset: Samples, *, task: Task, skeleton: Skeleton, recipe: Recipe, profile: Profile,
    size: int | Size, device: torch.device,
) -> Callable[[Step], dict[str, float]]:  # fmt: skip
    """The work of one step, from pictures to updated weights, without log and checkpoints: for measuring its speed."""
    plan = schedule(recipe, profile, images=len(dataset), seed=0)
    if recipe.still:
        still(model)
    model.to(device).train()
    engine = _engine(model, profile, device)
    job = _Job(model, _optimizer(model, recipe), task, recipe, plan, device, Path(), {}, engine)
    options = {"size": size, "outputs": task.outputs(model, size), "skeleton": skeleton, "recipe": recipe}
    prepared = Prepared(dataset, task, plan, options=options)
    return lambda step: _step(job, prepared.collate([prepared[step.epoch, image] for image in step.images]), step)


def computed(profile: Profile) -> dict[str, Any]:
    """How a profile computes a step, as plain values."""
    return {name: getattr(profile, name) for name in ("precision", "channels_last", "compile", "micro_batch")}


def check_size(model: nn.Module, size: int | Size) -> None:
    """Raise UsageError for a size the network cannot take."""
    stride = getattr(model, "stride", 1)
    for side in pair(size):
        if side <= 0 or side % stride:
            raise UsageError(f"size {side} is not a multiple of {stride}, which the network needs", "--size 256 256")
    check_pixels(*pair(size), most=INPUT_PIXELS, what="training pictures of", hint="--size 512 512")


def _settings(plan: Schedule, *, recipe: Recipe, info: Mapping[str, Any] | None, **more: Any) -> dict[str, Any]:
    """Everything but code and pictures that the trained weights depend on, as plain JSON values."""
    kept = {f"recipe {name}": value for name, value in values(recipe).items() if name not in ("choices", "source")}
    settings = {**asdict(plan), **kept, **more, **(info or {})}
    return cast(dict[str, Any], json.loads(json.dumps(settings, default=str)))


def _finished(model: nn.Module, weights: Path, settings: Mapping[str, Any]) -> int:
    """Load the weights of a finished training of the same settings; returns its steps, 0 when there is none."""
    if not weights.exists():
        return 0
    _check_settings(weights, settings)
    model.eval()
    return int(load_weights(model, weights)["step"])


def _finish(job: _Job) -> None:
    """Write the weights, then forget the checkpoints."""
    if distributed.rank() == 0:
        save_weights(job.out / WEIGHTS, job.model, {**job.about, "step": job.plan.steps})
        for state in job.states:
            state.unlink(missing_ok=True)
    distributed.wait()


def _resume(job: _Job, settings: Mapping[str, Any]) -> int:
    """Go back to the newest checkpoint that is whole; returns the steps done, 0 when there is none.

    Raises MissingError when there are checkpoints and all are damaged.
    """
    with suppress(OSError):  # where nothing may be removed, writing fails soon and says so
        for leftover in job.out.glob(f".{STATE}.*"):  # a killed training was writing it
            leftover.unlink()
    damage: MissingError | None = None
    for state in filter(Path.exists, job.states):
        try:
            _check_settings(state, settings)
            info = load_state(state, job.model, job.optimizer)
        except MissingError as fault:
            talk(f"{fault.message}; looking for the checkpoint before it")
            damage = damage or fault
            continue
        if info.get("scaler"):
            job.engine.scaler.load_state_dict(info["scaler"])
        talk(f"going on after step {info['step']}, from {state}")
        return int(info["step"])
    if damage:
        raise MissingError(damage.message, f"remove {job.out} to start anew") from damage
    return 0
