"""PCKh on MPII: by hand on two people, on real data where it is kept, and on faulty files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from where import REAL

from repro.errors import MissingError, ReproError, UsageError
from repro.pose.metrics import score

real_data = [
    pytest.mark.data,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL}"),
]


def mpii_truth(folder: Path, **changes: Any) -> Path:
    """Two people at (100, 100) whose head boxes have a diagonal of 10, so that a head is 6
    pixels."""
    from scipy.io import savemat

    content = {
        "pos_gt_src": np.full((16, 2, 2), 100.0),
        "headboxes_src": np.array([[[0.0, 0.0]] * 2, [[6.0, 6.0], [8.0, 8.0]]]),
        "jnt_missing": np.zeros((16, 2), np.uint8),
        **changes,
    }
    savemat(
        folder / "gt_valid.mat",
        {name: value for name, value in content.items() if value is not None},
    )
    return folder / "gt_valid.mat"


def mpii_points() -> np.ndarray:
    """Person 0 is exact; of person 1 the left wrist is off by 3 pixels, half a head, the right
    ankle by 3.1."""
    points = np.full((2, 16, 2), 100.0)
    points[1, 15] += [3.0, 0]
    points[1, 0] += [0, 3.1]
    points[1, 6] += 50  # pelvis: never counted
    return points


def test_pckh_by_hand(tmp_path: Path) -> None:
    missing = np.zeros((16, 2), np.uint8)
    missing[10, 1] = 1  # right wrist of person 1
    values = score("mpii", mpii_truth(tmp_path, jnt_missing=missing), mpii_points())
    half, tenth = values["PCKh@0.5"], values["PCKh@0.1"]
    assert list(values) == ["PCKh@0.5", "PCKh@0.1", "PCKh@0.11"]
    assert (half["head"], half["wrist"], half["ankle"]) == (100, 100, 75)
    assert half["mean_over_joints"] == pytest.approx(100 * 13.5 / 14)
    assert half["mean_over_points"] == pytest.approx(100 * 26 / 27)
    assert (tenth["wrist"], tenth["ankle"]) == (75, 75)
    assert tenth["mean_over_points"] == pytest.approx(100 * 25 / 27)


def test_the_offset_moves_predictions(tmp_path: Path) -> None:
    path = mpii_truth(tmp_path)
    options: dict[str, Any] = {"thresholds": (0.25,), "offset": 1.0}
    assert (
        score("mpii", path, np.full((2, 16, 2), 99.0), **options)["PCKh@0.25"]["mean_over_points"]
        == 100
    )
    assert (
        score("mpii", path, np.full((2, 16, 2), 100.0), **options)["PCKh@0.25"]["mean_over_points"]
        == 100
    )
    assert (
        score("mpii", path, np.full((2, 16, 2), 101.0), **options)["PCKh@0.25"]["mean_over_points"]
        == 0
    )


@pytest.mark.parametrize("offset", [float("nan"), float("inf")])
def test_an_offset_is_a_number(tmp_path: Path, offset: float) -> None:
    with pytest.raises(UsageError, match=f"the offset is {offset}"):
        score("mpii", mpii_truth(tmp_path), mpii_points(), offset=offset)


@pytest.mark.parametrize("off", [1, -1])
def test_predictions_one_pixel_off_are_told(
    tmp_path: Path, off: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = mpii_truth(tmp_path)
    score("mpii", path, mpii_points())
    assert not caplog.messages
    score("mpii", path, mpii_points() - off)
    assert len(caplog.messages) == 1 and f"higher with --offset {off}" in caplog.messages[0]


def test_a_network_that_is_off_by_more_is_not_told_to_count_otherwise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two pixels are better still than one, so that the count of pixels is not what is wrong."""
    score("mpii", mpii_truth(tmp_path), mpii_points() - 3)
    score("mpii", mpii_truth(tmp_path), mpii_points() - 2)
    assert not caplog.messages


@pytest.mark.parametrize("model", [pytest.param(name, marks=real_data) for name in ("s2", "s8")])
def test_real_networks_count_from_one(model: str, caplog: pytest.LogCaptureFixture) -> None:
    """Their joints lie three pixels too far up and left, which is their own."""
    folder = REAL / "mpii_val_300"
    score("mpii", folder / "gt_valid.mat", folder / f"pred_hourglass_{model}_bearpaw.mat")
    assert not caplog.messages


def entries(points: np.ndarray, **more: Any) -> list[dict[str, Any]]:
    """As `repro evaluate --predictions` writes them."""
    rows = np.concatenate([points, np.ones((*points.shape[:2], 1))], 2)
    return [
        {"person": number, "keypoints": row.ravel().tolist(), **more}
        for number, row in enumerate(rows)
    ]


def test_what_evaluate_writes_scores_as_evaluate_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, file = mpii_truth(tmp_path), tmp_path / "found.json"
    wanted = score("mpii", path, mpii_points())
    file.write_text(json.dumps(entries(mpii_points() - 1, offset=1.0)[::-1]), encoding="utf-8")
    assert score("mpii", path, file) == wanted
    file.write_text(json.dumps(entries(mpii_points())[1:]), encoding="utf-8")
    assert score("mpii", path, file) == score("mpii", path, mpii_points()[1:], people=[1])
    assert "1 of 2 people have a prediction and are scored" in capsys.readouterr().err
    for spoilt in (
        [{"person": 5}],
        [{"person": 0}, {"person": 0}],
        [{"keypoints": [1]}, {}],
        [{"person": None}, {}],
    ):
        rows = [
            {**row, **change} for row, change in zip(entries(mpii_points()), spoilt, strict=False)
        ]
        file.write_text(json.dumps(rows), encoding="utf-8")
        with pytest.raises(ReproError):
            score("mpii", path, file)


def test_a_part_nobody_labelled_is_minus_one(tmp_path: Path) -> None:
    missing = np.zeros((16, 2), np.uint8)
    missing[9] = 1
    values = score("mpii", mpii_truth(tmp_path, jnt_missing=missing), mpii_points())["PCKh@0.5"]
    assert values["head"] == -1
    assert values["mean_over_joints"] == pytest.approx(100 * 12.5 / 13)


def test_every_form_of_mpii_predictions(tmp_path: Path) -> None:
    from scipy.io import savemat

    path, points = mpii_truth(tmp_path), mpii_points()
    savemat(tmp_path / "p.mat", {"preds": points})
    np.save(tmp_path / "p.npy", points)
    (tmp_path / "list.json").write_text(json.dumps(points.tolist()), encoding="utf-8")
    (tmp_path / "object.json").write_text(json.dumps({"preds": points.tolist()}), encoding="utf-8")
    with_scores = np.concatenate([points, np.ones((2, 16, 1))], 2)
    sources = (
        *(tmp_path / name for name in ("p.mat", "p.npy", "list.json", "object.json")),
        with_scores,
        points.tolist(),
    )
    for source in sources:
        assert score("mpii", path, source) == score("mpii", path, points)


def test_faulty_mpii_predictions(tmp_path: Path) -> None:
    path, points = mpii_truth(tmp_path), mpii_points()
    (tmp_path / "damaged.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    (tmp_path / "damaged.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "other.txt").write_text("1 2 3", encoding="utf-8")
    with_nan = points.copy()
    with_nan[1, 3, 0] = np.nan
    cases: list[tuple[Any, type[ReproError], str]] = [
        (points[:1], MissingError, "1 predictions for 2 people"),
        (points[:, :14], MissingError, r"must be \(people, 16, 2\), found \(2, 14, 2\)"),
        (with_nan, MissingError, "prediction 1 holds a value that is not a finite number"),
        ([["x"]], MissingError, "not numbers"),
        (tmp_path / "damaged.mat", MissingError, "damaged"),
        (tmp_path / "damaged.npy", MissingError, "cannot read"),
        (tmp_path / "absent.npy", MissingError, "cannot read"),
        (tmp_path / "other.txt", MissingError, "expected .mat, .npy or .json"),
    ]
    for source, kind, message in cases:
        with pytest.raises(kind, match=message):
            score("mpii", path, source)


def test_faulty_mpii_ground_truth(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="has no 'jnt_missing'"):
        score("mpii", mpii_truth(tmp_path, jnt_missing=None), mpii_points())
    with pytest.raises(MissingError, match="not in the layout"):
        score("mpii", mpii_truth(tmp_path, jnt_missing=np.zeros((16, 3))), mpii_points())


@pytest.mark.parametrize("model", [pytest.param(name, marks=real_data) for name in ("s2", "s8")])
def test_real_mpii_people_score_as_expected(model: str) -> None:
    folder, name = REAL / "mpii_val_300", f"hourglass_{model}_bearpaw"
    figures = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))["mpii_val_300"][name]
    plain = score("mpii", folder / "gt_valid.mat", folder / f"pred_{name}.mat")
    moved = score("mpii", folder / "gt_valid.mat", folder / f"pred_{name}.mat", offset=1.0)
    for label, parts in figures.items():
        threshold, _, suffix = label.partition(", ")
        own = (moved if suffix else plain)[threshold]
        # the file holds 4 digits
        assert {part: own[part] for part in parts} == pytest.approx(parts, abs=5.1e-5)
