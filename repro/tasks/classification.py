"""Classifying pictures, as EfficientHRNet section 4.1 tests its compact backbones."""

import math
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from repro.data.transforms import normalise
from repro.errors import UsageError
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.pose import crops
from repro.spec.settings import Protocol, Recipe
from repro.tasks.task import Entry, Example, Floats, Size, Task, Truth, pair

CROP_SHARE = (
    0.875  # of the short side a test picture keeps; usual since Inception, not stated by the paper
)
HUE = 0.1 * 180  # largest turn of the hue, in OpenCV's half degrees


Values = TypeVar("Values")


class ClassTarget(NamedTuple, Generic[Values]):
    """The number of a picture's class."""

    label: Values


class Logits(NamedTuple):
    """Logits (classes,) of one picture; (height, width) of the network's input."""

    logits: Floats
    size: Size

    @property
    def cells(self) -> float:
        """There are no maps."""
        return math.nan


class Guess(NamedTuple):
    """The best class of a picture, and its probability."""

    label: int
    probability: float


def shown(image: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """The (H, W, 3) picture as the network is tested on it: short side to size / 0.875 and the
    middle cut out.

    Small square pictures, CIFAR's, are enlarged whole.
    """
    height, width = image.shape[:2]
    small = height == width and height < min(size)
    short = min(size) if small else round(min(size) / CROP_SHARE)
    scale = short / min(height, width)
    target = max(size[1], round(width * scale)), max(size[0], round(height * scale))
    resized = cv2.resize(
        image, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    top, left = (resized.shape[0] - size[0]) // 2, (resized.shape[1] - size[1]) // 2
    return np.ascontiguousarray(resized[top : top + size[0], left : left + size[1]], np.uint8)


def _crop(
    image: NDArray[np.uint8], rng: np.random.Generator, size: Size, recipe: Recipe
) -> NDArray[np.uint8]:
    """A random part of the picture, of random area, ratio of sides and rotation, at the network's
    size."""
    height, width = image.shape[:2]
    area = height * width * rng.uniform(*recipe.scale)
    ratio = np.exp(rng.uniform(*np.log(recipe.classification.ratio)))
    part = min(float(np.sqrt(area * ratio)), width), min(float(np.sqrt(area / ratio)), height)
    centre = [
        float(rng.uniform(side / 2, whole - side / 2))
        for side, whole in zip(part, (width, height), strict=True)
    ]
    affine = crops.matrix(
        (centre[0], centre[1]), part[0], size=size, rotation=rng.uniform(-1, 1) * recipe.rotation
    )
    stretch = np.diag([1.0, (size[0] / part[1]) / (size[1] / part[0])])
    affine[:, :2] = stretch @ affine[:, :2]
    affine[:, 2] = np.array([size[1] / 2, size[0] / 2]) - affine[:, :2] @ np.asarray(centre)
    return np.asarray(
        cv2.warpAffine(image, affine, (size[1], size[0]), borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )


def _jitter(image: NDArray[np.uint8], rng: np.random.Generator, amount: float) -> NDArray[np.uint8]:
    """Brightness, contrast, saturation and hue changed at random."""
    bright, contrast, colour = rng.uniform(1 - amount, 1 + amount, 3)
    pixels = image.astype(np.float32) * bright
    pixels = (pixels - pixels.mean()) * contrast + pixels.mean()
    grey = pixels.mean(axis=2, keepdims=True)
    mixed = np.clip((pixels - grey) * colour + grey, 0, 255).astype(np.uint8)
    turned = cv2.cvtColor(mixed, cv2.COLOR_RGB2HSV)
    turned[..., 0] = (turned[..., 0].astype(np.int64) + round(rng.uniform(-HUE, HUE))) % 180
    return np.asarray(cv2.cvtColor(turned, cv2.COLOR_HSV2RGB), np.uint8)


@dataclass(frozen=True)
class Classification(
    Task[ClassTarget[NDArray[np.int64]], ClassTarget[Tensor], Tensor, Logits, Guess]
):
    """Finds one class per picture."""

    name = "classification"

    def outputs(self, model: nn.Module, size: int | Size) -> tuple[Size, ...]:
        """A classifier gives no maps."""
        return ()

    def prepare(
        self,
        sample: Sample,
        rng: np.random.Generator,
        *,
        size: int | Size,
        outputs: tuple[Size, ...],
        skeleton: Skeleton,
        recipe: Recipe,
    ) -> Example[ClassTarget[NDArray[np.int64]]]:
        """A random part of the picture in changed colours, and its class."""
        if sample.label < 0:
            raise UsageError(
                f"'{sample.file}' has no class",
                "train classifiers on imagenet-train or cifar100-train",
            )
        image = _crop(sample.image, rng, pair(size), recipe)
        if recipe.classification.jitter:
            image = _jitter(image, rng, recipe.classification.jitter)
        if rng.random() < recipe.flip:
            image = image[:, ::-1]
        return Example(normalise(image), ClassTarget(np.array(sample.label, np.int64)))

    def loss(
        self, answer: Tensor, targets: ClassTarget[Tensor], recipe: Recipe
    ) -> dict[str, Tensor]:
        """Cross-entropy; "right" is the share of pictures whose best class is theirs."""
        highest = int(targets.label.max())
        if highest >= answer.shape[1]:
            hint = f"build it with --set classes={highest + 1} or more"
            raise UsageError(f"a network of {answer.shape[1]} classes met class {highest}", hint)
        right = (answer.argmax(1) == targets.label).float().mean()
        return {
            "total": recipe.loss_weights[0] * cross_entropy(answer, targets.label),
            "right": right.detach(),
        }

    def observe(
        self,
        model: nn.Module,
        sample: Sample,
        *,
        skeleton: Skeleton,
        protocol: Protocol,
        nominal: int | Size,
    ) -> Logits:
        """Logits of the middle of the picture."""
        size, weight = pair(nominal), next(model.parameters())
        image = torch.from_numpy(normalise(shown(sample.image, size)))[None]
        with torch.inference_mode():
            logits = model(image.to(weight.device, weight.dtype))[0].float().cpu().numpy()
        return Logits(logits, size)

    def people(self, seen: Logits, *, skeleton: Skeleton, protocol: Protocol) -> Guess:
        """The best class."""
        shares = np.exp(seen.logits - seen.logits.max())
        best = int(shares.argmax())
        return Guess(best, float(shares[best] / shares.sum()))

    def results(self, found: Guess, sample: Sample) -> list[Entry]:
        """One entry, with the true class beside the best."""
        guess, probability = found
        return [
            {
                "image_id": sample.image_id,
                "category_id": guess,
                "score": probability,
                "label": sample.label,
            }
        ]

    def score(
        self, truth: Truth, predictions: list[Entry], *, skeleton: Skeleton, protocol: Protocol
    ) -> dict[str, float]:
        """Share of pictures whose best class is theirs."""
        return {
            "top1": float(
                np.mean([entry["category_id"] == entry["label"] for entry in predictions])
            )
        }
