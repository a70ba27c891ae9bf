"""Images per second of a training step, from files to updated weights, against a plain loop around the same network.

The baseline makes its examples one person and one joint at a time, as `repro.benchmarks.data` has them, and steps in
fp32. Ours reads the same files, takes the same random numbers, and steps as a fast profile would.
"""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from repro.benchmarks.data import Plain
from repro.benchmarks.measure import Samples, agree, conditions, in_turn, ratio, single_thread, spread
from repro.data.coco import CocoKeypoints, locate
from repro.data.synth.crowd import make_coco
from repro.grid import Grid
from repro.models import zoo
from repro.people.skeletons import COCO
from repro.pose.losses import heatmap_loss, tag_losses
from repro.record.provenance import choose_device, device_name
from repro.spec.recipes import HIGHERHRNET
from repro.spec.settings import Profile
from repro.tasks.bottom_up import TASKS
from repro.train import loop
from repro.train.schedules import Step

TOLERANCE = 1e-4  # relative, of the first loss in fp32: sums in another order


class PlainStep:
    """The baseline: examples by loops, fp32, one optimiser step."""

    def __init__(self, model: nn.Module, plain: Plain, device: torch.device) -> None:
        self.model, self.plain, self.device = model.train().to(device), plain, device
        self.optimizer = torch.optim.Adam(model.parameters(), lr=HIGHERHRNET.rate)

    def __call__(self, images: tuple[int, ...]) -> float:
        """The loss on these pictures, before the step."""
        torch.manual_seed(int(np.random.SeedSequence((0, 0)).generate_state(1)[0]))  # for dropout, as ours
        examples = [self.plain.example(index, np.random.default_rng((0, 0, index))) for index in images]
        pixels, maps, masks, tags = (_moved(part, self.device) for part in default_collate(examples))
        found = self.model(pixels)
        losses = [heatmap_loss(*part).mean() for part in zip(found.heatmaps, maps, masks, strict=True)]
        pull, push = tag_losses(found.tags[0], tags.long())
        total = torch.stack(losses).sum() + 1e-3 * pull.mean() + 1e-3 * push.mean()
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(total.item())


def _moved(value: Any, device: torch.device) -> Any:
    return value.to(device) if isinstance(value, Tensor) else [one.to(device) for one in value]


def _ours(
    model: nn.Module, dataset: CocoKeypoints, profile: Profile, *, size: int, device: torch.device
) -> Callable[[tuple[int, ...]], float]:
    """Our step as a function of picture numbers: the parts of `training.train`, without log and checkpoints."""
    take = loop.stepper(
        model, dataset, task=TASKS["bottom-up"], skeleton=COCO, recipe=HIGHERHRNET, profile=profile, size=size,
        device=device,
    )  # fmt: skip
    return lambda images: take(Step(0, 0, images))["total"]


def _rate(images: int, samples: Samples) -> str:
    return spread(tuple(images / seconds for seconds in samples), 1)


def run(
    *, repeats: int = 5, model: str = "efficienthrnet_h_4", size: int = 256, batch: int = 8, device: str = "auto"
) -> Grid:
    """Images per second, one batch per repetition; drawn pictures of 480 x 640.

    Raises CheckError when the first loss of both sides differs, both in fp32.
    """
    own = choose_device(device)
    fast = Profile("bench", batch=batch, channels_last=True, precision="bf16" if own.type == "cuda" else "fp32",
                   compile=own.type == "cuda")  # fmt: skip
    images = tuple(range(batch))
    with single_thread(), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 under NumPy 2, torch.compile
        make_coco(Path(folder, "drawn"), train=batch, val=1, size=(480, 640))
        pictures, annotations = locate(Path(folder, "drawn"), "synthetic", "train")
        dataset = CocoKeypoints(pictures, annotations, skeleton=COCO)
        plain = PlainStep(_built(model), Plain(pictures, annotations, (size // 4, size // 2), size=size), own)
        exact = _ours(_built(model), dataset, Profile("exact", batch=batch), size=size, device=own)
        first, other = plain(images), exact(images)
        agree(f"train: first losses {first:.6g} and {other:.6g}", abs(first - other) <= TOLERANCE * abs(first))
        ours = _ours(_built(model), dataset, fast, size=size, device=own)
        ours(images)  # compiles
        times = in_turn(lambda: ours(images), lambda: exact(images), lambda: plain(images), repeats=repeats)
    rows = tuple(
        (name, _rate(batch, samples), ratio(times[2], samples))
        for name, samples in zip((_title(fast), "ours, fp32", "plain loop, fp32"), times, strict=True)
    )
    wanted = "3x" if own.type == "cuda" else "1.3x"
    notes = (f"the same pictures and first loss on both sides; wanted: {wanted}", f"device: {device_name(own)}",
             conditions(repeats))  # fmt: skip
    title = f"{model}, batches of {batch} pictures to {size} x {size}, examples made in the same process"
    return Grid(("step", "images per s", "against the plain loop"), rows, title=title, notes=notes)


def _built(model: str) -> nn.Module:
    torch.manual_seed(0)
    return zoo.build(model)


def _title(profile: Profile) -> str:
    return f"ours, {profile.precision}, channels_last" + (", compiled" if profile.compile else "")
