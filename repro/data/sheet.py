"""A contact sheet: pictures of a data set side by side, with what they are labelled with."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.errors import ReproError, UsageError
from repro.files import write_atomically
from repro.limits import check_pixels
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton

Image = NDArray[np.uint8]
_LEFT, _RIGHT, _MIDDLE = (255, 170, 40), (60, 200, 255), (120, 255, 120)  # sides by colour, RGB


def _side(name: str) -> tuple[int, int, int]:
    return _LEFT if name.startswith("left") else _RIGHT if name.startswith("right") else _MIDDLE


def overlay(image: Image, joints: NDArray[np.float64], skeleton: Skeleton) -> None:
    """Draw limbs and joints (P, K, 3) in place: filled when seen, a ring when hidden, left orange,
    right blue."""
    for person in joints:
        shown = person[person[:, 2] > 0, :2]
        if not len(shown):
            continue
        dot = int(min(40, max(12, np.ptp(shown, axis=0).max() // 2)))  # sixteenths of a pixel
        places = [
            (round(float(x) * 16), round(float(y) * 16))
            for x, y in np.clip(person[:, :2], -1e4, 1e5)
        ]
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
    if min(sample.image.shape[:2]) * ratio < 1:  # thinner than a pixel
        ratio = 1 / min(sample.image.shape[:2])
    small = cv2.resize(sample.image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)[
        :side, :side
    ]
    tile[: small.shape[0], : small.shape[1]] = small
    if plain:
        return tile
    joints = sample.joints.copy()
    joints[..., :2] = (joints[..., :2] + 0.5) * ratio - 0.5
    overlay(tile, joints, skeleton)
    if sample.label >= 0:
        text = names[sample.label] if names else str(sample.label)
        cv2.putText(
            tile,
            text,
            (4, side - 6),
            cv2.FONT_HERSHEY_SIMPLEX,
            side / 480,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
    return tile


def sheet(
    dataset: Any, skeleton: Skeleton, *, count: int, side: int = 256, plain: bool = False
) -> Image:
    """(H, W, 3) RGB: the first `count` samples, six columns to four rows. Raises UsageError when
    there are none."""
    count = min(count, len(dataset))
    if count < 1 or side < 32:
        raise UsageError(
            f"cannot show {count} pictures of {side} pixels", "at least 1 picture of 32 pixels"
        )
    names = list(getattr(dataset, "classes", []))
    columns = max(1, round((count * 1.5) ** 0.5))
    check_pixels(
        side * -(-count // columns),
        side * columns,
        what=f"{count} pictures:",
        hint="--size 128 --count 24",
    )
    tiles = [
        _tile(dataset[at], skeleton, side=side, names=names, plain=plain) for at in range(count)
    ]
    tiles += [np.zeros_like(tiles[0])] * (-count % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def write(path: Path, image: Image) -> None:
    """Write an RGB picture as PNG or JPEG, by its ending. Raises UsageError, and ReproError where
    it cannot."""
    check_name(path)
    if not path.parent.is_dir():
        raise ReproError(
            f"cannot write '{path}': there is no folder '{path.parent}'",
            "make it, or choose another file",
        )
    write_atomically(path, cv2.imencode(path.suffix, image[..., ::-1])[1].tobytes())


def check_name(path: Path) -> None:
    """Raise UsageError for the name of a picture of another kind."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise UsageError(f"'{path}' is no .png or .jpg file", "--out sheet.png")
