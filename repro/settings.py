"""How a network is trained and tested: protocols, recipes, profiles. Frozen values, part of every accuracy's digest."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Protocol:
    """How a trained network is tested. Defaults are those of the bottom-up code bases.

    scales: test scales, 1.0 is the nominal size. nms: side of the peak window in pixels.
    assignment: "scipy" or "munkres" (the original's tie rule).
    adjust: a quarter pixel toward the higher neighbour.
    aggregate: the heatmaps of all resolutions are averaged, else the finest alone are used.

    One person at a time: margin: side of the crop in units of the person's box, 0 for the whole picture.
    blur: sigma in px of a Gaussian on the full-size maps. offset: added to x, y to count as MPII's annotations do.
    shift: the mirrored pass's maps move one pixel to the right before averaging.
    boxes: where the people come from, "annotation", "ground truth" or "detector".
    joint_threshold: joints above it make up a person's score. oks_nms: people closer than this are one, 0 for none.

    images: how many pictures of the set are tested, 0 for all. multiple: the short side of a bottom-up network's input
    is rounded up to one of these.
    """

    name: str
    task: str = "bottom-up"
    scales: tuple[float, ...] = (1.0,)
    flip: bool = True
    max_people: int = 30
    threshold: float = 0.1
    tag_threshold: float = 1.0
    nms: int = 5
    adjust: bool = True
    refine: bool = True
    assignment: str = "scipy"
    aggregate: bool = True
    margin: float = 0.0
    blur: float = 0.0
    offset: float = 0.0
    shift: bool = False
    boxes: str = ""
    joint_threshold: float = 0.0
    oks_nms: float = 0.0
    images: int = 0
    multiple: int = 64


@dataclass(frozen=True)
class Recipe:
    """A paper's training schedule.

    source: section or table. batch: images per step over all devices. milestones: epochs after which the rate is
    multiplied by `decay`. loss_weights: heatmap, pull, push; late_weights: what they have become by the end, step by
    step in equal ratios (none: they stay). rotation in degrees, shift in units of 1/200 of the
    short side x 200 px (the originals' convention). choices: what the paper leaves open and what we chose.

    momentum: of SGD. warmup: the rate rises in a line from `warmup_rate` over this many epochs, or over `warmup_steps`.
    cycle: epochs of a triangular cycle of rates from `rate` / `cycle_ratio` up to `rate`, 0 for none.
    sigmas: widths that replace `sigma` in turn, each for an equal part of the training, as fractions of the map's
    side; `gauss` is the divisor of the squared distance in units of sigma squared, 2 or (Groos) 1.
    limb_width: half width of the limb fields in px of their maps. spread: how scale and rotation are drawn, "uniform",
    or "normal": a deviation of 1, cut at 2 for the rotation and at 1 for the scale. turned: share that is rotated at
    all. half_body: probability of a crop around the upper or the lower body. margin: as of the protocol.
    heat: error of the heatmaps, "mse" or "weighted" (`pose.losses`). still: residual branches start at 0 (`start`).
    jitter: of brightness, contrast, saturation; ratio: of the sides of a random crop (classification).
    """

    name: str
    source: str
    task: str = "bottom-up"
    optimizer: str = "adam"
    rate: float = 1e-3
    weight_decay: float = 0.0
    epochs: int = 300
    milestones: tuple[int, ...] = (200, 260)
    decay: float = 0.1
    batch: int = 12
    loss_weights: tuple[float, float, float] = (1.0, 1e-3, 1e-3)
    late_weights: tuple[float, ...] = ()
    sigma: float = 2.0
    scale: tuple[float, float] = (0.75, 1.5)
    rotation: float = 30.0
    shift: float = 40.0
    flip: float = 0.5
    max_people: int = 30
    momentum: float = 0.0
    warmup: float = 0.0
    warmup_steps: int = 0
    warmup_rate: float = 0.0
    cycle: float = 0.0
    cycle_ratio: float = 1.0
    sigmas: tuple[float, ...] = ()
    gauss: float = 2.0
    limb_width: float = 0.0
    spread: str = "uniform"
    turned: float = 1.0
    half_body: float = 0.0
    margin: float = 1.25
    heat: str = "mse"
    still: bool = False
    jitter: float = 0.0
    ratio: tuple[float, float] = (1.0, 1.0)
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """How much of a recipe is run. `paper` is the whole; every other profile is reduced and labelled so.

    dataset: replaces the run's data set ("" keeps it). size: short side of training and test pictures in px (0 keeps
    the run's). scale: instead, a factor on the run's own size, rounded to what the network accepts (0 keeps it).
    steps: optimiser steps in all (0 keeps the recipe's epochs). batch: images per step (0 keeps the recipe's).
    train_images, val_images: images drawn for a synthetic data set; picture: their side in px (0: the size's).
    recipe: fields of the run's recipe that are replaced, the same for all networks of a task.
    points: how often the network is tested on 100 pictures while it learns, after all, 1/2, 1/4, ... of the
    steps.
    tasks: the profile that stands in for this one, by task.

    How a step is computed, as it changes digits: precision: of the network, "fp32", "bf16" or "fp16"; weights and loss
    stay fp32. channels_last: the memory order of pictures and kernels. compile: by torch.compile. micro_batch: images
    per pass and process, whose gradients add up to those of the whole batch (0: all at once); batch norm sees only
    these.
    """

    name: str
    dataset: str = ""
    size: int = 0
    scale: float = 0.0
    steps: int = 0
    batch: int = 0
    train_images: int = 0
    val_images: int = 0
    picture: int = 0
    recipe: Mapping[str, Any] = field(default_factory=dict)
    points: int = 0
    tasks: Mapping[str, "Profile"] = field(default_factory=dict)
    precision: str = "fp32"
    channels_last: bool = False
    compile: bool = False
    micro_batch: int = 0

    @property
    def reduced(self) -> bool:
        """True unless the paper's own recipe runs on the paper's own data."""
        return self.name != "paper"

    def of(self, recipe: Recipe | None) -> "Profile":
        """The profile for a recipe's task."""
        return self.tasks.get(recipe.task, self) if recipe else self

    def applied(self, recipe: Recipe) -> Recipe:
        """The recipe as it is run under the profile."""
        return replace(recipe, **self.recipe, batch=self.batch or recipe.batch)


def differing(
    settings: Protocol | Recipe | Profile, *, without: tuple[str, ...] = ("name", "source", "choices")
) -> dict[str, Any]:
    """The fields that differ from their defaults, by name, but for those that are words alone.

    Part of a record's digest: so a new field with a default leaves every digest as it was. A default that changes is a
    change of behaviour: raise the number in `repro.versions` of what reads it.
    """
    held = {
        one.name: (getattr(settings, one.name), _default(one)) for one in fields(settings) if one.name not in without
    }
    return {name: value for name, (value, default) in held.items() if value != default}


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()
