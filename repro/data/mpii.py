"""MPII in the HRNet code base's files: one JSON list of people per split, gt_valid.mat, a folder of
pictures.

Rules of the HRNet code base. The files count pixels from 1; samples count from 0. A person's square
has its centre 15 x scale pixels below the annotated one and a side of 200 pixels x scale.
"""

import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec
import numpy as np
from numpy.typing import NDArray

from repro import limits
from repro.data.coco import CHECK, Split, read_image
from repro.data.datasets import MPII_FILES
from repro.data.datasets import MPII_TRUTH as TRUTH
from repro.data.transforms import UNIT
from repro.errors import MissingError, ReproError, UsageError
from repro.files import FAR, MISFITS, Finite, read_bytes, read_json, typed, write_together
from repro.people.sample import Person, Sample
from repro.people.skeletons import MPII, Skeleton
from repro.processes import in_order

LOWER = 15  # pixels per unit of scale, downward: HRNet's code keeps the feet in the square so
OFFICIAL = "mpii_human_pose_v1_u12_1.mat"
# SciPy's own holds the time of writing
MAT_HEADER = b"MATLAB 5.0 MAT-file, written by repro".ljust(116)
OFFICIAL_HINT = f"it is {OFFICIAL} of MPII's own page"


def image_number(file: str) -> int | str:
    """The whole number at the end of a file's stem, by which results name the picture; else the
    file's name."""
    digits = re.search(r"(?<![0-9])[0-9]{1,18}$", Path(file).stem)
    return int(digits[0]) if digits else Path(file).name


@dataclass(frozen=True)
class Files:
    """Where one split lies: pictures, people, and the ground truth of the scores (training has
    none)."""

    images: Path
    people: Path
    truth: Path


def locate(folder: Path, split: Split) -> Files:
    """The files of a split below `folder` or its folder 'mpii'; raises MissingError with the
    expected tree."""
    for base in (folder / "mpii", folder):
        for name in MPII_FILES[split]:
            for images, annotations in ((base / "images", base / "annot"), (base, base)):
                if os.path.isdir(images) and os.path.isfile(annotations / f"{name}.json"):
                    return Files(images, annotations / f"{name}.json", annotations / TRUTH)
    wanted = f"annot/{MPII_FILES[split][0]}.json, annot/{TRUTH} and images/"
    raise MissingError(
        f"no mpii {split} data in '{folder}'; expected, there or in its folder 'mpii': {wanted}",
        "unpack the data set there, or name another folder with --data DIR or REPRO_DATA",
    )


class AnnotatedPerson(TypedDict):
    """An entry of HRNet's files; pixels count from 1, scale in 200 pixels."""

    image: str
    center: tuple[Finite, Finite]
    scale: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    joints: Annotated[
        list[tuple[Finite, Finite]], msgspec.Meta(min_length=len(MPII), max_length=len(MPII))
    ]
    joints_vis: Annotated[list[Finite], msgspec.Meta(min_length=len(MPII), max_length=len(MPII))]


def read_people(path: Path) -> list[dict[str, Any]]:
    """The people of a JSON list with image, center, scale, joints (16, 2) and joints_vis (16);
    raises MissingError."""
    content = read_json(path, "annotations", hint=CHECK)
    if not isinstance(content, list) or not content:
        raise MissingError(f"the annotations '{path}' are no list of people", CHECK)
    for number, one in enumerate(content):
        where = f"person {number} of '{path}' lacks image, center, scale, joints or joints_vis"
        typed(one, AnnotatedPerson, where, hint=CHECK)
    return content


def person_of(one: Mapping[str, Any], number: int) -> Person:
    """Centre and box of an annotated person, counted from 0."""
    x, y = one["center"]
    side = UNIT * one["scale"]
    return Person((x - 1, y + LOWER * one["scale"] - 1), (side, side), number=number)


def joints_of(one: Mapping[str, Any]) -> NDArray[np.float64]:
    """(1, 16, 3): x, y counted from 0, visibility 2 or 0."""
    seen = np.asarray(one["joints_vis"], np.float64)[:, None] > 0
    points = np.where(seen, np.asarray(one["joints"], np.float64) - 1, 0.0)
    return np.concatenate([points, 2.0 * seen], axis=1)[None]


class MpiiPeople:
    """One split as a sequence of samples of one person each; usable as a torch map-style data set.

    present_only: leave out people whose picture is not there (`absent` counts them), as in a
    cut-down folder. Raises MissingError for damaged files: the annotations when created, a picture
    when it is asked for.
    """

    skeleton: Skeleton = MPII

    def __init__(self, files: Files, *, present_only: bool = False) -> None:
        self.images = files.images
        self.annotations = files.truth
        self.sources = (files.people, files.truth)
        self.people = read_people(files.people)
        self._kept = list(range(len(self.people)))
        if present_only:
            there = {
                name
                for name in {one["image"] for one in self.people}
                if os.path.isfile(self.images / name)
            }
            self._kept = [number for number in self._kept if self.people[number]["image"] in there]
        self.absent = len(self.people) - len(self._kept)
        if not self._kept:
            raise MissingError(
                f"none of the pictures of '{files.people}' is in '{self.images}'", CHECK
            )

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Sample:
        """The picture and the one person meant."""
        number = self._kept[index]
        one = self.people[number]
        image = read_image(self.images / one["image"])
        found = image_number(one["image"])
        image_id = found if isinstance(found, int) else number
        mask = np.ones(image.shape[:2], np.bool_)
        return Sample(image, joints_of(one), mask, image_id, one["image"], person_of(one, number))


# --- from the official file -----------------------------------------------------------------------


@dataclass(frozen=True)
class Converted:
    """People in the HRNet layout with `head_box` (x1, y1, x2, y2) added, and what of the official
    file is not in them.

    lost: how many people and joints were left out, by reason.
    """

    people: list[dict[str, Any]]
    lost: Mapping[str, int]


def convert(path: Path) -> Converted:
    """The training people of MPII's own file (mpii_human_pose_v1_u12_1.mat), which holds no joints
    of the test set.

    Raises MissingError for a file that is absent, damaged, of another kind or without such people.
    """
    release = _release(path)
    lost: Counter[str] = Counter()
    try:
        people = _people(release, lost)
    except MISFITS as fault:
        raise MissingError(
            f"'{path}' is not in the form of MPII's release: {fault}", OFFICIAL_HINT
        ) from None
    if not people:
        raise MissingError(f"'{path}' has no training person with joints", OFFICIAL_HINT)
    return Converted(people, dict(lost))


def _people(release: Any, lost: Counter[str]) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = []
    for picture, training in zip(
        _all(release.annolist), np.atleast_1d(release.img_train), strict=True
    ):
        if training:
            name = picture.image.name
            if not isinstance(name, str) or not re.fullmatch(r"[^/\x00-\x1f]{1,255}", name):
                raise ValueError(f"{name!r:.60} is no file name of a picture")
            people += [one for rect in _all(picture.annorect) for one in _person(name, rect, lost)]
    return people


def _release(path: Path) -> Any:
    from scipy.io import loadmat

    if not os.path.lexists(path):
        raise MissingError(f"no file '{path}'", OFFICIAL_HINT)
    raw = read_bytes(path, "annotations", most=limits.TABLE_BYTES, hint=OFFICIAL_HINT)
    try:
        content = loadmat(
            io.BytesIO(raw), struct_as_record=False, squeeze_me=True, variable_names=["RELEASE"]
        )
    except MemoryError:
        raise
    except Exception as fault:  # damaged files raise nearly anything
        raise MissingError(
            f"'{path}' is damaged, not a MATLAB file: {fault}", "download it again"
        ) from None
    if not hasattr(content.get("RELEASE"), "annolist"):
        raise MissingError(f"'{path}' has no RELEASE.annolist", OFFICIAL_HINT)
    return content["RELEASE"]


def _number(value: Any) -> float:
    found = np.asarray(value)
    if found.dtype.kind not in "iuf" or found.size != 1 or not abs(found.item()) <= FAR:
        raise ValueError(f"{str(value)!r:.60} is no number")
    return float(found.item())


def _all(value: Any) -> list[Any]:
    return [one for one in np.atleast_1d(np.asarray(value, object)) if hasattr(one, "_fieldnames")]


def _person(name: str, rect: Any, lost: Counter[str]) -> Iterator[dict[str, Any]]:
    points = _all(getattr(getattr(rect, "annopoints", None), "point", []))
    where: Any = getattr(rect, "objpos", None)
    if not points:
        lost["people without joints"] += 1
        return
    if not hasattr(where, "x") or not np.size(getattr(rect, "scale", [])):
        lost["people without place or scale"] += 1
        lost["joints of people without place or scale"] += len(points)
        return
    joints, seen = [[-1.0, -1.0] for _ in MPII.joints], [0] * len(MPII)
    for point in points:
        number = int(_number(point.id))
        if not 0 <= number < len(MPII) or not (np.size(point.x) and np.size(point.y)):
            lost["joints without a number or a place"] += 1
        elif seen[number]:
            lost["joints given twice"] += 1
        else:
            joints[number], seen[number] = [_number(point.x), _number(point.y)], 1
    yield {
        "image": name,
        "center": [_number(where.x), _number(where.y)],
        "scale": _number(rect.scale),
        "joints": joints,
        "joints_vis": seen,
        "head_box": [_number(getattr(rect, side)) for side in ("x1", "y1", "x2", "y2")],
    }


def lost_joints(
    full: Sequence[Mapping[str, Any]], cut: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Joints, by name, that people of `full` have and the same people of `cut` lack; people pair by
    picture, centre.

    The HRNet files lack some joints of the official one.
    """
    known = {_identity(one): one for one in full}
    lost: Counter[str] = Counter()
    for one in cut:
        other = known.get(_identity(one))
        if other is not None:
            pairs = zip(MPII.joints, other["joints_vis"], one["joints_vis"], strict=True)
            lost.update(name for name, had, has in pairs if had and not has)
    return dict(lost)


def _identity(one: Mapping[str, Any]) -> tuple[str, int, int]:
    return one["image"], round(one["center"][0]), round(one["center"][1])


def write_split(folder: Path, name: str, people: Sequence[Mapping[str, Any]]) -> None:
    """`folder`/NAME.json and, for NAME "valid", gt_valid.mat from the people's head boxes; all or
    none.

    Same people, same bytes. Raises ReproError where they cannot be written.
    """
    write_together(dict(_split_files(folder, name, people)))


def _split_files(
    folder: Path, name: str, people: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Path, bytes]]:
    from scipy.io import savemat

    plain = [{key: value for key, value in one.items() if key != "head_box"} for one in people]
    yield folder / f"{name}.json", json.dumps(plain, separators=(",", ":")).encode()
    if name == MPII_FILES["val"][0]:
        boxes = np.array([one["head_box"] for one in people], np.float64).reshape(-1, 2, 2)
        content = {
            "pos_gt_src": np.array([one["joints"] for one in people], np.float64).transpose(
                1, 2, 0
            ),
            "headboxes_src": boxes.transpose(1, 2, 0),
            "jnt_missing": 1 - np.array([one["joints_vis"] for one in people], np.uint8).T,
        }
        memory = io.BytesIO()
        savemat(memory, content)
        yield folder / TRUTH, MAT_HEADER + memory.getvalue()[len(MAT_HEADER) :]


def _validating(path: Path) -> tuple[set[str], list[dict[str, Any]]]:
    """Names of the validation pictures, and the people of the file where it is HRNet's."""
    if path.suffix == ".json":
        people = read_people(path)
        return {one["image"] for one in people}, people
    hint = "a text file of picture names, or HRNet's valid.json"
    raw = read_bytes(path, "names of pictures", most=limits.TABLE_BYTES, hint=hint)
    try:
        return set(raw.decode().split()), []
    except UnicodeDecodeError:
        raise MissingError(f"the names of pictures '{path}' are no text in UTF-8", hint) from None


def _converted_apart(path: Path) -> Converted:
    """`convert` in a process of its own, which a file nested deep enough may end: SciPy follows it
    with the stack."""
    try:
        with closing(in_order(convert, [path], count=1)) as found:
            return next(found)
    except MissingError:
        raise
    except ReproError as fault:
        raise MissingError(
            f"'{path}' cannot be read as MATLAB's: {fault.message}", OFFICIAL_HINT
        ) from None


def convert_files(path: Path, out: Path, valid: Path | None = None) -> list[str]:
    """Write the training people of MPII's own file as the HRNet code base's files into `out`; says
    what came of it.

    valid: the pictures that validate, which MPII's file does not tell: a text file of their names,
    or HRNet's valid.json, whose joints are then compared. With it train.json, valid.json and
    gt_valid.mat, else trainval.json. Raises UsageError when a file is there already, MissingError
    for files that are absent or of another kind.
    """
    for file in ("train.json", "valid.json", TRUTH) if valid else ("trainval.json",):
        if os.path.lexists(out / file):
            raise UsageError(f"'{out / file}' is there already", "name another folder with --out")
    listed, cut = _validating(valid) if valid else (set[str](), [])
    found = _converted_apart(path)
    parts = {"trainval": found.people}
    if valid:
        parts = {
            "train": [one for one in found.people if one["image"] not in listed],
            "valid": [one for one in found.people if one["image"] in listed],
        }
    if not all(parts.values()):
        raise MissingError(
            f"'{valid}' names all or none of the pictures of '{path}'",
            "name the validation pictures",
        )
    write_together(
        dict(one for name, people in parts.items() for one in _split_files(out, name, people))
    )
    told = [f"{out / f'{name}.json'}: {len(people)} people" for name, people in parts.items()]
    told += [f"left out: {number} {reason}" for reason, number in found.lost.items()]
    missing = lost_joints(found.people, cut)
    if missing:
        told.append(
            f"joints '{valid}' lacks: "
            + ", ".join(f"{joint} {number}" for joint, number in missing.items())
        )
    return told
