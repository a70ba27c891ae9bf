"""Scores of predictions against ground truth: OKS average precision (COCO, CrowdPose) and PCKh (MPII).

AP and AR are fractions, -1 where the ground truth holds nothing of the kind; PCKh is in percent. Sources: the COCO
key-point evaluation; the CrowdPose evaluator (Li et al. 2019; its code cuts crowd indices at 0.2 and 0.8 where the
paper says 0.1 and 0.8); Andriluka et al. 2014 for PCKh.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repro.console import talk
from repro.errors import MissingError, UsageError, unknown
from repro.pose.scoring import (
    PREDICTION_HINT,
    TRUTH_HINT,
    Doubles,
    Evaluator,
    Item,
    Source,
    load_predictions,
    load_truth,
    named,
    read_json,
    repeated,
)
from repro.pose.skeletons import COCO, CROWDPOSE, MPII, Skeleton

_LOG = logging.getLogger(__name__)

CROWD_CUTS = (0.2, 0.8)
CROWD_RULE = (
    "CrowdPose: easy, medium, hard cut at crowd index 0.2 and 0.8 as its evaluator's code, not its paper, has it"
)
DATASETS = ("coco", "crowdpose", "mpii")

# MPII joints of each part of the usual table; pelvis (6) and thorax (7) are in no part and in no mean
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
OFF_BY_ONE = 3.0  # points of PCKh@0.1 that make one pixel suspicious
HEAD_SHARE = 0.6  # of the head box's diagonal, the MPII definition of head size


def _mean(values: Doubles) -> float:
    """Mean of the cells that exist (not -1); -1 when there is none."""
    kept = values[values > -1]
    return float(kept.mean()) if kept.size else -1.0


def _summary(precision: Doubles, recall: Doubles) -> dict[str, float]:
    """AP, AP50, AP75 and AR, AR50, AR75 over all areas; thresholds are 0.50, 0.55, ..., 0.95."""
    levels = {"": slice(None), "50": slice(0, 1), "75": slice(5, 6)}
    parts = (("AP", precision), ("AR", recall))
    return {name + level: _mean(cells[pick, ..., 0]) for name, cells in parts for level, pick in levels.items()}


def _evaluator(
    annotations: Source | Item, predictions: Source | Sequence[Item], skeleton: Skeleton, *, engine: str
) -> tuple[Evaluator, Item]:
    crowdpose = skeleton.name == CROWDPOSE.name
    with named(annotations):
        truth = load_truth(annotations, len(skeleton), crowdpose=crowdpose)
    with named(predictions):
        found = load_predictions(predictions, truth, len(skeleton))
    if not found:
        _LOG.warning("no predictions: AP is 0")
    if again := repeated(found):
        _LOG.warning("%d of %d predictions repeat another of the same image; they count as false", again, len(found))
    return Evaluator(truth, found, skeleton.sigmas, engine=engine, crowdpose=crowdpose), truth


def score_coco(
    annotations: Source | Item,
    predictions: Source | Sequence[Item],
    *,
    engine: str = "faster",
    skeleton: Skeleton = COCO,
) -> dict[str, float]:
    """AP, AP50, AP75, AR, AR50, AR75 and, for medium and large people, APm, APl, ARm, ARl (fractions).

    annotations: a COCO key-point file, or its content; predictions: a file in COCO's results format, or its list.
    engine: faster, pycocotools or xtcocotools, which agree. skeleton: gives number and sigmas of the joints.
    Raises MissingError for missing or damaged files, also for predictions that do not fit the ground truth.
    """
    evaluator, _ = _evaluator(annotations, predictions, skeleton, engine=engine)
    precision, recall = evaluator.run()
    areas = {"m": 1, "l": 2}
    sized = {
        name + area: _mean(cells[..., index])
        for name, cells in (("AP", precision), ("AR", recall))
        for area, index in areas.items()
    }
    return _summary(precision, recall) | sized


def score_crowdpose(
    annotations: Source | Item, predictions: Source | Sequence[Item], *, engine: str = "faster"
) -> dict[str, float]:
    """AP, AP50, AP75, AR, AR50, AR75 and AP_easy, AP_medium, AP_hard by the images' crowd index (fractions).

    OKS takes 0.53 x box width x height for the area. The last three follow the CrowdPose evaluator: plain means of the
    precision table (its -1 cells included), rounded to 4 digits, -1 for a level without images; their cuts are told on
    stderr. Errors: `score_coco`.
    """
    evaluator, truth = _evaluator(annotations, predictions, CROWDPOSE, engine=engine)
    talk(CROWD_RULE)
    result = _summary(*evaluator.run())
    indices = np.array([image["crowdIndex"] for image in truth["images"]], np.float64)
    levels = np.digitize(indices, CROWD_CUTS)
    for level, name in enumerate(("easy", "medium", "hard")):
        images = [image["id"] for image, own in zip(truth["images"], levels, strict=True) if own == level]
        precision = evaluator.run(images)[0][..., 0] if images else np.empty(0)
        result[f"AP_{name}"] = round(float(precision.mean()), 4) if precision.size else -1.0
    return result


def _read_mat(path: Path, what: str, fields: Sequence[str], *, hint: str) -> dict[str, Any]:
    from scipy.io import loadmat

    if not path.is_file():
        raise MissingError(f"cannot read the {what} '{path}': no such file", hint)
    try:
        content: dict[str, Any] = loadmat(str(path))
    except Exception as fault:  # damaged files raise nearly anything
        raise MissingError(f"the {what} '{path}' is damaged, not a MATLAB file: {fault}", hint) from fault
    missing = [field for field in fields if field not in content]
    if missing:
        raise MissingError(f"the {what} '{path}' has no '{missing[0]}'", hint)
    return content


def _read_points(source: Source | NDArray[Any] | Sequence[Any]) -> Doubles:
    """MPII predictions (N, 16, 2) from .mat (`preds`), .npy, .json (list, or object with `preds`) or an array."""
    values: Any = source
    if isinstance(source, (str, Path)):
        path = Path(source)
        suffix = path.suffix.lower()
        if suffix == ".mat":
            values = _read_mat(path, "predictions", ("preds",), hint=PREDICTION_HINT)["preds"]
        elif suffix == ".npy":
            try:
                values = np.load(path, allow_pickle=False)
            except (OSError, ValueError, EOFError) as fault:
                raise MissingError(f"cannot read the predictions '{path}': {fault}", PREDICTION_HINT) from fault
        elif suffix == ".json":
            values = read_json(path, "predictions", hint=PREDICTION_HINT)
        else:
            raise MissingError(f"predictions '{path}': expected .mat, .npy or .json", PREDICTION_HINT)
    if isinstance(values, dict):
        values = values.get("preds")
    try:
        points = np.asarray(values, np.float64)
    except (TypeError, ValueError) as fault:
        raise MissingError("predictions hold values that are not numbers", PREDICTION_HINT) from fault
    if points.ndim != 3 or points.shape[1] != len(MPII) or points.shape[2] not in (2, 3):
        raise MissingError(f"predictions must be (people, {len(MPII)}, 2), found {points.shape}", PREDICTION_HINT)
    return points[..., :2]


def pckh(errors: Doubles, labelled: NDArray[np.bool_], threshold: float) -> dict[str, float]:
    """PCKh in percent of each part, and its mean over the 14 scored joints and over all their points.

    errors: (N, 16) distances in head sizes; labelled: (N, 16). -1 for a part without labelled points.
    """
    counts = labelled.sum(0)
    hits = ((errors <= threshold) & labelled).sum(0)
    share = np.where(counts > 0, 100.0 * hits / np.maximum(counts, 1), -1.0)
    scored = list(MPII_SCORED)
    points = counts[scored].sum()
    return {
        **{part: _mean(share[list(joints)]) for part, joints in MPII_PARTS.items()},
        "mean_over_joints": _mean(share[scored]),
        "mean_over_points": float(100.0 * hits[scored].sum() / points) if points else -1.0,
    }


def _check_numbers(people: Sequence[int], count: int) -> None:
    if len(set(people)) != len(people) or not all(0 <= one < count for one in people):
        raise UsageError(f"people must be different numbers below {count}", PREDICTION_HINT)


class MpiiTruth(NamedTuple):
    """Joints (N, 16, 2) in px counted from 1, labelled (N, 16), head sizes (N,) in px: 0.6 of the box's diagonal."""

    points: Doubles
    labelled: NDArray[np.bool_]
    heads: Doubles


def mpii_truth(annotations: Source, people: Sequence[int] | None = None) -> MpiiTruth:
    """The content of gt_valid.mat, of all people or of those numbered; errors as `score_mpii`."""
    path = Path(annotations)
    truth = _read_mat(path, "ground truth", ("pos_gt_src", "headboxes_src", "jnt_missing"), hint=TRUTH_HINT)
    points, boxes = truth["pos_gt_src"].astype(np.float64), truth["headboxes_src"].astype(np.float64)
    missing = truth["jnt_missing"]
    count, joints = points.shape[-1], len(MPII)
    if (points.shape, boxes.shape, missing.shape) != ((joints, 2, count), (2, 2, count), (joints, count)):
        raise MissingError(f"the ground truth '{path}' is not in the layout of gt_valid.mat", TRUTH_HINT)
    if people is not None:
        _check_numbers(people, count)
        points, boxes, missing = (values[..., list(people)] for values in (points, boxes, missing))
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

    annotations: gt_valid.mat in the layout of the HRNet code base; predictions: (N, 16, 2) in MPII joint order as
    .mat, .npy, .json or array, of all people or of those numbered in `people`. `offset` is added to the predictions:
    MPII counts from 1, so 0-based ones need 1.
    What several code bases print as PCKh@0.1 is the value at 0.11. Raises MissingError for missing or damaged files,
    UsageError for predictions that do not fit.
    """
    truth = mpii_truth(annotations, people)
    count = len(truth.heads)
    with named(predictions):
        found = _read_points(predictions)
    if len(found) != count:
        raise MissingError(f"{len(found)} predictions for {count} people", PREDICTION_HINT)
    if not np.isfinite(found).all():
        index = int(np.flatnonzero(~np.isfinite(found).all((1, 2)))[0])
        raise MissingError(f"prediction {index} holds a value that is not a finite number", PREDICTION_HINT)
    if not np.isfinite(offset):
        raise UsageError(
            f"the offset is {offset}, but must be a number of pixels", "--offset 1 for 0-based predictions"
        )
    errors = {shift: _in_heads(found + offset + shift - truth.points, truth.heads) for shift in (0, 1, -1)}
    _warn_if_off_by_one(errors, truth.labelled, offset)
    return {f"PCKh@{threshold:g}": pckh(errors[0], truth.labelled, threshold) for threshold in thresholds}


def _in_heads(distance: Doubles, head: Doubles) -> Doubles:
    """Lengths of (N, 16, 2) in head sizes; a person without a head box is a miss."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.linalg.norm(distance, axis=2) / head[:, None])


def _warn_if_off_by_one(errors: dict[int, Doubles], counted: NDArray[np.bool_], offset: float) -> None:
    """Files that count pixels from 0 or 1 are easily mixed up; at PCKh@0.1 one pixel shows."""
    scores = {shift: pckh(values, counted, 0.1)["mean_over_points"] for shift, values in errors.items()}
    better = max((1, -1), key=lambda shift: scores[shift])
    if scores[better] > scores[0] + OFF_BY_ONE:
        gain = scores[better] - scores[0]
        _LOG.warning(
            "PCKh@0.1 is %.1f points higher with --offset %g: does the file count pixels from 0?", gain, offset + better
        )


def score(dataset: str, annotations: Any, predictions: Any, **options: Any) -> dict[str, Any]:
    """Scores of `predictions` on a data set's ground truth; `options` as of score_coco, score_crowdpose, score_mpii.

    dataset: coco or crowdpose (COCO-format files or their content; AP and AR as fractions), or mpii (gt_valid.mat and
    predicted points; PCKh in percent). Raises UsageError for another name.
    """
    if dataset == "coco":
        return score_coco(annotations, predictions, **options)
    if dataset == "crowdpose":
        return score_crowdpose(annotations, predictions, **options)
    if dataset == "mpii":
        return score_mpii(annotations, predictions, **options)
    raise unknown("data set", dataset, DATASETS)
