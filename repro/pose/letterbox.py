"""How the authors of EfficientPose (Groos et al.) go from a picture to its one person's joints.

NumPy in and out. Images are (H, W, 3) uint8 RGB; keypoints are (K, 2) as x, y. The steps are those
of the authors' public code, which the paper does not describe: letterbox with anti-aliasing,
ImageNet statistics, Gaussian, maximum.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.errors import MissingError
from repro.limits import check_pixels

# Channel k of the networks' heatmaps is this joint of MPII (repro.people.skeletons.MPII).
MPII_JOINTS = (9, 8, 12, 11, 10, 7, 13, 14, 15, 6, 2, 1, 0, 3, 4, 5)

# Channels 2k, 2k + 1 of the skeleton maps: x and y of the unit vector from the first to the second
# of these joints (heatmap channels). Not documented by the authors; inferred from the released
# networks' output.
LIMBS = (
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (1, 6),
    (6, 7),
    (7, 8),
    (1, 5),
    (5, 10),
    (10, 11),
    (11, 12),
    (5, 13),
    (13, 14),
    (14, 15),
)

MEAN = np.array((0.485, 0.456, 0.406), np.float32)
STD = np.array((0.229, 0.224, 0.225), np.float32)

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Square(NamedTuple):
    """A square of the picture: its left and top edge and its side, in whole pixels counted from
    0."""

    x: int
    y: int
    side: int


def letterbox(image: Image, side: int) -> Image:
    """(H, W, 3) uint8 -> (side, side, 3) uint8: the aspect ratio kept, centred on black, values
    truncated."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    # times 1/255, not over 255: the truncation below shows the last bit, and the authors' chain has
    # it so
    small = _resize(
        np.asarray(image * (1 / 255), np.float64),
        (max(1, int(np.round(scale * height))), max(1, int(np.round(scale * width)))),
    )
    before = [(side - length) // 2 for length in small.shape[:2]]
    padded = np.zeros((side, side, 3))
    padded[before[0] : before[0] + small.shape[0], before[1] : before[1] + small.shape[1]] = small
    return (padded * 255).astype(np.uint8)


def _resize(image: Floats, size: tuple[int, int]) -> Floats:
    """Linear on the pixel-area grid to `size` (height, width), after a Gaussian where it
    shrinks."""
    from scipy import ndimage

    factors = np.array(image.shape) / (*size, 3)
    sigma = np.maximum(0, (factors - 1) / 2)
    smooth = ndimage.gaussian_filter(image, sigma, mode="mirror") if sigma.any() else image
    resized = ndimage.zoom(smooth, 1 / factors, order=1, mode="mirror", grid_mode=True)
    return np.asarray(np.clip(resized, image.min(), image.max()))


def normalise(image: Image) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB -> (3, H, W) float32 by ImageNet's mean and deviation."""
    standard = (image.astype(np.float32) / np.float32(255) - MEAN) / STD
    return np.asarray(standard, np.float32).transpose(2, 0, 1)


def preprocess(image: Image, side: int) -> NDArray[np.float32]:
    """(H, W, 3) uint8 RGB -> (3, side, side) float32, the network's input."""
    return normalise(letterbox(image, side))


def peaks(heatmaps: NDArray[np.float32], *, sigma: float = 1.0) -> Floats:
    """(K,) height of every smoothed map's maximum, which the authors do not report."""
    maps = _smooth(heatmaps, sigma) if sigma else heatmaps
    return np.asarray(maps.reshape(len(maps), -1).max(1), np.float64)


def locate(heatmaps: NDArray[np.float32], size: tuple[int, int], *, sigma: float = 1.0) -> Floats:
    """Joints of the one person, as fractions of the picture's width and height.

    heatmaps: (K, side, side), the upscaled maps of a letterboxed picture. size: (height, width) of
    that picture. sigma: of the Gaussian, in pixels, 0 for none. Returns (K, 2).
    """
    joints, side = heatmaps.shape[:2]
    maps = _smooth(heatmaps, sigma) if sigma else heatmaps
    flat = maps.reshape(joints, -1)
    row, column = np.divmod(flat.argmax(1), side)
    points = (np.stack((column, row), 1) + 0.5) / side
    return _undo_letterbox(points, size, side)


def _smooth(heatmaps: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(heatmaps, (0, sigma, sigma)))


def _undo_letterbox(points: Floats, size: tuple[int, int], side: int) -> Floats:
    lengths = np.array(size[::-1], np.float64)
    border = (lengths.max() - lengths) / (2 * lengths.max())
    inside = (points - border) / (1 - 2 * border)
    return np.where(inside < 0, -0.5 / side, np.minimum(inside, 1.0))


def box_of(centre: tuple[float, float], extent: float, *, margin: float = 1.25) -> Square:
    """The square of side `extent` x margin around `centre` (x, y counted from 0), in whole
    pixels."""
    side = int(np.round(extent * margin))
    x, y = centre
    return Square(int(np.round(x - side / 2)), int(np.round(y - side / 2)), side)


def crop(image: Image, box: Square) -> Image:
    """(H, W, 3) uint8 -> (box.side, box.side, 3) uint8; what lies outside the picture is black.

    Raises MissingError for a box too large to be one of a picture.
    """
    check_pixels(
        box.side,
        box.side,
        what="a person's box",
        kind=MissingError,
        hint="look at the scales and boxes",
    )
    out = np.zeros((box.side, box.side, 3), np.uint8)
    left, top = max(box.x, 0), max(box.y, 0)
    inside = image[top : max(box.y + box.side, 0), left : max(box.x + box.side, 0)]
    out[top - box.y :, left - box.x :][: inside.shape[0], : inside.shape[1]] = inside
    return out
