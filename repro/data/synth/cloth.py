"""What colours a drawn person has: drawn anew for everyone, or one fixed colour per kind of body
part and a hue."""

from collections.abc import Callable

import numpy as np

from repro.data.synth import canvas
from repro.data.synth.body import Ints, Stream

Palette = list[list[canvas.Colour]]
Palettes = Callable[[Stream], Palette]

_TONES = np.array([66, 94, 112])  # percents of a colour: rim, inside, highlight
_EYE: canvas.Colour = (32, 26, 26)


def _toned(cloth: Ints) -> Palette:
    """For each tone the colours of the cloths (N, 3)."""
    tones = np.minimum(cloth * _TONES[:, None, None] // 100, 255)
    return [[(r, g, b) for r, g, b in tone] for tone in tones.tolist()]


def drawn(stream: Stream) -> Palette:
    """A person's colours: for each tone, those of the cloth numbers of `figures`."""
    skin = canvas.stream_choice(stream, canvas.SKINS)
    shirt, trousers, shoe, seat = (canvas.any_colour(stream) for _ in range(4))
    hair = (
        canvas.any_colour(stream)
        if stream.chance(0.1)
        else canvas.stream_choice(stream, canvas.HAIRS)
    )
    trousers = shirt if stream.chance(0.08) else trousers
    sleeves = stream.one()
    sleeve, forearm = skin if sleeves < 0.12 else shirt, shirt if sleeves > 0.5 else skin
    shin = skin if stream.chance(0.3) else trousers
    dark = canvas.shade(skin, 72)
    accent = (236, 232, 224) if sum(shirt) < 330 else (30, 30, 40)
    return _toned(
        np.array(
            (skin, shirt, sleeve, trousers, shin, shoe, hair, _EYE, dark, seat, forearm, accent)
        )
    )


# skin, shirt, sleeve, trousers, shin, shoe, hair, eye, dark skin, seat, forearm, accent, as
# `figures` numbers them; away from 0 and 255, so that the hue seldom clips them
_FIXED = np.array(
    [
        (206, 166, 140),
        (168, 84, 84),
        (92, 152, 92),
        (84, 104, 176),
        (150, 96, 176),
        (84, 168, 172),
        (64, 56, 56),
        _EYE,
        (150, 116, 96),
        (128, 128, 128),
        (184, 176, 88),
        (224, 220, 212),
    ]
)
_OWN = np.array([name not in (7, 9) for name in range(len(_FIXED))])  # eyes and seats have no hue
_HUE, _JITTER = 64, 10  # of 255 a channel, either way


def fixed(stream: Stream) -> Palette:
    """One colour per kind of body part, the same for left and right, shifted by one hue per person,
    with a little jitter."""
    hue = np.floor((stream.array(3) * 2 - 1) * _HUE)
    jitter = np.floor((stream.array(*_FIXED.shape) * 2 - 1) * _JITTER)
    return _toned(np.clip(_FIXED + hue * _OWN[:, None] + jitter, 0, 255).astype(np.int64))
