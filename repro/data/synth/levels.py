"""How hard SynthPose's pictures are: named levels, each a setting of two dials, what there is to
see and the geometry.

A level tells networks apart where they learn it in minutes and then differ by what limits them.
Plain pictures of wide geometry leave resolution, context and capacity to do that, not the learning
of appearance.
"""

from dataclasses import dataclass
from typing import Literal

from repro.errors import unknown

Appearance = Literal["plain", "easy", "full"]
Geometry = Literal["easy", "near", "wide", "full"]


@dataclass(frozen=True)
class Level:
    """A setting of the dials.

    appearance: "full" is a cluttered place with false limbs and patterns, things before the people,
    blur, grain and JPEG's noise; "easy" has no false limbs, patterns or things in front, and
    classes stand before nothing, neither blurred nor grainy; "plain" shows people alone, each kind
    of body part in a colour of its own, left and right alike, all shifted by one hue per person.
    Without "full" no joints of the face are labelled where COCO has them: no small map can meet
    their tolerance. geometry: "full" is as the real sets are, people mostly small; "easy" few and
    tall ones, within 60 degrees of facing the camera; "wide" has heights spread evenly on a log
    scale, so that small, medium and large people are about as many, turned all the way, in crowds
    of every density, some cut by the border; "near" lies between easy and wide and is learnt
    sooner: one person meant stands alone, tall, turned all the way; several are four at most, of 20
    to 90 %, spread evenly on a log scale, in crowds of every density, within 60 degrees of facing
    the camera; classes are as easy ones.
    """

    appearance: Appearance
    geometry: Geometry


LEVELS: dict[str, Level] = {
    "full": Level("full", "full"),
    "easy": Level("easy", "easy"),
    "plain": Level("plain", "wide"),
    "near": Level("plain", "near"),
}
"""Levels by the name that commands and data sets use."""


def level(name: str) -> Level:
    """The level called `name`; raises UsageError."""
    if name not in LEVELS:
        raise unknown("level of SynthPose", name, LEVELS)
    return LEVELS[name]
