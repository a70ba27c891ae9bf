"""COCO scores of drawn predictions, against pycocotools as its users call it: load, evaluate,
accumulate, summarise."""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from repro.benchmarks.measure import agree, conditions, in_turn, ratio, single_thread, spread
from repro.grid import Grid
from repro.people.skeletons import COCO
from repro.pose.coco_eval import Evaluator
from repro.pose.coco_files import load_predictions, load_truth
from repro.pose.metrics import score_coco

IMAGES, DETECTIONS = 5000, 110_000
TOLERANCE = 1e-12
# pycocotools' order
_NAMES = (
    "AP",
    "AP50",
    "AP75",
    "APm",
    "APl",
    "AR",
    "AR50",
    "AR75",
    "ARm",
    "ARl",
)


def draw(folder: Path, *, images: int, detections: int, seed: int = 0) -> tuple[Path, Path]:
    """Write ground truth of 0 to 4 people an image and predictions near them, or anywhere where
    there is nobody."""
    rng = np.random.default_rng(seed)
    entries = [{"id": image + 1, "height": 480, "width": 640} for image in range(images)]
    annotations: list[dict[str, Any]] = []
    predictions: list[dict[str, Any]] = []
    shares = np.diff(np.linspace(0, detections, images + 1).astype(np.int64))
    for image, share in enumerate(shares.tolist(), start=1):
        people = [_person(rng) for _ in range(int(rng.integers(0, 5)))]
        annotations += [
            _annotation(len(annotations) + place, image, person)
            for place, person in enumerate(people, 1)
        ]
        nearest = people or [_person(rng)]
        for number in range(share):
            points = nearest[number % len(nearest)].copy()
            points[:, :2] += rng.normal(0, 1, (len(COCO), 2)) * rng.uniform(1, 30)
            keypoints = points.reshape(-1).round(3).tolist()
            predictions.append(
                {
                    "image_id": image,
                    "category_id": 1,
                    "keypoints": keypoints,
                    "score": float(rng.random()),
                }
            )
    truth = {
        "images": entries,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }
    paths = folder / "truth.json", folder / "predictions.json"
    for path, content in zip(paths, (truth, predictions), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")
    return paths


def _person(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(K, 3): joints anywhere in an upright box, visibility 0 to 2."""
    height = rng.uniform(30, 400)
    points = rng.uniform(0, (640, 480)) + rng.uniform(-0.5, 0.5, (len(COCO), 2)) * (
        0.4 * height,
        height,
    )
    return np.concatenate([points, rng.integers(0, 3, (len(COCO), 1))], axis=1)


def _annotation(
    number: int, image: int, person: np.ndarray[Any, np.dtype[np.float64]]
) -> dict[str, Any]:
    low, high = person[:, :2].min(axis=0), person[:, :2].max(axis=0)
    width, height = (high - low).tolist()
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [*low.tolist(), width, height],
        "area": 0.6 * width * height,
        "keypoints": person.reshape(-1).round(2).tolist(),
        "num_keypoints": int((person[:, 2] > 0).sum()),
    }


def load_both(truth: Path, predictions: Path) -> tuple[Any, Any]:
    """Ground truth and predictions as pycocotools loads them."""
    from pycocotools import coco

    with contextlib.redirect_stdout(io.StringIO()):
        data = coco.COCO(str(truth))
        return data, data.loadRes(str(predictions))


def _evaluate(sets: tuple[Any, Any]) -> list[float]:
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = COCOeval(*sets, "keypoints")
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return [float(value) for value in evaluator.stats]


def run(*, repeats: int = 3, images: int = IMAGES, detections: int = DETECTIONS) -> Grid:
    """Seconds of evaluation alone and of everything from the two files to the numbers.

    Raises CheckError when the numbers differ by more than 1e-12.
    """
    with single_thread(), tempfile.TemporaryDirectory() as folder:
        files = draw(Path(folder), images=images, detections=detections)
        ours = score_coco(*files)
        sets = load_both(*files)
        theirs = _evaluate(sets)
        difference = max(
            abs(ours[name] - value) for name, value in zip(_NAMES, theirs, strict=True)
        )
        agree("score", difference <= TOLERANCE)
        truth = load_truth(files[0], len(COCO))
        evaluator = Evaluator(
            truth, load_predictions(files[1], truth, len(COCO)), COCO.sigmas, engine="faster"
        )
        alone = in_turn(evaluator.run, lambda: _evaluate(sets), repeats=repeats)
        whole = in_turn(
            lambda: score_coco(*files), lambda: _evaluate(load_both(*files)), repeats=repeats
        )
    rows = tuple(
        (name, spread(theirs, 1), spread(ours, 1), ratio(theirs, ours), wanted)
        for name, (ours, theirs), wanted in (
            ("evaluation", alone, "4x"),
            ("files to numbers", whole, "2x"),
        )
    )
    notes = (
        f"the same ten numbers on both sides, largest difference {difference:.1g}",
        conditions(repeats, "1"),
    )
    title = f"COCO key-point scores, {images} images, {detections} predictions"
    return Grid(
        ("work", "pycocotools (s)", "ours (s)", "pycocotools / ours", "wanted"),
        rows,
        title=title,
        notes=notes,
    )
