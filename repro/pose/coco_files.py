"""Reads COCO-format ground truth and predictions at the border, and checks every value that a score needs."""

import contextlib
import gc
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from repro.errors import MissingError
from repro.files import FAR, Number, read_bytes, read_json
from repro.limits import JSON_BYTES

Source = str | Path
Item = dict[str, Any]
Doubles = NDArray[np.float64]
Images = Sequence[int] | str | None  # which are scored: ids, "common", or all

TRUTH_HINT = "repro data check FOLDER"
PREDICTION_HINT = "repro score --help"

# CrowdPose gives no areas; its evaluator takes this part of the box (a constant of its code)
CROWDPOSE_BOX_SHARE = 0.53


@contextlib.contextmanager
def named(source: object) -> Iterator[None]:
    """Puts the file's name before the faults of its content."""
    try:
        yield
    except MissingError as fault:
        if not isinstance(source, (str, Path)) or str(source) in fault.message:
            raise
        raise MissingError(f"'{source}': {fault.message}", fault.hint) from fault


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for cyclic garbage: files hold millions of objects, no cycles, and it
    reads them all."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _fault(what: str, text: str, hint: str) -> MissingError:
    return MissingError(f"{what}: {text}", hint)


def _checked_items(items: Any, fields: Sequence[str], what: str, hint: str) -> list[Item]:
    """`items` if it is a list of objects that all have `fields`."""
    if not isinstance(items, list):
        raise _fault(f"{what}s", "expected a JSON list", hint)
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise _fault(f"{what} {index}", "expected a JSON object", hint)
        for field in fields:
            if field not in item:
                raise _fault(f"{what} {index}", f"has no '{field}'", hint)
    return items


def _numbers(items: list[Item], field: str, width: int, *, what: str, hint: str) -> Doubles:
    """Field values as (n, width), or (n,) when width is 0; every value must be a finite number."""
    rows = [item[field] for item in items]
    for index, row in enumerate(rows):
        if width and (not isinstance(row, (list, tuple, np.ndarray)) or len(row) != width):
            shown = (
                f"{len(row)} values"
                if isinstance(row, (list, tuple, np.ndarray))
                else repr(row)[:40]
            )
            detail = f" ({width // 3} joints x 3)" if field == "keypoints" else ""
            raise _fault(
                f"{what} {index}",
                f"'{field}' must hold {width} values{detail}, found {shown}",
                hint,
            )
    try:
        if not all(
            map(_is_number, set().union(*map(_types, rows) if width else [map(type, rows)]))
        ):
            raise TypeError
        values: Doubles = (
            np.array(rows, np.float64).reshape(-1, width) if width else np.array(rows, np.float64)
        )
    except (TypeError, ValueError, OverflowError):
        raise _fault(f"{what}s", f"'{field}' holds values that are not numbers", hint) from None
    if values.ndim != (2 if width else 1):
        raise _fault(f"{what}s", f"'{field}' holds values that are not numbers", hint)
    fine = np.abs(values) <= FAR  # NaN is not
    bad = np.flatnonzero(~(fine.all(1) if width else fine))
    if len(bad):
        raise _fault(
            f"{what} {bad[0]}", f"'{field}' holds a value that is not a finite number", hint
        )
    return values


def _types(row: Any) -> set[type]:
    return {row.dtype.type} if isinstance(row, np.ndarray) else set(map(type, row))


def _is_number(kind: type) -> bool:
    """Whether values of a type are numbers (true and false are not, nor are texts)."""
    return issubclass(kind, (int, float, np.integer, np.floating)) and kind is not bool


def _not_negative(values: Doubles, field: str, what: str, hint: str) -> None:
    bad = np.argwhere(values < 0)
    if len(bad):
        raise _fault(f"{what} {bad[0][0]}", f"'{field}' must not be negative", hint)


def _whole(items: list[Item], field: str, what: str, hint: str) -> list[int]:
    """Integer field values."""
    for index, item in enumerate(items):
        if isinstance(item[field], bool) or not isinstance(item[field], (int, np.integer)):
            shown = repr(item[field])[:40]
            raise _fault(
                f"{what} {index}", f"'{field}' must be a whole number, found {shown}", hint
            )
        if not -(2**63) <= item[field] < 2**63:
            raise _fault(f"{what} {index}", f"'{field}' is a whole number beyond 64 bits", hint)
    return [int(item[field]) for item in items]


def _unique(values: list[int], what: str, hint: str) -> None:
    if len(set(values)) != len(values):
        seen: set[int] = set()
        twice = next(value for value in values if value in seen or seen.add(value))  # type: ignore[func-returns-value]
        raise _fault(f"{what}s", f"id {twice} occurs more than once", hint)


@uncollected()
def load_truth(source: Source | Item, joints: int, *, crowdpose: bool = False) -> Item:
    """A checked copy of COCO-format ground truth, annotations numbered from 1.

    With `crowdpose` areas are 0.53 x box width x height and every image needs a crowdIndex. Drawn
    sets say by `area_unit` in their `info` what COCO's bounds of small and large are multiplied by.
    Raises MissingError for a missing or damaged file, a missing field, ids held twice and key
    points of another number of joints.
    """
    data = (
        read_json(source, "ground truth", hint=TRUTH_HINT)
        if isinstance(source, (str, Path))
        else source
    )
    if not isinstance(data, dict) or "images" not in data or "annotations" not in data:
        swapped = (
            "; it looks like predictions: are the two files swapped?"
            if isinstance(data, list) and data
            else ""
        )
        text = "the ground truth must be a JSON object with 'images' and 'annotations'"
        raise MissingError(text + swapped, TRUTH_HINT)
    image_fields = ("id", "crowdIndex") if crowdpose else ("id",)
    images = _checked_items(data["images"], image_fields, "ground-truth image", TRUTH_HINT)
    fields = ["id", "image_id", "category_id", "bbox", "keypoints", "num_keypoints"] + (
        [] if crowdpose else ["area"]
    )
    what = "annotation"
    annotations = _checked_items(data["annotations"], fields, what, TRUTH_HINT)
    image_ids = _whole(images, "id", "ground-truth image", TRUTH_HINT)
    _unique(image_ids, "ground-truth image", TRUTH_HINT)
    _unique(_whole(annotations, "id", what, TRUTH_HINT), what, TRUTH_HINT)
    owners = _whole(annotations, "image_id", what, TRUTH_HINT)
    image_set = set(image_ids)
    for index, owner in enumerate(owners):
        if owner not in image_set:
            raise _fault(
                f"{what} {index}", f"belongs to image {owner}, which is not listed", TRUTH_HINT
            )
    boxes = _numbers(annotations, "bbox", 4, what=what, hint=TRUTH_HINT)
    _not_negative(boxes[:, 2:], "bbox", what, TRUTH_HINT)
    _numbers(annotations, "keypoints", 3 * joints, what=what, hint=TRUTH_HINT)
    _numbers(annotations, "num_keypoints", 0, what=what, hint=TRUTH_HINT)
    own_categories = _whole(annotations, "category_id", what, TRUTH_HINT)
    crowds = [annotation.get("iscrowd", 0) for annotation in annotations]
    for index, crowd in enumerate(crowds):
        if crowd not in (0, 1):
            raise _fault(
                f"{what} {index}",
                f"'iscrowd' must be 0 or 1, found {str(crowd)[:40]!r}",
                TRUTH_HINT,
            )
    if crowdpose:
        _numbers(images, "crowdIndex", 0, what="ground-truth image", hint=TRUTH_HINT)
        areas = boxes[:, 2] * boxes[:, 3] * CROWDPOSE_BOX_SHARE
    else:
        areas = _numbers(annotations, "area", 0, what=what, hint=TRUTH_HINT)
        _not_negative(areas, "area", what, TRUTH_HINT)
    # the evaluators take id 0 for "no match"
    copies = [
        {
            **{field: annotation[field] for field in fields},
            "iscrowd": int(crowd),
            "id": index + 1,
            "area": area,
        }
        for index, (annotation, crowd, area) in enumerate(
            zip(annotations, crowds, areas.tolist(), strict=True)
        )
    ]
    categories = data.get("categories") or [
        {"id": category} for category in sorted(set(own_categories))
    ]
    _checked_items(categories, ("id",), "category", TRUTH_HINT)
    _whole(categories, "id", "category", TRUTH_HINT)
    listed = [{field: image[field] for field in image_fields} for image in images]
    info = {"area_unit": _area_unit(data.get("info"))}
    return {"images": listed, "annotations": copies, "categories": categories, "info": info}


def _area_unit(info: Any) -> float:
    """What COCO's bounds of areas are multiplied by; 1 where a file does not say."""
    unit = info.get("area_unit", 1.0) if isinstance(info, dict) else 1.0
    if not _is_number(type(unit)) or not 0 < unit <= FAR:
        raise _fault(
            "info", f"'area_unit' must be a number above 0, found {str(unit)[:40]!r}", TRUTH_HINT
        )
    return float(unit)


def read_predictions(source: Source | Sequence[Item]) -> Any:
    """The content of a predictions file, not checked yet; raises MissingError."""
    if not isinstance(source, (str, Path)):
        return source
    with uncollected():
        return read_json(source, "predictions", hint=PREDICTION_HINT)


def of_images(truth: Item, items: Any, images: Sequence[int] | str) -> tuple[Item, Any]:
    """What checked ground truth and predictions hold of the given images.

    images: ids, or "common" for the images that both have. Raises MissingError for an id that the
    ground truth lacks, and where nothing is left.
    """
    if not isinstance(items, list):
        return truth, items  # a fault, which is reported where the items are checked
    known_images = {image["id"] for image in truth["images"]}
    image_ids = [item.get("image_id") if isinstance(item, dict) else None for item in items]
    predicted = {image for image in image_ids if isinstance(image, int)}
    wanted = predicted & known_images if images == COMMON else set(images)
    strays = sorted(map(str, wanted - known_images))
    if strays or not wanted:
        text = (
            f"image {strays[0]} is not in the ground truth"
            if strays
            else "no image in common with the ground truth"
        )
        raise _fault(
            "images to score", text, "--images FILE: one image id a line; or --images common"
        )
    pairs = zip(items, image_ids, strict=True)
    chosen = [item for item, image in pairs if not isinstance(image, int) or image in wanted]
    left = {
        name: [entry for entry in truth[name] if entry[key] in wanted]
        for name, key in _OWNERS.items()
    }
    return {**truth, **left}, chosen


COMMON = "common"
_OWNERS = {"images": "id", "annotations": "image_id"}


class _Listed(TypedDict):
    id: Number


class _Listing(TypedDict):
    """A COCO file as a list of images."""

    images: list[_Listed]


def read_images(text: str) -> Sequence[int] | str:
    """What `--images` names: "common", or ids in a file: ids or picture names by line, JSON lists
    or COCO's. Raises MissingError."""
    if text == COMMON:
        return COMMON
    what, hint = "list of images", "--images FILE: one image id a line; or --images common"
    raw = read_bytes(text, what, most=JSON_BYTES, hint=hint).strip()
    if raw[:1] in (b"[", b"{"):
        content = read_json(text, what, hint=hint, kind=list[Number] | _Listing)
        return (
            content if isinstance(content, list) else [image["id"] for image in content["images"]]
        )
    matches = [
        re.search(r"(?<![0-9])[0-9]{1,18}$", word.partition(".")[0])
        for word in raw.decode(errors="replace").split()
    ]
    if not matches or not all(matches):
        raise MissingError(f"the {what} '{text}' holds what is no id of an image", hint)
    return [int(match[0]) for match in matches if match]


@uncollected()
def load_predictions(source: Source | Sequence[Item], truth: Item, joints: int) -> list[Item]:
    """Checked copies of predictions in COCO's results format, numbered from 1, with the area
    evaluators expect.

    The area is that of the box where all predictions have one, otherwise of the extent of the key
    points, as COCO's loader has it. Raises MissingError for a missing or damaged file and for
    content that does not fit.
    """
    data = read_predictions(source)
    if isinstance(data, dict) and "annotations" in data:
        swapped = "expected a JSON list, this looks like ground truth: are the two files swapped?"
        raise _fault("predictions", swapped, PREDICTION_HINT)
    what = "prediction"
    items = _checked_items(
        data, ("image_id", "category_id", "keypoints", "score"), what, PREDICTION_HINT
    )
    keypoints = _numbers(items, "keypoints", 3 * joints, what=what, hint=PREDICTION_HINT)
    scores = _numbers(items, "score", 0, what=what, hint=PREDICTION_HINT)
    _unique(
        _whole([item for item in items if "id" in item], "id", what, PREDICTION_HINT),
        what,
        PREDICTION_HINT,
    )
    known_ids = {
        field: {entry["id"] for entry in truth[group]} for field, group in _REFERENCES.items()
    }
    references = {field: _whole(items, field, what, PREDICTION_HINT) for field in known_ids}
    for field, values in references.items():
        for index, value in enumerate(values):
            if value not in known_ids[field]:
                name = field.removesuffix("_id")
                raise _fault(
                    f"{what} {index}", f"{name} {value} is not in the ground truth", PREDICTION_HINT
                )
    corners = keypoints.reshape(-1, joints, 3)[..., :2]
    boxes = (
        np.concatenate([corners.min(1), corners.max(1) - corners.min(1)], 1)
        if items
        else np.zeros((0, 4))
    )
    if items and all(item.get("bbox") is not None and len(item["bbox"]) for item in items):
        boxes = _numbers(items, "bbox", 4, what=what, hint=PREDICTION_HINT)
        _not_negative(boxes[:, 2:], "bbox", what, PREDICTION_HINT)
    columns = (
        references["image_id"],
        references["category_id"],
        list(keypoints),
        scores.tolist(),
        boxes.tolist(),
    )
    return [
        {
            "id": index + 1,
            "image_id": image,
            "category_id": category,
            "keypoints": points,
            "score": score,
            "bbox": box,
            "area": box[2] * box[3],
            "iscrowd": 0,
        }
        for index, (image, category, points, score, box) in enumerate(zip(*columns, strict=True))
    ]


_REFERENCES = {"image_id": "images", "category_id": "categories"}
