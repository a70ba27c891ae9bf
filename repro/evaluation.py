"""Testing a trained network: every picture of a data set, or the pictures a user names."""

import json
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from repro.console import track
from repro.counting import check_size
from repro.data.coco import read_image
from repro.data.mpii import image_number
from repro.data.transforms import Person, Sample
from repro.errors import ReproError, UsageError
from repro.files import write_together
from repro.limits import INPUT_PIXELS, check_pixels
from repro.pose.skeletons import Skeleton
from repro.pose.task import PERSON, Samples, Size, Task, pair
from repro.pose.tasks import TASKS
from repro.processes import in_order
from repro.settings import Protocol

NO_CASE = -1.0  # what the evaluators give a measure that the ground truth has no case of
Draw = Callable[[NDArray[np.uint8], NDArray[np.floating], Skeleton], NDArray[np.uint8]]


@dataclass(frozen=True)
class Evaluation:
    """What a test found.

    values: scores by the names of `pose.metrics`, fractions. without_case: measures for which the test set has nobody,
        such as people of some size; they have no value.
    predictions: COCO result entries, pictures in the data set's order.
    seconds: in all, for load (reading, drawing, decoding files), network (with resizing) and grouping, which
        other processes may have spent beside the other two.
    tested_sizes: pictures by the (height, width) the network saw at scale 1, which may exceed the nominal size.
    """

    values: Mapping[str, float]
    predictions: list[dict[str, Any]]
    seconds: Mapping[str, float]
    images: int
    tested_sizes: Mapping[tuple[int, int], int]
    without_case: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tester:
    """A network in evaluation mode with everything needed to find people in a picture."""

    model: nn.Module
    task: Task
    skeleton: Skeleton
    protocol: Protocol
    nominal: int | Size

    def observe(self, sample: Sample) -> Any:
        """What the network says of a picture."""
        options = {"skeleton": self.skeleton, "protocol": self.protocol, "nominal": self.nominal}
        return self.task.observe(self.model, sample, **options)

    def decode(self) -> Callable[[Any], tuple[Any, float]]:
        """Observation to what the task finds in it and the seconds that took; without the network, so picklable."""
        options = {"skeleton": self.skeleton, "protocol": self.protocol}
        return partial(_timed, partial(self.task.people, **options))


def _timed(people: Callable[[Any], Any], seen: Any) -> tuple[Any, float]:
    start = time.perf_counter()
    found = people(seen)
    return found, time.perf_counter() - start


def tester(
    model: nn.Module, *, skeleton: Skeleton, protocol: Protocol, nominal: int | Size, device: torch.device | str
) -> Tester:
    """Make a network ready for testing; nominal: the input (height, width) in px, or one number, it is named for.

    Raises UsageError for a size the network cannot take; sizes of whole pictures (bottom-up) are rounded up.
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
    annotations: Path | Mapping[str, Any],
    *,
    skeleton: Skeleton,
    protocol: Protocol,
    nominal: int | Size,
    device: torch.device | str = "cpu",
    decoders: int = 0,
) -> Evaluation:
    """Test a network on every picture of a data set.

    annotations: the ground truth: a COCO file or its content, or MPII's gt_valid.mat.
    decoders: processes that find people in the maps while the network sees the next picture; 0: none but this. The
    predictions are the same. With some, call it from the main thread of a program that can be imported again.
    Raises MissingError for a picture that cannot be read, UsageError when network, skeleton and
    protocol do not fit each other, ReproError for a process that dies.
    """
    ready = tester(model, skeleton=skeleton, protocol=protocol, nominal=nominal, device=device)
    if not len(dataset):
        raise UsageError("there is no picture to test on", "repro data check NAME")
    predictions: list[dict[str, Any]] = []
    seconds = {"load": 0.0, "network": 0.0, "grouping": 0.0}
    sizes: Counter[tuple[int, int]] = Counter()
    wanted = chosen(len(dataset), protocol.images)
    waiting: deque[Sample] = deque()
    cells: dict[Any, float] = {}
    sums: defaultdict[str, NDArray[np.float64]] = defaultdict(lambda: np.zeros(2))

    def observed() -> Iterator[Any]:
        for index in track(wanted, "evaluate"):
            start = time.perf_counter()
            sample = dataset[index]
            middle = time.perf_counter()
            seen = ready.observe(sample)
            seconds["load"] += middle - start
            seconds["network"] += time.perf_counter() - middle
            sizes[seen.size] += 1
            cells[_number(sample)] = getattr(seen, "cells", math.nan)
            for name, part in ready.task.probe(seen, sample, protocol=protocol).items():
                sums[name] += part
            waiting.append(sample)
            yield seen

    decode = ready.decode()
    for found, took in in_order(decode, observed(), count=decoders) if decoders else map(decode, observed()):
        seconds["grouping"] += took
        predictions += ready.task.results(found, waiting.popleft())
    options = {"skeleton": skeleton, "protocol": protocol}
    predictions = ready.task.finish(predictions, **options)
    scores = ready.task.score(annotations, predictions, **options)
    scores |= ready.task.measure(annotations, predictions, **options, cells=cells)
    scores |= {name: float(total / of) for name, (total, of) in sums.items()}
    values = {name: value for name, value in scores.items() if value != NO_CASE}
    absent = tuple(name for name in scores if name not in values)
    return Evaluation(values, predictions, seconds, len(wanted), dict(sizes), absent)


def _number(sample: Sample) -> int:
    """Of the picture, or of the person where one is meant."""
    return sample.person.number if sample.person else sample.image_id


@dataclass(frozen=True)
class Prediction:
    """People (P, K, 3: x, y in pixels, score) of one picture, their scores (P,), and the two files written."""

    people: NDArray[np.floating]
    scores: NDArray[np.floating]
    picture: Path
    data: Path


def predict(ready: Tester, path: Path, *, out: Path, draw: Draw, people: Sequence[Person] = ()) -> Prediction:
    """Find the people of one picture and write `STEM.pose.png`, drawn by `draw`, and `STEM.pose.json` into `out`.

    people: where they are, for networks that see one at a time; without any these see the whole picture as one.
    The JSON is a COCO results list; image_id is the whole number at the end of the file's stem, else its name.
    Either both files appear or none. Raises MissingError for a picture that cannot be read and ReproError when `out`
    cannot be written.
    """
    image = read_image(path)
    blank, decode = bare(image, path.name), ready.decode()
    found = [decode(ready.observe(replace(blank, person=one)))[0] for one in people or (None,)]
    points, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    picture, data = out / f"{path.stem}.pose.png", out / f"{path.stem}.pose.json"
    body = _as_json(path.name, points, scores)
    write_together({picture: _png(draw(image, points, ready.skeleton)), data: body})
    return Prediction(points, scores, picture, data)


def _png(image: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))
    if not done:
        raise ReproError("cannot encode the picture as PNG", "a smaller picture")
    return bytes(data)


def _as_json(name: str, people: NDArray[np.floating], scores: NDArray[np.floating]) -> str:
    found = [
        {
            "image_id": image_number(name),
            "category_id": PERSON,
            "keypoints": [round(float(value), 3) for value in person.reshape(-1)],
            "score": round(float(score), 5),
        }
        for person, score in zip(people, scores, strict=True)
    ]
    return json.dumps(found, indent=1) + "\n"
