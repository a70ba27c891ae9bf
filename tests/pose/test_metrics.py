"""AP: by hand on tiny sets, by three evaluators, on real data where it is kept, and on faulty
files."""

import copy
import importlib.util
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from where import REAL

from repro.errors import MissingError, ReproError, UsageError
from repro.people.skeletons import COCO, CROWDPOSE, Skeleton
from repro.pose.coco_eval import ENGINES
from repro.pose.coco_files import read_images
from repro.pose.metrics import score

real_data = [
    pytest.mark.data,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL}"),
]
Item = dict[str, Any]

NO_XTCOCOTOOLS = pytest.mark.skipif(
    importlib.util.find_spec("xtcocotools") is None, reason="xtcocotools is optional"
)
every_engine = pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=[NO_XTCOCOTOOLS] if name == "xtcocotools" else [])
        for name in ENGINES
    ],
)


def person(
    skeleton: Skeleton,
    identity: int,
    image: int,
    points: dict[int, tuple[float, float]],
    **more: Any,
) -> Item:
    """An annotation with the given joints labelled."""
    keypoints = np.zeros((len(skeleton), 3))
    for joint, place in points.items():
        keypoints[joint] = *place, 2
    return {
        "id": identity,
        "image_id": image,
        "category_id": 1,
        "keypoints": keypoints.reshape(-1).tolist(),
        "num_keypoints": len(points),
        "bbox": [0, 0, 100, 50],
        "iscrowd": 0,
        **more,
    }


def truth(annotations: list[Item], images: int = 2, **more: Any) -> Item:
    listed = [{"id": index + 1, **more} for index in range(images)]
    return {
        "images": listed,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }


def found(
    skeleton: Skeleton, image: int, points: dict[int, tuple[float, float]], value: float = 0.9
) -> Item:
    keypoints = np.zeros((len(skeleton), 3))
    for joint, place in points.items():
        keypoints[joint] = *place, 1
    return {
        "image_id": image,
        "category_id": 1,
        "keypoints": keypoints.reshape(-1).tolist(),
        "score": value,
    }


def shift(oks: float, area: float, sigma: float) -> float:
    """Distance at which one joint's OKS, exp(-d^2 / (2 area (2 sigma)^2)), has a value."""
    return math.sqrt(-2 * area * (2 * sigma) ** 2 * math.log(oks))


LEFT_SHOULDER, AREA = 5, 5000.0  # between 32^2 and 96^2: a medium person


@every_engine
def test_oks_by_hand(engine: str) -> None:
    """One joint at OKS 0.62 passes the thresholds 0.50, 0.55, 0.60: AP and AR are 3 of 10."""
    annotations = truth([person(COCO, 7, 1, {LEFT_SHOULDER: (50, 50)}, area=AREA)])
    moved = 50 + shift(0.62, AREA, COCO.sigmas[LEFT_SHOULDER])
    values = score(
        "coco", annotations, [found(COCO, 1, {LEFT_SHOULDER: (moved, 50)})], engine=engine
    )
    by_hand = {
        "AP": 0.3,
        "AP50": 1,
        "AP75": 0,
        "APm": 0.3,
        "APl": -1,
        "AR": 0.3,
        "AR50": 1,
        "AR75": 0,
        "ARm": 0.3,
        "ARl": -1,
    }
    assert values == pytest.approx(by_hand, abs=1e-12)


@every_engine
def test_a_false_positive_ahead_halves_precision(engine: str) -> None:
    """Image 2 shows nobody; its detection has the higher score, so precision is 1/2 at every
    recall."""
    annotations = truth([person(COCO, 1, 1, {0: (10, 10)}, area=AREA)])
    predictions = [found(COCO, 1, {0: (10, 10)}, 0.5), found(COCO, 2, {0: (10, 10)}, 0.9)]
    values = score("coco", annotations, predictions, engine=engine)
    assert values["AP"] == pytest.approx(0.5, abs=1e-12)
    assert values["AR"] == 1.0


@every_engine
def test_crowds_and_people_without_key_points_are_ignored(engine: str) -> None:
    people = [
        person(COCO, 1, 1, {0: (10, 10)}, area=AREA),
        person(COCO, 2, 1, {0: (400, 10)}, area=AREA, iscrowd=1, bbox=[390, 0, 20, 20]),
        person(COCO, 3, 2, {}, area=AREA),
    ]
    predictions = [found(COCO, 1, {0: (10, 10)}, 0.5), found(COCO, 1, {0: (400, 10)}, 0.9)]
    assert score("coco", truth(people), predictions, engine=engine)["AP"] == pytest.approx(
        1, abs=1e-12
    )


def test_only_twenty_detections_of_an_image_count() -> None:
    annotations = truth([person(COCO, 1, 1, {0: (10, 10)}, area=AREA)])
    wrong = [found(COCO, 1, {0: (900, 900)}, 0.9) for _ in range(20)]
    right = found(COCO, 1, {0: (10, 10)}, 0.1)
    assert score("coco", annotations, [*wrong, right])["AR"] == 0.0
    assert score("coco", annotations, [*wrong[:19], right])["AR"] == 1.0


def test_an_annotation_with_id_zero_counts() -> None:
    """COCO's evaluator reads match 0 as no match."""
    annotations = truth([person(COCO, 0, 1, {0: (10, 10)}, area=AREA)])
    assert score("coco", annotations, [found(COCO, 1, {0: (10, 10)})])["AP"] == 1.0


def crowd_case() -> tuple[Item, list[Item]]:
    """Three images of crowd index 0.1, 0.2 and 0.9, one person each; the last is missed, the middle
    one at OKS 0.62."""
    people = [person(CROWDPOSE, index, index, {0: (50, 50)}) for index in (1, 2, 3)]
    annotations = truth(people, images=3)
    for image, index in zip(annotations["images"], (0.1, 0.2, 0.9), strict=True):
        image["crowdIndex"] = index
    area = 0.53 * 100 * 50
    moved = 50 + shift(0.62, area, CROWDPOSE.sigmas[0])
    return annotations, [
        found(CROWDPOSE, 1, {0: (50, 50)}, 0.9),
        found(CROWDPOSE, 2, {0: (moved, 50)}, 0.8),
    ]


@every_engine
def test_crowdpose_by_hand(engine: str) -> None:
    """Recall 2/3 at three thresholds; otherwise 1/3, and the 2nd detection is wrong: 67 and 34 of
    101 recall steps."""
    values = score("crowdpose", *crowd_case(), engine=engine)
    assert values["AP"] == pytest.approx((3 * 67 + 7 * 34) / 1010, abs=1e-12)
    assert values["AR"] == pytest.approx((3 * 2 + 7) / 30, abs=1e-12)
    assert (values["AP_easy"], values["AP_medium"], values["AP_hard"]) == (1.0, 0.3, 0.0)


@every_engine
def test_a_crowd_level_without_images_is_minus_one(engine: str) -> None:
    annotations, predictions = crowd_case()
    annotations["images"][1]["crowdIndex"] = 0.19
    assert score("crowdpose", annotations, predictions, engine=engine)["AP_medium"] == -1.0


@every_engine
def test_no_predictions_score_zero_with_a_note(
    engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    values = score("coco", truth([person(COCO, 1, 1, {0: (10, 10)}, area=AREA)]), [], engine=engine)
    assert (values["AP"], values["AR"], values["APl"]) == (0.0, 0.0, -1.0)
    assert "no predictions" in caplog.text


@every_engine
def test_nobody_in_the_ground_truth_is_minus_one(engine: str) -> None:
    values = score("coco", truth([]), [found(COCO, 1, {0: (10, 10)})], engine=engine)
    assert set(values.values()) == {-1.0}


@every_engine
def test_evaluators_agree_and_stay_silent(engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Random people in all sizes, with clutter, ties and boxes; 1e-9: the three only sum in other
    orders."""
    rng = np.random.default_rng(3)
    people, predictions = [], []
    for index in range(60):
        image, side = index % 9 + 1, float(rng.uniform(10, 200))
        points = {
            joint: tuple(rng.uniform(0, side, 2)) for joint in range(17) if rng.random() < 0.7
        }
        box = {"bbox": [0, 0, side, side], "area": 0.6 * side * side}
        people.append(person(COCO, index + 1, image, points, **box))
        near = {
            joint: tuple(np.array(place) + rng.normal(0, 0.06 * side, 2))
            for joint, place in points.items()
        }
        predictions.append(
            found(COCO, image, near or {0: (1.0, 1.0)}, round(float(rng.random()), 1))
        )
    annotations = truth(people, images=10)
    before = copy.deepcopy((annotations, predictions))
    values = score("coco", annotations, predictions, engine=engine)
    assert (annotations, predictions) == before  # the evaluators write into what they are given
    assert values == pytest.approx(score("coco", annotations, predictions), abs=1e-9)
    assert 0.1 < values["AP"] < 0.9 and 0.1 < values["APm"] < 0.9
    assert capfd.readouterr().out == ""


# faulty files


def good() -> tuple[Item, list[Item]]:
    people = [
        person(COCO, 1, 1, {0: (10, 10)}, area=AREA),
        person(COCO, 2, 2, {0: (10, 10)}, area=AREA),
    ]
    return truth(people), [found(COCO, 1, {0: (10, 10)}), found(COCO, 2, {0: (10, 10)})]


def put(index: int, **values: Any) -> Callable[[list[Item]], None]:
    return lambda items: items[index].update(values)


def drop(index: int, field: str) -> Callable[[list[Item]], None]:
    return lambda items: items[index].pop(field)


def both_ids(items: list[Item]) -> None:
    for item in items:
        item["id"] = 4


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            put(1, keypoints=[0.0] * 42),
            r"prediction 1: 'keypoints' must hold 51 values \(17 joints x 3\), found 42",
        ),
        (put(1, keypoints=3), "prediction 1: 'keypoints' must hold 51"),
        (
            put(0, keypoints=[float("nan")] * 51),
            "prediction 0: 'keypoints' holds a value that is not a finite number",
        ),
        (put(0, keypoints=["x"] * 51), "'keypoints' holds values that are not numbers"),
        (put(0, keypoints=[[1.0, 2.0]] * 51), "'keypoints' holds values that are not numbers"),
        (
            put(1, score=float("inf")),
            "prediction 1: 'score' holds a value that is not a finite number",
        ),
        (put(1, score=None), "'score' holds"),
        (put(1, score=[0.5]), "'score' holds values that are not numbers"),
        (put(1, image_id=99), "prediction 1: image 99 is not in the ground truth"),
        (put(1, image_id="2"), "prediction 1: 'image_id' must be a whole number, found '2'"),
        (put(1, category_id=2), "prediction 1: category 2 is not in the ground truth"),
        (drop(1, "score"), "prediction 1: has no 'score'"),
        (both_ids, "id 4 occurs more than once"),
        (lambda items: items.append(5), "prediction 2: expected a JSON object"),
    ],
)
def test_predictions_that_do_not_fit(spoil: Callable[[list[Item]], None], message: str) -> None:
    annotations, predictions = good()
    spoil(predictions)
    with pytest.raises(MissingError, match=message) as fault:
        score("coco", annotations, predictions)
    assert "\n" not in fault.value.message and fault.value.hint == "repro score --help"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data.pop("images"), "JSON object with 'images' and 'annotations'"),
        (lambda data: data["annotations"][1].pop("area"), "annotation 1: has no 'area'"),
        (
            lambda data: data["annotations"][1].pop("num_keypoints"),
            "annotation 1: has no 'num_keypoints'",
        ),
        (
            lambda data: data["annotations"][1].update(id=1),
            "annotations: id 1 occurs more than once",
        ),
        (
            lambda data: data["images"][1].update(id=1),
            "ground-truth images: id 1 occurs more than once",
        ),
        (
            lambda data: data["annotations"][0].update(image_id=9),
            "annotation 0: belongs to image 9",
        ),
        (
            lambda data: data["annotations"][0].update(keypoints=[0] * 42),
            "annotation 0: 'keypoints' must hold 51",
        ),
        (lambda data: data.update(annotations={}), "annotations: expected a JSON list"),
    ],
)
def test_damaged_ground_truth(spoil: Callable[[Item], None], message: str) -> None:
    annotations, predictions = good()
    spoil(annotations)
    with pytest.raises(MissingError, match=message):
        score("coco", annotations, predictions)


def test_crowdpose_needs_crowd_indices() -> None:
    annotations, predictions = crowd_case()
    del annotations["images"][2]["crowdIndex"]
    with pytest.raises(MissingError, match="ground-truth image 2: has no 'crowdIndex'"):
        score("crowdpose", annotations, predictions)


@pytest.mark.parametrize(
    "content", [b"", b'{"images": [', b"\xff\xfe\x00", b"[1, 2", b"[" * 100_000]
)
def test_damaged_json_files(tmp_path: Path, content: bytes) -> None:
    annotations, predictions = good()
    damaged, fine = tmp_path / "damaged.json", tmp_path / "fine.json"
    damaged.write_bytes(content)
    fine.write_text(json.dumps(annotations), encoding="utf-8")
    with pytest.raises(MissingError, match="damaged"):
        score("coco", damaged, predictions)
    with pytest.raises(MissingError, match="damaged"):
        score("coco", fine, str(damaged))


def test_files_and_contents_score_alike(tmp_path: Path) -> None:
    annotations, predictions = good()
    paths = [tmp_path / "truth.json", tmp_path / "predictions.json"]
    for path, content in zip(paths, (annotations, predictions), strict=True):
        path.write_text(json.dumps(content), encoding="utf-8")
    assert score("coco", *paths) == score("coco", annotations, predictions)


def test_faults_of_content_name_the_file(tmp_path: Path) -> None:
    annotations, predictions = good()
    del annotations["annotations"][0]["keypoints"], predictions[0]["score"]
    path = tmp_path / "content.json"
    path.write_text(json.dumps(annotations), encoding="utf-8")
    with pytest.raises(MissingError, match=r"content\.json': annotation 0: has no 'keypoints'"):
        score("coco", path, [])
    path.write_text(json.dumps(predictions), encoding="utf-8")
    with pytest.raises(
        MissingError, match=r"content\.json': prediction 0: has no 'score'"
    ) as fault:
        score("coco", good()[0], path)
    assert fault.value.exit_code == 4


def test_repeated_predictions_are_told(caplog: pytest.LogCaptureFixture) -> None:
    annotations, predictions = good()
    score("coco", annotations, predictions)
    assert not caplog.messages
    score("coco", annotations, [*predictions, {**predictions[0], "score": 0.1}])
    assert caplog.messages == [
        "1 of 3 predictions repeat another of the same image; they count as false"
    ]


def test_crowdpose_tells_its_cuts(capsys: pytest.CaptureFixture[str]) -> None:
    score("crowdpose", *crowd_case())
    assert "cut at crowd index 0.2 and 0.8" in capsys.readouterr().err


@pytest.mark.parametrize("dataset", ["coco", "crowdpose", "mpii"])
def test_missing_files(tmp_path: Path, dataset: str) -> None:
    with pytest.raises(MissingError, match="cannot read the ground truth"):
        score(dataset, tmp_path / "absent.json", [])
    with pytest.raises(MissingError, match="cannot read the ground truth"):
        score(dataset, tmp_path, [])


def test_unknown_names_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="did you mean coco"):
        score("cooc", *good())
    with pytest.raises(UsageError, match="unknown evaluator"):
        score("coco", *good(), engine="fastest")


def test_a_wrong_skeleton_is_told_apart() -> None:
    """CrowdPose predictions against COCO ground truth."""
    annotations, _ = good()
    with pytest.raises(ReproError, match="17 joints x 3"):
        score("coco", annotations, crowd_case()[1])


# real data

COCO_FILES = {
    "coco_val2017_80": (
        "person_keypoints_val2017_80.json",
        "preds_lightweight_openpose_variant.json",
    ),
    "coco_example4": ("example_coco_val.json", "example_coco_preds.json"),
    "crowdpose_example2": ("gt.json", "preds.json"),
}


def expected() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((REAL / "expected.json").read_text(encoding="utf-8"))
    return content


@every_engine
@pytest.mark.parametrize("name", [pytest.param(name, marks=real_data) for name in COCO_FILES])
def test_real_people_score_as_expected(name: str, engine: str) -> None:
    files = [REAL / name / file for file in COCO_FILES[name]]
    values = score("crowdpose" if "crowdpose" in name else "coco", *files, engine=engine)
    figures = {
        key: value for key, value in expected()[name].items() if key.startswith(("AP", "AR"))
    }
    assert values == pytest.approx(figures, abs=1e-9)


# --- some of the images ---------------------------------------------------------------------------


def many() -> tuple[Item, list[Item]]:
    """Three images with a person each; the first is found, the second missed by far, the third has
    no prediction."""
    people = [person(COCO, number, number, {0: (10, 10)}, area=AREA) for number in (1, 2, 3)]
    return truth(people, images=3), [found(COCO, 1, {0: (10, 10)}), found(COCO, 2, {0: (900, 900)})]


@every_engine
def test_only_the_named_images_are_scored_and_their_number_stands_in_the_result(
    engine: str,
) -> None:
    annotations, predictions = many()
    every = score("coco", annotations, predictions, engine=engine)
    assert "images" not in every
    common = score("coco", annotations, predictions, engine=engine, images="common")
    assert common["images"] == 2 and common["AP"] > every["AP"]
    first = score("coco", annotations, predictions, engine=engine, images=[1])
    assert first["images"] == 1 and first["AP"] == pytest.approx(1.0, abs=1e-12)
    third = score("coco", annotations, predictions, engine=engine, images=[3])
    assert (third["images"], third["AP"]) == (1, 0.0)


def test_crowd_levels_of_some_images() -> None:
    values = score("crowdpose", *crowd_case(), images="common")
    assert (values["images"], values["AP_easy"], values["AP_hard"]) == (2, 1.0, -1.0)


LISTS = [
    "1\n2\n",
    "000000000001.jpg pictures/2.png",
    "[1, 2]",
    '{"images": [{"id": 1}, {"id": 2}]}',
]


@pytest.mark.parametrize("text", LISTS)
def test_lists_of_images(tmp_path: Path, text: str) -> None:
    (tmp_path / "list").write_text(text, encoding="utf-8")
    assert list(read_images(str(tmp_path / "list"))) == [1, 2]


def test_images_that_are_not_there(tmp_path: Path) -> None:
    annotations, predictions = many()
    with pytest.raises(MissingError, match="image 7 is not in the ground truth"):
        score("coco", annotations, predictions, images=[1, 7])
    with pytest.raises(MissingError, match="no image in common"):
        score("coco", annotations, [], images="common")
    (tmp_path / "list").write_text("first second", encoding="utf-8")
    with pytest.raises(MissingError, match="holds what is no id of an image"):
        read_images(str(tmp_path / "list"))


def test_swapped_files_are_told(tmp_path: Path) -> None:
    annotations, predictions = good()
    with pytest.raises(MissingError, match="are the two files swapped"):
        score("coco", predictions, annotations)
    with pytest.raises(MissingError, match="are the two files swapped"):
        score("coco", annotations, annotations)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"area": -5.0}, "annotation 0: 'area' must not be negative"),
        ({"bbox": [0, 0, -5, 5]}, "annotation 0: 'bbox' must not be negative"),
        ({"iscrowd": "-"}, "annotation 0: 'iscrowd' must be 0 or 1"),
        ({"category_id": {}}, "annotation 0: 'category_id' must be a whole number"),
        ({"num_keypoints": 1e999}, "'num_keypoints' holds a value that is not a finite number"),
        ({"keypoints": ["1"] + [1] * 50}, "holds values that are not numbers"),
        ({"keypoints": [True] + [1] * 50}, "holds values that are not numbers"),
        ({"keypoints": [1e200] + [1] * 50}, "is not a finite number"),
        ({"id": 2**70}, "beyond 64 bits"),
    ],
)
def test_ground_truth_of_wrong_values(change: Item, message: str) -> None:
    annotations, predictions = good()
    annotations["annotations"][0].update(change)
    with pytest.raises(MissingError, match=message):
        score("coco", annotations, predictions)


@pytest.mark.parametrize("categories", [[{"id": {}}], [{"id": 1}, {"id": "a"}], [[1]], "x", [{}]])
def test_categories_of_wrong_values(categories: Any) -> None:
    annotations, predictions = good()
    annotations["categories"] = categories
    with pytest.raises(MissingError):
        score("coco", annotations, predictions)


def test_entries_nobody_asks_for_change_no_score() -> None:
    annotations, predictions = good()
    wanted = score("coco", annotations, predictions)
    for one in annotations["annotations"]:
        one["ignore"], one["segmentation"] = {}, "x"
    assert score("coco", annotations, predictions) == wanted


@pytest.mark.parametrize("engine", ["faster", "pycocotools"])
def test_a_detection_of_zeros_counts_as_false(engine: str) -> None:
    """xtcocotools leaves it out, so that its precision is higher."""
    annotations, predictions = good()
    zeros = {**predictions[0], "keypoints": [0.0] * 51, "score": 0.99}
    assert score("coco", annotations, [zeros, *predictions], engine=engine)["AP"] < 1
