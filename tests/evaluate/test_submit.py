"""Packing for COCO's test-dev server (repro.evaluate.submit, `repro submit coco-test-dev`)."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from where import REAL

from repro.cli.main import main
from repro.data.datasets import DATA_SETS
from repro.errors import MissingError, ReproError, UsageError
from repro.evaluate import submit

STEM = "person_keypoints_test-dev2017_h0_results"


def person(image: int, **changes: Any) -> dict[str, Any]:
    points = [value for joint in range(17) for value in (joint + 0.5, 7, 0.25)]
    return {"image_id": image, "category_id": 1, "keypoints": points, "score": 0.5} | changes


def write(folder: Path, content: Any, name: str = "predictions.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def info(folder: Path, *ids: int) -> Path:
    return write(
        folder, {"images": [{"id": one, "file_name": f"{one}.jpg"} for one in ids]}, "info.json"
    )


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["submit", "coco-test-dev", *map(str, arguments)])


def test_the_zip_holds_one_list_of_the_same_stem(tmp_path: Path) -> None:
    items = [person(4), person(5, center=[1, 2], bbox=[0, 0, 1, 1])]
    path = write(tmp_path, items)
    result = run(
        path, "--name", "h0", "--image-info", info(tmp_path, 4, 5, 6), "--out", tmp_path / "out"
    )
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}/out/{STEM}.zip\n"
    assert [one.name for one in (tmp_path / "out").iterdir()] == [f"{STEM}.zip"]
    with zipfile.ZipFile(tmp_path / "out" / f"{STEM}.zip") as archive:
        assert archive.namelist() == [f"{STEM}.json"]
        assert archive.testzip() is None
        packed = json.loads(archive.read(f"{STEM}.json"))
    assert packed == [person(4), person(5)]  # fields the server does not read are left out
    assert "2 predictions on 2 images\n" in result.stderr
    assert "1 of 3 images have no prediction" in result.stderr
    assert "--image-info lists 3 images, test-dev2017 has 20288" in result.stderr


def test_the_same_predictions_make_the_same_bytes(tmp_path: Path) -> None:
    checked = submit.check(write(tmp_path, [person(4)]))
    first = submit.pack(checked, "h0", tmp_path).read_bytes()
    assert submit.pack(checked, "h0", tmp_path).read_bytes() == first


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, [person(4)])
    result = run(path, "--dry-run", "--out", tmp_path / "out")
    assert result.exit_code == 0 and result.stdout == ""
    assert sorted(one.name for one in tmp_path.iterdir()) == ["predictions.json"]
    assert "image ids are not checked" in result.stderr


def test_more_than_twenty_per_image_is_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, [person(4) for _ in range(21)] + [person(5) for _ in range(20)])
    result = run(path, "--dry-run")
    assert result.exit_code == 0
    assert (
        "warning: 1 images have more than 20 predictions; the server keeps the 20 best"
        in result.stderr
    )


FAULTS: dict[str, tuple[Any, str]] = {
    "an object": ({"annotations": []}, "the server wants a JSON list, this is an object"),
    "an empty list": ([], "the list is empty"),
    "a number": ([3], "prediction 0 is no JSON object"),
    "no score": (
        [person(4), {"image_id": 4, "category_id": 1, "keypoints": []}],
        "1 (image 4) has no score",
    ),
    "two fields": ([{"image_id": 4, "score": 1}], "has no category_id and no keypoints"),
    "another image": (
        [person(4), person(9)],
        "prediction 1 (image 9) is of an image that is not in test-dev2017",
    ),
    "image as text": ([person(4, image_id="4")], "has the image_id '4', not a whole number"),
    "image as a fraction": ([person(4, image_id=4.0)], "has the image_id 4.0, not a whole number"),
    "category 0": ([person(4, category_id=0)], "has category_id 0, a person is 1"),
    "category true": ([person(4, category_id=True)], "has category_id True, a person is 1"),
    "14 joints": ([person(4, keypoints=[1] * 42)], "has 42 keypoints numbers, the server wants 51"),
    "pairs": ([person(4, keypoints=[[1, 2, 3]] * 17)], "has 17 keypoints numbers"),
    "51 lists": ([person(4, keypoints=[[1]] * 51)], "has keypoints that are not finite numbers"),
    "no keypoints": ([person(4, keypoints=None)], "has None keypoints numbers"),
    "a text among keypoints": (
        [person(4, keypoints=["1"] + [1] * 50)],
        "keypoints that are not finite numbers",
    ),
    "NaN": (
        [person(4, keypoints=[float("nan")] + [1] * 50)],
        "keypoints that are not finite numbers",
    ),
    "endless": (
        [person(4, keypoints=[10**400] + [1] * 50)],
        "keypoints that are not finite numbers",
    ),
    "infinite score": ([person(4, score=float("inf"))], "has the score inf, not a finite number"),
    "score as text": ([person(4, score="1")], "has the score '1', not a finite number"),
    "score null": ([person(4, score=None)], "has the score None, not a finite number"),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_what_the_server_would_refuse_is_one_line_and_nothing_written(
    tmp_path: Path, content: Any, message: str
) -> None:
    path = write(tmp_path, content)
    result = run(path, "--image-info", info(tmp_path, 4), "--out", tmp_path / "out")
    assert result.exit_code == 1 and result.stdout == ""
    fault, hint = result.stderr.splitlines()
    assert fault.startswith(f"error: '{path}' cannot be submitted: ") and message in fault
    assert hint.startswith("  next: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["", '[{"image_id": 4, "cat', "\x00\xff"])
def test_damaged_and_absent_predictions(tmp_path: Path, content: str) -> None:
    (tmp_path / "cut.json").write_text(content, encoding="latin-1")
    for name in ("cut.json", "absent.json"):
        result = run(tmp_path / name, "--out", tmp_path / "out")
        assert result.exit_code == 4 and name in result.stderr
        assert result.stderr.startswith("error: ") and len(result.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [[], {}, {"images": 3}, {"images": [{}]}, {"images": [{"id": "x"}]}]
)
def test_a_list_of_test_pictures_of_another_kind(tmp_path: Path, content: Any) -> None:
    with pytest.raises(MissingError, match=r"info.json' has no list of images with ids"):
        submit.check(write(tmp_path, [person(4)]), write(tmp_path, content, "info.json"))


def test_an_absent_list_of_test_pictures(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="cannot read the list of test pictures"):
        submit.check(write(tmp_path, [person(4)]), tmp_path / "absent.json")


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".hidden", "a b", "x" * 101, "ü"])
def test_names_unfit_for_a_file(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the submission's name"):
        submit.stem(name)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(ReproError, match="cannot write") as fault:
        submit.pack(submit.check(write(tmp_path, [person(4)])), "h0", tmp_path / "file")
    assert fault.value.exit_code == 1
    assert (tmp_path / "file").read_text() == "kept"


def test_the_number_of_test_pictures_is_the_registrys() -> None:
    assert DATA_SETS["coco-test-dev"].parts[0].counts == {"images": submit.TEST_DEV_IMAGES}


@pytest.mark.data
def test_real_predictions(tmp_path: Path) -> None:
    path = REAL / "coco_example4" / "example_coco_preds.json"
    if not path.exists():
        pytest.skip("the reference predictions are not beside this checkout")
    checked = submit.check(path)
    assert (len(checked.items), checked.images) == (73, 4)
    with zipfile.ZipFile(submit.pack(checked, "h0", tmp_path)) as archive:
        assert json.loads(archive.read(f"{STEM}.json")) == checked.items
