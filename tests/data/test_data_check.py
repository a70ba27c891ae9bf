"""Whether a data set is whole (repro.data.check, `repro data check`)."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from where import REAL

from repro.cli.data import DRAWN
from repro.cli.main import main
from repro.data import coco, datasets, mpii
from repro.data.check import Line, check
from repro.data.datasets import DATA_SETS, PUBLIC, Archive, DataSet, Part
from repro.data.open import NAMES
from repro.errors import UsageError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["data", "check", *arguments])


def lines(name: str, data: Path) -> dict[str, Line]:
    return {one.what: one for one in check(name, data).lines}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A public data set of three pictures, two of them with a person, whole on disk."""
    archive = Archive("http://host/small.zip", {})
    parts = (
        Part(
            "annotations",
            ("ann/list.json",),
            archive=archive,
            counts={"images": 3, "images with a person": 2},
        ),
        Part("pictures", ("images",), 3, archive=archive),
    )
    monkeypatch.setitem(
        PUBLIC, "small", DataSet("small", "coco", parts, "http://page", "free to use")
    )
    write(tmp_path / "small", ["1.jpg", "2.png", "3.jpg"], people=[1, 2, 2])
    return tmp_path


def write(base: Path, files: list[str], people: list[int]) -> None:
    (base / "ann").mkdir(parents=True)
    (base / "images").mkdir()
    for name in files:
        cv2.imwrite(str(base / "images" / name), np.full((40, 60, 3), 100, np.uint8))
    annotations = [{"id": i, "image_id": image, "category_id": 1} for i, image in enumerate(people)]
    annotations.append({"id": 99, "image_id": 3, "category_id": 18})  # a dog
    content = {
        "images": [{"id": int(name[0]), "file_name": name} for name in files],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
    }
    (base / "ann" / "list.json").write_text(json.dumps(content))


def test_a_whole_set(small: Path) -> None:
    result = run("small", "--data", str(small), "--format", "json")
    assert result.exit_code == 0 and result.stderr == ""
    found = {
        row["what"]: (row["expected"], row["found"], row["state"])
        for row in json.loads(result.stdout)
    }
    path = small / "small" / "ann" / "list.json"
    assert found == {
        "annotations: hash": (
            "none published",
            f"{path}: sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}",
            "unverified",
        ),
        "annotations: images": ("3", "3", "ok"),
        "annotations: images with a person": ("2", "2", "ok"),
        "annotations: people": ("-", "3", "ok"),
        "pictures": ("3", f"3 in {small}/small/images", "ok"),
    }


def test_the_expected_tree_and_licence_are_printed(small: Path) -> None:
    out = run("small", "--data", str(small)).stdout
    assert (
        f"expected in {small}/small:\n  ann/list.json\n  images/  (3 files)\nsource: http://page"
        in out
    )
    assert "licence: free to use" in out


def test_nothing_is_there(small: Path, tmp_path: Path) -> None:
    result = run("small", "--data", str(tmp_path / "other"))
    assert result.exit_code == 4
    assert result.stderr == (
        f"error: small is not whole: annotations missing; pictures missing\n"
        f"  next: repro data fetch small --data {tmp_path}/other\n"
    )
    assert f"{tmp_path}/other/small/images (3 files)" in result.stdout
    assert not (tmp_path / "other").exists()


def test_absent_and_cut_pictures_are_named(small: Path) -> None:
    images = small / "small" / "images"
    (images / "1.jpg").unlink()
    (images / "2.png").write_bytes((images / "2.png").read_bytes()[:-20])
    line = lines("small", small)["pictures"]
    assert line.found == f"1 in {images}; absent: 1.jpg; cut short: 2.png"
    assert line.state == "incomplete"
    assert line.advice == f"remove those cut short, then repro data fetch small --data {small}"
    (images / "3.jpg").write_bytes(b"")
    assert lines("small", small)["pictures"].found.endswith("cut short: 2.png, 3.jpg")


def test_bytes_behind_a_picture_do_no_harm(small: Path) -> None:
    path = small / "small" / "images" / "1.jpg"
    path.write_bytes(path.read_bytes() + bytes(500))
    assert lines("small", small)["pictures"].state == "ok"


def test_many_absent_pictures_are_counted(small: Path) -> None:
    change(
        small,
        lambda content: content["images"].extend(
            {"id": n, "file_name": f"{n}.jpg"} for n in range(10, 20)
        ),
    )
    found = lines("small", small)
    assert found["pictures"].found.endswith("; absent: 10.jpg, 11.jpg, 12.jpg and 7 more")
    assert (found["annotations: images"].expected, found["annotations: images"].found) == (
        "3",
        "13",
    )
    assert found["annotations: images"].state == "differs"
    assert found["annotations: images"].advice.startswith(
        f"remove {small}/small/ann/list.json, then: repro data fetch"
    )


def change(data: Path, edit: Any) -> None:
    path = data / "small" / "ann" / "list.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "content", ["", '{"images": [', "[]", '{"images": [{}], "annotations": []}', '{"images": 3}']
)
def test_damaged_annotations(small: Path, content: str) -> None:
    (small / "small" / "ann" / "list.json").write_text(content)
    found = lines("small", small)
    assert found["annotations"].state == "damaged"
    assert found["pictures"].state == "ok" and found["pictures"].expected == "3 or more"
    assert run("small", "--data", str(small)).exit_code == 4


def test_pictures_are_counted_where_the_annotations_are_missing(small: Path) -> None:
    (small / "small" / "ann" / "list.json").unlink()
    (small / "small" / "images" / "3.jpg").unlink()
    line = lines("small", small)["pictures"]
    assert (line.expected, line.found, line.state) == (
        "3 or more",
        f"2 in {small}/small/images",
        "incomplete",
    )


@pytest.mark.parametrize(("published", "state"), [("", "unverified"), ("md5:abc", "ok")])
def test_a_recorded_hash_is_compared_ever_after(small: Path, published: str, state: str) -> None:
    path = small / "small" / "ann" / "list.json"
    first = hashlib.sha256(path.read_bytes()).hexdigest()
    facts = {"ann/list.json": {"sha256": first, "published": published}}
    (small / "small" / "hashes.json").write_text(json.dumps(facts))
    assert lines("small", small)["annotations: hash"].state == state
    path.write_text(path.read_text() + " ")
    line = lines("small", small)["annotations: hash"]
    assert line.state == "differs" and line.expected.startswith(f"sha256 {first}")
    assert run("small", "--data", str(small)).exit_code == 4


def test_a_damaged_record_of_hashes_is_said(small: Path) -> None:
    (small / "small" / "hashes.json").write_text("[]")
    assert lines("small", small)["annotations: hash"].state == "damaged"


def test_published_sums_of_single_files(tmp_path: Path) -> None:
    folder = tmp_path / "cifar100" / "cifar-100-python"
    folder.mkdir(parents=True)
    for name in datasets.CIFAR_MD5:
        (folder / name).write_bytes(b"not it")
    assert [one.state for one in check("cifar100-test", tmp_path).lines] == ["differs"] * 3


def test_classes_and_pictures_of_imagenet(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "imagenet" / "val" / f"n{number}").mkdir(parents=True)
        (tmp_path / "imagenet" / "val" / f"n{number}" / "a.JPEG").write_bytes(b"")
    found = lines("imagenet-val", tmp_path)
    assert [(one.expected, one.found, one.state) for one in found.values()] == [
        ("1000", "2", "differs"),
        ("50000", "2", "differs"),
    ]
    assert "ILSVRC2012_img_val.tar" in found["pictures: classes"].advice


def test_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown data set 'coco-vall'; did you mean coco-val"):
        check("coco-vall", tmp_path)


# --- the registry against the readers -------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name, one in NAMES.items() if one.kind == "coco" and name in PUBLIC]
)
def test_the_registry_names_the_places_where_the_reader_looks(name: str, tmp_path: Path) -> None:
    dataset, named = PUBLIC[name], NAMES[name]
    for part in dataset.parts:
        path = tmp_path / dataset.folder / part.paths[0]
        path.mkdir(parents=True) if part.files else None
        if not part.files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
    annotations, pictures = dataset.parts
    found = coco.locate(tmp_path, named.tree, named.split)
    assert found == tuple(
        tmp_path / dataset.folder / part.paths[0] for part in (pictures, annotations)
    )


@pytest.mark.parametrize(("name", "split"), [("mpii-train", "train"), ("mpii-val", "val")])
def test_the_registry_names_the_places_of_mpii(name: str, split: Any, tmp_path: Path) -> None:
    base = tmp_path / "mpii"
    (base / "annot").mkdir(parents=True)
    (base / "images").mkdir()
    for part in PUBLIC[name].parts[:-1]:
        (base / part.paths[0]).write_text("[]")
    found = mpii.locate(tmp_path, split)
    assert found.people == base / PUBLIC[name].parts[0].paths[0]
    assert check(name, tmp_path).lines[-1].what == "pictures"


def test_every_name_that_can_be_opened_can_be_checked() -> None:
    assert set(NAMES) - set(PUBLIC) == set(DRAWN)


def test_the_published_counts() -> None:
    counts = {
        name: dict(one.parts[0].counts) for name, one in PUBLIC.items() if one.parts[0].counts
    }
    assert counts == {
        "coco-train": {"images": 118287, "images with a person": 64115},
        "coco-val": {"images": 5000, "images with a person": 2693},
        "coco-test-dev": {"images": 20288},
        "crowdpose-trainval": {"images": 12000},
        "crowdpose-train": {"images": 10000},
        "crowdpose-val": {"images": 2000},
        "crowdpose-test": {"images": 8000},
        "mpii-train": {"people": 22246},
        "mpii-val": {"people": 2958},
        "imagenet-train": {"classes": 1000, "pictures": 1281167},
        "imagenet-val": {"classes": 1000, "pictures": 50000},
    }


def test_what_trains_and_is_tested_on_what() -> None:
    names = ("coco-val", "crowdpose-test", "mpii-val", "imagenet-val", "cifar100-test")
    assert {name: dict(PUBLIC[name].training_samples) for name in names} == {
        "coco-val": {"bottom-up": 64115, "top-down": 149813},
        "crowdpose-test": {"bottom-up": 12000},
        "mpii-val": {"single-person": 22246, "three-pass": 22246},
        "imagenet-val": {"classification": 1281167},
        "cifar100-test": {"classification": 50000},
    }
    usual = {joints: datasets.usual_test(joints) for joints in (0, 14, 16, 17, 5)}
    assert usual == {
        0: "imagenet-val",
        14: "crowdpose-test",
        16: "mpii-val",
        17: "coco-val",
        5: "coco-val",
    }


def test_fewer_than_the_whole_test_are_said() -> None:
    assert datasets.shortfall("coco-val", 11) == "11 of 5000 images"
    assert datasets.shortfall("mpii-val", 2957) == "2957 of 2958 images"
    for name, images in (
        ("coco-val", 5000),
        ("coco-val", None),
        ("coco-train", 1),
        ("synthpose-easy", 1),
    ):
        assert datasets.shortfall(name, images) == ""


@pytest.mark.parametrize("name", DATA_SETS)
def test_an_entry_does_not_contradict_itself(name: str) -> None:
    dataset = DATA_SETS[name]
    assert bool(dataset.parts) != bool(dataset.drawn)
    assert (dataset.tree in datasets.TREES) == (dataset.kind == "coco")
    assert dataset.test_samples or not dataset.title
    if dataset.title:
        counts = dataset.parts[0].counts
        assert counts.get("images", counts.get("people")) == dataset.test_samples


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_of_pictures_and_annotations(tmp_path: Path) -> None:
    write(tmp_path / "own", ["1.jpg", "2.png"], people=[1, 1])
    change_place = tmp_path / "own" / "ann" / "list.json"
    content = json.loads(change_place.read_text())
    content["annotations"].pop()
    (tmp_path / "own" / "person_keypoints.json").write_text(json.dumps(content))
    found = lines(str(tmp_path / "own"), Path("none"))
    assert found["annotations: people"].found == "2" and found["pictures"].state == "ok"
    (tmp_path / "own" / "images" / "1.jpg").unlink()
    result = run(str(tmp_path / "own"))
    assert result.exit_code == 4 and "absent: 1.jpg" in result.stdout
    assert result.stderr.startswith("error: own is not whole: pictures incomplete\n")


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 4
    assert "files missing" in result.stderr


def test_the_advice_is_never_the_command_itself(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "person_keypoints_val.json").write_text("{")
    (tmp_path / "images" / "val").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "images"):
        result = run(str(folder))
        assert result.exit_code == 4 and "repro data check" not in result.output


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(UsageError, match="is a file; a data set is a folder") as fault:
        check(str(tmp_path / "a.json"), Path("none"))
    assert fault.value.hint == f"repro data check {tmp_path}"


def test_of_several_annotation_files_the_one_of_the_part_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "own", ["1.jpg", "2.png"], people=[1, 1])
    (tmp_path / "own" / "ann" / "list.json").rename(tmp_path / "own" / "a_train.json")
    copy = (tmp_path / "own" / "a_train.json").read_bytes()
    (tmp_path / "own" / "a_valid.json").write_bytes(copy)
    assert lines(str(tmp_path / "own"), Path("none"))["annotations"].found.endswith("a_valid.json")
    (tmp_path / "own" / "b_test.json").write_bytes(copy)
    result = run(str(tmp_path / "own"))
    assert result.exit_code == 4
    assert (
        "holds several annotation files (a_train.json, a_valid.json, b_test.json)" in result.stdout
    )


@pytest.mark.data
def test_the_eleven_pictures() -> None:
    folder = REAL / "coco_images"
    if not folder.is_dir():
        pytest.skip("the reference pictures are not beside this checkout")
    result = run(str(folder), "--format", "json")
    found = {row["what"]: row["found"] for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert (found["annotations: images"], found["annotations: people"]) == ("11", "30")
    assert found["pictures"] == f"11 in {folder}/images"


@pytest.mark.data
def test_a_cut_down_mpii_folder_lacks_pictures() -> None:
    folder = REAL / "mpii_val_300"
    if not folder.is_dir():
        pytest.skip("the reference people are not beside this checkout")
    found = lines(str(folder), Path("none"))
    assert found["annotations: people"].found == "300"
    assert found["pictures"].state == "incomplete" and found["pictures"].found.startswith("5 in ")
