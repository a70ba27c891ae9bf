"""People of COCO-format files one at a time, by the boxes of the annotations or of a detector's
file.

Rules of the HRNet code base: crowds and people without key points are left out; a box is
cut at the picture's edges.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Required, TypedDict

import numpy as np

from repro.console import talk
from repro.data.coco import CHECK, check_content, person_categories, read_annotations, read_image
from repro.data.mpii import image_number
from repro.errors import MissingError, UsageError
from repro.files import MISFITS, Finite, Number, read_json
from repro.people.sample import Person, Sample
from repro.people.skeletons import Skeleton

PERSON = 1  # COCO's category
MOST = 1e6  # pixels: no picture is larger


class Detection(TypedDict, total=False):
    """An entry of a detector's results file; bbox: x, y, width, height."""

    image_id: Required[Number]
    bbox: Required[tuple[Finite, Finite, Finite, Finite]]
    score: Finite
    category_id: Number


def read_detections(path: Path) -> list[tuple[int, Detection]]:
    """The boxes of people in a COCO results file with their places in it, those without an area
    left out.

    Raises MissingError.
    """
    hint = (
        "a COCO results file: a list of image_id, category_id, bbox (x, y, width, height) and score"
    )
    found: list[Detection] = read_json(path, "boxes", hint=hint, kind=list[Detection])
    people = [
        (place, one) for place, one in enumerate(found) if one.get("category_id", PERSON) == PERSON
    ]
    kept = [(place, one) for place, one in people if min(one["bbox"][2:]) > 0]
    if len(kept) < len(people):
        talk(
            f"{len(people) - len(kept)} of {len(people)} boxes of '{path}' have no area and are "
            f"left out"
        )
    return kept


class CocoPeople:
    """One split as a sequence of samples of one person each; usable as a torch map-style data set.

    boxes: a detector's results file (image_id, bbox, score); without it the boxes of the
    annotations. Raises MissingError for damaged files: annotations and boxes when created, a
    picture when it is asked for.
    """

    def __init__(
        self, images: Path, annotations: Path, *, skeleton: Skeleton, boxes: Path | None = None
    ) -> None:
        self.images = Path(images)
        self.annotations = Path(annotations)
        self.sources = (self.annotations, *([boxes] if boxes else []))
        self.skeleton = skeleton
        content = read_annotations(self.annotations)
        check_content(content, self.annotations)
        self._pictures: dict[int, Mapping[str, Any]] = {one["id"]: one for one in content["images"]}
        try:
            self._people = self._annotated(content) if boxes is None else self._detected(boxes)
        except MISFITS as fault:
            raise MissingError(
                f"'{boxes or annotations}' lacks boxes or key points: {fault!r}", CHECK
            ) from None
        self._last: tuple[int, Any] = (-1, None)

    def _annotated(self, content: Mapping[str, Any]) -> list[tuple[int, Person, Any]]:
        wanted, found = person_categories(content), []
        places = {one["id"]: place for place, one in enumerate(content["images"])}
        for number, one in enumerate(
            sorted(content["annotations"], key=lambda one: places[one["image_id"]])
        ):
            if one.get("iscrowd") or (wanted is not None and one["category_id"] not in wanted):
                continue
            joints = np.asarray(one.get("keypoints") or [0] * 3 * len(self.skeleton), np.float64)
            if joints.size != 3 * len(self.skeleton):
                raise ValueError(f"{joints.size} key-point numbers for {len(self.skeleton)} joints")
            box = self._cut(one["bbox"], one["image_id"])
            if joints.max() > 0 and box is not None:
                found.append(
                    (one["image_id"], person_in(box, number=number), joints.reshape(1, -1, 3))
                )
        return found

    def _detected(self, path: Path) -> list[tuple[int, Person, Any]]:
        empty = np.zeros((0, len(self.skeleton), 3))
        return [
            (one["image_id"], person_in(one["bbox"], score=one["score"], number=number), empty)
            for number, one in read_detections(path)
            if one["image_id"] in self._pictures
        ]

    def _cut(self, box: Any, image_id: int) -> tuple[float, ...] | None:
        """The box inside the picture, None when nothing is left."""
        picture = self._pictures[image_id]
        x, y, width, height = (float(value) for value in box)
        left, top = max(0.0, x), max(0.0, y)
        right = min(picture["width"] - 1, left + max(0.0, width - 1))
        bottom = min(picture["height"] - 1, top + max(0.0, height - 1))
        return (
            (left, top, right - left, bottom - top)
            if right >= left and bottom >= top and width * height
            else None
        )

    def __len__(self) -> int:
        return len(self._people)

    @property
    def image_ids(self) -> list[int]:
        """The picture of every person, in order."""
        return [image_id for image_id, _, _ in self._people]

    def __getitem__(self, index: int) -> Sample:
        """The picture and the one person meant; a detector's box comes without joints."""
        image_id, person, joints = self._people[index]
        file = self._pictures[image_id]["file_name"]
        if self._last[0] != image_id:  # the people of a picture follow each other
            self._last = (image_id, read_image(self.images / file))
        image = self._last[1]
        return Sample(image, joints, np.ones(image.shape[:2], np.bool_), image_id, file, person)


def person_in(box: Sequence[float], *, score: float = 1.0, number: int = 0) -> Person:
    """Who is in a box (x, y, width, height)."""
    x, y, width, height = (float(value) for value in box)
    return Person((x + width / 2, y + height / 2), (width, height), score, number)


def people_of(
    images: Sequence[Path], box: Sequence[float] | None = None, boxes: Path | None = None
) -> dict[Path, list[Person]]:
    """Who is meant in each picture: the person in one box (x, y, width, height), those of a
    detector's file, or nobody.

    Raises UsageError for what is no box, MissingError for a file that has none for one of the
    pictures.
    """
    if box and (
        boxes or not all(map(math.isfinite, box)) or min(box[2:]) <= 0 or max(map(abs, box)) > MOST
    ):
        text = " ".join(f"{one:g}" for one in box)
        raise UsageError(
            f"--box {text} is no box of a picture, or not the only one",
            "--box X Y WIDTH HEIGHT, in px",
        )
    if box or not boxes:
        return {path: [person_in(box)] if box else [] for path in images}
    found: dict[int | str, list[Person]] = {}
    for number, one in read_detections(boxes):
        found.setdefault(one["image_id"], []).append(
            person_in(one["bbox"], score=one.get("score", 1.0), number=number)
        )
    people = {path: found.get(image_number(path.name), []) for path in images}
    for path, own in people.items():
        if not own:
            raise MissingError(
                f"'{boxes}' has no box for '{path}'",
                "image_id is the number at the end of its name",
            )
    return people
