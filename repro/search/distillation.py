"""Distillation of heatmaps (LitePose, section 5.3): a small network learns a larger one's as well."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from repro.models.maps import Maps
from repro.pose.losses import heatmap_loss
from repro.spec.settings import Recipe
from repro.tasks.bottom_up import BottomUp, BottomUpTargets


class Taught(NamedTuple):
    """A network's maps, and its teacher's heatmaps at the same sizes."""

    heatmaps: tuple[Tensor, ...]
    tags: tuple[Tensor, ...]
    lessons: tuple[Tensor, ...]


def teach(student: nn.Module, teacher: nn.Module, *, side: int) -> None:
    """Let a network, while it trains, answer with its teacher's heatmaps beside its own.

    side: px that the teacher sees the pictures at. The teacher is no part of the network: it is not
    trained and stands in no file of its weights.
    """
    teacher.eval().requires_grad_(False)

    def answer(_: nn.Module, given: tuple[Tensor, ...], maps: Maps) -> Maps | Taught:
        if not student.training:
            return maps
        images = given[0]
        shown = interpolate(images, (side, side), mode="bilinear", align_corners=False)
        with torch.no_grad():
            lessons = teacher.to(images.device)(shown).heatmaps
        sized = [
            interpolate(lesson, own.shape[-2:], mode="bilinear", align_corners=False)
            for lesson, own in zip(lessons, maps.heatmaps, strict=True)
        ]
        return Taught(maps.heatmaps, maps.tags, tuple(sized))

    student.register_forward_hook(answer)


@dataclass(frozen=True)
class Distilled(BottomUp):
    """The bottom-up task with the teacher's heatmaps as second targets, of the true ones' weight:
    the paper prints none."""

    def loss(
        self, answer: Any, targets: BottomUpTargets[Tensor], recipe: Recipe
    ) -> dict[str, Tensor]:
        """The task's terms, and the error against the lessons where nobody is masked."""
        terms = super().loss(Maps(answer.heatmaps, answer.tags), targets, recipe)
        pairs = zip(answer.heatmaps, answer.lessons, targets.masks, strict=True)
        errors = [heatmap_loss(*one, kind=recipe.heat).mean() for one in pairs]
        lesson = recipe.loss_weights[0] * torch.stack(errors).sum()
        return {**terms, "total": terms["total"] + lesson, "lesson": lesson}
