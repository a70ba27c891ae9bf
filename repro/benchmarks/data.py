"""Training samples per second of the bottom-up pipeline, against the same pipeline in plain Python
loops.

The baseline reads, warps and mirrors as the released code does and makes its targets as the
released generators do, in our own words: both kinds of targets at both resolutions, one person and
one joint at a time. Both sides take the same random numbers and the same affine matrices. The limit
is what no pipeline can leave out: decode the file, warp it once.
"""

import tempfile
import warnings
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from pycocotools import mask as regions

from repro.benchmarks.measure import (
    Samples,
    agree,
    conditions,
    in_turn,
    ratio,
    single_thread,
    spread,
)
from repro.data.coco import CocoKeypoints, locate, read_annotations
from repro.data.synth.crowd import make_coco
from repro.data.transforms import MEAN, PAPER, STD, UNIT, affine_matrix, normalise
from repro.grid import Grid
from repro.people.skeletons import COCO
from repro.pose.targets import heatmaps, tag_joints
from repro.spec.recipes import HIGHERHRNET
from repro.tasks.all import TASKS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
SIGMA, MOST = HIGHERHRNET.sigma, HIGHERHRNET.bottom_up.max_people


class Example(NamedTuple):
    """image: (3, S, S). maps: per resolution heatmaps (K, h, w). masks: (h, w). tags: (people, K,
    2) at the first."""

    image: Floats
    maps: tuple[Floats, ...]
    masks: tuple[Floats, ...]
    tags: NDArray[np.integer]


class Plain:
    """The baseline: a data set of `Example`, made by loops."""

    def __init__(
        self, images: Path, annotations: Path, outputs: tuple[int, ...], *, size: int
    ) -> None:
        content = read_annotations(annotations)
        self.images, self.outputs, self.size = images, outputs, size
        self.entries = content["images"]
        self.people: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for annotation in content["annotations"]:
            self.people[annotation["image_id"]].append(annotation)
        self.blob = blob()

    def example(self, index: int, rng: np.random.Generator) -> Example:
        """Picture `index`, augmented by `rng`."""
        entry = self.entries[index]
        image = cv2.imread(
            str(self.images / entry["file_name"]), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
        assert image is not None
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        people = self.people[entry["id"]]
        mask = _plain_mask(people, image.shape[0], image.shape[1])
        shown = [person for person in people if not person["iscrowd"] or person["num_keypoints"]]
        joints = _plain_joints(shown)
        joint_lists = [joints.copy() for _ in self.outputs]
        masks = [mask.copy() for _ in self.outputs]
        draw = _PlainDraw(image.shape[0], image.shape[1], rng)
        for scale, output in enumerate(self.outputs):
            matrix = draw.matrix(output)
            warped = cv2.warpAffine((masks[scale] * 255).astype(np.uint8), matrix, (output, output))
            masks[scale] = (warped / 255 > 0.5).astype(np.float32)
            joint_lists[scale] = _plain_move(joint_lists[scale], matrix)
        image = cv2.warpAffine(image, draw.matrix(self.size), (self.size, self.size))
        if draw.flip:
            image = np.ascontiguousarray(image[:, ::-1])
            for scale, output in enumerate(self.outputs):
                masks[scale] = masks[scale][:, ::-1].copy()
                joint_lists[scale] = joint_lists[scale][:, list(COCO.flip)]
                joint_lists[scale][:, :, 0] = output - joint_lists[scale][:, :, 0] - 1
        pixels = torch.from_numpy(image.transpose(2, 0, 1)).contiguous().float().div(255)
        pixels.sub_(torch.from_numpy(MEAN)[:, None, None]).div_(
            torch.from_numpy(STD)[:, None, None]
        )
        pairs = list(zip(joint_lists, self.outputs, strict=True))
        maps = tuple(self.heatmaps(moved, output).astype(np.float32) for moved, output in pairs)
        tags = [plain_tags(moved, output).astype(np.int32) for moved, output in pairs]
        return Example(
            pixels.numpy(), maps, tuple(mask.astype(np.float32) for mask in masks), tags[0]
        )

    def heatmaps(self, joints: Doubles, size: int) -> Floats:
        """(K, size, size), one person and one joint at a time."""
        maps = np.zeros((joints.shape[1], size, size), np.float32)
        for person in joints:
            for joint, point in enumerate(person):
                if point[2] > 0:
                    x, y = int(point[0]), int(point[1])
                    if x < 0 or y < 0 or x >= size or y >= size:
                        continue
                    low = int(np.round(x - 3 * SIGMA - 1)), int(np.round(y - 3 * SIGMA - 1))
                    high = int(np.round(x + 3 * SIGMA + 2)), int(np.round(y + 3 * SIGMA + 2))
                    left, right = max(0, -low[0]), min(high[0], size) - low[0]
                    top, bottom = max(0, -low[1]), min(high[1], size) - low[1]
                    window = np.s_[
                        joint, low[1] + top : low[1] + bottom, low[0] + left : low[0] + right
                    ]
                    maps[window] = np.maximum(maps[window], self.blob[top:bottom, left:right])
        return maps


def blob() -> Floats:
    """The Gaussian of a joint, 6 sigma + 3 pixels wide."""
    reach = np.arange(6 * SIGMA + 3, dtype=np.float32)
    middle = 3 * SIGMA + 1
    return np.asarray(
        np.exp(-((reach - middle) ** 2 + (reach[:, None] - middle) ** 2) / (2 * SIGMA**2)),
        np.float32,
    )


class _PlainDraw:
    """The same random choices, in the same order, as `repro.data.transforms` makes."""

    def __init__(self, height: int, width: int, rng: np.random.Generator) -> None:
        self.scale = min(height, width) / UNIT * float(rng.uniform(*PAPER.scale))
        self.rotation = float(rng.uniform(-1, 1)) * PAPER.rotation
        reach = int(PAPER.shift * self.scale)
        right, down = (int(rng.integers(-reach, reach)) for _ in range(2))
        self.centre = width / 2 + right, height / 2 + down
        self.flip = bool(rng.random() < PAPER.flip)

    def matrix(self, size: int) -> Doubles:
        return affine_matrix(self.centre, self.scale, self.rotation, size=size)


def _plain_mask(people: list[dict[str, Any]], height: int, width: int) -> NDArray[np.bool_]:
    covered = np.zeros((height, width))
    for person in people:
        if person["iscrowd"]:
            covered += regions.decode(regions.frPyObjects(person["segmentation"], height, width))
        elif not person["num_keypoints"]:
            for region in regions.frPyObjects(person["segmentation"], height, width):
                covered += regions.decode(region)
    return covered < 0.5


def _plain_joints(people: list[dict[str, Any]]) -> Doubles:
    joints = np.zeros((len(people), len(COCO), 3))
    for index, person in enumerate(people):
        joints[index] = np.array(person["keypoints"]).reshape(-1, 3)
    return joints


def _plain_move(joints: Doubles, matrix: Doubles) -> Doubles:
    for person in joints:
        for point in person:
            point[:2] = matrix @ (point[0], point[1], 1.0)
    return joints


def plain_tags(joints: Doubles, size: int) -> NDArray[np.float64]:
    """(people, K, 2) of the flat index into the tag maps and 1, visible joints first."""
    tags = np.zeros((MOST, joints.shape[1], 2))
    for number, person in enumerate(joints):
        slot = 0
        for joint, point in enumerate(person):
            x, y = int(point[0]), int(point[1])
            if point[2] > 0 and 0 <= x < size and 0 <= y < size:
                tags[number][slot] = joint * size**2 + y * size + x, 1
                slot += 1
    return tags


def _ours(
    dataset: CocoKeypoints, index: int, rng: np.random.Generator, where: Mapping[str, Any]
) -> Example:
    image, targets = TASKS["bottom-up"].prepare(
        dataset[index], rng, skeleton=COCO, recipe=HIGHERHRNET, **where
    )
    return Example(image, targets.heatmaps, targets.masks, targets.joints)


def _same(ours: Example, plain: Example) -> bool:
    """Equal joints and masks; pictures and maps to the last bits, as exponentials and means are
    rounded apart."""
    return (
        all(np.array_equal(*pair) for pair in zip(ours.masks, plain.masks, strict=True))
        and np.array_equal(ours.tags, plain.tags)
        and np.allclose(ours.image, plain.image, rtol=0, atol=1e-6)
        and all(
            np.allclose(*pair, rtol=0, atol=1e-6)
            for pair in zip(ours.maps, plain.maps, strict=True)
        )
    )


def _least(pictures: Path, size: int, outputs: tuple[int, ...]) -> None:
    """What no pipeline leaves out, by the quickest ways known: decode, one warp, normalise, maps of
    zeros."""
    for path in pictures.iterdir():
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        height, width = image.shape[:2]
        matrix = affine_matrix(
            (width / 2, height / 2), min(height, width) / UNIT, PAPER.rotation / 2, size=size
        )
        warped = cv2.warpAffine(cv2.cvtColor(image, cv2.COLOR_BGR2RGBA), matrix, (size, size))
        normalise(np.asarray(warped, np.uint8))
        for output in outputs:
            np.empty((len(COCO), output, output), np.float32).fill(0)


def _keep_memory() -> None:
    """Both sides as in training, where larger blocks have been freed: glibc keeps freed memory up
    to twice such a size.

    In a fresh process it returns every picture's memory, and most of the time goes to getting it
    again.
    """
    bytearray(31 << 20)


def _targets(plain: Plain, points: list[tuple[Doubles, ...]], *, loops: bool) -> None:
    """The targets of all pictures: as the released generators make them, or as a training example
    needs them."""
    for moved in points:
        for joints, output in zip(moved, plain.outputs, strict=True):
            if loops:
                plain.heatmaps(joints, output)
                plain_tags(joints, output)
            else:
                heatmaps(joints, size=output, sigma=SIGMA)
        if not loops:
            tag_joints(moved[0], size=plain.outputs[0], max_people=MOST)


def _rate(images: int, samples: Samples) -> str:
    return spread(tuple(images / seconds for seconds in samples), 1)


def run(*, repeats: int = 7, images: int = 32, size: int = 512) -> Grid:
    """Samples per second on one core, of the whole pipeline and of the targets alone; drawn
    pictures of 480 x 640.

    Raises CheckError when the two sides make different samples.
    """
    outputs = size // 4, size // 2
    _keep_memory()
    with single_thread(), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 under NumPy 2
        make_coco(Path(folder, "drawn"), train=images, val=1, size=(480, 640))
        pictures, annotations = locate(Path(folder, "drawn"), "synthetic", "train")
        dataset = CocoKeypoints(pictures, annotations, skeleton=COCO)
        plain = Plain(pictures, annotations, outputs, size=size)
        make = partial(
            _ours, dataset, where={"size": size, "outputs": tuple((side, side) for side in outputs)}
        )
        for index in range(images):
            pair = (side(index, rng=np.random.default_rng(index)) for side in (make, plain.example))
            agree(f"data, picture {index}", _same(*pair))

        def epoch(side: Any) -> None:
            rng = np.random.default_rng(0)
            for index in range(images):
                side(index, rng=rng)

        whole = in_turn(
            lambda: epoch(make),
            lambda: epoch(plain.example),
            lambda: _least(pictures, size, outputs),
            repeats=repeats,
        )
        scaled = [
            tuple(_scaled(dataset[index].joints, output) for output in outputs)
            for index in range(images)
        ]
        targets = in_turn(
            lambda: _targets(plain, scaled, loops=False),
            lambda: _targets(plain, scaled, loops=True),
            repeats=repeats,
        )
    rows = (
        (
            "whole sample",
            _rate(images, whole[1]),
            _rate(images, whole[0]),
            ratio(whole[1], whole[0]),
            _rate(images, whole[2]),
            ratio(whole[1], whole[2]),
        ),
        (
            "targets alone",
            _rate(images, targets[1]),
            _rate(images, targets[0]),
            ratio(targets[1], targets[0]),
            "",
            "",
        ),
    )
    headings = (
        "work",
        "plain loops (per s)",
        "ours (per s)",
        "ours / plain",
        "least work (per s)",
        "least / plain",
    )
    notes = (
        "the same samples on both sides; wanted: 3x or more, of which the last column is what could "
        "be reached at all:",
        "the least work is to decode, warp once, normalise and clear the maps, each by the quickest "
        "way known here",
        conditions(repeats),
    )
    title = f"{images} drawn pictures of 480 x 640 to {size} x {size}, targets at {outputs[0]} and {outputs[1]}"
    return Grid(headings, rows, title=title, notes=notes)


def _scaled(joints: Doubles, size: int) -> Doubles:
    return joints * (size / 640, size / 480, 1)
