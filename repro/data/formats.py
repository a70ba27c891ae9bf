"""Writing a data set in COCO's form: all of it, or nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from repro.data.datasets import TREES, Tree
from repro.errors import ReproError
from repro.files import whole_folder
from repro.people.sample import Sample
from repro.people.skeletons import CROWDPOSE, Skeleton

QUALITY = 92


@dataclass(frozen=True)
class Labelled:
    """A sample with what COCO's form adds: boxes (P, 4) x, y, width, height; areas (P,); owners (H,
    W) uint8, 1 + person where a person is seen.
    """

    sample: Sample
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    owners: NDArray[np.uint8]


def _polygons(seen: NDArray[np.bool_], box: NDArray[np.float64]) -> list[list[float]]:
    """Outlines of the seen pixels; the box when they are too thin for a polygon."""
    outlines, _ = cv2.findContours(
        seen.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    polygons = [[float(n) for n in outline.ravel()] for outline in outlines if len(outline) >= 3]
    x, y, width, height = (float(n) for n in box)
    return polygons or [[x, y, x + width, y, x + width, y + height, x, y + height]]


def _annotations(one: Labelled, first: int) -> list[dict[str, Any]]:
    rows = []
    for person, joints in enumerate(one.sample.joints):
        rows.append(
            {
                "id": first + person,
                "image_id": one.sample.image_id,
                "category_id": 1,
                "iscrowd": 0,
                "num_keypoints": int((joints[:, 2] > 0).sum()),
                "keypoints": [int(n) if n == int(n) else float(n) for n in joints.ravel()],
                "bbox": [float(n) for n in one.boxes[person]],
                "area": float(one.areas[person]),
                "segmentation": _polygons(one.owners == person + 1, one.boxes[person]),
            }
        )
    return rows


def crowd_index(one: Labelled) -> float:
    """CrowdPose's measure (Li et al. 2019, section 4.1): mean over people of others' joints in the
    box by own ones.

    People without joints do not count, and own joints count in and out of the box: both as in the
    data set's own numbers (0.33 and 0.39 of its pictures 106848 and 103319). One person's share is
    at most 1, as the numbers' range.
    """
    joints = one.sample.joints
    own = (joints[..., 2] > 0).sum(axis=1)
    low, high = (
        one.boxes[:, None, None, :2],
        one.boxes[:, None, None, :2] + one.boxes[:, None, None, 2:],
    )
    inside = ((joints[..., :2] >= low) & (joints[..., :2] <= high)).all(-1) & (joints[..., 2] > 0)
    counts = inside.sum(axis=-1)
    others = counts.sum(axis=1) - np.diagonal(counts)
    ratios = np.minimum(1, others[own > 0] / own[own > 0])
    return round(float(ratios.mean()), 2) if len(ratios) else 0.0


def _category(skeleton: Skeleton) -> dict[str, Any]:
    limbs = [[a + 1, b + 1] for a, b in skeleton.limbs]
    return {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": skeleton.joints,
        "skeleton": limbs,
    }


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """Write an RGB picture as JPEG."""
    # encoded in memory: imwrite would hide a full disk behind a False
    done, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise ReproError(f"cannot encode '{path.name}' as JPEG", "smaller pictures")
    path.write_bytes(data.tobytes())


def _write_split(
    root: Path,
    split: str,
    samples: Iterable[Labelled],
    *,
    skeleton: Skeleton,
    tree: Tree = TREES["synthetic"],
    unit: float = 1.0,
) -> None:
    folder, path = (root / place for place in tree.of(split)[0])
    folder.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)

    def kept() -> Iterator[Labelled]:
        for one in samples:
            write_picture(folder / one.sample.file, one.sample.image)
            yield one

    write_truth(path, kept(), skeleton=skeleton, unit=unit)


def write_truth(
    path: Path, samples: Iterable[Labelled], *, skeleton: Skeleton, unit: float = 1.0
) -> None:
    """The annotation file alone. unit: what COCO's bounds of small, medium and large people's areas
    are multiplied by, for pictures of another size than COCO's.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for one in samples:
        height, width = one.sample.image.shape[:2]
        image = {
            "id": one.sample.image_id,
            "file_name": one.sample.file,
            "height": height,
            "width": width,
        }
        images.append(
            image | ({"crowdIndex": crowd_index(one)} if skeleton.name == CROWDPOSE.name else {})
        )
        annotations += _annotations(one, len(annotations) + 1)
    content: dict[str, Any] = {
        "images": images,
        "annotations": annotations,
        "categories": [_category(skeleton)],
    }
    if unit != 1:
        content["info"] = {"area_unit": unit}
    path.write_text(json.dumps(content, separators=(",", ":")))


def write_coco(
    out: Path,
    splits: Mapping[str, Iterable[Labelled]],
    *,
    skeleton: Skeleton,
    tree: Tree = TREES["synthetic"],
    unit: float = 1.0,
) -> None:
    """Pictures and annotations under `out`, for every split, in the first place that `coco.locate`
    looks at.

    unit: as of `write_truth`. Raises as `whole_folder`; an interrupted run leaves nothing.
    """
    with whole_folder(out) as part:
        for split, samples in splits.items():
            _write_split(part, split, samples, skeleton=skeleton, tree=tree, unit=unit)
