"""Every model by name: which family builds it, at what size its paper counts it, where the paper
says so.

A family's module is imported when one of its models is built, so that listing names never loads
torch.
"""

import importlib
import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from repro.errors import UsageError, unknown
from repro.spec.protocols import MPII_GROOS
from repro.spec.recipes import (
    CLASSIFICATION_CIFAR,
    CLASSIFICATION_IMAGENET,
    EFFICIENTHRNET,
    EFFICIENTPOSE,
    EFFICIENTPOSE_LARGE,
    EFFICIENTPOSE_LARGEST,
    EFFICIENTPOSE_NAS_COCO,
    EFFICIENTPOSE_NAS_MPII,
    HIGHERHRNET,
    LITEPOSE_COCO,
    LITEPOSE_CROWDPOSE,
    OPENPOSE,
)
from repro.spec.settings import Protocol, Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn


ONE_PERSON: Mapping[str, Recipe] = {"mpii": EFFICIENTPOSE_NAS_MPII, "": EFFICIENTPOSE_NAS_COCO}
"""One person at a time on heatmaps: the recipes of EfficientPose-NAS, which trains its baselines by
them too."""


@dataclass(frozen=True)
class Family:
    """What all networks of one file in repro/models have in common.

    multiple: the sides of the input are multiples of so many px.
    recipes: what `repro train` follows, by the form of the data ("coco", "crowdpose", "mpii",
    "cifar100"; "" for any other); none where no paper gives one.
    protocol: what `repro evaluate` follows, where it is not the task's.
    trained_with: keywords of the builder that only training needs.
    """

    multiple: int
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    protocol: Protocol | None = None
    trained_with: Mapping[str, Any] = field(default_factory=dict)


FAMILIES: dict[str, Family] = {
    "cpm": Family(8),
    "efficienthrnet": Family(32, {"": EFFICIENTHRNET}),
    "efficientnet": Family(1, {"": CLASSIFICATION_IMAGENET, "cifar100": CLASSIFICATION_CIFAR}),
    # heads only the loss reads
    "efficientpose": Family(8, {"": EFFICIENTPOSE}, MPII_GROOS, {"side_outputs": True}),
    "efficientpose_nas": Family(16, ONE_PERSON),
    "higherhrnet": Family(32, {"": HIGHERHRNET}),
    "hourglass": Family(64),
    "lightweight_openpose": Family(8),
    "litepose": Family(16, {"": LITEPOSE_COCO, "crowdpose": LITEPOSE_CROWDPOSE}),
    "litepose_classifier": Family(16, {"": CLASSIFICATION_IMAGENET}),
    "lpn": Family(16, ONE_PERSON),
    "openpose": Family(8, {"": OPENPOSE}, MPII_GROOS),
    "simplebaseline": Family(32, ONE_PERSON),
    "slim_backbones": Family(16, ONE_PERSON),
}


@dataclass(frozen=True)
class ModelInfo:
    """One network by name.

    module: the file in repro/models that builds it. size: nominal input (height, width) in px.
    task: what it is trained for. joints: default number of key points (0: a classifier).
    source: paper and table. recipes: its own, where they are not the family's.
    """

    module: str
    size: tuple[int, int]
    task: str
    joints: int
    source: str
    recipes: Mapping[str, Recipe] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        """What it has in common with the other networks of its file."""
        return FAMILIES[self.module]

    def recipe(self, form: str) -> Recipe | None:
        """The recipe it is trained by on data of a form, None where no paper gives one."""
        recipes = self.recipes or self.family.recipes
        return recipes.get(form, recipes.get(""))


MODELS: dict[str, ModelInfo] = {
    "higherhrnet_w16": ModelInfo(
        "higherhrnet", (512, 512), "bottom-up", 17, "LitePose Fig. 3, official class"
    ),
    "higherhrnet_w18": ModelInfo(
        "higherhrnet", (512, 512), "bottom-up", 17, "LitePose section 3.2, official class"
    ),
    "higherhrnet_w24": ModelInfo(
        "higherhrnet", (512, 512), "bottom-up", 17, "LitePose Table 1, official class"
    ),
    "higherhrnet_w32": ModelInfo("higherhrnet", (512, 512), "bottom-up", 17, "HigherHRNet Table 1"),
    "higherhrnet_w40": ModelInfo("higherhrnet", (640, 640), "bottom-up", 17, "HigherHRNet Table 6"),
    "higherhrnet_w48": ModelInfo("higherhrnet", (640, 640), "bottom-up", 17, "HigherHRNet Table 1"),
    "hrnet_w32": ModelInfo(
        "higherhrnet", (256, 192), "top-down", 17, "EfficientPose-NAS Table 4", ONE_PERSON
    ),
    "hrnet_w48": ModelInfo(
        "higherhrnet", (256, 192), "top-down", 17, "EfficientPose-NAS Table 5", ONE_PERSON
    ),
    "efficienthrnet_h0": ModelInfo(
        "efficienthrnet", (512, 512), "bottom-up", 17, "EfficientHRNet Table 1"
    ),
    "efficienthrnet_h_1": ModelInfo(
        "efficienthrnet", (480, 480), "bottom-up", 17, "EfficientHRNet Table 1"
    ),
    "efficienthrnet_h_2": ModelInfo(
        "efficienthrnet", (448, 448), "bottom-up", 17, "EfficientHRNet Table 1"
    ),
    "efficienthrnet_h_3": ModelInfo(
        "efficienthrnet", (416, 416), "bottom-up", 17, "EfficientHRNet Table 1"
    ),
    "efficienthrnet_h_4": ModelInfo(
        "efficienthrnet", (384, 384), "bottom-up", 17, "EfficientHRNet Table 1"
    ),
    "efficientnet_b0": ModelInfo(
        "efficientnet", (224, 224), "classification", 0, "EfficientHRNet Table 2"
    ),
    "efficientnet_b_1": ModelInfo(
        "efficientnet", (195, 195), "classification", 0, "EfficientHRNet Table 2"
    ),
    "efficientnet_b_2": ModelInfo(
        "efficientnet", (170, 170), "classification", 0, "EfficientHRNet Table 2"
    ),
    "efficientnet_b_3": ModelInfo(
        "efficientnet", (145, 145), "classification", 0, "EfficientHRNet Table 2"
    ),
    "efficientnet_b_4": ModelInfo(
        "efficientnet", (128, 128), "classification", 0, "EfficientHRNet Table 2"
    ),
    "efficientpose_rt": ModelInfo(
        "efficientpose", (224, 224), "single-person", 16, "EfficientPose (Groos) Table 2"
    ),
    "efficientpose_i": ModelInfo(
        "efficientpose", (256, 256), "single-person", 16, "EfficientPose (Groos) Table 2"
    ),
    "efficientpose_ii": ModelInfo(
        "efficientpose", (368, 368), "single-person", 16, "EfficientPose (Groos) Table 2"
    ),
    "efficientpose_iii": ModelInfo(
        "efficientpose",
        (480, 480),
        "single-person",
        16,
        "EfficientPose (Groos) Table 2",
        {"": EFFICIENTPOSE_LARGE},
    ),
    "efficientpose_iv": ModelInfo(
        "efficientpose",
        (600, 600),
        "single-person",
        16,
        "EfficientPose (Groos) Table 2",
        {"": EFFICIENTPOSE_LARGEST},
    ),
    "openpose": ModelInfo(
        "openpose", (368, 368), "single-person", 16, "EfficientPose (Groos) Table 3"
    ),
    "efficientpose_nas_a": ModelInfo(
        "efficientpose_nas", (256, 256), "single-person", 16, "EfficientPose-NAS Table 2"
    ),
    "efficientpose_nas_b": ModelInfo(
        "efficientpose_nas", (256, 256), "single-person", 16, "EfficientPose-NAS Table 2"
    ),
    "efficientpose_nas_c": ModelInfo(
        "efficientpose_nas", (256, 256), "single-person", 16, "EfficientPose-NAS Table 2"
    ),
    "mobilenetv2_slim": ModelInfo(
        "slim_backbones", (256, 256), "single-person", 16, "EfficientPose-NAS Table 3"
    ),
    "resnet50_slim": ModelInfo(
        "slim_backbones", (256, 256), "single-person", 16, "EfficientPose-NAS Table 3"
    ),
    "proxyless_cpu_slim": ModelInfo(
        "slim_backbones", (256, 256), "single-person", 16, "EfficientPose-NAS Table 3"
    ),
    "proxyless_mobile_slim": ModelInfo(
        "slim_backbones", (256, 256), "single-person", 16, "EfficientPose-NAS Table 3"
    ),
    "proxyless_gpu_slim": ModelInfo(
        "slim_backbones", (256, 256), "single-person", 16, "EfficientPose-NAS Table 3"
    ),
    "litepose_xs": ModelInfo("litepose", (256, 256), "bottom-up", 17, "LitePose Table 1"),
    "litepose_s": ModelInfo("litepose", (448, 448), "bottom-up", 17, "LitePose Table 1"),
    "litepose_m": ModelInfo("litepose", (448, 448), "bottom-up", 17, "LitePose README"),
    "litepose_l": ModelInfo("litepose", (512, 512), "bottom-up", 17, "LitePose README"),
    "litepose_super": ModelInfo(
        "litepose", (512, 512), "bottom-up", 17, "LitePose Table 3, at width 0.5"
    ),
    "litepose_classifier": ModelInfo(
        "litepose_classifier", (224, 224), "classification", 0, "LitePose Fig. 7; head ours"
    ),
    "litepose_higherhrnet_w24": ModelInfo(
        "higherhrnet", (512, 512), "bottom-up", 17, "LitePose Table 1"
    ),
    "shrink_c1": ModelInfo("higherhrnet", (512, 512), "bottom-up", 17, "LitePose section 3.2"),
    "shrink_c2": ModelInfo("higherhrnet", (512, 512), "bottom-up", 17, "LitePose section 3.2"),
    "shrink_c3": ModelInfo("higherhrnet", (512, 512), "bottom-up", 17, "LitePose section 3.2"),
    "shrink_c4": ModelInfo("higherhrnet", (512, 512), "bottom-up", 17, "LitePose section 3.2"),
    "simplebaseline_r50": ModelInfo(
        "simplebaseline", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 2, 4, 5"
    ),
    "simplebaseline_r101": ModelInfo(
        "simplebaseline", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 2, 4, 5"
    ),
    "simplebaseline_r152": ModelInfo(
        "simplebaseline", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 2, 4, 5"
    ),
    "lpn_50": ModelInfo("lpn", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 4, 5"),
    "lpn_101": ModelInfo("lpn", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 4, 5"),
    "lpn_152": ModelInfo("lpn", (256, 192), "top-down", 17, "EfficientPose-NAS Tables 4, 5"),
    "hourglass_8": ModelInfo(
        "hourglass", (256, 256), "single-person", 17, "EfficientPose-NAS Tables 2, 4"
    ),
    "hourglass_ae": ModelInfo(
        "hourglass", (512, 512), "bottom-up", 17, "EfficientHRNet Table 4, HigherHRNet Table 1"
    ),
    "cpm": ModelInfo("cpm", (368, 368), "single-person", 17, "EfficientPose-NAS Table 2"),
    "lightweight_openpose": ModelInfo(
        "lightweight_openpose", (368, 368), "bottom-up", 17, "EfficientHRNet Table 3"
    ),
}


def info(name: str) -> ModelInfo:
    """The entry of a model in MODELS; raises UsageError with near names."""
    if name not in MODELS:
        raise unknown("model", name, MODELS, "repro list --models")
    return MODELS[name]


def family(name: str) -> ModuleType:
    """The module that builds a model."""
    return importlib.import_module(f"repro.models.{info(name).module}")


def switches(name: str) -> dict[str, Any]:
    """Keyword arguments of a model's builder with their defaults."""
    parameters = inspect.signature(family(name).build).parameters.values()
    keywords = [parameter for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    return {keyword.name: keyword.default for keyword in keywords}


def check(name: str, changes: Mapping[str, Any]) -> None:
    """Raise UsageError when a change is no keyword of the model's builder, or a value of another
    type."""
    known, hints = switches(name), typing.get_type_hints(family(name).build)
    for change, value in changes.items():
        if change not in known:
            raise unknown(f"switch of {name}", change, known, f"repro show {name}")
        if not _fits(value, hints[change]):
            hint = getattr(hints[change], "__name__", str(hints[change]))
            wanted = hint.replace("collections.abc.", "")
            text = f"{change} is {value!r}, but {name} wants {wanted}"
            raise UsageError(text, f"repro show {name}")


def _fits(value: Any, wanted: Any) -> bool:
    """True when a value is of an annotated type: numbers, texts, None, sequences and unions of
    them."""
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, alternative) for alternative in inner)
    if origin is not None:
        return isinstance(value, (list, tuple)) and all(_fits(item, inner[0]) for item in value)
    if wanted in (int, float):
        return isinstance(value, (int, float) if wanted is float else int) and not isinstance(
            value, bool
        )
    return isinstance(value, wanted)


def build(name: str, **changes: Any) -> "nn.Module":
    """A model by name with freshly initialised weights.

    name: a key of MODELS. changes: keyword arguments of the family's builder, e.g. `joints=14`.
    Raises UsageError for unknown names and switches. Build under `torch.device("meta")` to allocate
    nothing.
    """
    check(name, changes)
    return cast("nn.Module", family(name).build(name, **changes))


def build_empty(name: str, **changes: Any) -> "nn.Module":
    """A model on the meta device: shapes only, nothing is allocated."""
    import torch

    with torch.device("meta"):
        return build(name, **changes)


def from_upstream(
    name: str, state_dict: Mapping[str, "Tensor"], **changes: Any
) -> "dict[str, Tensor]":
    """Weights in the original authors' key layout, renamed to ours; strict both ways.

    `joints` is read from the shapes when absent. Raises MissingError listing what is missing and
    left over, and UsageError for a family whose original layout is not known.
    """
    check(name, changes)
    convert = getattr(family(name), "from_upstream", None)
    if convert is None:
        raise UsageError(
            f"the original key layout of {name} is not known; only this suite's own weights load"
        )
    return cast("dict[str, Tensor]", convert(name, state_dict, **changes))
