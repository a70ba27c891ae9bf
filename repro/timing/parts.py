"""The time from a picture's file to its people, taken apart: read and resize, network, flip, merge,
people."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import nn

from repro.data.coco import read_image
from repro.data.synth.crowd import draw
from repro.evaluate.evaluate import Tester, bare
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton
from repro.pose.targets import heatmaps
from repro.tasks.bottom_up import PictureMaps
from repro.tasks.task import Finding, Seen
from repro.timing.clock import CLOCK, Clock, Sampling, Warm, in_turns, warm_up

READ, NETWORK, FLIP, MERGE, PEOPLE = (
    "read and resize",
    "network",
    "flip",
    "merge",
    "grouping or decoding",
)
PARTS = (READ, NETWORK, FLIP, MERGE, PEOPLE)
EXPLAINED = (
    f"{READ}: decode the file, lay it into the input; {NETWORK}: its first pass; {FLIP}: mirror, "
    f"second pass; {MERGE}: "
    "bring maps of all passes and sizes together, on the processor"
)
SIGMA = 4.0  # px of the input: HigherHRNet's 2 px at half of it
TAG_GAP = 2.0  # between the tags of two drawn people


class Stopwatch(nn.Module):
    """A network that notes when it was called and when it had answered."""

    def __init__(self, network: nn.Module, clock: Clock) -> None:
        super().__init__()
        self.network, self._clock = network, clock
        self.marks: list[tuple[float, float]] = []

    def forward(self, images: Any) -> Any:
        """The network's answer."""
        start = self._clock()
        found = self.network(images)
        self.marks.append((start, self._clock()))
        return found


def split(
    begun: float, marks: list[tuple[float, float]], observed: float, done: float
) -> dict[str, float]:
    """Seconds of every part, which add up to all between `begun` and `done`.

    marks: start and end of the network's passes; observed: when its maps were ready; done: when the
    people were found.
    """
    first, last = marks[0], marks[-1]
    return {
        READ: first[0] - begun,
        NETWORK: first[1] - first[0],
        FLIP: last[1] - first[1],
        MERGE: observed - last[1],
        PEOPLE: done - observed,
    }


def take(
    ready: Tester[Seen, Finding],
    path: Path,
    plan: Sampling,
    *,
    seen: Callable[[Seen], Seen] | None = None,
    clock: Clock = CLOCK,
) -> tuple[dict[str, tuple[float, ...]], Warm]:
    """Seconds of every part of finding the people of a picture, in each round, and how the warm-up
    ended.

    seen: what the decoding is given instead of the network's own maps.
    """
    watched = Stopwatch(ready.model, clock)
    timed, rows = replace(ready, model=watched), list[dict[str, float]]()
    decode = timed.decode()

    def once() -> None:
        watched.marks.clear()
        begun = clock()
        observation = timed.observe(bare(read_image(path), path.name))
        observed = clock()
        if seen is not None:  # the time that this takes is of no part
            observation = seen(observation)
        shown = clock()
        decode(observation)
        rows.append(split(begun, watched.marks, observed, observed + clock() - shown))

    warm = warm_up(once, plan, clock)
    rows.clear()
    in_turns([once], plan, clock)
    return {part: tuple(row[part] for row in rows) for part in PARTS}, warm


# --- a drawn picture and the maps of its people ---------------------------------------------------


@contextmanager
def drawn_picture(people: int, skeleton: Skeleton) -> Iterator[tuple[Path, Sample]]:
    """A JPEG file of 480 x 640 px with drawn people, and who is in it."""
    sample = draw(
        0, 0, size=(480, 640), people=(people, people), heights=(0.3, 0.9), skeleton=skeleton
    ).sample
    with tempfile.TemporaryDirectory(prefix="repro-") as folder:
        path = Path(folder) / "drawn.jpg"
        cv2.imwrite(str(path), np.ascontiguousarray(sample.image[..., ::-1]))
        yield path, sample


def maps_of(sample: Sample, observation: PictureMaps) -> PictureMaps:
    """A bottom-up network's observation with maps as a perfect network would give them for the
    picture's people."""
    joints = sample.joints.copy()
    joints[..., :2] = (
        joints[..., :2] @ observation.frame.matrix()[:, :2].T + observation.frame.matrix()[:, 2]
    )
    height, width = observation.heatmaps.shape[1:]
    heat = heatmaps(joints, size=max(height, width), sigma=SIGMA)[:, :height, :width]
    tags = np.zeros_like(observation.tags)
    for number, person in enumerate(joints):
        _tag(tags, person, (number + 1) * TAG_GAP)
    return observation._replace(heatmaps=np.ascontiguousarray(heat), tags=tags)


def _tag(tags: NDArray[np.floating[Any]], person: NDArray[np.floating[Any]], value: float) -> None:
    """Write a person's tag around its joints, in place; tags: (K, h, w, T)."""
    reach = int(2 * SIGMA)
    for joint, (x, y, visible) in enumerate(person):
        if visible > 0:
            left, top = max(0, int(x) - reach), max(0, int(y) - reach)
            tags[joint, top : int(y) + reach + 1, left : int(x) + reach + 1] = value
