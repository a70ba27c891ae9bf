"""How a network is trained and tested: protocols, recipes, profiles. Frozen values, part of every
accuracy's digest."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

S = TypeVar("S", "Protocol", "Recipe", "Profile")
WORDS = ("name", "source", "choices")


@dataclass(frozen=True)
class Protocol:
    """How a trained network is tested. Defaults are those of the bottom-up code bases."""

    name: str

    task: str = "bottom-up"

    scales: tuple[float, ...] = (1.0,)
    """Test scales; 1.0 is the nominal size."""

    flip: bool = True
    """The mirrored picture is seen too."""

    max_people: int = 30

    threshold: float = 0.1
    """Least height of a peak in a heatmap."""

    tag_threshold: float = 1.0
    """Largest distance of a joint's tag from the mean tag of the person that it joins."""

    nms: int = 5
    """Side of the window in px within which a peak is the highest."""

    adjust: bool = True
    """Peaks move a quarter pixel toward the higher neighbour."""

    refine: bool = True
    """Joints that a person lacks are looked up in the whole map."""

    assignment: str = "scipy"
    """Solver that gives joints to people: "scipy", or "munkres" with the original's tie rule."""

    aggregate: bool = True
    """The heatmaps of all resolutions are averaged; else the finest alone are used."""

    # one person at a time

    margin: float = 0.0
    """Side of the crop in units of the person's box; 0: the whole picture."""

    softmax: float = 0.0
    """Of a network trained with the heat loss "entropy", whose maps are logits: the number of cells
    that a target covers, three-pass: their share of the map; every map becomes its softmax times
    it. 0: maps are heights."""

    blur: float = 0.0
    """Sigma in px of a Gaussian on the full-size maps."""

    offset: float = 0.0
    """Added to x and y to count as MPII's annotations do."""

    shift: bool = False
    """The mirrored pass's maps move one pixel to the right before averaging."""

    boxes: str = ""
    """Where the people come from: "annotation", "ground truth" or "detector"."""

    joint_threshold: float = 0.0
    """Joints that score above it make up a person's score."""

    oks_nms: float = 0.0
    """People that are more alike than this are one; 0: none are."""

    # all tasks

    images: int = 0
    """How many pictures of the set are tested; 0: all."""

    multiple: int = 64
    """The short side of a bottom-up network's input is rounded up to a multiple of it."""


# --- what belongs to the training of one task -----------------------------------------------------


@dataclass(frozen=True)
class BottomUpSettings:
    """Of the training that finds all people of a picture at once."""

    max_people: int = 30
    """People beyond it get no tags."""

    late_weights: tuple[float, ...] = ()
    """What `loss_weights` have become by the end, step by step in equal ratios; none: they stay."""

    supernet: str = ""
    """The search space whose super-net, trained first, gives the weights to start from; "": none."""

    teacher: str = ""
    """The network, trained first, whose heatmaps are learnt beside the true ones; "": none."""


@dataclass(frozen=True)
class CropSettings:
    """Of the trainings that see one person's crop: single-person, top-down and three-pass."""

    margin: float = 1.25
    """Side of the crop in units of the person's box."""

    spread: str = "uniform"
    """How scale and rotation are drawn: "uniform", or "normal": a deviation of 1, cut at 2 for the
    rotation and at 1 for the scale."""

    turned: float = 1.0
    """Share of the crops that are rotated at all."""

    half_body: float = 0.0
    """Probability of a crop around the upper or the lower body; not of three-pass."""


@dataclass(frozen=True)
class ThreePassSettings:
    """Of the training in passes over limbs and joints."""

    sigmas: tuple[float, ...] = ()
    """Widths that replace `sigma` in turn, each for an equal part of the training, as fractions of
    the map's side."""

    gauss: float = 2.0
    """Divisor of the squared distance in units of sigma squared: 2, or (Groos) 1."""

    limb_width: float = 0.0
    """Half width of the limb fields in px of their maps."""


@dataclass(frozen=True)
class ClassificationSettings:
    """Of the training that classifies pictures."""

    jitter: float = 0.0
    """Largest change of brightness, contrast and saturation, as a share."""

    ratio: tuple[float, float] = (1.0, 1.0)
    """Least and largest ratio of the sides of a random crop."""


# --- what all trainings share ---------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """A paper's training schedule, and in one field per task what that task alone is trained by."""

    name: str

    source: str
    """Section or table of the paper."""

    task: str = "bottom-up"

    optimizer: str = "adam"

    rate: float = 1e-3
    """Highest learning rate."""

    weight_decay: float = 0.0

    epochs: int = 300

    milestones: tuple[int, ...] = (200, 260)
    """Epochs after which the rate is multiplied by `decay`."""

    decay: float = 0.1

    batch: int = 12
    """Pictures per step, over all devices."""

    loss_weights: tuple[float, float, float] = (1.0, 1e-3, 1e-3)
    """Of the terms of the task's loss in turn: heatmap, pull, push; or heatmap, limb; or the one
    that there is."""

    sigma: float = 2.0
    """Width of a joint's peak in px of the map; three-pass: as a fraction of its side."""

    scale: tuple[float, float] = (0.75, 1.5)
    """Least and largest factor on the picture's or crop's side; classification: on its area."""

    rotation: float = 30.0
    """Degrees either way."""

    shift: float = 40.0
    """Units of 1/200 of the short side x 200 px, either way (the originals' convention); 0 for
    crops."""

    flip: float = 0.5
    """Probability of a mirrored picture."""

    momentum: float = 0.0
    """Of SGD."""

    warmup: float = 0.0
    """Epochs over which the rate rises in a line from `warmup_rate`."""

    warmup_steps: int = 0
    """The same as steps."""

    warmup_rate: float = 0.0

    cycle: float = 0.0
    """Epochs of a triangular cycle of rates from `rate` / `cycle_ratio` up to `rate`; 0: none."""

    cycle_ratio: float = 1.0

    cosine: bool = False
    """After the warm-up the rate falls along half a cosine to a 200th; milestones do not count."""

    heat: str = "mse"
    """Error of the heatmaps: "mse", "weighted" or, for one person, "entropy" (`pose.losses`)."""

    still: bool = False
    """Residual branches start at 0 (`train.start`)."""

    tracking: float = 0.0
    """Momentum of every batch norm's running statistics while training; 0: the network's own, which
    at 0.01 lags hundreds of steps behind and spoils the test of a short training."""

    bottom_up: BottomUpSettings = BottomUpSettings()

    crop: CropSettings = CropSettings()

    three_pass: ThreePassSettings = ThreePassSettings()

    classification: ClassificationSettings = ClassificationSettings()

    length: float = 1.0
    """Factor on a profile's steps, for tables that compare numbers of epochs."""

    choices: Mapping[str, str] = field(default_factory=dict)
    """What the paper leaves open, and what we chose."""


@dataclass(frozen=True)
class Profile:
    """How much of a recipe is run. `paper` is the whole; every other profile is reduced and
    labelled so."""

    name: str

    dataset: str = ""
    """Replaces the run's data set; "" keeps it."""

    size: int = 0
    """Short side of training and test pictures in px; 0 keeps the run's."""

    scale: float = 0.0
    """Instead of a size, a factor on the run's own, rounded to what the network accepts; 0 keeps
    it."""

    steps: int = 0
    """Optimiser steps in all; 0 keeps the recipe's epochs."""

    batch: int = 0
    """Pictures per step; 0 keeps the recipe's."""

    train_images: int = 0
    """Pictures drawn to train on, for a synthetic data set."""

    val_images: int = 0
    """Pictures drawn to test on."""

    picture: int = 0
    """Side of the drawn pictures in px; 0: the size's."""

    recipe: Mapping[str, object] = field(default_factory=dict)
    """Values of the run's recipe that are replaced, the same for all networks of a task; by the
    names of `values`."""

    points: int = 0
    """How often the network is tested on 100 pictures while it learns: after all, 1/2, 1/4, ... of
    the steps."""

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """By a network that is too large for the profile the smaller one of its family on which the same
    change is measured instead."""

    tasks: Mapping[str, "Profile"] = field(default_factory=dict)
    """The profile that stands in for this one, by task."""

    # how a step is computed, as it changes digits

    precision: str = "fp32"
    """Of the network: "fp32", "bf16" or "fp16"; weights and loss stay fp32."""

    channels_last: bool = False
    """Pictures and kernels lie in memory with the channels of a pixel side by side."""

    compile: bool = False
    """The network is compiled by torch.compile."""

    micro_batch: int = 0
    """Pictures per pass and process, whose gradients add up to those of the whole batch; batch norm
    sees only these. 0: all at once."""

    @property
    def reduced(self) -> bool:
        """True unless the paper's own recipe runs on the paper's own data."""
        return self.name != "paper"

    def of(self, recipe: Recipe | None) -> "Profile":
        """The profile for a recipe's task."""
        return self.tasks.get(recipe.task, self) if recipe else self

    def applied(self, recipe: Recipe) -> Recipe:
        """The recipe as it is run under the profile."""
        return changed(recipe, {**self.recipe, "batch": self.batch or recipe.batch})


# --- settings as one list of values ---------------------------------------------------------------


def values(settings: Protocol | Recipe | Profile) -> dict[str, object]:
    """All fields by name; those of a task's settings stand among the recipe's own."""
    return {name: value for name, (value, _) in _held(settings).items()}


def changed(settings: S, new: Mapping[str, Any]) -> S:
    """The settings with new values, by the names of `values`; raises TypeError for an unknown
    name."""
    groups = {one.name: getattr(settings, one.name) for one in fields(settings)}
    groups = {name: held for name, held in groups.items() if is_dataclass(held)}
    owner = {one.name: name for name, held in groups.items() for one in fields(held)}
    own = {name: value for name, value in new.items() if name not in owner}
    for name, held in groups.items():
        inner = {key: value for key, value in new.items() if owner.get(key) == name}
        own |= {name: replace(held, **inner)} if inner else {}
    return replace(settings, **own)


def differing(
    settings: Protocol | Recipe | Profile, *, without: tuple[str, ...] = WORDS
) -> dict[str, object]:
    """The values that differ from their defaults, by name, but for those that are words alone.

    Part of a record's digest: so a new field with a default leaves every digest as it was. A
    default that changes is a change of behaviour: raise the number in `repro.spec.versions` of what
    reads it.
    """
    held = _held(settings).items()
    return {
        name: value for name, (value, default) in held if name not in without and value != default
    }


def _held(settings: Any) -> dict[str, tuple[object, object]]:
    """Value and default of every field by name."""
    held: dict[str, tuple[object, object]] = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        held |= _held(value) if is_dataclass(value) else {one.name: (value, _default(one))}
    return held


def _default(one: Field[Any]) -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()
