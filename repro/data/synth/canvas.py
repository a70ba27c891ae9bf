"""Painting for the drawn data set: hulls of balls, cluttered backgrounds, light, blur and noise,
all in whole numbers.

The canvas is (H, W, 4) uint8: red, green, blue and, in the fourth channel, who owns the pixel. Only
integer or bit-exact OpenCV operations are used, so that the same seed gives the same pixels on
every machine.
"""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.data.synth.body import Floats, Stream

Colour = tuple[int, int, int]
Canvas = NDArray[np.uint8]

FRONT = 255  # owner of things that stand before the people
_SHIFT = 4  # drawing works in sixteenths of a pixel
STEP = 1 << _SHIFT
_ROUND = [(1000, 0), (924, 383), (707, 707), (383, 924)]
_QUARTERS = [(1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0)]
_CIRCLE = (
    np.array([(a * x + b * y, c * x + d * y) for a, b, c, d in _QUARTERS for x, y in _ROUND]) / 1000
)


def rims(centres: Floats, radii: Floats) -> NDArray[np.int32]:
    """(N, 16, 2) points around each ball, in sixteenths of a pixel; centres (N, 2) x, y and radii
    (N,) in pixels."""
    ring = centres[:, None] + radii[:, None, None] * _CIRCLE
    return np.asarray(np.floor(np.clip(ring, -4000, 8000) * STEP + 0.5), np.int32)


def paint(canvas: Canvas, rim: NDArray[np.int32], colour: Colour, owner: int) -> None:
    """Fills the convex hull of the rims (n, 16, 2)."""
    hull = cv2.convexHull(rim.reshape(-1, 2))
    cv2.fillConvexPoly(canvas, hull, (*colour, owner), cv2.LINE_8, _SHIFT)


def shade(colour: Colour, percent: int) -> Colour:
    """The colour made darker or, above 100, lighter."""
    r, g, b = (min(255, part * percent // 100) for part in colour)
    return r, g, b


SKINS: tuple[Colour, ...] = (
    (244, 208, 177),
    (231, 180, 143),
    (210, 158, 124),
    (186, 120, 81),
    (165, 105, 72),
    (135, 85, 55),
    (105, 66, 44),
    (78, 50, 36),
    (250, 220, 196),
    (224, 172, 105),
)
HAIRS: tuple[Colour, ...] = (
    (28, 22, 20),
    (52, 36, 26),
    (84, 56, 34),
    (120, 80, 44),
    (176, 136, 78),
    (214, 184, 120),
    (150, 66, 34),
    (150, 148, 146),
    (214, 212, 208),
)


def any_colour(stream: Stream) -> Colour:
    """A colour of cloth or things: a grey, or one of every hue, seldom very bright."""
    level = stream.whole(25, 235)
    if stream.chance(0.35):
        return level, level, min(255, level + stream.whole(0, 12))
    parts = [level, level * stream.whole(15, 60) // 100, level * stream.whole(15, 100) // 100]
    first = stream.whole(0, 2)
    parts = parts[first:] + parts[:first]
    pale = stream.whole(0, 90)
    r, g, b = (part + (level - part) * pale // 100 for part in parts)
    return r, g, b


def _grow(cells: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(cells, size[::-1], interpolation=cv2.INTER_LINEAR_EXACT), np.uint8)


def _around(
    stream: Stream, cells: tuple[int, int], colour: Colour, *, spread: int
) -> NDArray[np.uint8]:
    """(*cells, 4) uint8: the colour, up to `spread` lighter or darker from cell to cell and a
    little off; owner 0."""
    change = (stream.array(*cells, 1) * 2 - 1) * spread + (stream.array(*cells, 3) * 2 - 1) * (
        spread / 4
    )
    mixed = np.zeros((*cells, 4), np.uint8)
    mixed[..., :3] = np.clip(np.floor(np.array(colour) + change), 0, 255)
    return mixed


def _box(stream: Stream, size: tuple[int, int], reach: float) -> NDArray[np.int32]:
    """Corners of a rectangle somewhere in the picture, half of the time with slanted sides."""
    height, width = size
    x, y = stream.one() * width, stream.one() * height
    w, h = ((0.02 + reach * stream.one() ** 2) * side for side in (width, height))
    slant = (stream.one() - 0.5) * w * (1 if stream.chance(0.5) else 0)
    corners = np.array(
        [(x - w, y - h), (x + w, y - h), (x + w + slant, y + h), (x - w + slant, y + h)]
    )
    return np.asarray(np.floor(corners * STEP), np.int32)


def _stick(stream: Stream, size: tuple[int, int]) -> NDArray[np.int32]:
    """Rims of a limb-like thing: two balls, as long and as wide as arms and legs are."""
    height, width = size
    length = height * (0.04 + 0.3 * stream.one() ** 2)
    start = np.array([stream.one() * width, stream.one() * height])
    way = stream.array(2) * 2 - 1
    radius = length * (0.06 + 0.12 * stream.one())
    return rims(
        np.stack([start, start + way * length]),
        np.array([radius, radius * (0.5 + 0.5 * stream.one())]),
    )


def _thing(canvas: Canvas, stream: Stream, *, owner: int = 0) -> None:
    size = canvas.shape[0], canvas.shape[1]
    kind = stream.one()
    colour = stream_choice(stream, SKINS) if stream.chance(0.25) else any_colour(stream)
    if kind < 0.45:
        corners = _box(stream, size, 0.1 if owner else 0.3)
        cv2.fillConvexPoly(canvas, corners, (*colour, owner), cv2.LINE_8, _SHIFT)
        return
    rim = _stick(stream, size)[: 1 if kind > 0.85 else 2]
    paint(canvas, rim, shade(colour, 70), owner)
    light = rim.mean(axis=1, keepdims=True)
    paint(canvas, np.asarray(light + (rim - light) * 0.625, np.int32), colour, owner)


def stream_choice(stream: Stream, choices: tuple[Colour, ...]) -> Colour:
    """One of the colours."""
    return choices[stream.whole(0, len(choices) - 1)]


def background(
    stream: Stream, size: tuple[int, int], *, plain: bool = False
) -> tuple[Canvas, float]:
    """A canvas (H, W, 4) with wall, floor and things that nobody owns, and the height of the
    horizon in pixels.

    plain: no things.
    """
    horizon = int(size[0] * (0.25 + 0.4 * stream.one()))
    canvas = np.empty((*size, 4), np.uint8)
    for part, cells in ((canvas[:horizon], (3, 4)), (canvas[horizon:], (4, 3))):
        part[:] = _grow(
            _around(stream, cells, any_colour(stream), spread=40), (part.shape[0], part.shape[1])
        )
    for _ in range(0 if plain else stream.whole(2, 18)):
        _thing(canvas, stream)
    return canvas, float(horizon)


def foreground(canvas: Canvas, stream: Stream) -> None:
    """Now and then a table edge or a thing before everybody."""
    if stream.chance(0.12):
        top = int(canvas.shape[0] * (0.75 + 0.25 * stream.one()))
        canvas[top:] = (*any_colour(stream), FRONT)
    for _ in range(stream.whole(1, 2) if stream.chance(0.25) else 0):
        _thing(canvas, stream, owner=FRONT)


_TILE = 768


@functools.cache
def _noise() -> Floats:
    """(768, 768, 3) near-normal noise within -1.5 and 1.5."""
    return np.asarray(Stream(0).array(3, _TILE, _TILE, 3).sum(axis=0) - 1.5)


@functools.cache
def _grain(strength: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What noise adds and takes away: two (768, 768, 3) uint8, the same for every picture, used
    shifted."""
    noise = np.floor(_noise() * 2 * strength).astype(np.int16)
    return np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)


def _cut(
    noise: NDArray[np.uint8], corner: tuple[int, int], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """(H, W, 3) of the grain from `corner` on, repeated for pictures larger than it."""
    (y, x), (height, width) = corner, size
    rows, columns = (
        -(-(start + length) // _TILE) for start, length in zip(corner, size, strict=True)
    )
    whole = noise if rows == columns == 1 else np.tile(noise, (rows, columns, 1))
    return whole[y : y + height, x : x + width]


def _light(image: NDArray[np.uint8], stream: Stream) -> NDArray[np.uint8]:
    """Uneven, tinted light: a smooth factor of 0.4 to 1.4 (a power of two under it keeps the
    product exact)."""
    level, spread = 75 + 75 * stream.one(), 35 * stream.one()
    tint = 1 + 0.16 * (stream.array(3) - 0.5)
    cells = np.floor((level + (stream.array(3, 3, 1) * 2 - 1) * spread) * tint)
    field = _grow(np.asarray(cells, np.uint8), (image.shape[0], image.shape[1]))
    return np.asarray(cv2.multiply(image, field, scale=1 / 128), np.uint8)


def develop(canvas: Canvas, stream: Stream) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB: the canvas under light, a little or much blurred, with grain."""
    size = canvas.shape[0], canvas.shape[1]
    image = _light(bare(canvas), stream)
    wide = 5 if stream.chance(0.15) else 3
    image = np.asarray(cv2.GaussianBlur(image, (wide, wide), 0), np.uint8)
    corner = stream.whole(0, max(0, _TILE - size[0])), stream.whole(0, max(0, _TILE - size[1]))
    more, less = (_cut(noise, corner, size) for noise in _grain((2, 5, 9, 14)[stream.whole(0, 3)]))
    return np.asarray(cv2.subtract(cv2.add(image, more), less), np.uint8)


# --- what SynthPose adds --------------------------------------------------------------------------


def false_limbs(canvas: Canvas, stream: Stream) -> None:
    """Bent chains of three or four joints, in skin or cloth, that nobody owns: arms and legs of no
    person."""
    for _ in range(stream.whole(0, 4)):
        length = canvas.shape[0] * (0.03 + 0.2 * stream.one() ** 2)
        skin, count = stream.chance(0.5), stream.whole(2, 3)
        colour = stream_choice(stream, SKINS) if skin else any_colour(stream)
        place = [np.array([stream.one() * canvas.shape[1], stream.one() * canvas.shape[0]])]
        right, down = stream.one() * 2 - 1, stream.one() * 2 - 1
        for _ in range(count):
            place.append(place[-1] + np.array([right, down]) * length)
            turned = 1 if stream.chance(0.5) else -1
            right, down = stream.one() - 0.5 - down * turned, stream.one() - 0.5 + right * turned
        centres = np.stack(place)
        radii = length * (0.1 + 0.1 * stream.one()) * np.array([1, 0.75, 0.6, 0.5])[: count + 1]
        outer, inner = rims(centres, radii), rims(centres, radii * 0.75)
        for at in range(count):
            paint(canvas, outer[at : at + 2], shade(colour, 66), 0)
            paint(canvas, inner[at : at + 2], shade(colour, 94), 0)


def patterns(canvas: Canvas, stream: Stream) -> None:
    """Striped and chequered patches that nobody owns: fences, tiles, windows."""
    height, width = canvas.shape[0], canvas.shape[1]
    for _ in range(stream.whole(0, 2)):
        first, second = any_colour(stream), any_colour(stream)
        rows, columns = ((1, 12), (10, 1), (5, 6))[stream.whole(0, 2)]
        odd = np.indices((rows, columns)).sum(axis=0) % 2
        cells = np.array([(*first, 0), (*second, 0)], np.uint8)[odd]
        x, y = int(stream.one() * width * 0.8), int(stream.one() * height * 0.8)
        part = canvas[
            y : y + stream.whole(height // 12, height // 3),
            x : x + stream.whole(width // 12, width // 3),
        ]
        part[:] = cv2.resize(
            cells, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_NEAREST_EXACT
        )


@functools.cache
def _curve(contrast: int, lift: int) -> NDArray[np.uint8]:
    """(256,) percents of contrast around middle grey, then made lighter."""
    return np.clip((np.arange(256) - 128) * contrast // 100 + 128 + lift, 0, 255).astype(np.uint8)


def _blurred(image: NDArray[np.uint8], stream: Stream) -> NDArray[np.uint8]:
    """Sharp, soft, out of focus or moved along one side of the picture."""
    kind, reach = stream.one(), max(1, image.shape[0] // 96)
    wide = 1 + 2 * stream.whole(1, reach)
    if kind < 0.3:
        return image
    kernel = (
        (3, 3)
        if kind < 0.75
        else (wide, wide)
        if kind < 0.85
        else (wide + 2, 1)
        if kind < 0.95
        else (1, wide + 2)
    )
    return np.asarray(cv2.GaussianBlur(image, kernel, 0), np.uint8)


def _compressed(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    swapped = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(
        cv2.cvtColor(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB), np.uint8
    )


def bare(canvas: Canvas) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB: the canvas as it is painted."""
    return np.asarray(cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR), np.uint8)


def photograph(canvas: Canvas, stream: Stream, *, plain: bool = False) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB: the canvas under light, with contrast, blur, grain and, half of the
    time, JPEG's noise.

    plain: under light only.
    """
    size = canvas.shape[0], canvas.shape[1]
    image = _light(bare(canvas), stream)
    if plain:
        return image
    curve = _curve(10 * stream.whole(6, 12), 8 * stream.whole(-1, 3))
    image = _blurred(np.asarray(cv2.LUT(image, curve), np.uint8), stream)
    corner = stream.whole(0, max(0, _TILE - size[0])), stream.whole(0, max(0, _TILE - size[1]))
    more, less = (_cut(noise, corner, size) for noise in _grain((1, 2, 5, 9)[stream.whole(0, 3)]))
    image = np.asarray(cv2.subtract(cv2.add(image, more), less), np.uint8)
    quality = stream.whole(25, 90)
    return _compressed(image, quality) if stream.chance(0.5) else image
