"""COCO files, damaged files, and the drawn data set (repro.data)."""

import errno
import hashlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from where import REAL

from repro.data.coco import CocoKeypoints, locate, read_image
from repro.data.open import open_split
from repro.data.synth import body as figures
from repro.data.synth.crowd import SyntheticCoco, draw, make_coco
from repro.errors import MissingError, ReproError, UsageError
from repro.people.skeletons import COCO, CROWDPOSE, MPII, SKELETONS

SMALL = (96, 128)


# --- a small COCO file ----------------------------------------------------------------------------


def person(number: int, image: int, **changes: Any) -> dict[str, Any]:
    seen = [v for joint in range(17) for v in (10 + joint, 20, 2)]
    row = {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "num_keypoints": 17,
        "keypoints": seen,
    }
    return (
        row
        | {"bbox": [0, 0, 5, 5], "area": 25, "segmentation": [[0, 0, 5, 0, 5, 5, 0, 5]]}
        | changes
    )


def bare(number: int, image: int, **changes: Any) -> dict[str, Any]:
    return person(number, image, num_keypoints=0, keypoints=[0] * 51, **changes)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Four pictures: one person; a person and one without key points; a crowd only; nobody."""
    images = [{"id": n, "file_name": f"{n}.png", "height": 40, "width": 60} for n in (1, 2, 3, 4)]
    for image in images:
        cv2.imwrite(str(tmp_path / str(image["file_name"])), np.full((40, 60, 3), 100, np.uint8))
    square = [[10, 10, 30, 10, 30, 20, 10, 20]]
    runs = {"size": [40, 60], "counts": [0, 400, 2000]}  # the ten leftmost columns
    annotations = [
        person(1, 1),
        person(2, 2),
        bare(3, 2, segmentation=square),
        bare(4, 3, iscrowd=1, segmentation=runs),
    ]
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}],
    }
    (tmp_path / "person_keypoints.json").write_text(json.dumps(content))
    return tmp_path


def change(folder: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    path = folder / "person_keypoints.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def opened(folder: Path, **options: Any) -> CocoKeypoints:
    return CocoKeypoints(folder, folder / "person_keypoints.json", skeleton=COCO, **options)


def test_train_has_pictures_with_people_and_val_all(small: Path) -> None:
    assert opened(small).image_ids == [1, 2, 3]
    assert opened(small, split="val").image_ids == [1, 2, 3, 4]
    assert len(opened(small, split="val")[3].joints) == 0


def test_people_kept_and_mask(small: Path) -> None:
    one, two, crowd = opened(small)
    assert one.joints.shape == (1, 17, 3) and one.mask.all()
    assert one.joints[0, 3].tolist() == [13, 20, 2]
    assert two.joints.shape == (2, 17, 3) and not two.joints[1].any()
    assert not two.mask[12:19, 12:29].any() and two.mask[25:].all() and two.mask[:, 35:].all()
    assert crowd.joints.shape == (0, 17, 3)
    assert not crowd.mask[:, :10].any() and crowd.mask[:, 10:].all()


def test_masks_can_be_left_out_and_other_categories_are_ignored(small: Path) -> None:
    assert all(sample.mask.all() for sample in opened(small, use_masks=False))
    change(
        small,
        lambda content: content["annotations"].append({"id": 9, "image_id": 4, "category_id": 18}),
    )
    assert opened(small).image_ids == [1, 2, 3]


def cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def test_half_written_annotations(small: Path) -> None:
    cut(small / "person_keypoints.json", 0.6)
    with pytest.raises(MissingError, match=r"person_keypoints.json' are not complete JSON: "):
        opened(small)


def test_missing_annotations(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as fault:
        opened(tmp_path)
    assert (
        str(fault.value)
        == f"cannot read the annotations '{tmp_path / 'person_keypoints.json'}': No such file or "
        f"directory"
    )
    assert "repro data check" in fault.value.hint


EDITS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unlisted picture": (
        lambda c: c["annotations"].append(person(9, 77)),
        "annotation 9 names picture 77, which '",
    ),
    "wrong joint count": (
        lambda c: c["annotations"].append(person(9, 1, keypoints=[0] * 42)),
        r"annotation 9 has 42 key-point numbers, skeleton 'coco' needs 51 \(17 joints\)",
    ),
    "no images": (lambda c: c.pop("images"), "have no list of images"),
    "neither list": (
        lambda c: (c.pop("images"), c.pop("annotations")),
        "have no list of images nor of annotations",
    ),
    "no file name": (
        lambda c: c["images"][0].pop("file_name"),
        "is not a COCO key-point file: KeyError",
    ),
    "an annotation is a number": (
        lambda c: c["annotations"].append(3),
        "is not a COCO key-point file: AttributeError",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_damaged_annotations(small: Path, name: str) -> None:
    edit, message = EDITS[name]
    change(small, edit)
    with pytest.raises(MissingError, match=message):
        opened(small)


def test_another_skeleton_is_refused(small: Path) -> None:
    with pytest.raises(
        MissingError, match="annotation 1 has 51 key-point numbers, skeleton 'crowdpose' needs 42"
    ):
        CocoKeypoints(small, small / "person_keypoints.json", skeleton=CROWDPOSE)


def test_a_list_is_no_annotation_file(small: Path) -> None:
    (small / "person_keypoints.json").write_text("[]")
    with pytest.raises(MissingError, match="have no list of images nor of annotations"):
        opened(small)


def test_damaged_regions(small: Path) -> None:
    change(small, lambda content: content["annotations"][2].update(segmentation=[[1, 2]]))
    with pytest.raises(MissingError, match="a segmentation of picture 2 is damaged"):
        opened(small)[1]
    change(
        small,
        lambda content: content["annotations"][3].update(
            segmentation={"size": [4, 6], "counts": [0, 4, 20]}
        ),
    )
    with pytest.raises(MissingError, match="picture 3"):
        opened(small)[2]


@pytest.mark.parametrize(
    "shape",
    [
        {"size": [10**6, 10**6], "counts": [0, 4]},
        {"size": [40, 60], "counts": [5, 10**9]},
        {"size": [40, 60]},
        {"size": [40, 60], "counts": [-5, 5]},
        [[1e30] * 6],
        [["x"] * 6],
        {"size": "x", "counts": "x"},
    ],
)
def test_regions_beyond_the_picture_end_no_process(small: Path, shape: Any) -> None:
    change(small, lambda content: content["annotations"][2].update(segmentation=shape))
    with pytest.raises(MissingError, match="a segmentation of picture 2 is damaged"):
        opened(small)[1]


def test_a_picture_larger_than_the_limit_is_not_decoded(tmp_path: Path) -> None:
    raw = cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes()
    for side, told in (
        (20_000, "20000 x 20000 would take 1.2 GB"),
        (60_000, "60000 x 60000 would take 10.8 GB; at most 120 million pixels"),
    ):
        head = b"IHDR" + side.to_bytes(4, "big") * 2 + raw[24:29]
        (tmp_path / "a.png").write_bytes(
            raw[:12] + head + zlib.crc32(head).to_bytes(4, "big") + raw[33:]
        )
        with pytest.raises(MissingError, match=told):
            read_image(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("change_it", "told"),
    [
        (lambda c: c["images"][0].update(id={}), "is not a COCO key-point file"),
        (
            lambda c: c["images"][0].update(file_name=5),
            "expected a text, found a whole number, at images.0..file_name",
        ),
        (lambda c: c["images"][0].update(height=float("inf")), "is not a COCO key-point file"),
        (lambda c: c["images"].append(True), "is not a COCO key-point file"),
        (
            lambda c: c["annotations"][0].update(keypoints=[True] * 51),
            "expected a number, found true or false",
        ),
        (lambda c: c.update(categories=[[1]]), "is not a COCO key-point file"),
    ],
)
def test_entries_of_wrong_values_are_named(
    small: Path, change_it: Callable[[dict[str, Any]], Any], told: str
) -> None:
    change(small, change_it)
    with pytest.raises(MissingError, match=told):
        opened(small)


def test_picture_of_another_size(small: Path) -> None:
    cv2.imwrite(str(small / "1.png"), np.zeros((20, 60, 3), np.uint8))
    with pytest.raises(
        MissingError, match=r"is 20 x 60 \(height x width\), its annotation says \(40, 60\)"
    ):
        opened(small)[0]


# --- pictures -------------------------------------------------------------------------------------


def test_missing_picture(small: Path) -> None:
    (small / "2.png").unlink()
    with pytest.raises(MissingError) as fault:
        opened(small)[1]
    assert (
        str(fault.value)
        == f"cannot read the picture '{small / '2.png'}': No such file or directory"
    )


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.98])
@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_truncated_picture(tmp_path: Path, kind: str, share: float) -> None:
    path = tmp_path / f"one.{kind}"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8))
    assert read_image(path).shape == (64, 64, 3)
    cut(path, share)
    with pytest.raises(MissingError, match="is cut short"):
        read_image(path)


def test_truncation_is_seen_behind_a_thumbnail(tmp_path: Path) -> None:
    """A thumbnail in the header has an end marker of its own."""
    path = tmp_path / "one.jpg"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8))
    data, extra = path.read_bytes(), b"Exif\0\0\xff\xd8\xff\xd9"
    path.write_bytes(
        data[:2] + b"\xff\xe1" + (len(extra) + 2).to_bytes(2, "big") + extra + data[2:]
    )
    assert read_image(path).shape == (64, 64, 3)
    cut(path, 0.5)
    with pytest.raises(MissingError, match="is cut short"):
        read_image(path)


def test_no_picture_at_all(tmp_path: Path) -> None:
    (tmp_path / "page.jpg").write_text("<html>not found</html>")
    with pytest.raises(MissingError, match=r"page.jpg' cannot be decoded as a picture"):
        read_image(tmp_path / "page.jpg")
    with pytest.raises(MissingError, match="is a folder, not a picture") as fault:
        read_image(tmp_path)
    assert fault.value.hint == f"name the pictures in it: {tmp_path}/*.jpg"


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (200, 100, 50), (200, 100, 50)),
        ("L", 90, (90, 90, 90)),
        ("RGBA", (200, 100, 50, 0), (200, 100, 50)),
        ("I;16", 90 * 257, (90, 90, 90)),
        ("P", 0, (0, 0, 0)),
    ],
)
def test_other_colour_modes_become_rgb(
    tmp_path: Path, mode: str, colour: int | tuple[int, ...], expected: tuple[int, int, int]
) -> None:
    Image.new(mode, (8, 6), colour).save(tmp_path / "one.png")
    image = read_image(tmp_path / "one.png")
    assert image.shape == (6, 8, 3) and image.dtype == np.uint8
    assert image[3, 3].tolist() == list(expected)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=95)
    red, green, blue = read_image(tmp_path / "red.jpg")[8, 8].tolist()
    assert red > 200 and green < 60 and blue < 60


def test_orientation_tag_is_ignored(tmp_path: Path) -> None:
    tag = Image.Exif()
    tag[0x0112] = 6
    Image.new("RGB", (16, 8)).save(tmp_path / "turned.jpg", exif=tag)
    assert read_image(tmp_path / "turned.jpg").shape == (8, 16, 3)


# --- where data lies ------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["", "coco"])
@pytest.mark.parametrize("images", ["images/val2017", "val2017"])
def test_locate_the_standard_tree(tmp_path: Path, base: str, images: str) -> None:
    annotations = tmp_path / base / "annotations" / "person_keypoints_val2017.json"
    annotations.parent.mkdir(parents=True)
    annotations.touch()
    (tmp_path / base / images).mkdir(parents=True)
    assert locate(tmp_path, "coco", "val") == (tmp_path / base / images, annotations)
    with pytest.raises(MissingError):
        locate(tmp_path, "coco", "train")


def test_locate_a_simple_folder(small: Path) -> None:
    assert locate(small, "coco", "val") == (small, small / "person_keypoints.json")


@pytest.mark.parametrize("folder", ["synthetic-coco", "synthetic"])
def test_a_drawn_set_is_found_under_its_name(tmp_path: Path, folder: str) -> None:
    make_coco(tmp_path / "new", train=1, val=1, size=(64, 64))
    (tmp_path / "data").mkdir()
    (tmp_path / "new").rename(tmp_path / "data" / folder)
    opened = open_split("synthetic-coco", "val", tmp_path / "data")
    assert len(opened.dataset) == 1


def test_locate_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as fault:
        locate(tmp_path, "synthetic", "val")
    assert str(fault.value) == (
        f"no synthetic val data in '{tmp_path}'; expected, there or in its folder "
        f"'synthetic-coco': "
        "annotations/person_keypoints_val.json with images/val/"
    )
    assert (
        fault.value.hint
        == f"draw it with: repro data make synthetic-coco --out {tmp_path / 'synthetic-coco'}"
    )
    with pytest.raises(UsageError, match="unknown data set 'cocoo'; did you mean coco"):
        locate(tmp_path, "cocoo", "val")


# --- real pictures --------------------------------------------------------------------------------


@pytest.mark.data
def test_real_pictures() -> None:
    if not REAL.is_dir():
        pytest.skip("the real data are not beside this checkout")
    images, annotations = locate(REAL / "coco_images", "coco", "val")
    dataset = CocoKeypoints(images, annotations, skeleton=COCO, split="val")
    assert len(dataset) == 11
    assert sum(len(sample.joints) for sample in dataset) == 30
    assert [round(float(dataset[n].mask.mean()), 3) for n in range(4)] == [1.0, 0.998, 1.0, 0.989]
    for sample in dataset:
        labelled = sample.joints[sample.joints[..., 2] > 0]
        assert (labelled[:, 0] < sample.image.shape[1]).all() and (
            labelled[:, 1] < sample.image.shape[0]
        ).all()


@pytest.mark.data
def test_real_crowds_and_crowdpose() -> None:
    if not REAL.is_dir():
        pytest.skip("the real data are not beside this checkout")
    folder = REAL / "crowdpose_sample2"
    crowd = CocoKeypoints(
        folder, folder / "test_crowdpose.json", skeleton=CROWDPOSE, use_masks=False
    )
    assert [sample.joints.shape[1:] for sample in crowd] == [(14, 3)] * 2
    with pytest.raises(MissingError, match="key-point numbers"):
        CocoKeypoints(folder, folder / "test_crowdpose.json", skeleton=COCO)


# --- the drawn body -------------------------------------------------------------------------------


def bodies(count: int, yaw: int, *, seed: int = 0) -> np.ndarray:
    angles = figures.draw_angles(figures.Stream(seed), count)
    return figures.build(angles, np.full(count, yaw), head=np.ones(count), pitch=0, roll=0)


def place(body: np.ndarray, name: str) -> np.ndarray:
    return body[:, figures.NAMES.index(name)]


def test_bones_keep_their_length_in_every_pose() -> None:
    body = bodies(200, 33)
    for side in ("left", "right"):
        for a, b, length in (
            ("shoulder", "elbow", 0.162),
            ("elbow", "wrist", 0.14),
            ("knee", "ankle", 0.243),
        ):
            bone = place(body, f"{side}_{a}") - place(body, f"{side}_{b}")
            # sines in steps of 2**-14
            np.testing.assert_allclose(np.sqrt((bone**2).sum(axis=1)), length, rtol=1e-3)


def test_facing_decides_left_and_right() -> None:
    front, back = (
        place(bodies(50, yaw), "left_hip") - place(bodies(50, yaw), "right_hip") for yaw in (0, 180)
    )
    upright = np.abs(front[:, 0]) > 0.1  # not lying
    assert upright.sum() > 40
    assert (front[upright, 0] > 0).all() and (back[upright, 0] < 0).all()
    nose = place(bodies(50, 0), "nose") - place(bodies(50, 0), "head")
    assert np.mean(nose[:, 2] > 0) > 0.9


def test_standing_people_are_upright() -> None:
    body = bodies(300, 0)
    upright = place(body, "head")[:, 1] > place(body, "left_hip")[:, 1]
    assert 0.9 < upright.mean() <= 1  # some lie or bend far down
    top = (
        place(body, "head_top")[:, 1]
        - np.minimum(place(body, "left_ankle"), place(body, "right_ankle"))[:, 1]
    )
    assert 0.8 < np.median(top) < 1.05  # heights


def test_every_skeleton_finds_its_joints() -> None:
    for skeleton in SKELETONS.values():
        assert set(skeleton.joints) <= set(figures.NAMES)


# --- the drawn pictures ---------------------------------------------------------------------------

PICTURE = "d586ed177de97076"
JOINTS = "394175a3ea8df9c7"


def test_the_same_pixels_everywhere() -> None:
    sample = draw(7, 3, size=SMALL, people=(4, 4)).sample
    where = f"OpenCV {cv2.__version__}, NumPy {np.__version__}; drawn with 5.0.0 and 2.4: "
    assert hashlib.sha256(sample.joints.tobytes()).hexdigest()[:16] == JOINTS, (
        where + "joints differ"
    )
    assert hashlib.sha256(sample.image.tobytes()).hexdigest()[:16] == PICTURE, (
        where + "pixels differ"
    )


def test_pictures_differ_by_seed_and_index_only() -> None:
    first = draw(1, 2, size=SMALL)
    np.testing.assert_array_equal(first.sample.image, draw(1, 2, size=SMALL).sample.image)
    assert (first.sample.image != draw(1, 3, size=SMALL).sample.image).any()
    assert (first.sample.image != draw(2, 2, size=SMALL).sample.image).any()


@pytest.mark.parametrize("skeleton", [COCO, CROWDPOSE, MPII], ids=lambda one: one.name)
def test_drawn_labels_agree_with_the_pixels(skeleton: Any) -> None:
    kinds: set[float] = set()
    for index in range(40):
        drawing = draw(3, index, size=SMALL, people=(1, 10), skeleton=skeleton)
        joints, owners = drawing.sample.joints, drawing.owners
        assert joints.shape[1:] == (len(skeleton), 3)
        assert (
            len(drawing.boxes)
            == len(drawing.areas)
            == len(drawing.head_boxes)
            == len(joints)
            == owners.max()
        )
        kinds |= set(np.unique(joints[..., 2]))
        for number, (person_joints, box, area) in enumerate(
            zip(joints, drawing.boxes, drawing.areas, strict=True)
        ):
            seen = person_joints[person_joints[:, 2] == 2]
            columns, rows = np.floor(seen[:, :2].T + 0.5).astype(int)
            assert (owners[rows, columns] == number + 1).all()
            assert area == (owners == number + 1).sum() > 0
            x, y, width, height = box.astype(int)
            assert (owners[y : y + height, x : x + width] == number + 1).sum() == area
            labelled = person_joints[:, 2] > 0
            assert len(seen) >= 3 or not labelled.any()
            assert drawing.sample.mask[owners == number + 1].all() == labelled.any()
    assert kinds == {0.0, 1.0, 2.0}


def test_sizes_of_people_vary() -> None:
    heights = (
        np.concatenate([draw(5, index, size=SMALL).boxes[:, 3] for index in range(60)]) / SMALL[0]
    )
    assert np.quantile(heights, 0.1) < 0.2 and np.quantile(heights, 0.9) > 0.5


def test_nobody_and_bad_settings() -> None:
    empty = draw(0, 0, size=SMALL, people=(0, 0))
    assert (
        empty.sample.joints.shape == (0, 17, 3)
        and empty.boxes.shape == (0, 4)
        and empty.sample.mask.all()
    )
    for wrong in (
        {"size": (8, 100)},
        {"people": (3, 2)},
        {"people": (0, 41)},
        {"heights": (0.5, 0.2)},
    ):
        with pytest.raises(UsageError, match="cannot draw size"):
            draw(0, 0, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="both count from 0"):
        draw(-1, 0)


def test_on_the_fly_data_set() -> None:
    dataset = SyntheticCoco(3, seed=2, size=SMALL)
    assert len(list(dataset)) == len(dataset) == 3
    assert dataset.image_ids == [sample.image_id for sample in dataset] == [1, 2, 3]
    np.testing.assert_array_equal(dataset[-1].image, dataset[2].image)


# --- written to disk ------------------------------------------------------------------------------


def test_round_trip(tmp_path: Path) -> None:
    make_coco(tmp_path / "drawn", train=6, val=2, seed=4, size=SMALL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn"]
    for split, count, series in (("train", 6, 8), ("val", 2, 9)):
        images, annotations = locate(tmp_path / "drawn", "synthetic", split)
        written = CocoKeypoints(images, annotations, skeleton=COCO, split="val")
        drawn = SyntheticCoco(count, seed=series, size=SMALL)
        assert written.image_ids == drawn.image_ids
        for ours, theirs in zip(written, drawn, strict=True):
            np.testing.assert_array_equal(ours.joints, theirs.joints)
            assert np.mean(ours.mask == theirs.mask) > 0.99  # polygons follow pixel centres
            # of 255: JPEG halves the grain's colour
            assert np.abs(ours.image.astype(int) - theirs.image).mean() < 10


# pycocotools 2.0.11, NumPy 2
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_written_annotations_load_in_pycocotools(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pycocotools import coco

    make_coco(tmp_path / "drawn", train=4, val=0, size=SMALL)
    official = coco.COCO(str(tmp_path / "drawn" / "annotations" / "person_keypoints_train.json"))
    capsys.readouterr()
    assert official.cats[1]["keypoints"] == list(COCO.joints)
    for row in official.anns.values():
        assert row["num_keypoints"] == sum(v > 0 for v in row["keypoints"][2::3])
        assert row["iscrowd"] == 0 and row["area"] > 0
        outline = official.annToMask(row).sum()
        assert outline <= row["bbox"][2] * row["bbox"][3]
        assert outline > 0.5 * row["area"] or row["area"] < 60  # outlines run through pixel centres


def test_an_occupied_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").touch()
    with pytest.raises(ReproError, match="exists and is not empty") as fault:
        make_coco(tmp_path, train=1, val=1, size=SMALL)
    assert fault.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    with pytest.raises(ReproError, match="exists and is not empty"):
        make_coco(tmp_path / "kept.txt", train=1, val=1, size=SMALL)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReproError, match=r"cannot write '.*/file/drawn': "):
        make_coco(tmp_path / "file" / "drawn", train=1, val=1, size=SMALL)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write, written = Path.write_bytes, []

    def full(path: Path, data: bytes) -> int:
        written.append(path)
        if len(written) == 3:
            raise OSError(number, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ReproError) as fault:
        make_coco(tmp_path / "drawn", train=5, val=1, size=SMALL)
    assert str(fault.value) == f"cannot write '{tmp_path / 'drawn'}': No space left on device"
    assert len(written) == 3 and not list(tmp_path.iterdir())


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(path: Path, data: bytes) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", stop)
    with pytest.raises(KeyboardInterrupt):
        make_coco(tmp_path / "drawn", train=5, val=1, size=SMALL)
    assert not list(tmp_path.iterdir())
