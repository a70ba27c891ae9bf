"""Runs one of three evaluators on checked COCO-format ground truth and predictions."""

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from repro.errors import MissingError, unknown
from repro.pose.coco_files import Doubles, Item, uncollected

ENGINES = ("faster", "pycocotools", "xtcocotools")
MOST = 20  # predictions per image that count


def repeated(predictions: Sequence[Item]) -> int:
    """How many of the checked predictions repeat another: the same key points in the same image."""
    distinct = {
        (entry["image_id"], entry["category_id"], entry["keypoints"].tobytes())
        for entry in predictions
    }
    return len(predictions) - len(distinct)


def _classes(engine: str) -> tuple[Any, Any]:
    """The data and evaluator classes of an engine."""
    try:
        if engine == "faster":
            from faster_coco_eval import COCO, COCOeval_faster

            return COCO, COCOeval_faster
        if engine == "pycocotools":
            from pycocotools.coco import COCO
            from pycocotools.cocoeval import COCOeval
        else:
            from xtcocotools.coco import COCO
            from xtcocotools.cocoeval import COCOeval
    except ImportError as fault:
        raise MissingError(
            f"the evaluator '{engine}' is not installed: {fault}", "make setup"
        ) from fault
    return COCO, COCOeval


def oks(people: Sequence[Item], keypoints: Doubles, sigmas: Doubles) -> Doubles:
    """Object key-point similarity (N, P) of predictions (N, 3K: x, y, anything) to P annotated
    people, COCO's formula.

    For a person without labelled joints the distances are those to a box three times as wide and
    high.
    """
    result = np.empty((len(keypoints), len(people)))
    x, y = keypoints[:, 0::3], keypoints[:, 1::3]
    for index, person in enumerate(people):
        points = np.asarray(person["keypoints"], np.float64)
        counted = points[2::3] > 0
        if counted.any():
            across, down = x - points[0::3], y - points[1::3]
        else:
            left, top, width, height = person["bbox"]
            across = np.maximum(0, left - width - x) + np.maximum(0, x - (left + width * 2))
            down = np.maximum(0, top - height - y) + np.maximum(0, y - (top + height * 2))
            counted = ~counted
        errors = (across**2 + down**2) / (sigmas * 2) ** 2 / (person["area"] + np.spacing(1)) / 2
        # rows in one piece: summed as the evaluators sum
        near = np.exp(-np.ascontiguousarray(errors[:, counted]))
        result[:, index] = near.sum(axis=1) / near.shape[1]
    return result


class Evaluator:
    """One of the three evaluators over checked ground truth and predictions; prints nothing."""

    def __init__(
        self,
        truth: Item,
        predictions: list[Item],
        sigmas: Sequence[float],
        *,
        engine: str,
        crowdpose: bool = False,
    ) -> None:
        if engine not in ENGINES:
            raise unknown("evaluator", engine, ENGINES)
        self.engine, self.sigmas = engine, np.array(sigmas)
        # xtcocotools reads num_keypoints only under this name
        self.task = "keypoints_crowd" if crowdpose and engine == "xtcocotools" else "keypoints"
        data, self._evaluator = _classes(engine)
        self.unit = truth["info"]["area_unit"]
        shared = {key: truth[key] for key in ("images", "categories")}
        with contextlib.redirect_stdout(io.StringIO()):
            self.sets = []
            for content in (truth, {**shared, "annotations": predictions}):
                self.sets.append(data())
                self.sets[-1].dataset = content
                self.sets[
                    -1
                    # xtcocotools wants the attribute, and reads it only in its summaries
                ].anno_file = []
                self.sets[-1].createIndex()
        self.index: list[dict[tuple[int, int], list[Item]]] = [{}, {}]
        for index, items in zip(self.index, (truth["annotations"], predictions), strict=True):
            for item in items:
                index.setdefault((item["image_id"], item["category_id"]), []).append(item)

    def similarities(self, image: int, category: int) -> Doubles | list[float]:
        """`oks` of the 20 best predictions of an image, best first; the engine's own sums row by
        row, and slowly."""
        people, predictions = (index.get((image, category), []) for index in self.index)
        if not people or not predictions:
            return []
        best = np.argsort([-item["score"] for item in predictions], kind="stable")[:MOST]
        return oks(
            people, np.array([predictions[place]["keypoints"] for place in best]), self.sigmas
        )

    @uncollected()
    def run(self, images: Sequence[int] | None = None) -> tuple[Doubles, Doubles]:
        """Precision (thresholds, recalls, categories, areas) and recall (thresholds, categories,
        areas).

        -1 where there is nothing to find. At most 20 detections per image; areas: all, medium,
        large.
        """
        options = {"sigmas": self.sigmas} if self.engine == "xtcocotools" else {}
        with contextlib.redirect_stdout(io.StringIO()):
            evaluator = self._evaluator(*self.sets, self.task, **options)
            evaluator.params.kpt_oks_sigmas = self.sigmas
            if images is not None:
                evaluator.params.imgIds = list(images)
            evaluator.params.areaRng = [
                [self.unit * area for area in bounds] for bounds in evaluator.params.areaRng
            ]
            if self.engine == "faster":
                evaluator.computeOks = self.similarities
            evaluator.evaluate()
            evaluator.accumulate()
        return np.asarray(evaluator.eval["precision"])[..., -1], np.asarray(
            evaluator.eval["recall"]
        )[..., -1]
