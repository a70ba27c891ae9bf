"""Images per second of a training step, from pictures to updated weights, against a plain loop
around the same network.

The baseline of bottom-up networks makes its examples one person and one joint at a time, as
`repro.benchmarks.data` has them; that of networks which see one person takes ours. Both step in
fp32, in torch's own memory order. Ours sees the same pictures, takes the same random numbers, and
steps as a fast profile would.
"""

import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from repro.benchmarks.data import Plain
from repro.benchmarks.measure import (
    Samples,
    agree,
    conditions,
    in_turn,
    ratio,
    single_thread,
    spread,
)
from repro.data.coco import CocoKeypoints, locate
from repro.data.synth.crowd import make_coco
from repro.data.synth.faces import SynthPose
from repro.data.synth.levels import LEVELS
from repro.grid import Grid
from repro.measure.usual import recipe_for
from repro.models import zoo
from repro.people.sample import Samples as Pictures
from repro.people.skeletons import COCO, Skeleton
from repro.pose.losses import heatmap_loss, tag_losses
from repro.record.provenance import choose_device, device_name
from repro.spec.recipes import HIGHERHRNET
from repro.spec.settings import Profile, Recipe, changed
from repro.tasks.all import TASKS, AnyTask
from repro.tasks.task import Size, pair
from repro.train.batches import Prepared
from repro.train.precision import mapped
from repro.train.schedules import Step, recipe_at, schedule
from repro.train.step import Stepper
from repro.train.training import Training

TOLERANCE = 1e-4  # relative, of the first loss in fp32: sums in another order
FAMILIES = ("litepose_xs", "efficienthrnet_h_4", "efficientpose_nas_a", "efficientpose_rt")
Work = Callable[[tuple[int, ...]], float]
Draw = Callable[[int, np.random.Generator], tuple[Any, ...]]
"""From a picture's number to an example, its picture first and the targets after it."""
Loss = Callable[[Any, Sequence[Any]], Tensor]
"""From what a network says and the targets of a batch."""


class PlainStep:
    """The baseline: examples made one by one, fp32, one optimiser step.

    model: trained in place.
    """

    def __init__(self, model: nn.Module, example: Draw, loss: Loss, device: torch.device) -> None:
        self.model, self.example, self.loss, self.device = (
            model.train().to(device),
            example,
            loss,
            device,
        )
        self.optimizer = torch.optim.Adam(model.parameters(), lr=HIGHERHRNET.rate)

    def __call__(self, images: tuple[int, ...]) -> float:
        """The loss on these pictures, before the step."""
        # for dropout, as ours
        torch.manual_seed(int(np.random.SeedSequence((0, 0)).generate_state(1)[0]))
        examples = [self.example(index, np.random.default_rng((0, 0, index))) for index in images]
        pixels, *targets = mapped(lambda values: values.to(self.device), default_collate(examples))
        total = self.loss(self.model(pixels), targets)
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(total.item())


def _plain_loss(output: Any, targets: Sequence[Any]) -> Tensor:
    maps, masks, tags = targets
    losses = [
        heatmap_loss(*maps_of_resolution).mean()
        for maps_of_resolution in zip(output.heatmaps, maps, masks, strict=True)
    ]
    pull, push = tag_losses(output.tags[0], tags.long())
    return torch.stack(losses).sum() + 1e-3 * pull.mean() + 1e-3 * push.mean()


class Workload:
    """What one network's steps are timed on: pictures, task and recipe, with Adam on both sides."""

    def __init__(self, model: str, folder: Path, *, size: int, batch: int) -> None:
        self.model, self.batch, self.drawn = model, batch, folder / "drawn"
        first = recipe_at(recipe_for(model, "mpii-val"), 0)
        self.recipe: Recipe = changed(
            first, {"sigmas": (), "optimizer": "adam", "rate": HIGHERHRNET.rate}
        )
        self.task: AnyTask = TASKS[self.recipe.task]
        self.size: int | Size = (size, size) if self.task.by_person else size
        self.skeleton: Skeleton = COCO
        self.pictures: Pictures
        if self.task.by_person:
            people = SynthPose("synthpose-mpii", batch, size=(480, 480), level=LEVELS["easy"])
            self.skeleton, self.pictures = (
                people.skeleton,
                [people[index] for index in range(batch)],
            )
        else:
            self.recipe = HIGHERHRNET
            if not self.drawn.exists():
                make_coco(self.drawn, train=batch, val=1, size=(480, 640))
            self.pictures = CocoKeypoints(*locate(self.drawn, "synthetic", "train"), skeleton=COCO)

    def _built(self) -> nn.Module:
        torch.manual_seed(0)
        return zoo.build(self.model, **zoo.info(self.model).family.trained_with)

    def plain(self, device: torch.device) -> PlainStep:
        """The baseline."""
        model = self._built()
        outputs = self.task.outputs(model, self.size)
        if not self.task.by_person:
            sides = tuple(width for _, width in outputs)
            loops = Plain(
                *locate(self.drawn, "synthetic", "train"), sides, size=min(pair(self.size))
            )
            return PlainStep(model, loops.example, _plain_loss, device)

        def loss(output: Any, targets: Sequence[Any]) -> Tensor:
            return self.task.loss(output, targets[0], self.recipe)["total"]

        def example(index: int, rng: np.random.Generator) -> Any:
            sample = self.pictures[index]
            return self.task.prepare(
                sample,
                rng,
                size=self.size,
                outputs=outputs,
                skeleton=self.skeleton,
                recipe=self.recipe,
            )

        return PlainStep(model, example, loss, device)

    def ours(self, profile: Profile, device: torch.device) -> Work:
        """Our step as a function of picture numbers: the parts of `train.loop`, without log and
        checkpoints."""
        how = replace(profile, batch=self.batch)
        training = Training(self._built(), self.task, self.skeleton, self.recipe, how, self.size)
        plan = schedule(self.recipe, how, images=len(self.pictures), seed=0)
        stepper, prepared = (
            Stepper.begin(training, plan, device),
            Prepared.of(training, self.pictures, plan),
        )
        training.model.train()

        def take(images: tuple[int, ...]) -> float:
            step = Step(0, 0, images)
            return stepper.take(prepared.batch(step), step)["total"]

        return take


def _rate(images: int, samples: Samples) -> str:
    return spread(tuple(images / seconds for seconds in samples), 1)


def run(
    *,
    repeats: int = 5,
    models: Sequence[str] = FAMILIES,
    size: int = 256,
    batch: int = 8,
    device: str = "auto",
) -> Grid:
    """Images per second, one batch per repetition, of one small network of every family; drawn
    pictures.

    Raises CheckError when the first loss of both sides differs, both in fp32.
    """
    chosen = choose_device(device)
    fast = Profile(
        "bench",
        channels_last=True,
        precision="bf16" if chosen.type == "cuda" else "fp32",
        compile=chosen.type == "cuda",
    )
    rows, gains = [], []
    with single_thread(), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # pycocotools 2.0.11 under NumPy 2, torch.compile
        warnings.simplefilter("ignore", DeprecationWarning)
        for model in models:
            workload = Workload(model, Path(folder), size=size, batch=batch)
            ours, plain = _times(workload, fast, chosen, repeats=repeats)
            rows.append((model, _rate(batch, ours), _rate(batch, plain), ratio(plain, ours)))
            gains.append(median(plain) / median(ours))
    rows.append(("geometric mean", "", "", f"{geometric_mean(gains):.3g}x"))
    wanted = "3x" if chosen.type == "cuda" else "1.3x"
    notes = (
        f"the same pictures and first loss on both sides; wanted of the mean: {wanted}",
        f"device: {device_name(chosen)}",
        conditions(repeats),
    )
    title = f"Training steps, batches of {batch} pictures to {size} x {size}, examples made in the same process"
    return Grid(
        ("network", f"images per s, {_title(fast)}", "plain loop, fp32", "ratio"),
        tuple(rows),
        title,
        notes,
    )


def _times(
    workload: Workload, fast: Profile, device: torch.device, *, repeats: int
) -> tuple[Samples, Samples]:
    """Seconds of our steps and of the plain loop's, once both have given the same loss."""
    images = tuple(range(workload.batch))
    plain, exact = workload.plain(device), workload.ours(Profile("exact"), device)
    first, exact_first = plain(images), exact(images)
    close = abs(first - exact_first) <= TOLERANCE * abs(first)
    agree(f"train: first losses {first:.6g} and {exact_first:.6g}", close)
    ours = workload.ours(fast, device)
    ours(images)  # compiles
    mine, theirs = in_turn(lambda: ours(images), lambda: plain(images), repeats=repeats)
    return mine, theirs


def _title(profile: Profile) -> str:
    return f"{profile.precision}, channels last" + (", compiled" if profile.compile else "")
