"""A contact sheet: pictures of a data set side by side, with what they are labelled with."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.data.transforms import Sample
from repro.errors import MissingError, UsageError
from repro.pose.skeletons import Skeleton

Image = NDArray[np.uint8]
_LEFT, _RIGHT, _MIDDLE = (255, 170, 40), (60, 200, 255), (120, 255, 120)  # sides by colour, RGB


def _side(name: str) -> tuple[int, int, int]:
    return _LEFT if name.startswith("left") else _RIGHT if name.startswith("right") else _MIDDLE


def overlay(image: Image, joints: NDArray[np.float64], skeleton: Skeleton) -> None:
    """Draw limbs and joints (P, K, 3) in place: filled when seen, a ring when hidden, left orange, right blue."""
    for person in joints:
        shown = person[person[:, 2] > 0, :2]
        if not len(shown):
            continue
        dot = int(min(40, max(12, np.ptp(shown, axis=0).max() // 2)))  # sixteenths of a pixel
        places = [(round(float(x) * 16), round(float(y) * 16)) for x, y, _ in person]
        for first, second in skeleton.limbs:
            if person[first, 2] and person[second, 2]:
                names = {_side(skeleton.joints[first]), _side(skeleton.joints[second])}
                colour = names.pop() if len(names) == 1 else _MIDDLE
                cv2.line(image, places[first], places[second], colour, 1, cv2.LINE_AA, 4)
        for place, (_, _, seen), name in zip(places, person, skeleton.joints, strict=True):
            if seen:
                cv2.circle(image, place, dot, _side(name), -1 if seen == 2 else 1, cv2.LINE_AA, 4)


def _tile(sample: Sample, skeleton: Skeleton, *, side: int, names: list[str], plain: bool) -> Image:
    """The picture in a square of `side` pixels, labelled unless plain."""
    ratio = side / max(sample.image.shape[:2])
    tile = np.zeros((side, side, 3), np.uint8)
    small = cv2.resize(sample.image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
    tile[: small.shape[0], : small.shape[1]] = small[:side, :side]
    if plain:
        return tile
    joints = sample.joints.copy()
    joints[..., :2] = (joints[..., :2] + 0.5) * ratio - 0.5
    overlay(tile, joints, skeleton)
    if sample.label >= 0:
        text = names[sample.label] if names else str(sample.label)
        cv2.putText(tile, text, (4, side - 6), cv2.FONT_HERSHEY_SIMPLEX, side / 480, (255, 255, 255), 1, cv2.LINE_AA)
    return tile


def sheet(dataset: Any, skeleton: Skeleton, *, count: int, side: int = 256, plain: bool = False) -> Image:
    """(H, W, 3) RGB: the first `count` samples, six columns to four rows. Raises UsageError when there are none."""
    count = min(count, len(dataset))
    if count < 1 or side < 32:
        raise UsageError(f"cannot show {count} pictures of {side} pixels", "at least 1 picture of 32 pixels")
    names = list(getattr(dataset, "classes", []))
    columns = max(1, round((count * 1.5) ** 0.5))
    tiles = [_tile(dataset[at], skeleton, side=side, names=names, plain=plain) for at in range(count)]
    tiles += [np.zeros_like(tiles[0])] * (-count % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def write(path: Path, image: Image) -> None:
    """Write an RGB picture as PNG or JPEG, by its ending. Raises UsageError or MissingError."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise UsageError(f"'{path}' is no .png or .jpg file")
    _, data = cv2.imencode(path.suffix, image[..., ::-1])
    try:
        path.write_bytes(data.tobytes())
    except OSError as fault:
        raise MissingError(f"cannot write '{path}': {fault.strerror}", "choose another file") from None
