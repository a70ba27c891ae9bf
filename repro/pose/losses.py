"""Losses of bottom-up networks: masked heatmap error and associative-embedding pull and push.

Sources: Newell et al. 2017 (grouping loss); HigherHRNet (Cheng et al. 2020), whose released code
averages squared errors over joints and pixels, takes the push term without a sigma and scales pull
and push by 0.001 each.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from repro.errors import UsageError, unknown
from repro.models.maps import Maps

PEAK_WEIGHT = 20  # of a target's peak in the weighted error, beside 1 for the background


def squared_error(prediction: Tensor, target: Tensor, *, kind: str = "mse") -> Tensor:
    """Of every pixel; "weighted": times 1 + 20 x target, without which a short training stays at
    all zeros.

    "entropy": no squares but the cross entropy of a map's softmax over places against its target
    as shares, times the number of places, so that the mean over pixels is its whole. For maps
    (..., h, w) with one peak, those of one person, whose heights then have no zero (`heights`).

    Raises UsageError for another kind.
    """
    if kind == "entropy":
        shares = target / target.sum((-2, -1), keepdim=True).clamp(min=1e-6)
        logs = prediction.flatten(-2).log_softmax(-1)
        return -shares * logs.view_as(prediction) * logs.shape[-1]
    error = (prediction - target).square()
    if kind == "weighted":
        return error * (1 + PEAK_WEIGHT * target)
    if kind != "mse":
        raise unknown("error of heatmaps", kind, ("mse", "weighted", "entropy"))
    return error


def heights(maps: Tensor, cells: float) -> Tensor:
    """Maps (..., h, w) of logits as heights: their softmax over places, times the number of cells
    that a target covers, so that a sure peak is about 1 high; 0 cells: they are heights already."""
    if not cells:
        return maps
    return cells * maps.flatten(-2).softmax(-1).view_as(maps)


def heatmap_loss(prediction: Tensor, target: Tensor, mask: Tensor, *, kind: str = "mse") -> Tensor:
    """Error per image, (B,). Maps (B, K, h, w); `mask` (B, h, w) is 0 where nobody is labelled.

    Mean over the pixels of `squared_error`. Raises UsageError for the entropy, which knows of one
    peak per map and no mask.
    """
    if kind == "entropy":
        raise UsageError(
            "the error of heatmaps 'entropy' is of one person, not of several", "heat weighted"
        )
    if prediction.shape != target.shape:
        raise UsageError(
            f"heatmaps are {tuple(prediction.shape)} and their targets {tuple(target.shape)}"
        )
    return (squared_error(prediction, target, kind=kind) * mask[:, None]).mean(dim=(1, 2, 3))


def tag_losses(tags: Tensor, joints: Tensor) -> tuple[Tensor, Tensor]:
    """Pull and push per image, both (B,).

    tags: (B, K, h, w). joints: (B, P, J, 2) of (flat index into the K x h x w tags, flag) as
    `targets.tag_joints`. Pull: mean over people of the mean squared distance of their tags to their
    mean. Push: half the mean over ordered pairs of different people of exp(-squared distance of the
    means); 0 for a lone person. People without a flagged joint do not count; an image without
    people gives 0 for both.
    """
    batch, people, slots, _ = joints.shape
    flags = joints[..., 1].to(tags.dtype)
    picked = tags.flatten(1).gather(1, joints[..., 0].flatten(1)).view(batch, people, slots)
    counts = flags.sum(2)
    present = (counts > 0).to(tags.dtype)
    means = (picked * flags).sum(2) / counts.clamp(min=1)
    spread = (((picked - means[..., None]) ** 2) * flags).sum(2) / counts.clamp(min=1)
    persons = present.sum(1)
    pull = spread.sum(1) / persons.clamp(min=1)
    pairs = present[:, :, None] * present[:, None, :]
    closeness = torch.exp(-((means[:, :, None] - means[:, None, :]) ** 2)) * pairs
    push = 0.5 * (closeness.sum((1, 2)) - persons) / (persons * (persons - 1)).clamp(min=1)
    return pull, push


def bottom_up_loss(
    maps: Maps,
    heatmaps: Sequence[Tensor],
    masks: Sequence[Tensor],
    *,
    joints: Tensor,
    pull_weight: float = 1e-3,
    push_weight: float = 1e-3,
    heat: str = "mse",
) -> dict[str, Tensor]:
    """Scalars `total`, `heatmap` (all resolutions), `pull` and `push` (weighted), each the mean
    over the batch.

    heatmaps, masks: per resolution of `maps.heatmaps` a (B, K, h, w) target and a (B, h, w) mask.
    joints: (B, P, J, 2) as `targets.tag_joints`, at the resolution of `maps.tags[0]`; tags are
    never masked.
    """
    if not len(maps.heatmaps) == len(heatmaps) == len(masks):
        raise UsageError(
            f"{len(maps.heatmaps)} resolutions of heatmaps but {len(heatmaps)} targets and "
            f"{len(masks)} masks"
        )
    if not maps.tags:
        raise UsageError("the bottom-up loss needs a network with tags")
    resolutions = zip(maps.heatmaps, heatmaps, masks, strict=True)
    heat_losses = [heatmap_loss(*resolution, kind=heat).mean() for resolution in resolutions]
    pull, push = tag_losses(maps.tags[0], joints)
    terms = {
        "heatmap": torch.stack(heat_losses).sum(),
        "pull": pull_weight * pull.mean(),
        "push": push_weight * push.mean(),
    }
    return {"total": torch.stack(list(terms.values())).sum(), **terms}
