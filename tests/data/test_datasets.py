"""Data sets beside bottom-up COCO: MPII, CrowdPose, test-dev, classes, people one at a time,
folders of users."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from where import REAL

from repro.data import mpii
from repro.data.formats import Labelled, crowd_index
from repro.data.layouts import read_skeleton
from repro.data.open import NAMES, open_split
from repro.data.synth.once import draw_once
from repro.errors import MissingError, UsageError
from repro.measure.usual import protocol_for, recipe_for
from repro.people.sample import Sample
from repro.people.skeletons import COCO, CROWDPOSE, MPII
from repro.spec.profiles import SMOKE
from repro.spec.protocols import CLASSIFICATION, MPII_CROP, TOP_DOWN
from repro.spec.recipes import CLASSIFICATION_CIFAR, CLASSIFICATION_IMAGENET
from repro.tasks.all import TASKS
from repro.tasks.classification import shown

real = [pytest.mark.data, pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL}")]


def picture(path, size=(40, 60), colour=(200, 30, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size[::-1], colour).save(path)


def one_mpii(image="a/000000123.jpg", **more):
    """A person of MPII as HRNet's files have it: pixels from 1, the left wrist not annotated."""
    joints = [[10.0 + joint, 20.0] for joint in range(15)] + [[-1.0, -1.0]]
    held = {
        "image": image,
        "center": [30.0, 20.0],
        "scale": 0.1,
        "joints": joints,
        "joints_vis": [1] * 15 + [0],
    }
    return {**held, "head_box": [10.0, 10.0, 16.0, 18.0], **more}


def mpii_folder(folder, people):
    for one in people:
        picture(folder / "images" / one["image"])
    mpii.write_split(folder / "annot", "valid", people)
    return folder


# --- MPII, PROTOCOL section 6 ---------------------------------------------------------------------


def test_mpii_counts_from_1_and_the_centre_lies_15_pixels_lower(tmp_path):
    opened = open_split(str(mpii_folder(tmp_path / "m", [one_mpii()])), "val", tmp_path)
    sample = opened.dataset[0]
    assert sample.person.centre == (29.0, 20.0 + 15 * 0.1 - 1)
    assert sample.person.extent == (20.0, 20.0)
    np.testing.assert_array_equal(sample.joints[0, :2], [[9, 19, 2], [10, 19, 2]])
    np.testing.assert_array_equal(sample.joints[0, 15], [0, 0, 0])
    assert (sample.image_id, sample.image.shape, opened.skeleton) == (123, (40, 60, 3), MPII)


@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_predictions_of_mpii_need_1_added(tmp_path, offset):
    opened = open_split(str(mpii_folder(tmp_path / "m", [one_mpii(), one_mpii()])), "val", tmp_path)
    task, samples = TASKS["single-person"], [opened.dataset[0], opened.dataset[1]]
    predictions = [
        entry for one in samples for entry in task.results((one.joints, np.ones(1)), one)
    ]
    assert [one["person"] for one in predictions] == [0, 1]
    protocol = replace(MPII_CROP, offset=offset)
    values = task.score(opened.annotations, predictions, skeleton=MPII, protocol=protocol)
    # a head is 6 pixels and the predictions are 1.4 off without the offset
    assert (values["PCKh@0.5"], values["PCKh@0.1"]) == ((100, 100) if offset else (100, 0))
    assert values["PCKh@0.5 mean"] == 100
    assert MPII_CROP.offset == 1


def test_people_of_some_pictures_are_scored_as_themselves(tmp_path):
    folder = mpii_folder(
        tmp_path / "m", [one_mpii("a.jpg"), one_mpii("b.jpg", center=[50.0, 20.0])]
    )
    (folder / "images" / "a.jpg").unlink()
    opened = open_split(str(folder), "val", tmp_path)
    assert len(opened.dataset) == 1
    assert opened.note == "1 of 2 people left out: their pictures are not there"
    sample = opened.dataset[0]
    # no number in the file's name: the person's
    assert (sample.person.number, sample.image_id) == (
        1,
        1,
    )
    named = open_split("mpii-val", "val", folder)
    with pytest.raises(MissingError, match=r"a\.jpg"):
        named.dataset[0]
    (folder / "images" / "b.jpg").unlink()
    with pytest.raises(MissingError, match="none of the pictures"):
        open_split(str(folder), "val", tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"center": [1.0]}, "person 0"),
        ({"scale": -1}, "person 0"),
        ({"joints": [[1, 2]]}, "lacks"),
        ({"image": 3}, "lacks"),
    ],
)
def test_faulty_mpii_files(tmp_path, change, message):
    (tmp_path / "valid.json").write_text(json.dumps([{**one_mpii(), **change}]))
    with pytest.raises(MissingError, match=message):
        mpii.read_people(tmp_path / "valid.json")


def test_damaged_mpii_files(tmp_path):
    (tmp_path / "valid.json").write_text("[{")
    with pytest.raises(MissingError, match="not complete JSON"):
        mpii.read_people(tmp_path / "valid.json")
    (tmp_path / "valid.json").write_text("{}")
    with pytest.raises(MissingError, match="no list of people"):
        mpii.read_people(tmp_path / "valid.json")
    with pytest.raises(MissingError, match=r"expected.*annot/valid\.json"):
        open_split("mpii-val", "val", tmp_path / "none")


def official(path):
    """A file built as MPII's own: two pictures, of which one is for training; five people."""
    from scipy.io import savemat

    def point(number, x=5.0, y=6.0):
        return {"id": number, "x": x, "y": y, "is_visible": 1}

    def rect(points, **more):
        place = {"scale": 1.5, "objpos": {"x": 40, "y": 50}}
        return {
            "x1": 1,
            "y1": 2,
            "x2": 7,
            "y2": 10,
            "annopoints": {"point": points},
            **place,
            **more,
        }

    whole = rect([point(number) for number in range(16)])
    nowhere = rect([point(0), point(1)], objpos=np.zeros((0, 0)))
    odd = rect([point(3), point(3), point(17), point(4)], objpos={"x": 90, "y": 50})
    train = {"image": {"name": "1.jpg"}, "annorect": [whole, nowhere, odd, rect(np.zeros((0, 0)))]}
    test = {"image": {"name": "2.jpg"}, "annorect": whole}
    savemat(
        path,
        {"RELEASE": {"annolist": np.array([train, test], object), "img_train": np.array([1, 0])}},
    )
    return path


def test_the_official_file_is_converted_and_what_is_lost_is_told(tmp_path):
    found = mpii.convert(official(tmp_path / "release.mat"))
    assert [sum(one["joints_vis"]) for one in found.people] == [16, 2]
    assert found.people[0]["center"] == [40.0, 50.0]
    assert found.people[0]["head_box"] == [1.0, 2.0, 7.0, 10.0]
    assert found.lost == {
        "people without place or scale": 1,
        "joints of people without place or scale": 2,
        "joints given twice": 1,
        "joints without a number or a place": 1,
        "people without joints": 1,
    }
    cut = [{**found.people[0], "joints_vis": [0, *found.people[0]["joints_vis"][1:]]}]
    assert mpii.lost_joints(found.people, cut) == {"right_ankle": 1}
    mpii.write_split(tmp_path / "annot", "valid", found.people)
    assert len(mpii.read_people(tmp_path / "annot" / "valid.json")) == 2
    (tmp_path / "other.mat").write_bytes(b"no MATLAB")
    for name, message in (("other.mat", "damaged"), ("none.mat", "no file")):
        with pytest.raises(MissingError, match=message):
            mpii.convert(tmp_path / name)


@pytest.mark.parametrize("folder", [pytest.param("mpii_val_300", marks=real)])
def test_real_people_of_mpii(folder):
    opened = open_split(str(REAL / folder), "val", Path())
    assert (len(opened.dataset), opened.dataset.absent) == (5, 295)
    sample = opened.dataset[4]
    assert (sample.image.shape, sample.file, sample.image_id) == (
        (720, 1280, 3),
        "060754485.jpg",
        60754485,
    )


# --- COCO's form ----------------------------------------------------------------------------------


def coco_file(path, joints, *, images=2, categories=True, **more):
    """Two pictures, 40 x 60; a person at (10, 5), 20 wide and 30 high, in each; a crowd in the
    second."""
    content = {"images": [], "annotations": []}
    for number in range(1, images + 1):
        content["images"].append(
            {"id": number, "file_name": f"{number}.jpg", "height": 40, "width": 60, **more}
        )
        keypoints = [value for joint in range(joints) for value in (10 + joint, 20, 2)]
        one = {
            "id": number,
            "image_id": number,
            "category_id": 1,
            "iscrowd": 0,
            "keypoints": keypoints,
        }
        content["annotations"].append(
            {
                **one,
                "num_keypoints": joints,
                "bbox": [10, 5, 20, 30],
                "area": 600.0,
                "segmentation": [],
            }
        )
    crowd = {
        "id": 9,
        "image_id": images,
        "category_id": 1,
        "iscrowd": 1,
        "num_keypoints": 0,
        "bbox": [0, 0, 9, 9],
    }
    content["annotations"].append(
        {**crowd, "keypoints": [0] * 3 * joints, "area": 81.0, "segmentation": []}
    )
    if categories:
        content["categories"] = [{"id": 1, "name": "person"}]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return content


def test_crowdpose_is_trained_on_both_parts_and_without_masks(tmp_path):
    for name in ("trainval", "test"):
        coco_file(tmp_path / "crowdpose" / "json" / f"crowdpose_{name}.json", 14, crowdIndex=0.3)
    for number in (1, 2):
        picture(tmp_path / "crowdpose" / "images" / f"{number}.jpg")
    train, test = (open_split("crowdpose-test", split, tmp_path) for split in ("train", "val"))
    assert train.annotations.name == "crowdpose_trainval.json"
    assert test.annotations.name == "crowdpose_test.json"
    assert (train.skeleton, train.dataset.use_masks) == (CROWDPOSE, False)
    assert open_split("crowdpose-trainval", "train", tmp_path).annotations == train.annotations
    assert train.dataset[1].joints.shape == (1, 14, 3)


def test_crowdpose_scores_have_its_levels(tmp_path):
    coco_file(tmp_path / "crowdpose.json", 14, crowdIndex=0.3)
    for number in (1, 2):
        picture(tmp_path / f"{number}.jpg")
    opened = open_split(str(tmp_path), "val", tmp_path)
    assert opened.skeleton is CROWDPOSE
    task = TASKS["bottom-up"]
    predictions = [
        entry
        for one in (opened.dataset[0], opened.dataset[1])
        for entry in task.results((one.joints, [1.0]), one)
    ]
    values = task.score(
        opened.annotations, predictions, skeleton=opened.skeleton, protocol=MPII_CROP
    )
    assert values["AP"] == pytest.approx(1.0)
    assert (values["AP_easy"], values["AP_medium"], values["AP_hard"]) == (-1, 1, -1)


def test_drawn_crowds_have_an_index():
    sample = Sample(
        np.zeros((50, 50, 3), np.uint8), np.full((2, 14, 3), 2.0), np.ones((50, 50), bool), 1, "x"
    )
    sample.joints[0, :, :2], sample.joints[1, :, :2] = 10, 40
    sample.joints[1, :7, :2] = 11  # half of the second person stands in the first one's box
    boxes = np.array([[5.0, 5, 10, 10], [5, 5, 40, 40]])
    # (7 / 14 + 14 / 14) / 2
    assert crowd_index(Labelled(sample, boxes, np.ones(2), np.zeros((50, 50), np.uint8))) == 0.75


def test_test_dev_has_no_ground_truth_here(tmp_path):
    path = tmp_path / "coco" / "annotations" / "image_info_test-dev2017.json"
    path.parent.mkdir(parents=True)
    path.write_text(
        json.dumps(
            {"images": [{"id": 5, "file_name": "000000000005.jpg", "height": 40, "width": 60}]}
        )
    )
    picture(tmp_path / "coco" / "images" / "test2017" / "000000000005.jpg")
    opened = open_split("coco-test-dev", "val", tmp_path)
    assert opened.dataset[0].joints.shape == (0, 17, 3)
    assert TASKS["bottom-up"].score(opened.annotations, [], skeleton=COCO, protocol=TOP_DOWN) == {}


def test_a_folder_with_its_own_joints(tmp_path):
    coco_file(tmp_path / "annotations.json", 3)
    for number in (1, 2):
        picture(tmp_path / "images" / f"{number}.jpg")
    with pytest.raises(UsageError, match="3 joints, of which nothing is known"):
        open_split(str(tmp_path), "val", tmp_path)
    (tmp_path / "skeleton.toml").write_text(
        'name = "paw"\njoints = ["left_toe", "right_toe", "heel"]\nsigmas = [0.05, 0.05, '
        "0.1]\nlimbs = [[0, 2]]\n"
    )
    opened = open_split(str(tmp_path), "val", tmp_path)
    skeleton = opened.skeleton
    assert (skeleton.name, skeleton.flip, skeleton.order, skeleton.limbs) == (
        "paw",
        (1, 0, 2),
        (0, 1, 2),
        ((0, 2),),
    )
    task, sample = TASKS["bottom-up"], opened.dataset[0]
    far = task.results((sample.joints + np.array([4.0, 0, 0]), [1.0]), sample)
    values = task.score(opened.annotations, far, skeleton=skeleton, protocol=TOP_DOWN)
    oks = np.mean(np.exp(-(4.0**2) / (2 * (2 * np.array(skeleton.sigmas)) ** 2 * 600)))
    assert 0.35 < oks < 0.5
    assert values["AP50"] == 0.0
    wide = replace(skeleton, sigmas=(0.5, 0.5, 0.5))
    assert task.score(opened.annotations, far, skeleton=wide, protocol=TOP_DOWN)["AP50"] > 0.4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('joints = ["a"]', "no 'sigmas'"),
        ('joints = ["left_a"]\nsigmas = [1.0]', "has no 'right_a'"),
        ('joints = ["a"]\nsigmas = [1.0, 2.0]', "must cover its 1 joints"),
        ('joints = ["a"]\nsigmas = [1.0]\nlimbs = [[0, 1]]', "limbs must join"),
        ('joints = ["a"]\nsigma = [1.0]', "unknown entry 'sigma'"),
        ("joints = [", "cannot read"),
    ],
)
def test_faulty_skeletons(tmp_path, text, message):
    (tmp_path / "skeleton.toml").write_text(text)
    with pytest.raises(MissingError, match=message):
        read_skeleton(tmp_path / "skeleton.toml")


# --- people one at a time, PROTOCOL section 7 -----------------------------------------------------


def test_people_come_by_their_boxes_and_the_note_says_whose(tmp_path):
    coco_file(tmp_path / "annotations.json", 17)
    for number in (1, 2):
        picture(tmp_path / "images" / f"{number}.jpg")
    opened = open_split(str(tmp_path), "val", tmp_path, people=True)
    assert len(opened.dataset) == 2  # the crowd is nobody
    assert opened.note == "boxes of the annotations (ground truth)"
    sample = opened.dataset[0]
    # the last pixel is not counted
    assert (sample.person.centre, sample.person.extent) == (
        (19.5, 19.5),
        (19, 29),
    )
    assert (sample.person.score, sample.joints.shape) == (1.0, (1, 17, 3))
    boxes = tmp_path / "found.txt"
    found = [{"image_id": 2, "category_id": 1, "bbox": [0, 0, 10, 20], "score": 0.5}]
    boxes.write_text(
        json.dumps([*found, {**found[0], "category_id": 3}, {**found[0], "image_id": 77}])
    )
    detected = open_split(str(tmp_path), "val", tmp_path, people=True, boxes=boxes)
    assert detected.note == "boxes of the detector's file found.txt"
    (sample,) = [detected.dataset[index] for index in range(len(detected.dataset))]
    assert (sample.person.centre, sample.person.score, sample.joints.shape) == (
        (5, 10),
        0.5,
        (0, 17, 3),
    )
    assert detected.sources == (detected.annotations, boxes)
    boxes.write_text("no boxes")
    with pytest.raises(MissingError, match="cannot read the boxes"):
        open_split(str(tmp_path), "val", tmp_path, people=True, boxes=boxes)


@pytest.mark.parametrize(
    "folder",
    [pytest.param("coco_example4", marks=real), pytest.param("crowdpose_sample2", marks=real)],
)
def test_real_boxes(folder, tmp_path):
    name = {"coco_example4": "example_coco_val.json", "crowdpose_sample2": "test_crowdpose.json"}[
        folder
    ]
    for file in (*(REAL / folder).glob("*.jpg"), REAL / folder / name):
        (tmp_path / file.name).symlink_to(file)
    boxes = next((REAL / folder).glob("*_det_*.json"))
    annotated = open_split(str(tmp_path), "val", tmp_path, people=True)
    detected = open_split(str(tmp_path), "val", tmp_path, people=True, boxes=boxes)
    assert len(detected.dataset) == len(json.loads(boxes.read_text()))
    assert annotated.dataset[0].joints.any()
    assert len(annotated.skeleton) == (17 if folder.startswith("coco") else 14)


# --- classes --------------------------------------------------------------------------------------


def test_imagenets_folders(tmp_path):
    for split, name in (("train", "n02"), ("train", "n01"), ("val", "n01")):
        picture(tmp_path / "imagenet" / split / name / f"{name}_1.JPEG")
    train = open_split("imagenet-val", "train", tmp_path).dataset
    assert (train.classes, [train[index].label for index in range(2)]) == (["n01", "n02"], [0, 1])
    assert open_split("imagenet-val", "val", tmp_path).dataset[0].image.shape == (40, 60, 3)
    with pytest.raises(MissingError, match="expected imagenet/val"):
        open_split("imagenet-val", "val", tmp_path / "none")
    (tmp_path / "empty" / "val").mkdir(parents=True)
    with pytest.raises(MissingError, match="no pictures in class folders"):
        open_split("imagenet-val", "val", tmp_path / "empty")


def test_cifars_own_files_and_damaged_ones(tmp_path):
    folder = tmp_path / "cifar100" / "cifar-100-python"
    folder.mkdir(parents=True)
    (folder / "test").write_bytes(pickle.dumps({}))
    with pytest.raises(MissingError, match="damaged"):
        open_split("cifar100-test", "val", tmp_path)
    with pytest.raises(MissingError, match="no cifar100 data"):
        open_split("cifar100-test", "val", tmp_path / "none")


def test_what_a_classifier_is_shown():
    image = np.zeros((100, 200, 3), np.uint8)
    image[:, 100:] = 255
    middle = shown(image, (70, 70))
    assert middle.shape == (70, 70, 3)
    assert (middle[:, :33].max(), middle[:, 37:].min()) == (0, 255)
    small = np.zeros((32, 32, 3), np.uint8)
    small[0] = 255
    assert shown(small, (64, 64))[0].min() == 255  # CIFAR's are enlarged whole, nothing is cut off


def test_top_1_is_the_share_of_right_classes():
    predictions = [{"category_id": guess, "label": 1} for guess in (1, 1, 0, 1)]
    score = TASKS["classification"].score
    assert score(None, predictions, skeleton=COCO, protocol=CLASSIFICATION) == {"top1": 0.75}
    assert CLASSIFICATION.images == 10000


def test_class_examples_vary_but_repeat_with_the_seed():
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (50, 80, 3)).astype(np.uint8)
    sample = Sample(image, np.zeros((0, 0, 3)), np.ones((50, 80), bool), 1, "x", label=3)
    options = {"size": (32, 24), "outputs": (), "skeleton": COCO, "recipe": CLASSIFICATION_CIFAR}
    prepare = TASKS["classification"].prepare
    first, again, other = (
        prepare(sample, np.random.default_rng(seed), **options) for seed in (0, 0, 1)
    )
    assert first[0].shape == (3, 32, 24)
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert int(first[1].label) == 3
    with pytest.raises(UsageError, match="has no class"):
        prepare(replace(sample, label=-1), rng, **options)


# --- every name, every drawn form -----------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_say_what_they_expect(name, tmp_path):
    with pytest.raises(MissingError) as fault:
        open_split(name, NAMES[name].split, tmp_path)
    assert "expected" in fault.value.message
    assert "--data" in fault.value.hint or "repro data" in fault.value.hint


def test_drawn_people_of_mpii_are_whole(tmp_path):
    folder = draw_once(replace(SMOKE, train_images=2, val_images=3), 96, tmp_path, form="mpii")
    opened = open_split(str(folder), "val", tmp_path)
    assert len(opened.dataset) == 3
    sample = opened.dataset[0]
    seen = sample.joints[0, sample.joints[0, :, 2] > 0, :2]
    low = np.array(sample.person.centre) - np.array(sample.person.extent) / 2
    assert ((seen >= low - 1e-6) & (seen <= low + np.array(sample.person.extent) + 1e-6)).all()
    predictions = [
        entry
        for index in range(len(opened.dataset))
        for entry in TASKS["single-person"].results(
            (opened.dataset[index].joints, [1.0]), opened.dataset[index]
        )
    ]
    values = TASKS["single-person"].score(
        opened.annotations, predictions, skeleton=MPII, protocol=MPII_CROP
    )
    assert values["PCKh@0.1"] == 100


def test_drawn_classes_are_folders(tmp_path):
    folder = draw_once(SMOKE.of(CLASSIFICATION_IMAGENET), 48, tmp_path, form="classes")
    opened = open_split(str(folder), "train", tmp_path)
    assert len(opened.dataset.classes) == len(opened.dataset) == 100


def test_a_drawn_crowd_is_crowdposes(tmp_path):
    profile = replace(SMOKE, train_images=2, val_images=2)
    folder = draw_once(profile, 64, tmp_path, form="crowdpose")
    opened = open_split(str(folder), "val", tmp_path)
    assert opened.skeleton is CROWDPOSE
    assert all("crowdIndex" in one for one in json.loads(opened.annotations.read_text())["images"])
    assert draw_once(profile, 64, tmp_path, form="crowdpose") == folder


@pytest.mark.parametrize(
    ("model", "dataset", "recipe", "task"),
    [
        ("efficientpose_i", "mpii-val", "efficientpose", "three-pass"),
        ("openpose", "mpii-val", "openpose", "three-pass"),
        ("efficientpose_nas_a", "mpii-val", "efficientpose-nas-mpii", "single-person"),
        ("efficientpose_nas_a", "coco-val", "efficientpose-nas-coco", "top-down"),
        ("litepose_s", "crowdpose-test", "litepose-crowdpose", "bottom-up"),
        ("litepose_s", "coco-val", "litepose-coco", "bottom-up"),
        ("simplebaseline_r50", "coco-val", "efficientpose-nas-coco", "top-down"),
        ("efficientnet_b0", "imagenet-val", "classification-imagenet", "classification"),
        ("efficientnet_b0", "cifar100-test", "classification-cifar", "classification"),
    ],
)
def test_recipe_and_protocol_go_by_family_task_and_data(model, dataset, recipe, task):
    found = recipe_for(model, dataset)
    assert (found.name, found.task) == (recipe, task)
    assert protocol_for(model, NAMES[dataset].skeleton).task == task
