"""Grouping against the original's results (goldens) and against plain readings of its rules."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import where
from cases import people_maps, spec_of
from where import GOLDENS

from repro.errors import UsageError
from repro.people.skeletons import COCO, CROWDPOSE
from repro.pose.grouping import (
    BLOCK,
    adjust_people,
    block_extremes,
    find_candidates,
    group,
    refine_people,
)

REFERENCE = where.REFERENCE / "golden"
SKELETONS = {17: COCO, 14: CROWDPOSE}

STORED = sorted(GOLDENS.glob("ae_grouping_*.npz"))
FULL = sorted(REFERENCE.glob("ae_grouping_*.npz"))
ABSENT = pytest.mark.skip(reason=f"no reference goldens at {REFERENCE}")


def cases(*arrays: str) -> list[Any]:
    """Goldens with each of `arrays` they hold: stored ones always, the full ones where the
    reference folder is."""
    found = []
    for path in (*STORED, *FULL):
        full = path in FULL
        with np.load(path) as stored:
            held = [name for name in arrays if name in stored]
        marks = [pytest.mark.data] if full else []
        found += [
            pytest.param(path, name, id=f"{path.stem}-{name}-{full}", marks=marks) for name in held
        ]
    return found if FULL else [*found, pytest.param(None, "", marks=ABSENT)]


XY, SCORE = 1e-3, 1e-5  # pixels; the original computes in float32


class Case:
    """One golden: the maps, the arguments and the stored arrays."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self.arrays = dict(stored)
        self.meta = spec_of(self.arrays)
        config = self.meta["config"]
        heatmaps, tags = people_maps(**self.meta["spec"])
        self.heatmaps, self.tags = heatmaps[0].numpy(), tags[0].numpy()
        self.skeleton = SKELETONS[config["num_joints"]]
        self.peaks = {
            "max_people": config["max_num_people"],
            "threshold": config["detection_threshold"],
            "nms": config["nms_kernel"],
        }
        self.options = {
            **self.peaks,
            "tag_threshold": config["tag_threshold"],
            "score_in_cost": config["use_detection_val"],
        }

    def group(self, **changes: Any) -> tuple[np.ndarray, np.ndarray]:
        return group(self.heatmaps, self.tags, self.skeleton, **{**self.options, **changes})

    def same(self, people: np.ndarray, name: str) -> None:
        expected = self.arrays[name].reshape(-1, *people.shape[1:])
        assert people.shape == expected.shape
        np.testing.assert_allclose(people[..., :2], expected[..., :2], rtol=0, atol=XY)
        np.testing.assert_allclose(people[..., 2:], expected[..., 2:], rtol=0, atol=SCORE)


opened = functools.cache(Case)


def test_the_stored_goldens_are_there() -> None:
    assert len(STORED) == 9


@pytest.mark.parametrize(("path", "name"), cases("val_k"))
def test_candidates_are_the_original_peaks(path: Path, name: str) -> None:
    case = opened(path)
    found = find_candidates(
        case.heatmaps,
        np.broadcast_to(case.tags, (*case.heatmaps.shape, case.tags.shape[-1])),
        **case.peaks,
    )
    value = case.arrays[name][0]
    kept = value.astype(np.float64) > case.peaks["threshold"]
    assert ((found.value > 0) == kept).all()
    for part, own in zip(("loc_k", "val_k", "tag_k"), found, strict=True):
        np.testing.assert_array_equal(own[kept], case.arrays[part][0][kept])


@pytest.mark.parametrize(("path", "name"), cases("final"))
def test_the_original_tie_rule_gives_the_original_people(path: Path, name: str) -> None:
    case = opened(path)
    people, scores = case.group(assignment="munkres")
    case.same(people, name)
    np.testing.assert_allclose(scores, case.arrays["scores"], rtol=0, atol=SCORE)


@pytest.mark.parametrize(("path", "name"), cases("final"))
def test_scipy_gives_the_people_the_original_gives_with_scipy(path: Path, name: str) -> None:
    """Stored only where ties make them differ from the original's own."""
    case = opened(path)
    people, _ = case.group(assignment="scipy")
    case.same(people, "final_scipy_lsa" if "final_scipy_lsa" in case.arrays else name)


STEPS = {
    "matched": {"adjust": False, "refine": False},
    "adjusted": {"refine": False},
    "refined_without_adjust": {"adjust": False},
}


@pytest.mark.parametrize(("path", "name"), cases(*STEPS))
def test_every_step_is_the_original_one(path: Path, name: str) -> None:
    case = opened(path)
    people, _ = case.group(assignment="munkres", **STEPS[name])
    case.same(people, name)


def plain_refine(people: np.ndarray, heatmaps: np.ndarray, tags: np.ndarray) -> np.ndarray:
    """REFINE as PROTOCOL 3.3 words it, every pixel for every missing joint."""
    result = people.copy()
    for index, person in enumerate(people):
        mean = person[person[:, 2] > 0, 3:].mean(0)
        for joint in np.flatnonzero(person[:, 2] == 0):
            distance = np.sqrt(((tags[joint] - mean) ** 2).sum(-1))
            value = heatmaps[joint] - np.round(distance)
            y, x = np.unravel_index(value.argmax(), value.shape)
            score = heatmaps[joint, y, x]
            if score > 0:
                height, width = value.shape
                right = (
                    heatmaps[joint, y, min(x + 1, width - 1)] > heatmaps[joint, y, max(x - 1, 0)]
                )
                below = (
                    heatmaps[joint, min(y + 1, height - 1), x] > heatmaps[joint, max(y - 1, 0), x]
                )
                result[index, joint, :3] = (
                    x + 0.5 + (0.25 if right else -0.25),
                    y + 0.5 + (0.25 if below else -0.25),
                    score,
                )
    return result


@pytest.mark.parametrize("values", [1, 2, 3])
@pytest.mark.parametrize(
    ("size", "step"), [((37, 53), 0.1), ((16, 16), 0.5), ((70, 40), 0.01), ((5, 90), 1.0)]
)
def test_refine_by_blocks_equals_a_full_search(
    size: tuple[int, int], step: float, values: int
) -> None:
    """Coarse steps make ties; ragged sizes leave partial blocks; negative maps leave joints
    missing."""
    rng = np.random.default_rng(values)
    heatmaps = (np.round(rng.normal(-0.2, 0.4, (17, *size)) / step) * step).astype(np.float32)
    tags = (np.round(rng.normal(0, 2, (17, *size, values)) / step) * step).astype(np.float32)
    people = rng.random((6, 17, 3 + values)).astype(np.float32)
    people[rng.random((6, 17)) < 0.6] = 0
    people[:, 0, 2] = 0.5
    np.testing.assert_array_equal(
        refine_people(people, heatmaps, tags), plain_refine(people, heatmaps, tags)
    )


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (1, 1), (64, 40)])
def test_block_extremes_cover_every_pixel(size: tuple[int, int]) -> None:
    values = np.random.default_rng(0).normal(size=size).astype(np.float32)
    highest = block_extremes(values, np.maximum)
    assert highest.shape == (-(-size[0] // BLOCK), -(-size[1] // BLOCK))
    for row, column in np.ndindex(highest.shape):
        part = values[row * BLOCK : (row + 1) * BLOCK, column * BLOCK : (column + 1) * BLOCK]
        assert highest[row, column] == part.max()


def one_joint(
    points: dict[tuple[int, int, int], float], size: tuple[int, int] = (40, 48)
) -> np.ndarray:
    """Heatmaps of 17 joints, zero but at (joint, y, x)."""
    heatmaps = np.zeros((17, *size), np.float32)
    for place, value in points.items():
        heatmaps[place] = value
    return heatmaps


def test_threshold_is_strict_and_nms_keeps_plateaus() -> None:
    heatmaps = one_joint(
        {(0, 5, 5): 0.5, (0, 5, 6): 0.5, (0, 5, 8): 0.4, (0, 20, 20): 0.25, (0, 30, 30): 0.3}
    )
    found = find_candidates(heatmaps, np.zeros((17, 40, 48, 1), np.float32), threshold=0.25)
    assert sorted(map(tuple, found.position[0][found.value[0] > 0])) == [(5, 5), (6, 5), (30, 30)]


def test_a_float32_score_of_one_tenth_is_above_the_threshold_of_one_tenth() -> None:
    """The original compares in float64, where float32(0.1) = 0.10000000149."""
    heatmaps = one_joint({(0, 5, 5): 0.1})
    people, scores = group(heatmaps, np.zeros((17, 40, 48, 1), np.float32), COCO, refine=False)
    assert len(people) == 1
    assert scores[0] == pytest.approx(0.1 / 17, rel=1e-6)


def test_peaks_at_the_border_are_found() -> None:
    heatmaps = one_joint({(3, 0, 0): 0.9, (3, 39, 47): 0.8, (3, 0, 47): 0.7, (3, 39, 0): 0.6})
    found = find_candidates(heatmaps, np.zeros((17, 40, 48, 1), np.float32))
    assert found.position[3, :4].tolist() == [[0, 0], [47, 39], [47, 0], [0, 39]]


def test_adjust_moves_toward_the_higher_neighbour() -> None:
    heatmaps = one_joint({(0, 10, 10): 0.9, (0, 10, 11): 0.5, (0, 9, 10): 0.4})
    people = np.zeros((1, 17, 4), np.float32)
    people[0, 0] = 10, 10, 0.9, 0
    moved = adjust_people(people, heatmaps)
    assert moved[0, 0, :2].tolist() == [10.75, 10.25]
    assert (moved[0, 1:] == 0).all()


def test_equal_first_tags_share_a_person_and_distant_tags_do_not() -> None:
    heatmaps = one_joint({(0, 5, 5): 0.9, (0, 30, 30): 0.8, (1, 6, 6): 0.7, (1, 31, 31): 0.6})
    tags = np.zeros((17, 40, 48, 1), np.float32)
    tags[:, 20:] = 3.0
    people, scores = group(heatmaps, tags, COCO, adjust=False, refine=False)
    assert people[:, 0, :2].tolist() == [[5, 5], [30, 30]]
    assert people[:, 1, :2].tolist() == [[6, 6], [31, 31]]
    np.testing.assert_allclose(scores, [1.6 / 17, 1.4 / 17], rtol=1e-6)  # float32 means
    same, _ = group(heatmaps, np.zeros_like(tags), COCO, adjust=False, refine=False)
    assert len(same) == 1
    assert same[0, 0, :2].tolist() == [30, 30]  # the later peak overwrites the earlier


@pytest.mark.parametrize("assignment", ["scipy", "munkres"])
def test_no_peaks_give_no_people(assignment: str) -> None:
    people, scores = group(
        one_joint({}), np.zeros((17, 40, 48, 2), np.float32), COCO, assignment=assignment
    )
    assert people.shape == (0, 17, 5)
    assert scores.shape == (0,)


def nan_at(shape: tuple[int, ...], place: tuple[int, ...]) -> np.ndarray:
    values = np.zeros(shape, np.float32)
    values[place] = np.nan
    return values


PEAK = one_joint({(0, 5, 5): 0.9})
TAGS = np.zeros((17, 40, 48, 1), np.float32)


@pytest.mark.parametrize(
    ("heatmaps", "tags", "options", "message"),
    [
        (PEAK[:14], TAGS, {}, r"heatmaps must be \(17, height, width\)"),
        (PEAK, TAGS[:, :20], {}, r"tags must be \(17, 40, 48, values\)"),
        (PEAK, TAGS[..., 0], {}, "tags must be"),
        (PEAK, TAGS, {"assignment": "scpiy"}, "did you mean scipy"),
        (PEAK, TAGS, {"nms": 4}, "nms must be odd"),
        (PEAK, TAGS, {"max_people": 0}, "max_people positive"),
        (nan_at(PEAK.shape, (4, 1, 1)), TAGS, {}, "heatmaps hold values that are not numbers"),
        (PEAK, nan_at(TAGS.shape, (0, 5, 5, 0)), {}, "not finite"),
        (PEAK, nan_at(TAGS.shape, (3, 5, 5, 0)), {}, "tag maps hold values that are not numbers"),
    ],
)
def test_faulty_input_is_one_clear_line(
    heatmaps: np.ndarray, tags: np.ndarray, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        group(heatmaps, tags, COCO, **options)


def test_a_skeleton_by_name() -> None:
    named, own = group(PEAK, TAGS, "coco"), group(PEAK, TAGS, COCO)
    assert all(np.array_equal(one, other) for one, other in zip(named, own, strict=True))
    with pytest.raises(UsageError, match="unknown skeleton 'cocoo'; did you mean coco"):
        group(PEAK, TAGS, "cocoo")


def test_beyond_the_limit_joints_are_ignored_when_asked() -> None:
    """The original's option: the first joint begins as many people as fit, and every other joint is
    left to refine."""
    rng = np.random.default_rng(0)
    places = [
        (joint, 2 + 4 * (person // 10), 2 + 4 * (person % 10))
        for joint in range(17)
        for person in range(8)
    ]
    heatmaps = one_joint({place: float(rng.uniform(0.3, 0.9)) for place in places})
    # no joint fits another
    tags = (np.arange(17 * 40 * 48, dtype=np.float32) * 10).reshape(17, 40, 48, 1)
    options: dict[str, Any] = {"max_people": 8, "adjust": False, "refine": False}
    plain, _ = group(heatmaps, tags, COCO, **options)
    kept, _ = group(heatmaps, tags, COCO, **options, ignore_too_much=True)
    assert len(plain) == 8 * 17 and len(kept) == 8
    np.testing.assert_array_equal(kept, plain[:8])
    few, _ = group(heatmaps, tags, COCO, **{**options, "max_people": 30}, ignore_too_much=True)
    # the limit is reached within the fourth joint, which is still taken whole
    assert len(few) == 32


@pytest.mark.parametrize(
    "path", [one for one in FULL if "over_small" in one.stem] or [pytest.param(None, marks=ABSENT)]
)
def test_the_original_limit_on_the_original_maps(path: Path) -> None:
    case = opened(path)
    kept, _ = case.group(assignment="munkres", ignore_too_much=True, refine=False)
    assert len(kept) == case.options["max_people"] == 8
