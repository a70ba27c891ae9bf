"""Scores of predictions against ground truth: OKS average precision (COCO, CrowdPose) and PCKh
(MPII).

AP and AR are fractions, -1 where the ground truth holds nothing of the kind; PCKh is in percent.
Sources: the COCO key-point evaluation; the CrowdPose evaluator (Li et al. 2019; its code cuts crowd
indices at 0.2 and 0.8 where the paper says 0.1 and 0.8); Andriluka et al. 2014 for PCKh.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, NotRequired, TypedDict

import msgspec
import numpy as np
from numpy.typing import NDArray

from repro import limits
from repro.arrays import not_finite, numbers, read_hdf5, read_mat, read_npy
from repro.console import talk
from repro.errors import MissingError, UsageError, unknown
from repro.files import Finite, Number, read_bytes, read_json, typed
from repro.people.skeletons import COCO, CROWDPOSE, MPII, Skeleton
from repro.pose.coco_eval import Evaluator, repeated
from repro.pose.coco_files import (
    PREDICTION_HINT,
    Doubles,
    Images,
    Item,
    Source,
    load_predictions,
    load_truth,
    named,
    of_images,
    read_predictions,
    uncollected,
)

_LOG = logging.getLogger(__name__)

CROWD_CUTS = (0.2, 0.8)
CROWD_RULE = (
    "CrowdPose: easy, medium, hard cut at crowd index 0.2 and 0.8 as its evaluator's code, not its "
    "paper, has it"
)
DATASETS = ("coco", "crowdpose", "mpii")

# MPII joints of each part of the usual table; pelvis (6) and thorax (7) are in no part and in no
# mean
MPII_PARTS = {
    "head": (9,),
    "shoulder": (12, 13),
    "elbow": (11, 14),
    "wrist": (10, 15),
    "hip": (2, 3),
    "knee": (1, 4),
    "ankle": (0, 5),
}
MPII_SCORED = (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15)
MPII_HINT = (
    "MPII's ground truth is gt_valid.mat; repro data convert-mpii makes it from MPII's own file"
)
OFF_BY_ONE = 3.0  # points of PCKh@0.1 that make one pixel suspicious
HEAD_SHARE = 0.6  # of the head box's diagonal, the MPII definition of head size


def _mean(values: Doubles) -> float:
    """Mean of the cells that exist (not -1); -1 when there is none."""
    existing = values[values > -1]
    return float(existing.mean()) if existing.size else -1.0


def _summary(precision: Doubles, recall: Doubles) -> dict[str, float]:
    """AP, AP50, AP75 and AR, AR50, AR75 over all areas; thresholds are 0.50, 0.55, ..., 0.95."""
    levels = {"": slice(None), "50": slice(0, 1), "75": slice(5, 6)}
    measures = (("AP", precision), ("AR", recall))
    return {
        name + level: _mean(cells[pick, ..., 0])
        for name, cells in measures
        for level, pick in levels.items()
    }


@uncollected()
def _evaluator(
    annotations: Source | Item,
    predictions: Source | Sequence[Item],
    skeleton: Skeleton,
    *,
    engine: str,
    images: Images = None,
) -> tuple[Evaluator, Item]:
    crowdpose = skeleton.name == CROWDPOSE.name
    with named(annotations):
        truth = load_truth(annotations, len(skeleton), crowdpose=crowdpose)
    with named(predictions):
        items = read_predictions(predictions)
        if images is not None:
            truth, items = of_images(truth, items, images)
        checked = load_predictions(items, truth, len(skeleton))
    if not checked:
        _LOG.warning("no predictions: AP is 0")
    if again := repeated(checked):
        text = "%d of %d predictions repeat another of the same image; they count as false"
        _LOG.warning(text, again, len(checked))
    return Evaluator(truth, checked, skeleton.sigmas, engine=engine, crowdpose=crowdpose), truth


def score_coco(
    annotations: Source | Item,
    predictions: Source | Sequence[Item],
    *,
    engine: str = "faster",
    skeleton: Skeleton = COCO,
    images: Images = None,
) -> dict[str, float]:
    """AP, AP50, AP75, AR, AR50, AR75 and, for medium and large people, APm, APl, ARm, ARl
    (fractions).

    annotations: a COCO key-point file, or its content; predictions: a file in COCO's results
    format, or its list. engine: faster, pycocotools or xtcocotools, which agree, but that
    xtcocotools leaves out detections whose key points are all zero. skeleton: gives number and
    sigmas of the joints. images: only these ids, or "common": those that have predictions; their
    number then stands in the result, as `images`. Raises MissingError for missing or damaged files,
    also for predictions that do not fit the ground truth.
    """
    evaluator, truth = _evaluator(annotations, predictions, skeleton, engine=engine, images=images)
    precision, recall = evaluator.run()
    areas = {"m": 1, "l": 2}
    sized = {
        name + area: _mean(cells[..., index])
        for name, cells in (("AP", precision), ("AR", recall))
        for area, index in areas.items()
    }
    return _counted(images, truth) | _summary(precision, recall) | sized


def _counted(images: Images, truth: Item) -> dict[str, float]:
    """The number of images where not all are scored."""
    return {} if images is None else {"images": len(truth["images"])}


def score_crowdpose(
    annotations: Source | Item,
    predictions: Source | Sequence[Item],
    *,
    engine: str = "faster",
    images: Images = None,
) -> dict[str, float]:
    """AP, AP50, AP75, AR, AR50, AR75 and AP_easy, AP_medium, AP_hard by the images' crowd index
    (fractions).

    OKS takes 0.53 x box width x height for the area. The last three follow the CrowdPose evaluator:
    plain means of the precision table (its -1 cells included), rounded to 4 digits, -1 for a level
    without images; their cuts are told on stderr. Errors: `score_coco`.
    """
    evaluator, truth = _evaluator(annotations, predictions, CROWDPOSE, engine=engine, images=images)
    talk(CROWD_RULE)
    result = _counted(images, truth) | _summary(*evaluator.run())
    indices = np.array([image["crowdIndex"] for image in truth["images"]], np.float64)
    levels = np.digitize(indices, CROWD_CUTS)
    for level, name in enumerate(("easy", "medium", "hard")):
        pairs = zip(truth["images"], levels, strict=True)
        chosen = [image["id"] for image, image_level in pairs if image_level == level]
        precision = evaluator.run(chosen)[0][..., 0] if chosen else np.empty(0)
        result[f"AP_{name}"] = round(float(precision.mean()), 4) if precision.size else -1.0
    return result


def _read_points(source: Source | NDArray[Any] | Sequence[Any]) -> tuple[Doubles, list[int] | None]:
    """MPII predictions (N, 16, 2) from .mat or .h5 (`preds`), .npy, .json, or an array, and whose
    they are.

    A JSON file holds a list, an object with `preds`, or what `repro evaluate` writes: one entry per
    person with its key points and its number; only there the people may be some of all.
    """
    values, people = (
        _file_points(Path(source)) if isinstance(source, (str, Path)) else (source, None)
    )
    points = numbers(values, "predictions hold", hint=PREDICTION_HINT)
    if points.ndim != 3 or points.shape[1] != len(MPII) or points.shape[2] not in (2, 3):
        raise MissingError(
            f"predictions must be (people, {len(MPII)}, 2), found {points.shape}", PREDICTION_HINT
        )
    return points[..., :2], people


def _file_points(path: Path) -> tuple[Any, list[int] | None]:
    suffix, what, hint = path.suffix.lower(), "predictions", PREDICTION_HINT
    if suffix == ".mat":
        return read_mat(path, ("preds",), what, other="pos_gt_src", hint=hint)["preds"], None
    if suffix == ".npy":
        return read_npy(path, what, hint=hint), None
    if suffix in (".h5", ".hdf5"):
        raw = read_bytes(path, what, most=limits.TABLE_BYTES, hint=hint)
        return read_hdf5(raw, "preds", f"the {what} '{path}'", hint=hint), None
    if suffix == ".json":
        content = read_json(path, what, hint=hint)
        if isinstance(content, dict):
            content = content.get("preds")
        if isinstance(content, list) and content and isinstance(content[0], dict):
            return _entry_points(content)
        return typed(content, list[list[list[Finite]]], what, hint=hint), None
    raise MissingError(f"predictions '{path}': expected .mat, .npy or .json, or .h5", hint)


class _PersonEntry(TypedDict):
    """One person of what `repro evaluate --predictions` writes for MPII, by number from 0; offset:
    to add to pixels."""

    person: Number
    offset: NotRequired[Finite]
    keypoints: Annotated[
        list[Finite], msgspec.Meta(min_length=3 * len(MPII), max_length=3 * len(MPII))
    ]


def _entry_points(content: list[Any]) -> tuple[Doubles, list[int]]:
    entries = typed(content, list[_PersonEntry], "predictions", hint=PREDICTION_HINT)
    points = np.array([entry["keypoints"] for entry in entries]).reshape(-1, len(MPII), 3)
    points[..., :2] += np.array([entry.get("offset", 0.0) for entry in entries])[:, None, None]
    return points, [entry["person"] for entry in entries]


def pckh(errors: Doubles, labelled: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    """PCKh in percent of each part, and its mean over the 14 scored joints and over all their
    points.

    errors: (N, 16) distances in head sizes; labelled: (N, 16). -1 for a part without labelled
    points.
    """
    counts = labelled.sum(0)
    hits = ((errors <= threshold) & labelled).sum(0)
    share = np.where(counts > 0, 100.0 * hits / np.maximum(counts, 1), -1.0)
    scored = list(MPII_SCORED)
    points = counts[scored].sum()
    return {
        **{name: _mean(share[list(joints)]) for name, joints in MPII_PARTS.items()},
        "mean_over_joints": _mean(share[scored]),
        "mean_over_points": float(100.0 * hits[scored].sum() / points) if points else -1.0,
    }


def _check_numbers(people: Sequence[int], count: int) -> None:
    if len(set(people)) != len(people) or not all(0 <= number < count for number in people):
        raise UsageError(f"people must be different numbers below {count}", PREDICTION_HINT)


class MpiiTruth(NamedTuple):
    """Joints (N, 16, 2) in px counted from 1, labelled (N, 16), head sizes (N,) in px: 0.6 of the
    box's diagonal."""

    points: Doubles
    labelled: NDArray[np.bool_]
    heads: Doubles

    def of(self, people: Sequence[int]) -> "MpiiTruth":
        """That of some people, by number from 0; raises UsageError."""
        _check_numbers(people, len(self.heads))
        chosen = list(people)
        return MpiiTruth(self.points[chosen], self.labelled[chosen], self.heads[chosen])


def mpii_truth(annotations: Source) -> MpiiTruth:
    """The content of gt_valid.mat; raises MissingError for a missing or damaged file."""
    path = Path(annotations)
    fields = ("pos_gt_src", "headboxes_src", "jnt_missing")
    truth = read_mat(path, fields, "ground truth", other="preds", hint=MPII_HINT)
    points, boxes, missing = (
        numbers(truth[name], f"'{path}': {name} holds", hint=MPII_HINT) for name in fields
    )
    count, joints = missing.shape[-1] if missing.ndim else 0, len(MPII)
    if (points.shape, boxes.shape, missing.shape) != (
        (joints, 2, count),
        (2, 2, count),
        (joints, count),
    ):
        raise MissingError(
            f"the ground truth '{path}' is not in the layout of gt_valid.mat", MPII_HINT
        )
    for name, bad in (
        ("jnt_missing", ~np.isin(missing, (0, 1))),
        ("pos_gt_src", not_finite(points) & (missing == 0)[:, None]),
        ("headboxes_src", not_finite(boxes)),
    ):
        if bad.any():
            person = int(np.argwhere(bad)[0][-1])
            raise MissingError(
                f"the ground truth '{path}': {name} of person {person} holds no finite number",
                MPII_HINT,
            )
    heads = HEAD_SHARE * np.linalg.norm(boxes[1] - boxes[0], axis=0)
    return MpiiTruth(points.transpose(2, 0, 1), missing.T == 0, heads)


def score_mpii(
    annotations: Source,
    predictions: Source | NDArray[Any] | Sequence[Any],
    *,
    thresholds: Sequence[float] = (0.5, 0.1, 0.11),
    offset: float = 0.0,
    people: Sequence[int] | None = None,
) -> dict[str, dict[str, float]]:
    """PCKh in percent: per threshold, as `PCKh@0.5`, the parts and two means of `pckh`.

    annotations: gt_valid.mat in the layout of the HRNet code base; predictions: (N, 16, 2) in MPII
    joint order as .mat, .h5, .npy, .json or array, of all people or of those numbered in `people`,
    or what `repro evaluate` writes of all or some. `offset` is added to the predictions: MPII
    counts from 1, so 0-based ones need 1. What several code bases print as PCKh@0.1 is the value at
    0.11. Raises MissingError for missing or damaged files, UsageError for predictions that do not
    fit.
    """
    truth = mpii_truth(annotations)
    with named(predictions):
        points, numbered = _read_points(predictions)
    if people is None and numbered is not None:
        people = numbered
        if len(numbered) < len(truth.heads):
            talk(f"{len(numbered)} of {len(truth.heads)} people have a prediction and are scored")
    if people is not None:
        truth = truth.of(people)
    if len(points) != len(truth.heads):
        raise MissingError(
            f"{len(points)} predictions for {len(truth.heads)} people", PREDICTION_HINT
        )
    if not_finite(points).any():
        index = int(np.flatnonzero(not_finite(points).any((1, 2)))[0])
        raise MissingError(
            f"prediction {index} holds a value that is not a finite number", PREDICTION_HINT
        )
    if not np.isfinite(offset):
        raise UsageError(
            f"the offset is {offset}, but must be a number of pixels",
            "--offset 1 for 0-based predictions",
        )
    errors = {
        shift: _in_heads(points + offset + shift - truth.points, truth.heads)
        for shift in (0, 1, -1, 2, -2)
    }
    _warn_if_off_by_one(errors, truth.labelled, offset)
    return {
        f"PCKh@{threshold:g}": pckh(errors[0], truth.labelled, threshold)
        for threshold in thresholds
    }


def _in_heads(distance: Doubles, head: Doubles) -> Doubles:
    """Lengths of (N, 16, 2) in head sizes; a person without a head box is a miss."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.linalg.norm(distance, axis=2) / head[:, None])


def _warn_if_off_by_one(
    errors: dict[int, Doubles], counted: NDArray[np.bool_], offset: float
) -> None:
    """Files that count pixels from 0 or 1 are easily mixed up; at PCKh@0.1 one pixel shows.

    Where two pixels are better still, the network is off, not the count: nothing is said.
    """
    scores = {
        shift: pckh(values, counted, 0.1)["mean_over_points"] for shift, values in errors.items()
    }
    better = max((1, -1), key=lambda shift: scores[shift])
    if scores[better] > scores[0] + OFF_BY_ONE and scores[better] >= scores[2 * better]:
        gain = scores[better] - scores[0]
        _LOG.warning(
            "PCKh@0.1 is %.1f points higher with --offset %g: does the file count pixels from 0?",
            gain,
            offset + better,
        )


def score(dataset: str, annotations: Any, predictions: Any, **options: Any) -> dict[str, Any]:
    """Scores of `predictions` on a data set's ground truth; `options` as of score_coco,
    score_crowdpose, score_mpii.

    dataset: coco or crowdpose (COCO-format files or their content; AP and AR as fractions), or mpii
    (gt_valid.mat and predicted points; PCKh in percent). Raises UsageError for another name.
    """
    if dataset == "coco":
        return score_coco(annotations, predictions, **options)
    if dataset == "crowdpose":
        return score_crowdpose(annotations, predictions, **options)
    if dataset == "mpii":
        return score_mpii(annotations, predictions, **options)
    raise unknown("data set", dataset, DATASETS)
