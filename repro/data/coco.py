"""COCO key-point files (`person_keypoints_*.json`, any number of joints) and their pictures.

Rules of the HigherHRNet code base: training uses every picture with any person annotation, also
crowd-only ones; people kept are those that are no crowd, or have key points; the loss mask leaves
out crowd regions and people without key points.
"""

import io
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Required, TypedDict

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from repro import limits
from repro.data.datasets import TREES, Tree
from repro.data.datasets import Split as Split
from repro.errors import MissingError, unknown
from repro.files import MISFITS, Finite, Number, converted, read_bytes, read_json, typed
from repro.people.sample import Sample
from repro.people.skeletons import Skeleton

CHECK = "check the files with: repro data check FOLDER"


def locate(data_dir: Path, dataset: str, split: str) -> tuple[Path, Path]:
    """The folder of pictures and the annotation file of one split; `dataset` names one of
    `datasets.TREES`.

    A single `person_keypoints.json` beside its pictures serves every split. Raises UsageError for
    an unknown data set and MissingError, with the expected tree, when nothing fits.
    """
    if dataset not in TREES:
        raise unknown("data set", dataset, TREES)
    tree = TREES[dataset]
    for base in (*(data_dir / folder for folder in tree.folders), data_dir):
        for images, annotations in tree.of(split):
            if os.path.isdir(base / images) and os.path.isfile(base / annotations):
                return base / images, base / annotations
    ways = " or ".join(f"{annotations} with {images}/" for images, annotations in tree.of(split))
    raise MissingError(
        f"no {dataset} {split} data in '{data_dir}'; expected, there or in its folder "
        f"'{tree.folders[0]}': {ways}",
        _advice(tree, data_dir),
    )


def _advice(tree: Tree, data_dir: Path) -> str:
    if tree.drawn:
        return f"draw it with: repro data make {tree.drawn} --out {data_dir / tree.folders[0]}"
    return "unpack the data set there, or name another folder with --data DIR or REPRO_DATA"


def read_annotations(path: Path) -> dict[str, Any]:
    """The parsed file; MissingError when it is absent, unreadable, half-written or of another
    kind."""
    content = read_json(path, "annotations", hint=CHECK)
    if isinstance(content, dict) and "image_info" in path.name:  # COCO's lists of test pictures
        content.setdefault("annotations", [])
    lacking = [key for key in ("images", "annotations") if not isinstance(_get(content, key), list)]
    if lacking:
        raise MissingError(
            f"the annotations '{path}' have no list of {' nor of '.join(lacking)}", CHECK
        )
    return content  # type: ignore[no-any-return]


class Picture(TypedDict, total=False):
    """What is read of an entry of a COCO file's `images`."""

    id: Required[Number]
    file_name: Required[str]
    height: Finite | None
    width: Finite | None


class Annotation(TypedDict, total=False):
    """What is read of an entry of `annotations`; a segmentation is checked where it is drawn."""

    image_id: Required[Number]
    category_id: Number
    iscrowd: Finite | bool
    num_keypoints: Finite
    keypoints: list[Finite] | None
    bbox: list[Finite]
    area: Finite


class Category(TypedDict, total=False):
    """What is read of an entry of `categories`."""

    id: Required[Number]
    name: str


class CocoFile(TypedDict, total=False):
    """What is read of a COCO key-point file."""

    images: Required[list[Picture]]
    annotations: Required[list[Annotation]]
    categories: list[Category]


def check_content(content: Mapping[str, Any], path: Path) -> None:
    """Raise MissingError, naming the place, where an entry of a parsed file is of another type than
    COCO's."""
    typed(content, CocoFile, f"'{path}' is not a COCO key-point file", hint=CHECK)


def _get(content: object, key: str) -> object:
    return content.get(key) if isinstance(content, Mapping) else None


def _jpeg_complete(data: bytes) -> bool:
    """Whether the end marker follows the scan; thumbnails in the header segments have one of their
    own."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        if data[place + 1] == 0xDA:
            return data.find(b"\xff\xd9", place) >= 0
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _complete(data: bytes) -> bool:
    """False for a JPEG or PNG cut short, which the decoder would fill with grey."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg_complete(data)
    return b"IEND" in data[-64:] if data.startswith(b"\x89PNG") else True


def read_image(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB.

    Grey, CMYK, transparent and 16-bit pictures are converted to 8-bit RGB (transparency is
    dropped); the orientation tag is ignored. Raises MissingError when the file is absent, cut short
    or no picture.
    """
    if os.path.isdir(path):
        raise MissingError(
            f"'{path}' is a folder, not a picture", f"name the pictures in it: {path}/*.jpg"
        )
    data = read_bytes(path, "picture", most=limits.PICTURE_BYTES, hint=CHECK)
    if not data or not _complete(data):
        raise MissingError(
            f"the picture '{path}' is cut short ({len(data)} bytes)", "copy or download it again"
        )
    height, width = _announced(data)
    limits.check_pixels(
        height, width, what=f"the picture '{path}', height x width", kind=MissingError
    )
    try:
        decoded = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:  # a header that asks for an impossible size
        decoded = None
    if decoded is None:
        raise MissingError(
            f"the file '{path}' cannot be decoded as a picture", "copy or download it again"
        )
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def _announced(data: bytes) -> tuple[int, int]:
    """Height and width by the picture's header, before anything is decoded; (0, 0) for forms that
    Pillow lacks."""
    from PIL import Image, UnidentifiedImageError

    its_own, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # ours is told with the size
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd headers
            with Image.open(io.BytesIO(data)) as picture:
                return picture.height, picture.width
    except (UnidentifiedImageError, OSError, *MISFITS, SyntaxError, EOFError):
        return 0, 0
    finally:
        Image.MAX_IMAGE_PIXELS = its_own


@dataclass
class _Entry:
    """One picture of the file: its people and the regions where the loss does not count."""

    file: str
    image_id: int
    size: tuple[int, int] | None
    people: list[list[float]] = field(default_factory=list)
    regions: list[Any] = field(default_factory=list)
    persons: int = 0


def _size(image: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = image.get("height"), image.get("width")
    return (int(height), int(width)) if height and width else None


def person_categories(content: Mapping[str, Any]) -> set[int] | None:
    """Ids of the category 'person'; None, all annotations count, when the file names no
    categories."""
    found = {
        one["id"] for one in content.get("categories", ()) if one.get("name", "person") == "person"
    }
    return found or None


def _add(entry: _Entry, annotation: Mapping[str, Any], skeleton: Skeleton) -> None:
    crowd, shape = bool(annotation.get("iscrowd")), annotation.get("segmentation")
    keypoints = annotation.get("keypoints") or [0] * (3 * len(skeleton))
    if len(keypoints) != 3 * len(skeleton):
        raise MissingError(
            f"annotation {annotation.get('id')} has {len(keypoints)} key-point numbers, "
            f"skeleton '{skeleton.name}' needs {3 * len(skeleton)} ({len(skeleton)} joints)",
            "name the data set the annotations belong to",
        )
    labelled = annotation.get("num_keypoints", sum(v > 0 for v in keypoints[2::3]))
    entry.persons += 1
    if not crowd or labelled:
        entry.people.append(keypoints)
    if (crowd or not labelled) and shape:
        entry.regions.append(shape)


def _entries(content: Mapping[str, Any], path: Path, skeleton: Skeleton) -> Iterator[_Entry]:
    """Every picture of the file, in the order of the file."""
    images = content["images"]
    entries = {one["id"]: _Entry(one["file_name"], one["id"], _size(one)) for one in images}
    wanted = person_categories(content)
    for annotation in content["annotations"]:
        if wanted is not None and annotation.get("category_id") not in wanted:
            continue
        entry = entries.get(annotation["image_id"])
        if entry is None:
            raise MissingError(
                f"annotation {annotation.get('id')} names picture {annotation['image_id']}, "
                f"which '{path}' does not list",
                CHECK,
            )
        _add(entry, annotation, skeleton)
    yield from entries.values()


_Runs = list[Annotated[int, msgspec.Meta(ge=0, le=limits.PICTURE_PIXELS)]]
_Outlines = list[
    Annotated[list[Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]], msgspec.Meta(min_length=4)]
]


def _check_region(shape: Any, size: tuple[int, int]) -> None:
    """Raise ValueError for a segmentation that pycocotools would follow beyond the picture, and the
    process with it."""
    if not isinstance(shape, Mapping):
        converted(shape, _Outlines)
        return
    if list(shape.get("size", ())) != list(size):
        raise ValueError(f"its size is {str(shape.get('size'))[:40]}, the picture's {list(size)}")
    if (
        not isinstance(shape.get("counts"), str)
        and sum(converted(shape.get("counts"), _Runs)) > size[0] * size[1]
    ):
        raise ValueError("its runs are longer than the picture")


def _region(shape: Any, height: int, width: int) -> NDArray[np.bool_]:
    """(H, W) bool, True inside a COCO segmentation: polygons, counts or compressed run lengths."""
    from pycocotools import mask  # level 4 may load it, but only pictures with regions need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pycocotools 2.0.11 under NumPy 2
        if isinstance(shape, Mapping) and not isinstance(shape["counts"], list):
            return np.asarray(mask.decode(shape), np.bool_)
        runs = mask.frPyObjects(shape, height, width)
        return np.asarray(
            mask.decode(mask.merge(runs) if isinstance(runs, list) else runs), np.bool_
        )


class CocoKeypoints:
    """One split as a sequence of `Sample`; usable as a torch map-style data set.

    images: folder of pictures; annotations: a person_keypoints JSON file. split "train" holds the
    pictures with any person annotation, "val" every picture of the file. use_masks=False counts the
    loss everywhere, as CrowdPose's training does. Raises MissingError for damaged files: the
    annotations when created, a picture when it is asked for.
    """

    def __init__(
        self,
        images: Path,
        annotations: Path,
        *,
        skeleton: Skeleton,
        split: Split = "train",
        use_masks: bool = True,
    ) -> None:
        self.images = Path(images)
        self.annotations = Path(annotations)
        self.skeleton = skeleton
        self.use_masks = use_masks
        content = read_annotations(self.annotations)
        try:
            entries = list(_entries(content, self.annotations, skeleton))
        except MISFITS as fault:
            raise MissingError(
                f"'{annotations}' is not a COCO key-point file: {fault!r}", CHECK
            ) from None
        check_content(content, self.annotations)
        self._entries = [one for one in entries if split == "val" or one.persons]

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def image_ids(self) -> list[int]:
        """The ids of all pictures, in order."""
        return [one.image_id for one in self._entries]

    def __getitem__(self, index: int) -> Sample:
        """The picture, its people (P, K, 3) and its loss mask."""
        entry = self._entries[index]
        image = read_image(self.images / entry.file)
        size = image.shape[0], image.shape[1]
        if entry.size not in (None, size):
            raise MissingError(
                f"the picture '{self.images / entry.file}' is {size[0]} x {size[1]} (height x "
                f"width), "
                f"its annotation says {entry.size}",
                "pictures and annotations belong to different copies",
            )
        joints = np.asarray(entry.people, np.float64).reshape(-1, len(self.skeleton), 3)
        return Sample(image, joints, self._mask(entry, size), entry.image_id, entry.file)

    def _mask(self, entry: _Entry, size: tuple[int, int]) -> NDArray[np.bool_]:
        kept = np.ones(size, np.bool_)
        for shape in entry.regions if self.use_masks else ():
            kept &= ~self._decode(shape, entry, size)
        return kept

    def _decode(self, shape: Any, entry: _Entry, size: tuple[int, int]) -> NDArray[np.bool_]:
        try:
            _check_region(shape, size)
            region = _region(shape, *size)
        except Exception as fault:  # the C code raises plain Exception and TypeError
            raise MissingError(
                f"'{self.annotations}': a segmentation of picture {entry.image_id} is damaged: "
                f"{fault}",
                CHECK,
            ) from None
        if region.shape != size:
            raise MissingError(
                f"'{self.annotations}': a crowd region of picture {entry.image_id} has another "
                f"size",
                CHECK,
            )
        return region
