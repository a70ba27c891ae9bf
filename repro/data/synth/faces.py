"""SynthPose: one generator of drawn pictures, four faces, each in the form of the data set it
stands in for.

`synthpose-coco`: many people, COCO's 17 joints. `synthpose-crowd`: crowds, CrowdPose's 14 joints,
boxes of whole people. `synthpose-mpii`: one person meant, MPII's 16 joints, centre, scale and head
box. `synthpose-classes`: 100 classes, a pose and something worn or carried. A picture depends on
(face, seed, split, index, size) only.
"""

import functools
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import numpy as np

from repro.data import formats, mpii
from repro.data.coco import Split
from repro.data.datasets import DATA_SETS, DRAWN, MPII_FILES, TREES
from repro.data.synth import canvas as scenes
from repro.data.synth import cloth, crowd, wear
from repro.data.synth import layout as synth_layout
from repro.data.synth.body import Floats, Stream
from repro.data.synth.layout import Layout
from repro.data.synth.levels import LEVELS, Geometry, Level
from repro.data.transforms import UNIT
from repro.errors import UsageError, unknown
from repro.files import whole_folder
from repro.limits import check_pixels
from repro.people.sample import Sample
from repro.people.skeletons import COCO, CROWDPOSE, MPII, NOBODY, Skeleton
from repro.processes import in_order

FACES: dict[str, Skeleton] = {
    name: dataset.skeleton for name, dataset in DRAWN.items() if dataset.drawn == "synthpose"
}
"""The joints each face is labelled with."""
# of the streams, so that no two faces are alike
_SERIES = {name: number for number, name in enumerate(FACES, start=1)}
_TRIES = 20
FULL = LEVELS["full"]
FACE = 5  # nose, eyes, ears: the first of COCO's joints
_FLAT = 32.0  # pixels: limbs of smaller people are one or two pixels wide, mostly rim otherwise


@dataclass(frozen=True)
class Picture:
    """A drawn sample and what the files of its form add; joints of everybody, also where one person
    is meant.

    boxes, areas, head_boxes: (P, 4), (P,), (P, 4) as in `synthetic.Drawing`, but boxes of whole
    people in crowds. main: the person meant, -1 when everybody is.
    """

    labelled: formats.Labelled
    head_boxes: Floats
    main: int = -1


def draw(
    name: str,
    index: int,
    *,
    split: Split = "train",
    seed: int = 0,
    size: tuple[int, int],
    level: Level = FULL,
) -> Picture:
    """Picture `index` of an endless series; size is (height, width), level one of `levels.LEVELS`
    or another.

    Raises UsageError for an unknown face, a size below 32 pixels or a negative seed or index.
    """
    if name not in FACES:
        raise unknown("drawn data set", name, FACES)
    if min(seed, index) < 0 or min(size) < 32:
        raise UsageError(
            f"cannot draw picture {index} of seed {seed}, size {size}; seeds count from 0, sizes "
            f"from 32 pixels",
            "--size 256",
        )
    check_pixels(*size, what="pictures of", hint="--size 512")
    series = 2 * seed + (split == "val")
    for attempt in range(_TRIES):
        found = _try(
            name,
            Stream(series, index, _SERIES[name], attempt),
            size,
            number=_number(index, split),
            level=level,
        )
        if found is not None:
            return found
    raise UsageError(
        f"no person of picture {index} can be seen at size {size}", "draw larger pictures"
    )


COCO_SIDE = 640  # of most of COCO's pictures the longer one


def area_unit(size: tuple[int, int], geometry: Geometry) -> float:
    """What COCO's bounds of small, medium and large areas are multiplied by for pictures of this
    size.

    Only people of wide geometry, of every share of the picture's height, are told apart so; others
    by COCO's px.
    """
    return (max(size) / COCO_SIDE) ** 2 if geometry == "wide" else 1.0


def _number(index: int, split: Split) -> int:
    """A picture's id: odd in training, even in validation, so that both may share a folder."""
    return 2 * index + (1 if split == "train" else 2)


def _layout(
    name: str,
    stream: Stream,
    size: tuple[int, int],
    *,
    horizon: float,
    number: int,
    geometry: Geometry,
) -> Layout:
    if name == "synthpose-crowd":
        return synth_layout.crowd(stream, size, CROWDPOSE, horizon=horizon, geometry=geometry)
    if name == "synthpose-mpii":
        return synth_layout.single(stream, size, geometry=geometry)
    if name == "synthpose-classes":
        return synth_layout.one_class(stream, size, label_of(number), geometry=geometry)
    return synth_layout.street(stream, size, horizon, geometry=geometry)


def label_of(number: int) -> int:
    """The class of the picture with this id: every class in turn."""
    return (number - 1) // 2 % len(wear.CLASSES)


def _try(
    name: str, stream: Stream, size: tuple[int, int], *, number: int, level: Level
) -> Picture | None:
    """The picture; None when the person meant cannot be seen."""
    full, plain = level.appearance == "full", level.appearance == "plain"
    bare = plain or (not full and name == "synthpose-classes")
    canvas, horizon = scenes.background(stream, size, plain=bare)
    if full:
        scenes.patterns(canvas, stream)
        scenes.false_limbs(canvas, stream)
    layout = _layout(name, stream, size, horizon=horizon, number=number, geometry=level.geometry)
    if plain and name != "synthpose-classes":
        layout = synth_layout.with_bibs(layout)
    palettes = cloth.fixed if plain else cloth.drawn
    crowd.paint(canvas, layout.crowd, stream, body=layout.body, flat=_FLAT, palettes=palettes)
    if full:
        scenes.foreground(canvas, stream)
    skeleton = FACES[name]
    seen = crowd.look(canvas, layout.crowd, skeleton if len(skeleton) else COCO)
    if not full and name == "synthpose-coco":
        seen.joints[:, :FACE] = 0
    main = -1
    if layout.main >= 0:
        main = int(np.searchsorted(seen.present, layout.main))
        if layout.main not in seen.present or not seen.joints[main].any():
            return None
    boxes = seen.boxes
    if name == "synthpose-crowd":
        boxes = synth_layout.full_boxes(layout.crowd, size)[seen.present]
    mask, file = crowd.loss_mask(seen.joints, seen.owners), _file(name, number)
    image = scenes.bare(canvas) if plain else scenes.photograph(canvas, stream, plain=bare)
    sample = Sample(image, seen.joints, mask, number, file)
    return Picture(formats.Labelled(sample, boxes, seen.areas, seen.owners), seen.head_boxes, main)


def _file(name: str, number: int) -> str:
    return {"synthpose-mpii": f"{number:09d}.jpg", "synthpose-crowd": f"{number}.jpg"}.get(
        name, f"{number:012d}.jpg"
    )


# of 300 people of the real validation part: the head box's diagonal is 0.2083 of 200 pixels x scale
# in all of them, and the centre lies by the middle of the joints, 0.033 x 200 pixels x scale
# higher, give or take 0.06
HEAD_SHARE = 0.2083333
_ABOVE = 0.033


def mpii_person(picture: Picture) -> dict[str, Any]:
    """The person meant, as MPII in HRNet's files has it with `head_box` x1, y1, x2, y2; pixels
    count from 1.

    Joints outside the picture are not labelled; hidden ones are, as real annotators did.
    """
    sample = picture.labelled.sample
    joints, box = sample.joints[picture.main], picture.head_boxes[picture.main]
    shown = joints[:, 2] > 0
    scale = round(float(np.sqrt(box[2] * box[2] + box[3] * box[3])) / HEAD_SHARE / UNIT, 6)
    middle = (joints[shown, :2].min(axis=0) + joints[shown, :2].max(axis=0)) / 2
    off = (Stream(sample.image_id, len(joints)).array(2) - 0.5) * 0.2  # annotators clicked near it
    x, y = np.floor(middle + UNIT * scale * (off - (0, _ABOVE)) + 1.5)
    low = np.round(box[:2] + 1, 4)
    high = np.round(box[:2] + box[2:] + 1, 4)
    return {
        "image": sample.file,
        "center": [float(x), float(y)],
        "scale": scale,
        "joints": np.where(shown[:, None], joints[:, :2] + 1, -1.0).tolist(),
        "joints_vis": shown.astype(int).tolist(),
        "head_box": [*low.tolist(), *high.tolist()],
    }


@functools.cache
def _scratch() -> Any:
    """A folder for ground truth that goes with the process."""
    return tempfile.TemporaryDirectory(prefix="synthpose-", ignore_cleanup_errors=True)


MANY = 2000  # pictures that are worth the start of other processes


class SynthPose:
    """`length` pictures of a face, made when asked for, with the interface of the reader of the
    same form.

    The samples are those a reader of the written files returns, but for the JPEG of the pictures
    (and polygons of masks). `annotations`, drawn when first asked for, is the file that scores are
    computed from. Raises UsageError for an unknown face, a negative length, or sizes below 32
    pixels.
    """

    def __init__(
        self,
        name: str,
        length: int,
        *,
        split: Split = "train",
        seed: int = 0,
        size: tuple[int, int] = (256, 256),
        level: Level = FULL,
    ) -> None:
        if name not in FACES:
            raise unknown("drawn data set", name, FACES)
        if length < 0 or min(size) < 32 or seed < 0:
            raise UsageError(
                f"cannot draw {length} pictures of size {size}, seed {seed}", "--size 256 --seed 0"
            )
        self.name, self.length, self.seed, self.size = name, length, seed, size
        self.split: Split = split
        self.level = level
        self.skeleton = FACES[name]
        self.classes = list(wear.CLASSES) if name == "synthpose-classes" else []

    def __len__(self) -> int:
        return self.length

    @property
    def image_ids(self) -> list[int]:
        """The ids of all pictures, in order."""
        return [_number(index, self.split) for index in range(self.length)]

    def picture(self, index: int) -> Picture:
        """The picture with boxes, areas, head boxes and everybody's joints."""
        if not -self.length <= index < self.length:
            raise IndexError(index)
        return draw(
            self.name,
            index % self.length,
            split=self.split,
            seed=self.seed,
            size=self.size,
            level=self.level,
        )

    def __getitem__(self, index: int) -> Sample:
        """As the reader of the form: everybody, the one person meant, or the class."""
        picture = self.picture(index)
        sample = picture.labelled.sample
        whole = np.ones(self.size, np.bool_)
        if self.skeleton == MPII:
            row = mpii_person(picture)
            person = mpii.person_of(row, index % self.length)
            return Sample(
                sample.image, mpii.joints_of(row), whole, sample.image_id, sample.file, person
            )
        if self.skeleton == NOBODY:
            label = label_of(sample.image_id)
            return Sample(
                sample.image, np.zeros((0, 0, 3)), whole, sample.image_id, sample.file, label=label
            )
        if self.skeleton == CROWDPOSE:  # which trains without masks
            return Sample(sample.image, sample.joints, whole, sample.image_id, sample.file)
        return sample

    @property
    def annotations(self) -> Path:
        """The ground truth as a file: COCO's JSON, MPII's gt_valid.mat, or a list of classes."""
        return self.sources[-1]

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file that decides what is right."""
        level = f"{self.level.appearance}-{self.level.geometry}"
        name = f"{self.name}-{self.split}-{self.length}-{self.seed}-{self.size[0]}x{self.size[1]}-{level}"
        folder = Path(_scratch().name, name)
        if not folder.is_dir():
            with whole_folder(folder) as part:
                self._write_truth(part)
        return tuple(sorted(folder.iterdir(), key=lambda path: path.suffix == ".mat"))

    def _write_truth(self, folder: Path) -> None:
        if self.skeleton == MPII:
            mpii.write_split(
                folder, MPII_FILES["val"][0], [mpii_person(one) for one in self.pictures()]
            )
        elif self.skeleton == NOBODY:
            labels = {_file(self.name, number): label_of(number) for number in self.image_ids}
            (folder / "classes.json").write_text(json.dumps(labels))
        else:
            labelled, unit = (
                (one.labelled for one in self.pictures()),
                area_unit(self.size, self.level.geometry),
            )
            formats.write_truth(
                folder / "annotations.json", labelled, skeleton=self.skeleton, unit=unit
            )

    def pictures(self) -> Iterator[Picture]:
        """All pictures in order; many are drawn by all cores, where this process may start
        others."""
        alone = current_process().daemon or threading.current_thread() != threading.main_thread()
        if self.length < MANY or alone:
            return map(self.picture, range(self.length))
        return in_order(self.picture, range(self.length), count=os.cpu_count() or 1)


# --- files ----------------------------------------------------------------------------------------


def make(
    name: str,
    out: Path,
    counts: Mapping[Split, int],
    *,
    seed: int = 0,
    size: tuple[int, int],
    level: Level = FULL,
) -> None:
    """Write `counts` pictures per split under `out` in the files and folders of the data set the
    face stands in for.

    Raises UsageError as `SynthPose` and for fewer classified pictures than classes, and as
    `files.whole_folder`; nothing is left of an interrupted run.
    """
    face = partial(SynthPose, name, seed=seed, size=size, level=level)
    sets = {split: face(count, split=split) for split, count in counts.items()}
    if name == "synthpose-mpii":
        _make_mpii(out, sets)
    elif name == "synthpose-classes":
        _make_classes(out, sets)
    else:
        splits = {
            str(split): (one.labelled for one in drawn.pictures()) for split, drawn in sets.items()
        }
        formats.write_coco(
            out,
            splits,
            skeleton=FACES[name],
            tree=TREES[DATA_SETS[name].tree],
            unit=area_unit(size, level.geometry),
        )


def _make_mpii(out: Path, sets: Mapping[Split, SynthPose]) -> None:
    """images/, annot/train.json, annot/valid.json and annot/gt_valid.mat."""
    with whole_folder(out) as part:
        (part / "images").mkdir()
        for split, drawn in sets.items():
            people = []
            for picture in drawn.pictures():
                sample = picture.labelled.sample
                formats.write_picture(part / "images" / sample.file, sample.image)
                people.append(mpii_person(picture))
            if people:
                mpii.write_split(part / "annot", MPII_FILES[split][0], people)


def _make_classes(out: Path, sets: Mapping[Split, SynthPose]) -> None:
    """SPLIT/CLASS/*.jpg; every class in every split, or labels would not agree between them."""
    least = len(wear.CLASSES)
    for split, drawn in sets.items():
        if 0 < len(drawn) < least:
            raise UsageError(
                f"{len(drawn)} {split} pictures cannot show {least} classes",
                f"--{split} {least} or more",
            )
    with whole_folder(out) as part:
        for split, drawn in sets.items():
            for picture in drawn.pictures():
                sample = picture.labelled.sample
                folder = part / split / wear.CLASSES[label_of(sample.image_id)]
                folder.mkdir(parents=True, exist_ok=True)
                formats.write_picture(folder / sample.file, sample.image)
