"""Testing a trained network: every picture of a data set, or the pictures a user names."""

import json
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from repro.console import track
from repro.counting.trace import check_size
from repro.data.coco import read_image
from repro.data.mpii import image_number
from repro.errors import ReproError, UsageError
from repro.files import write_together
from repro.limits import INPUT_PIXELS, check_pixels
from repro.people.sample import Person, Sample, Samples
from repro.people.skeletons import Skeleton
from repro.processes import in_order
from repro.spec.settings import Protocol
from repro.tasks.all import TASKS
from repro.tasks.keypoints import PERSON, People
from repro.tasks.task import (
    Entry,
    Finding,
    Observation,
    Seen,
    Shares,
    Size,
    TestingPart,
    Truth,
    pair,
)

NO_CASE = -1.0  # what the evaluators give a measure that the ground truth has no case of
Draw = Callable[[NDArray[np.uint8], NDArray[np.floating], Skeleton], NDArray[np.uint8]]


@dataclass(frozen=True)
class Evaluation:
    """What a test found.

    values: scores by the names of `pose.metrics`, fractions. without_case: measures for which the
    test set has nobody,
        such as people of some size; they have no value.
    predictions: COCO result entries, pictures in the data set's order. seconds: in all, for load
    (reading, drawing, decoding files), network (with resizing) and grouping, which
        other processes may have spent beside the other two.
    tested_sizes: pictures by the (height, width) the network saw at scale 1, which may exceed the
    nominal size.
    """

    values: Mapping[str, float]
    predictions: list[Entry]
    seconds: Mapping[str, float]
    images: int
    tested_sizes: Mapping[tuple[int, int], int]
    without_case: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tester(Generic[Seen, Finding]):
    """A network in evaluation mode with everything needed to find people in a picture."""

    model: nn.Module
    task: TestingPart[Seen, Finding]
    skeleton: Skeleton
    protocol: Protocol
    nominal: int | Size

    def observe(self, sample: Sample) -> Seen:
        """What the network says of a picture."""
        return self.task.observe(
            self.model, sample, skeleton=self.skeleton, protocol=self.protocol, nominal=self.nominal
        )

    def decode(self) -> Callable[[Seen], "Timed[Finding]"]:
        """From an observation to what the task finds in it; without the network, so picklable."""
        return partial(
            _timed, partial(self.task.people, skeleton=self.skeleton, protocol=self.protocol)
        )


class Timed(NamedTuple, Generic[Finding]):
    """What was found, and the seconds that took."""

    found: Finding
    seconds: float


def _timed(people: Callable[[Seen], Finding], seen: Seen) -> Timed[Finding]:
    start = time.perf_counter()
    found = people(seen)
    return Timed(found, time.perf_counter() - start)


def tester(
    model: nn.Module,
    *,
    skeleton: Skeleton,
    protocol: Protocol,
    nominal: int | Size,
    device: torch.device | str,
) -> Tester[Any, Any]:
    """Make a network ready for testing; nominal: the input (height, width) in px, or one number, it
    is named for.

    Raises UsageError for a size the network cannot take; sizes of whole pictures (bottom-up) are
    rounded up.
    """
    if min(pair(nominal)) <= 0:
        raise UsageError(f"size {nominal} is not positive", "--size 512 512")
    check_pixels(*pair(nominal), most=INPUT_PIXELS, what="an input of", hint="--size 512 512")
    task = TASKS[protocol.task]
    if task.by_person:
        check_size(model, pair(nominal))
    return Tester(model.to(device).eval(), task, skeleton, protocol, nominal)


def bare(image: NDArray[np.uint8], file: str = "") -> Sample:
    """A picture of which nothing is known."""
    return Sample(image, np.zeros((0, 0, 3)), np.ones(image.shape[:2], np.bool_), 0, file)


def chosen(length: int, images: int) -> list[int]:
    """All of `length` pictures, or `images` of them drawn by seed 0, in order."""
    if not 0 < images < length:
        return list(range(length))
    return sorted(int(index) for index in np.random.default_rng(0).permutation(length)[:images])


def evaluate(
    model: nn.Module,
    dataset: Samples,
    truth: Truth,
    *,
    skeleton: Skeleton,
    protocol: Protocol,
    nominal: int | Size,
    device: torch.device | str = "cpu",
    decoders: int = 0,
) -> Evaluation:
    """Test a network on every picture of a data set.

    truth: the ground truth: a COCO file or its content, or MPII's gt_valid.mat. decoders: processes
    that find people in the maps while the network sees the next picture; 0: none but this. The
    predictions are the same. With some, call it from the main thread of a program that can be
    imported again. Raises MissingError for a picture that cannot be read, UsageError when network,
    skeleton and protocol do not fit each other, ReproError for a process that dies.
    """
    ready = tester(model, skeleton=skeleton, protocol=protocol, nominal=nominal, device=device)
    if not len(dataset):
        raise UsageError("there is no picture to test on", "repro data check NAME")
    tally = _test(ready, dataset, chosen(len(dataset), protocol.images), decoders)
    task = ready.task
    predictions = task.finish(tally.predictions, skeleton=skeleton, protocol=protocol)
    scores = task.score(truth, predictions, skeleton=skeleton, protocol=protocol)
    scores |= task.measure(
        truth, predictions, skeleton=skeleton, protocol=protocol, cells=tally.cells
    )
    scores |= {name: float(total / count) for name, (total, count) in tally.sums.items()}
    values = {name: value for name, value in scores.items() if value != NO_CASE}
    absent = tuple(name for name in scores if name not in values)
    return Evaluation(
        values, predictions, tally.seconds, sum(tally.sizes.values()), dict(tally.sizes), absent
    )


@dataclass
class _Tally:
    """What has come together while a network is tested.

    cells: of each observation, by number of its picture or person. sums: of what the task probes,
    and over how many.
    """

    predictions: list[Entry] = field(default_factory=list)
    seconds: dict[str, float] = field(
        default_factory=lambda: {"load": 0.0, "network": 0.0, "grouping": 0.0}
    )
    sizes: Counter[Size] = field(default_factory=Counter)
    cells: dict[int, float] = field(default_factory=dict)
    sums: defaultdict[str, NDArray[np.float64]] = field(
        default_factory=lambda: defaultdict(lambda: np.zeros(2))
    )

    def see(self, sample: Sample, seen: Observation, shares: Shares) -> None:
        """Keep what an observation shows before anybody is found in it."""
        self.sizes[seen.size] += 1
        self.cells[sample.person.number if sample.person else sample.image_id] = seen.cells
        for name, share in shares.items():
            self.sums[name] += share


def _test(
    ready: Tester[Seen, Finding], dataset: Samples, places: Sequence[int], decoders: int
) -> _Tally:
    """Observe the samples at these places one after the other, and find people in them, here or in
    `decoders`."""
    tally, waiting = _Tally(), deque[Sample]()

    def observed() -> Iterator[Seen]:
        for place in track(places, "evaluate"):
            start = time.perf_counter()
            sample = dataset[place]
            middle = time.perf_counter()
            seen = ready.observe(sample)
            tally.seconds["load"] += middle - start
            tally.seconds["network"] += time.perf_counter() - middle
            tally.see(sample, seen, ready.task.probe(seen, sample, protocol=ready.protocol))
            waiting.append(sample)
            yield seen

    decode = ready.decode()
    for found, seconds in (
        in_order(decode, observed(), count=decoders) if decoders else map(decode, observed())
    ):
        tally.seconds["grouping"] += seconds
        tally.predictions += ready.task.results(found, waiting.popleft())
    return tally


@dataclass(frozen=True)
class Prediction:
    """People (P, K, 3: x, y in pixels, score) of one picture, their scores (P,), and the two files
    written."""

    people: NDArray[np.floating]
    scores: NDArray[np.floating]
    picture: Path
    data: Path


def predict(
    ready: Tester[Any, People], path: Path, *, out: Path, draw: Draw, people: Sequence[Person] = ()
) -> Prediction:
    """Find the people of one picture and write `STEM.pose.png`, drawn by `draw`, and
    `STEM.pose.json` into `out`.

    people: where they are, for networks that see one at a time; without any these see the whole
    picture as one. The JSON is a COCO results list; image_id is the whole number at the end of the
    file's stem, else its name. Either both files appear or none. Raises MissingError for a picture
    that cannot be read and ReproError when `out` cannot be written.
    """
    image = read_image(path)
    blank, decode = bare(image, path.name), ready.decode()
    shown = [replace(blank, person=person) for person in people or (None,)]
    parts = [decode(ready.observe(sample)).found for sample in shown]
    points, scores = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    picture, data = out / f"{path.stem}.pose.png", out / f"{path.stem}.pose.json"
    body = _as_json(path.name, points, scores)
    write_together({picture: _png(draw(image, points, ready.skeleton)), data: body})
    return Prediction(points, scores, picture, data)


def _png(image: NDArray[np.uint8]) -> bytes:
    encoded, data = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))
    if not encoded:
        raise ReproError("cannot encode the picture as PNG", "a smaller picture")
    return bytes(data)


def _as_json(name: str, people: NDArray[np.floating], scores: NDArray[np.floating]) -> str:
    entries = [
        {
            "image_id": image_number(name),
            "category_id": PERSON,
            "keypoints": [round(float(value), 3) for value in person.reshape(-1)],
            "score": round(float(score), 5),
        }
        for person, score in zip(people, scores, strict=True)
    ]
    return json.dumps(entries, indent=1) + "\n"
