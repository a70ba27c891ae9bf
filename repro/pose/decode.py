"""From an image to people: tested size, aggregation over resolutions, flip and scales, grouping,
back to the image.

Sources: HigherHRNet (Cheng et al. 2020, sections 3.4 and 4) and its released inference, which
EfficientHRNet and LitePose share. Sizes are (height, width); points are x, y.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from repro.errors import UsageError
from repro.limits import INPUT_PIXELS, check_pixels
from repro.models.maps import Maps
from repro.people.skeletons import Skeleton
from repro.pose.sizes import MULTIPLE, rounded_up

Size = tuple[int, int]
Floats = NDArray[np.float32]
Network = Callable[[Tensor], Maps]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Frame:
    """How an image is laid into a network input: `size` in pixels, `centre` x, y and `extent` of it
    in the image."""

    size: Size
    centre: tuple[int, int]
    extent: tuple[float, float]

    def matrix(self, size: Size | None = None) -> NDArray[np.float64]:
        """Affine 2 x 3 from image to input points, or to those of maps of another `size` of the
        same frame."""
        height, width = size or self.size
        factor = width / self.extent[1]
        x, y = self.centre
        return np.array([[factor, 0, width / 2 - factor * x], [0, factor, height / 2 - factor * y]])

    def inverse(self, size: Size | None = None) -> NDArray[np.float64]:
        """Affine 2 x 3 from points of the input, or of maps of another `size`, to the image."""
        height, width = size or self.size
        factor = self.extent[1] / width
        x, y = self.centre
        return np.array([[factor, 0, x - factor * width / 2], [0, factor, y - factor * height / 2]])


def frame(
    height: int,
    width: int,
    nominal: int,
    *,
    scale: float = 1.0,
    smallest: float = 1.0,
    multiple: int = MULTIPLE,
) -> Frame:
    """The frame of an image of height x width at one test scale; `smallest` is the least of all
    test scales.

    The short side becomes nominal x smallest rounded up to a `multiple`, the long side keeps the
    aspect ratio and is rounded up too; both then grow by scale / smallest. What sticks out of the
    image is black.
    """
    if min(height, width, nominal) <= 0 or not 0 < smallest <= scale:
        raise UsageError(
            f"image {height}x{width}, nominal size {nominal}, scale {scale} (smallest {smallest}): "
            "all must be positive and no scale below the smallest"
        )

    short, long = min(height, width), max(height, width)
    base = rounded_up(smallest * nominal, multiple)
    small, large = (
        int(base * scale / smallest),
        int(rounded_up(base / short * long, multiple) * scale / smallest),
    )
    size = (large, small) if width < height else (small, large)
    check_pixels(
        *size,
        most=INPUT_PIXELS,
        what=f"an image of {height}x{width} at {nominal} px: the network's input",
    )
    reach = large / small * short
    extent = (reach, float(width)) if width < height else (float(height), reach)
    return Frame(size, (int(width / 2 + 0.5), int(height / 2 + 0.5)), extent)


def tested_size(height: int, width: int, nominal: int, scales: Sequence[float] = (1.0,)) -> Size:
    """The input size at scale 1 of an image, to be shown beside every score: it is often above
    `nominal`."""
    smallest = min(scales, default=1.0)
    return frame(height, width, nominal, scale=max(1.0, smallest), smallest=smallest).size


def warp(image: NDArray[np.uint8], target: Frame) -> NDArray[np.uint8]:
    """The (H, W, 3) image laid into a frame: bilinear, black outside."""
    height, width = target.size
    return np.asarray(cv2.warpAffine(image, target.matrix(), (width, height)), np.uint8)


def normalised(image: NDArray[np.uint8]) -> Tensor:
    """RGB (H, W, 3) uint8 to (1, 3, H, W) float32 with ImageNet's mean and standard deviation."""
    mean, std = np.array(IMAGENET_MEAN, np.float32), np.array(IMAGENET_STD, np.float32)
    values = (image.astype(np.float32) / np.float32(255) - mean) / std
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1))[None])


def _resized(maps: Tensor, size: Size) -> Tensor:
    if tuple(maps.shape[-2:]) == tuple(size):
        return maps
    return interpolate(maps, size=size, mode="bilinear", align_corners=False)


def _merged(maps: Maps, aggregate: bool) -> tuple[Tensor, Tensor]:
    """Mean of the heatmaps of all resolutions at the finest one, and the tags resized to it; both
    (B, K, h, w).

    Without `aggregate` the finest heatmaps as they are.
    """
    if not maps.tags:
        raise UsageError("grouping needs a network with tags")
    height, width = maps.heatmaps[-1].shape[-2:]
    chosen = maps.heatmaps if aggregate else maps.heatmaps[-1:]
    resized = [_resized(heatmaps, (height, width)) for heatmaps in chosen]
    return torch.stack(resized).sum(0) / len(resized), _resized(maps.tags[0], (height, width))


def network_maps(
    model: Network,
    images: Tensor,
    skeleton: Skeleton,
    *,
    flip: bool = True,
    aggregate: bool = True,
    size: Size | None = None,
) -> tuple[Tensor, Tensor]:
    """Heatmaps (B, K, h, w) and tags (B, K, h, w, T) of normalised images (B, 3, H, W) at one
    scale.

    With `flip` the mirrored image is run too: heatmaps are averaged, its tags become the second of
    T = 2 values. Both maps are at the network's finest resolution, or resized to `size`. With
    `aggregate` the heatmaps of all resolutions are averaged, else the finest are taken.
    """
    heatmaps, tags = _merged(model(images), aggregate)
    if heatmaps.shape[1] != len(skeleton):
        raise UsageError(
            f"the network has {heatmaps.shape[1]} joints, skeleton '{skeleton.name}' has "
            f"{len(skeleton)}"
        )
    values = [tags]
    if flip:
        of_mirrored = _merged(model(images.flip(3)), aggregate)
        mirrored, mirrored_tags = (both.flip(3)[:, list(skeleton.flip)] for both in of_mirrored)
        heatmaps = (heatmaps + mirrored) / 2
        values.append(mirrored_tags)
    if size:
        heatmaps, values = _resized(heatmaps, size), [_resized(value, size) for value in values]
    return heatmaps, torch.stack(values).movedim(0, -1)


def multi_scale_maps(
    model: Network,
    images: dict[float, Tensor],
    skeleton: Skeleton,
    *,
    flip: bool = True,
    aggregate: bool = True,
    size: Size | None = None,
) -> tuple[Tensor, Tensor]:
    """As `network_maps`, over test scales: `images` holds the input of every scale; heatmaps are
    averaged over them.

    Tags come from scale 1, or from the only scale. All maps get `size` (of the input at scale 1, in
    the protocol), or without it the size of the largest scale's maps.
    """
    if not images or (len(images) > 1 and 1 not in images):
        raise UsageError(f"test scales must hold 1, for the tags; got {sorted(images)}")
    total: Tensor | None = None
    tags: Tensor | None = None
    for scale in sorted(images, reverse=True):
        heatmaps, scale_tags = network_maps(
            model, images[scale], skeleton, flip=flip, aggregate=aggregate, size=size
        )
        target = heatmaps.shape[-2:] if total is None else total.shape[-2:]
        total = heatmaps if total is None else total + _resized(heatmaps, (target[0], target[1]))
        if scale == 1 or len(images) == 1:
            values = [_resized(value, (target[0], target[1])) for value in scale_tags.unbind(-1)]
            tags = torch.stack(values).movedim(0, -1)
    assert total is not None and tags is not None
    return total / len(images), tags


def people_to_image(people: Floats, target: Frame, *, size: Size | None = None) -> Floats:
    """People (P, K, 3 or more) with x, y brought from maps of `size` (the frame's own by default)
    to the image."""
    matrix = target.inverse(size)
    result = people.copy()
    result[..., :2] = people[..., :2] * matrix[[0, 1], [0, 1]] + matrix[:, 2]
    return result


def image_maps(
    model: Network,
    image: NDArray[np.uint8],
    *,
    skeleton: Skeleton,
    nominal: int,
    scales: Sequence[float] = (1.0,),
    flip: bool = True,
    aggregate: bool = True,
    multiple: int = MULTIPLE,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, Tensor, Frame]:
    """Heatmaps (1, K, h, w), tags (1, K, h, w, T) at the input size of scale 1, and that scale's
    frame.

    image: (H, W, 3) uint8 RGB. Grouping is left out, so that the two can be timed apart.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise UsageError(
            f"an image must be uint8 (height, width, 3), got {image.dtype} {image.shape}"
        )
    if not scales or min(scales) <= 0:
        raise UsageError(f"test scales must be positive, got {tuple(scales)}")
    height, width = image.shape[:2]
    smallest = min(scales)
    framed = partial(frame, height, width, nominal, smallest=smallest, multiple=multiple)
    frames, base = (
        {scale: framed(scale=scale) for scale in scales},
        framed(scale=max(1.0, smallest)),
    )
    with torch.inference_mode():
        inputs = {
            scale: normalised(warp(image, target)).to(device) for scale, target in frames.items()
        }
        heatmaps, tags = multi_scale_maps(
            model, inputs, skeleton, flip=flip, aggregate=aggregate, size=base.size
        )
    return heatmaps, tags, base
