"""SynthPose: four faces of one generator, in memory and in the files of the sets they stand in
for."""

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from where import REAL

from repro.cli.data import DRAWN
from repro.cli.main import main
from repro.data import formats, sheet
from repro.data.check import check
from repro.data.coco import CocoKeypoints, locate
from repro.data.imagenet import ImageNet
from repro.data.mpii import MpiiPeople
from repro.data.open import NAMES, open_split
from repro.data.synth import body as figures
from repro.data.synth import cloth, faces
from repro.data.synth import crowd as synthetic
from repro.data.synth import layout as synth_layout
from repro.data.synth import wear as synth_wear
from repro.data.synth.faces import (
    FACES,
    HEAD_SHARE,
    SynthPose,
    area_unit,
    draw,
    label_of,
    make,
    mpii_person,
)
from repro.data.synth.levels import LEVELS, level
from repro.errors import MissingError, ReproError, UsageError
from repro.people.sample import Sample
from repro.people.skeletons import COCO, CROWDPOSE
from repro.pose.metrics import CROWD_CUTS, score_coco

SIZE = (96, 96)

# of picture 3, 96 x 96, seed 7, drawn by OpenCV 5.0.0 and NumPy 2.4
PIXELS = {
    "synthpose-coco": "2add047e2cb3cd8d",
    "synthpose-crowd": "ce66ea14e28b9685",
    "synthpose-mpii": "186c436ed0bf23d1",
    "synthpose-classes": "7e359b922e1839b8",
}


def short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@pytest.mark.parametrize("name", FACES)
def test_the_same_pixels_everywhere(name: str) -> None:
    sample = draw(name, 3, seed=7, size=SIZE).labelled.sample
    found = short(sample.image.tobytes() + sample.joints.tobytes())
    assert found == PIXELS[name], (
        f"drawn with OpenCV 5.0.0 and NumPy 2.4; here {cv2.__version__}, {np.__version__}"
    )


EASY_PIXELS = {
    "synthpose-coco": "c49ae36efd1e94e7",
    "synthpose-crowd": "cabfa05392c98bb3",
    "synthpose-mpii": "70043c2e72af5e2f",
    "synthpose-classes": "e8a1be554eeee066",
}


@pytest.mark.parametrize("name", FACES)
def test_the_same_easy_pixels_everywhere(name: str) -> None:
    """Profile mini keeps drawn folders: whoever changes these raises `synthetic` in
    repro/spec/versions.py."""
    sample = draw(name, 3, seed=7, size=SIZE, level=LEVELS["easy"]).labelled.sample
    found = short(sample.image.tobytes() + sample.joints.tobytes())
    assert found == EASY_PIXELS[name], (
        f"drawn with OpenCV 5.0.0 and NumPy 2.4; here {cv2.__version__}, {np.__version__}"
    )


def test_pictures_differ_by_face_seed_split_and_index() -> None:
    settings: list[dict[str, Any]] = [{}, {"seed": 1}, {"split": "val"}]
    pictures = [draw("synthpose-coco", 2, size=SIZE, **one) for one in settings]
    pictures += [draw("synthpose-coco", 5, size=SIZE), draw("synthpose-mpii", 2, size=SIZE)]
    assert len({one.labelled.sample.image.tobytes() for one in pictures}) == len(pictures)
    again = draw("synthpose-coco", 2, size=SIZE)
    np.testing.assert_array_equal(again.labelled.sample.image, pictures[0].labelled.sample.image)


@pytest.mark.parametrize("name", ["synthpose-coco", "synthpose-crowd"])
def test_labels_agree_with_the_pixels(name: str) -> None:
    kinds: set[float] = set()
    for picture in SynthPose(name, 25, size=SIZE).pictures():
        one = picture.labelled
        joints = one.sample.joints
        assert joints.shape[1:] == (len(FACES[name]), 3)
        assert len(one.boxes) == len(one.areas) == len(joints) == one.owners.max()
        kinds |= set(np.unique(joints[..., 2]))
        for number, (person, box) in enumerate(zip(joints, one.boxes, strict=True)):
            columns, rows = np.floor(person[person[:, 2] == 2, :2].T + 0.5).astype(int)
            assert (one.owners[rows, columns] == number + 1).all()
            x, y, width, height = box.astype(int)
            around = (
                one.owners[max(0, y - 1) : y + height + 1, max(0, x - 1) : x + width + 1]
                == number + 1
            )
            assert around.sum() == one.areas[number]  # thin limbs are painted a pixel wide
    assert kinds == {0.0, 1.0, 2.0}


def test_people_are_small_and_large_and_cut() -> None:
    pictures = list(SynthPose("synthpose-coco", 150, size=SIZE).pictures())
    heights = np.concatenate([one.labelled.boxes[:, 3] for one in pictures]) / SIZE[0]
    assert np.quantile(heights, 0.15) < 0.15 and np.quantile(heights, 0.95) > 0.6
    joints = np.concatenate([one.labelled.sample.joints for one in pictures])
    seen, hidden = (joints[..., 2] == 2).mean(), (joints[..., 2] == 1).mean()
    assert 0.4 < seen < 0.8 and hidden > 0.1
    labelled = joints[joints[..., 2].any(axis=1)]
    assert (labelled[..., 2] == 0).any(axis=1).mean() > 0.03  # some cut by the border


# --- crowds ---------------------------------------------------------------------------------------


def labelled(boxes: list[list[float]], joints: Any) -> formats.Labelled:
    points = np.asarray(joints, np.float64)
    sample = Sample(
        np.zeros((50, 50, 3), np.uint8), points, np.ones((50, 50), np.bool_), 1, "1.jpg"
    )
    return formats.Labelled(
        sample, np.asarray(boxes, np.float64), np.ones(len(boxes)), np.zeros((50, 50), np.uint8)
    )


def test_crowd_index_by_hand() -> None:
    """Two of the second person's four joints lie in the first's box, none the other way; the third
    has no joints."""
    first = [[1, 1, 2], [2, 2, 2], [3, 3, 1], [0, 0, 0]]
    second = [[8, 8, 2], [9, 9, 1], [20, 20, 2], [30, 30, 2]]
    boxes = [[0, 0, 10, 10], [7, 7, 30, 30], [0, 0, 50, 50]]
    # (2/3 + 0)/2
    assert formats.crowd_index(labelled(boxes, [first, second, np.zeros((4, 3))])) == pytest.approx(
        0.33
    )
    assert formats.crowd_index(labelled([[0, 0, 10, 10]], [first])) == 0
    packed = labelled([[0, 0, 50, 50]] * 3, [first, second, second])
    assert formats.crowd_index(packed) == 1


@pytest.mark.data
def test_crowd_index_of_the_real_file() -> None:
    path = REAL / "crowdpose_sample2" / "test_crowdpose.json"
    if not path.is_file():
        pytest.skip("the real data are not beside this checkout")
    content = json.loads(path.read_text())
    for image in content["images"]:
        people = [one for one in content["annotations"] if one["image_id"] == image["id"]]
        joints = np.array([one["keypoints"] for one in people]).reshape(-1, 14, 3)
        assert (
            formats.crowd_index(labelled([one["bbox"] for one in people], joints))
            == image["crowdIndex"]
        )


def test_crowds_are_easy_medium_and_hard() -> None:
    found = np.array(
        [
            formats.crowd_index(one.labelled)
            for one in SynthPose("synthpose-crowd", 150, size=SIZE).pictures()
        ]
    )
    parts = np.histogram(found, [0, *CROWD_CUTS, 1.01])[0] / len(found)
    assert (parts > (0.12, 0.35, 0.12)).all()
    assert found.min() == 0 and found.max() > 0.95


def test_boxes_of_whole_people() -> None:
    """In crowds the box holds every labelled joint, hidden ones too."""
    for picture in SynthPose("synthpose-crowd", 20, size=SIZE).pictures():
        for (x, y, width, height), person in zip(
            picture.labelled.boxes, picture.labelled.sample.joints, strict=True
        ):
            shown = person[person[:, 2] > 0, :2]
            assert ((shown >= (x - 1, y - 1)) & (shown <= (x + width + 1, y + height + 1))).all()


# --- one person -----------------------------------------------------------------------------------


def test_mpii_conventions() -> None:
    """Of the real files: the head box's diagonal is 0.2083 x 200 x scale; the square holds the
    whole person."""
    offs = []
    for picture in SynthPose("synthpose-mpii", 40, size=SIZE).pictures():
        one = mpii_person(picture)
        x1, y1, x2, y2 = one["head_box"]
        side = 200 * one["scale"]
        # scale has six digits
        assert np.hypot(x2 - x1, y2 - y1) == pytest.approx(HEAD_SHARE * side, rel=1e-3)
        joints, shown = np.array(one["joints"]), np.array(one["joints_vis"]) > 0
        assert (joints[~shown] == -1).all() and (joints[shown] >= 1).all() and shown.sum() >= 3
        middle = (joints[shown].min(axis=0) + joints[shown].max(axis=0)) / 2
        offs.append((np.array(one["center"]) - middle) / side)
        assert (np.abs(joints[shown] - one["center"]) < 0.75 * side).all()
    assert np.abs(np.mean(offs, axis=0) - (0, -0.033)).max() < 0.05


# --- classes --------------------------------------------------------------------------------------


def test_a_hundred_classes_in_turn() -> None:
    assert len(set(synth_wear.CLASSES)) == 100 and list(synth_wear.CLASSES) == sorted(
        synth_wear.CLASSES
    )
    assert {synth_wear.meaning(label) for label in range(100)} == {
        (pose, wear) for pose in synth_wear.POSES for wear in synth_wear.WEAR
    }
    for split in ("train", "val"):
        numbers = SynthPose("synthpose-classes", 200, split=split, size=SIZE).image_ids  # type: ignore[arg-type]
        assert [label_of(number) for number in numbers] == [*range(100)] * 2


def test_what_is_worn_changes_the_picture() -> None:
    """The same stream with another wearable: the same pose, more of the picture covered."""
    sizes = {}
    for label, name in enumerate(synth_wear.CLASSES):
        if name.startswith("standing"):
            stream = synth_layout.Stream(3)
            layout = synth_layout.one_class(stream, SIZE, label)
            sizes[name] = len(layout.body.balls)
            assert np.isfinite(layout.crowd.points).all()
            assert (
                layout.crowd.points.shape[1] == layout.body.balls.max() + 1
                or name == "standing_plain"
            )
    assert len(sizes) == 10 and min(sizes, key=lambda name: sizes[name]) == "standing_plain"


# --- data sets ------------------------------------------------------------------------------------


def same(ours: Sample, theirs: Sample) -> None:
    np.testing.assert_array_equal(ours.joints, theirs.joints)
    assert (ours.image_id, ours.person, ours.label) == (
        theirs.image_id,
        theirs.person,
        theirs.label,
    )
    assert np.mean(ours.mask == theirs.mask) > 0.99  # polygons follow pixel centres
    # of 255: JPEG halves the grain's colour
    assert np.abs(ours.image.astype(int) - theirs.image).mean() < 12


@pytest.mark.parametrize("name", ["synthpose-coco", "synthpose-crowd", "synthpose-mpii"])
def test_written_files_are_read_as_what_was_drawn(name: str, tmp_path: Path) -> None:
    make(name, tmp_path / name, {"train": 6, "val": 4}, seed=4, size=SIZE)
    for split, count in (("train", 6), ("val", 4)):
        drawn = SynthPose(name, count, split=split, seed=4, size=SIZE)  # type: ignore[arg-type]
        for opened in (
            open_split(name, split, tmp_path),
            open_split(str(tmp_path / name), split, tmp_path),
        ):  # type: ignore[arg-type]
            assert len(opened.dataset) == count and opened.skeleton == drawn.skeleton
            for at in range(count):
                same(opened.dataset[at], drawn[at])


def test_real_trees(tmp_path: Path) -> None:
    make("synthpose-coco", tmp_path / "a", {"train": 2, "val": 2}, size=SIZE)
    images, annotations = locate(tmp_path / "a", "coco", "val")
    assert annotations.name == "person_keypoints_val2017.json" and images.name == "val2017"
    assert len(CocoKeypoints(images, annotations, skeleton=COCO, split="val")) == 2
    make("synthpose-crowd", tmp_path / "b", {"train": 2, "val": 2}, size=SIZE)
    images, annotations = locate(tmp_path / "b", "crowdpose", "val")
    content = json.loads(annotations.read_text())
    assert all(0 <= one["crowdIndex"] <= 1 for one in content["images"])
    assert content["categories"][0]["keypoints"] == list(CROWDPOSE.joints)
    assert len(list(images.iterdir())) == 4


def test_classes_in_folders(tmp_path: Path) -> None:
    make("synthpose-classes", tmp_path / "synthpose-classes", {"val": 100}, size=(32, 32))
    read = open_split("synthpose-classes", "val", tmp_path).dataset
    assert isinstance(read, ImageNet) and read.classes == list(synth_wear.CLASSES)
    assert [line.found for line in check("synthpose-classes", tmp_path).lines] == ["100", "100"]
    drawn = SynthPose("synthpose-classes", 100, split="val", size=(32, 32))
    labels = {Path(read[at].file).name: read[at].label for at in range(100)}
    assert labels == {drawn[at].file: drawn[at].label for at in range(100)}


@pytest.mark.parametrize("name", FACES)
def test_on_the_fly(name: str) -> None:
    dataset = pickle.loads(pickle.dumps(SynthPose(name, 3, split="val", size=SIZE)))
    assert len(dataset) == len([dataset[at] for at in range(3)]) == 3
    assert dataset.image_ids == [dataset[at].image_id for at in range(3)] == [2, 4, 6]
    assert dataset.annotations.is_file() and dataset.annotations in dataset.sources
    np.testing.assert_array_equal(dataset[-1].image, dataset[2].image)
    with pytest.raises(IndexError):
        dataset[3]


def test_truth_of_drawn_people_equals_that_of_files(tmp_path: Path) -> None:
    for name in ("synthpose-mpii", "synthpose-crowd"):
        make(name, tmp_path / name, {"val": 3}, size=SIZE)
        written = open_split(name, "val", tmp_path).annotations
        assert (
            written.read_bytes()[128:]
            == SynthPose(name, 3, split="val", size=SIZE).annotations.read_bytes()[128:]
        )


# --- bad input and the command --------------------------------------------------------------------


def test_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="unknown drawn data set 'synthpose-coc'; did you mean synthpose-coco"
    ):
        SynthPose("synthpose-coc", 3)
    with pytest.raises(UsageError, match="unknown drawn data set"):
        draw("coco", 0, size=SIZE)
    with pytest.raises(UsageError, match="seeds count from 0, sizes from 32"):
        draw("synthpose-coco", 0, size=(16, 96))
    with pytest.raises(UsageError, match="cannot draw -1 pictures"):
        SynthPose("synthpose-coco", -1)
    with pytest.raises(UsageError, match="99 val pictures cannot show 100 classes"):
        make("synthpose-classes", tmp_path / "a", {"train": 0, "val": 99}, size=SIZE)
    with pytest.raises(MissingError, match="no synthpose-mpii in") as fault:
        open_split("synthpose-mpii", "val", tmp_path)
    assert "repro data make synthpose-mpii --out" in fault.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", FACES)
def test_an_interrupted_run_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReproError, match="No space left on device"):
        make(name, tmp_path / "out", {"train": 100}, size=(32, 32))
    assert not list(tmp_path.iterdir())


def test_commands(tmp_path: Path) -> None:
    assert set(FACES) | {"synthetic-coco"} == set(DRAWN) and set(FACES) <= set(NAMES)
    out = tmp_path / "drawn"
    made = CliRunner().invoke(
        main,
        [
            "data",
            "make",
            "synthpose-mpii",
            "--train",
            "2",
            "--val",
            "2",
            "--size",
            "64",
            "--out",
            str(out),
        ],
    )
    assert made.exit_code == 0 and isinstance(
        open_split(str(out), "val", tmp_path).dataset, MpiiPeople
    )
    for name in ("synthpose-classes", str(out)):
        path = tmp_path / "sheet.png"
        shown = CliRunner().invoke(
            main, ["data", "show", name, "--count", "2", "--size", "64", "--out", str(path)]
        )
        assert shown.exit_code == 0 and shown.stdout.strip() == str(path)
        assert cv2.imread(str(path)).shape == (64, 128, 3)


def test_bad_sheets(tmp_path: Path) -> None:
    drawn = SynthPose("synthpose-coco", 1, size=SIZE)
    plain, marked = (
        sheet.sheet(drawn, COCO, count=1, side=96, plain=plain) for plain in (True, False)
    )
    np.testing.assert_array_equal(plain, drawn[0].image)
    assert (plain != marked).any()
    with pytest.raises(UsageError, match="cannot show 0 pictures"):
        sheet.sheet(drawn, COCO, count=0)
    with pytest.raises(UsageError, match=r"is no \.png or \.jpg"):
        sheet.write(tmp_path / "a.gif", plain)
    with pytest.raises(ReproError, match="cannot write"):
        sheet.write(tmp_path / "no" / "a.png", plain)


# --- level plain ----------------------------------------------------------------------------------

PLAIN = LEVELS["plain"]
PLAIN_PIXELS = {
    "synthpose-coco": "20a89474cda63d41",
    "synthpose-crowd": "b6a21b2f60433094",
    "synthpose-mpii": "f943e1183b357bb0",
    "synthpose-classes": "44f123e3436df821",
}


@pytest.mark.parametrize("name", FACES)
def test_the_same_plain_pixels_everywhere(name: str) -> None:
    """Whoever changes these raises `synthetic` in repro/spec/versions.py."""
    sample = draw(name, 3, seed=7, size=SIZE, level=PLAIN).labelled.sample
    found = short(sample.image.tobytes() + sample.joints.tobytes())
    assert found == PLAIN_PIXELS[name], (
        f"drawn with OpenCV 5.0.0 and NumPy 2.4; here {cv2.__version__}, {np.__version__}"
    )


NEAR = LEVELS["near"]
NEAR_PIXELS = {
    "synthpose-coco": "3affab4fe74d9925",
    "synthpose-crowd": "4dfa760a9034b19c",
    "synthpose-mpii": "79623dc32574e40d",
    "synthpose-classes": "9ade307aba5347c6",
}


@pytest.mark.parametrize("name", FACES)
def test_the_same_near_pixels_everywhere(name: str) -> None:
    """Profile mini keeps drawn folders: whoever changes these raises `synthetic` in
    repro/spec/versions.py."""
    sample = draw(name, 3, seed=7, size=SIZE, level=NEAR).labelled.sample
    found = short(sample.image.tobytes() + sample.joints.tobytes())
    assert found == NEAR_PIXELS[name], (
        f"drawn with OpenCV 5.0.0 and NumPy 2.4; here {cv2.__version__}, {np.__version__}"
    )


def test_one_near_person_stands_alone_and_tall_and_is_turned_all_the_way() -> None:
    pictures = list(SynthPose("synthpose-mpii", 60, size=SIZE, level=NEAR).pictures())
    assert all(len(one.labelled.boxes) == 1 for one in pictures)
    joints = np.concatenate([one.labelled.sample.joints for one in pictures])
    names = FACES["synthpose-mpii"].joints
    left, right = (joints[:, names.index(f"{side}_shoulder"), 0] for side in ("left", "right"))
    assert (left < right).mean() > 0.05  # these show their back; most face the camera


@pytest.mark.parametrize("name", ["synthpose-coco", "synthpose-crowd"])
def test_near_people_are_few_and_of_many_sizes(name: str) -> None:
    """Heights are even on a log scale: the middle one is near the geometric mean of 20 and 90 %, 42
    %."""
    pictures = list(SynthPose(name, 150, size=SIZE, level=NEAR).pictures())
    counts = np.array([len(one.labelled.boxes) for one in pictures])
    assert counts.max() == 4
    heights = np.concatenate([one.labelled.boxes[:, 3] for one in pictures]) / SIZE[0]
    assert 0.3 < np.median(heights) < 0.55 and np.quantile(heights, 0.9) > 0.7


@pytest.mark.parametrize("name", ["synthpose-coco", "synthpose-crowd"])
def test_plain_people_are_of_every_size_and_crowding(name: str) -> None:
    """Heights are even on a log scale: the middle one is near the geometric mean of 8 and 90 %, 27
    %."""
    pictures = list(SynthPose(name, 150, size=SIZE, level=PLAIN).pictures())
    shown = [one.labelled.sample.joints[..., 2].any(axis=1) for one in pictures]
    heights = (
        np.concatenate(
            [one.labelled.boxes[own, 3] for one, own in zip(pictures, shown, strict=True)]
        )
        / SIZE[0]
    )
    areas = np.concatenate(
        [one.labelled.areas[own] for one, own in zip(pictures, shown, strict=True)]
    )
    assert 0.2 < np.median(heights) < 0.35 and heights.min() < 0.1 and heights.max() > 0.85
    medium, large = 32**2 * area_unit(SIZE, PLAIN.geometry), 96**2 * area_unit(SIZE, PLAIN.geometry)
    assert (
        (areas < medium).any()
        and ((areas > medium) & (areas < large)).mean() > 0.3
        and (areas > large).mean() > 0.2
    )
    crowding = np.array([formats.crowd_index(one.labelled) for one in pictures])
    assert crowding.min() == 0 and crowding.max() > 0.8
    joints = np.concatenate(
        [one.labelled.sample.joints[own] for one, own in zip(pictures, shown, strict=True)]
    )
    body = joints[:, 5:, 2] if name == "synthpose-coco" else joints[..., 2]
    assert (body == 0).any(axis=1).mean() > 0.04 and (
        body == 1
    ).mean() > 0.1  # cut by the border, and hidden


def test_plain_people_have_a_hue_each_and_sides_alike() -> None:
    palettes = [cloth.fixed(figures.Stream(seed)) for seed in range(40)]
    shirts = np.array([palette[1][figures.SHIRT] for palette in palettes])
    trousers = np.array([palette[1][figures.TROUSERS] for palette in palettes])
    assert (shirts.std(axis=0) > 20).all()
    off = shirts - trousers
    assert (off.std(axis=0) < 10).all()  # of 255: what parts differ by stays, but for the jitter
    cloths = {part.cloth for part in figures.PARTS if part.group == figures.LEFT_ARM}
    assert cloths == {part.cloth for part in figures.PARTS if part.group == figures.RIGHT_ARM}


def test_the_bib_shows_which_way_people_face() -> None:
    """Of a person who faces the camera the light front is seen, of one turned away the dark back;
    the joints stay."""
    angles = figures.draw_angles(figures.Stream(3), 2, "standing")
    points = figures.build(angles, np.array([0, 180]), head=np.ones(2), pitch=0, roll=0) * (
        40.0,
        -40.0,
        1.0,
    )
    unit = np.full(2, 40.0)
    crowd = synthetic.Crowd(
        points + np.array([48.0, 48.0, 0.0]),
        unit,
        synthetic.BODY.radii * unit[:, None],
        np.zeros(2, bool),
    )
    layout = synth_layout.with_bibs(synth_layout.Layout(crowd))
    np.testing.assert_array_equal(layout.crowd.points[:, : points.shape[1]], crowd.points)
    tones = []
    for person in range(2):
        own = slice(person, person + 1)
        one = synthetic.Crowd(
            *(getattr(layout.crowd, key)[own] for key in ("points", "unit", "radii", "seated"))
        )
        canvas = np.zeros((*SIZE, 4), np.uint8)
        synthetic.paint(canvas, one, figures.Stream(1), body=layout.body, palettes=cloth.fixed)
        tones.append(int(canvas[40, 48, :3].sum()))
    assert tones[0] > tones[1] + 200


def test_levels_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown level of SynthPose 'plane'; did you mean plain"):
        level("plane")
    runner = CliRunner()
    wrong = runner.invoke(main, ["data", "show", "synthpose-coco", "--level", "plane"])
    assert wrong.exit_code == 2 and "did you mean plain" in wrong.stderr
    other = runner.invoke(main, ["data", "show", "coco-val", "--level", "plain"])
    assert other.exit_code == 2 and "coco-val has no levels" in other.stderr


def test_bounds_of_areas_follow_the_size_of_the_pictures() -> None:
    """A person of 1000 px area is large in a picture of 96 px, where 96 x 96 of 640 is 14.4 x
    14.4."""
    truth = json.loads(
        SynthPose("synthpose-coco", 20, split="val", size=SIZE, level=PLAIN).annotations.read_text()
    )
    assert truth["info"]["area_unit"] == pytest.approx((96 / 640) ** 2)
    people = [one for one in truth["annotations"] if one["num_keypoints"]]
    exact = [{**one, "score": 1.0} for one in people]
    assert score_coco(truth, exact)["APl"] == 1
    small = {
        **truth,
        "annotations": [
            one for one in truth["annotations"] if one["area"] < 96**2 * (96 / 640) ** 2
        ],
    }
    assert score_coco(small, [])["APl"] == -1
    with pytest.raises(MissingError, match="'area_unit' must be a number above 0"):
        score_coco({**truth, "info": {"area_unit": 0}}, exact)


def test_many_pictures_are_drawn_by_several_processes_and_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = SynthPose("synthpose-mpii", 5, size=(64, 64), level=LEVELS["near"])
    one_by_one = [*drawn.pictures()]
    monkeypatch.setattr(faces, "MANY", 2)
    together = [*drawn.pictures()]
    for first, second in zip(one_by_one, together, strict=True):
        np.testing.assert_array_equal(
            first.labelled.sample.image, second.labelled.sample.image, strict=True
        )
        np.testing.assert_array_equal(
            first.labelled.sample.joints, second.labelled.sample.joints, strict=True
        )
