"""Packs predictions for COCO's test-dev server, which holds the ground truth: checked here, scored
there.

Rules of the COCO evaluation server: person_keypoints_test-dev2017_NAME_results.json, a JSON list,
in a zip of the same stem without folders; picture ids are those of image_info_test-dev2017.json.
"""

import io
import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.console import track
from repro.data.datasets import TEST_DEV_IMAGES
from repro.errors import MissingError, ReproError, UsageError
from repro.files import MISFITS, read_json, write_atomically

PERSON = 1
NUMBERS = 51  # 17 joints x (x, y, score)
LIMIT = 20  # detections per picture the server looks at
FIELDS = ("image_id", "category_id", "keypoints", "score")
HINT = "write predictions with: repro evaluate MODEL --predictions FILE"
INFO_HINT = "repro data fetch coco-test-dev gets image_info_test-dev2017.json"
LONG_AGO = (2017, 1, 1, 0, 0, 0)  # same predictions, same bytes


@dataclass(frozen=True)
class Checked:
    """Predictions as the server wants them, their number of pictures, and what is unusual about
    them."""

    items: list[dict[str, Any]]
    images: int
    warnings: tuple[str, ...]


def check(predictions: Path, image_info: Path | None = None) -> Checked:
    """The predictions of a file, reduced to the fields the server reads.

    Raises MissingError when a file is absent or damaged, ReproError for content the server would
    refuse.
    """
    content = read_json(predictions, "predictions", hint=HINT)
    if not isinstance(content, list):
        raise _refused(predictions, f"the server wants a JSON list, this is {_kind(content)}")
    if not content:
        raise _refused(predictions, "the list is empty")
    known = None if image_info is None else _test_ids(image_info)
    for number, item in enumerate(track(content, "checking predictions")):
        text = _fault(item, known)
        if text:
            raise _refused(predictions, f"prediction {number}{_owner(item)} {text}")
    counts = Counter(item["image_id"] for item in content)
    items = [{field: item[field] for field in FIELDS} for item in content]
    return Checked(items, len(counts), tuple(_warnings(counts, known)))


def _refused(path: Path, text: str) -> ReproError:
    return ReproError(f"'{path}' cannot be submitted: {text}", HINT)


def _kind(content: object) -> str:
    return {dict: "an object", str: "a text", type(None): "null"}.get(
        type(content), "a single value"
    )


def _owner(item: object) -> str:
    return (
        f" (image {item['image_id']})" if isinstance(item, Mapping) and "image_id" in item else ""
    )


def _test_ids(path: Path) -> set[int]:
    content = read_json(path, "list of test pictures", hint=INFO_HINT)
    try:
        return {int(one["id"]) for one in content["images"]}
    except MISFITS:
        raise MissingError(f"'{path}' has no list of images with ids", INFO_HINT) from None


def _fault(item: object, known: set[int] | None) -> str:
    """What is wrong with a prediction, "" when nothing is."""
    if not isinstance(item, dict):
        return "is no JSON object"
    absent = [field for field in FIELDS if field not in item]
    if absent:
        return f"has no {' and no '.join(absent)}"
    image, points = item["image_id"], item["keypoints"]
    if type(image) is not int:
        return f"has the image_id {image!r}, not a whole number"
    if known is not None and image not in known:
        return "is of an image that is not in test-dev2017"
    if type(item["category_id"]) is not int or item["category_id"] != PERSON:
        return f"has category_id {item['category_id']!r}, a person is {PERSON}"
    if not isinstance(points, list) or len(points) != NUMBERS:
        found = len(points) if isinstance(points, list) else repr(points)
        return f"has {found} keypoints numbers, the server wants {NUMBERS}"
    if not _finite(points):
        return "has keypoints that are not finite numbers"
    return (
        "" if _finite([item["score"]]) else f"has the score {item['score']!r}, not a finite number"
    )


def _finite(values: list[Any]) -> bool:
    try:
        return set(map(type, values)) <= {int, float} and all(map(math.isfinite, values))
    except OverflowError:  # a whole number beyond any float
        return False


def _warnings(counts: Mapping[int, int], known: set[int] | None) -> list[str]:
    found = []
    crowded = sum(number > LIMIT for number in counts.values())
    if crowded:
        found.append(
            f"{crowded} images have more than {LIMIT} predictions; the server keeps the {LIMIT} "
            f"best"
        )
    if known is None:
        found.append("image ids are not checked; give --image-info image_info_test-dev2017.json")
        return found
    if len(known) != TEST_DEV_IMAGES:
        found.append(f"--image-info lists {len(known)} images, test-dev2017 has {TEST_DEV_IMAGES}")
    if len(counts) < len(known):
        found.append(f"{len(known) - len(counts)} of {len(known)} images have no prediction")
    return found


def stem(name: str) -> str:
    """Name, without ending, of the zip and of the file in it; raises UsageError for a name unfit
    for a file."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise UsageError(
            f"'{name}' cannot be the submission's name", "letters, digits, '.', '-' and '_' only"
        )
    return f"person_keypoints_test-dev2017_{name}_results"


def pack(checked: Checked, name: str, out: Path) -> Path:
    """Write the zip into the folder `out`, whole or not at all, and return its path.

    Raises ReproError when it cannot be written, UsageError for an unfit name.
    """
    inner = zipfile.ZipInfo(f"{stem(name)}.json", LONG_AGO)
    inner.compress_type = zipfile.ZIP_DEFLATED
    inner.external_attr = 0o644 << 16
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(inner, json.dumps(checked.items, separators=(",", ":"), allow_nan=False))
    path = out / f"{stem(name)}.zip"
    write_atomically(path, memory.getvalue())
    return path
