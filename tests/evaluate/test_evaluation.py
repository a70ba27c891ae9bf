import json
import os
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from repro.errors import MissingError, ReproError, UsageError
from repro.evaluate import evaluate
from repro.evaluate.overlay import overlay
from repro.models.maps import Maps
from repro.people.sample import Sample
from repro.people.skeletons import COCO
from repro.pose.targets import heatmaps
from repro.spec.protocols import BOTTOM_UP, TOP_DOWN

PLAIN = replace(BOTTOM_UP, flip=False)


class Oracle(nn.Module):
    """Answers with the maps of the people it was told of, as a perfectly trained network would;
    sizes are 128 px."""

    def __init__(self, joints=None):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.joints = np.zeros((0, 17, 3)) if joints is None else joints

    def forward(self, images):
        def maps(joints, side):
            own = joints * (side / 128, side / 128, 1)
            return (
                torch.from_numpy(heatmaps(own, size=side, sigma=128 / side / 4 + 1))[None]
                * self.scale
            )

        assert images.shape == (1, 3, 128, 128)
        tags = torch.zeros(1, 17, 32, 32)
        for number, person in enumerate(self.joints):
            tags += 5.0 * number * (maps(person[None], 32) > 0)
        return Maps((maps(self.joints, 32), maps(self.joints, 64)), (tags,))


class Scenes:
    """Two people apart from each other in every picture; tells the oracle of them when a picture is
    read."""

    def __init__(self, length, oracle, people=2):
        self.length, self.oracle, self.people = length, oracle, people

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        joints = np.full((self.people, 17, 3), 2.0)
        for person in range(self.people):
            grid = np.stack(np.meshgrid(np.arange(4), np.arange(5)), -1).reshape(-1, 2)[:17]
            joints[person, :, :2] = 6 + 64 * person + grid * (14, 26) + rng.uniform(0, 4, (17, 2))
        joints[..., :2] %= 122
        self.oracle.joints = joints
        return Sample(
            np.zeros((128, 128, 3), np.uint8), joints, np.ones((128, 128), bool), index + 1, "x.jpg"
        )

    def truth(self):
        content = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "person"}]}
        for index in range(self.length):
            content["images"].append(
                {"id": index + 1, "file_name": "x.jpg", "height": 128, "width": 128}
            )
            for joints in self[index].joints:
                one = {
                    "id": len(content["annotations"]) + 1,
                    "image_id": index + 1,
                    "category_id": 1,
                    "iscrowd": 0,
                }
                one |= {
                    "num_keypoints": 17,
                    "keypoints": joints.ravel().tolist(),
                    "bbox": [0, 0, 100, 100],
                }
                content["annotations"].append({**one, "area": 10000.0, "segmentation": []})
        return content


def ready(model, **more):
    options = {"skeleton": COCO, "protocol": PLAIN, "nominal": 128, "device": "cpu"}
    return evaluate.tester(model, **{**options, **more})


def test_a_perfect_network_scores_one(tmp_path):
    oracle = Oracle()
    scenes = Scenes(3, oracle)
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(scenes.truth()))
    found = evaluate.evaluate(oracle, scenes, truth, skeleton=COCO, protocol=PLAIN, nominal=128)
    # positions are whole quarter pixels of half-size maps
    assert found.values["AP"] == pytest.approx(1.0, abs=0.011)
    assert found.images == 3
    assert len(found.predictions) == 6
    assert found.tested_sizes == {(128, 128): 3}
    assert set(found.seconds) == {"load", "network", "grouping"}
    assert min(found.seconds.values()) > 0
    assert json.loads(json.dumps(found.predictions)) == found.predictions
    entry = found.predictions[0]
    assert (entry["image_id"], entry["category_id"], len(entry["keypoints"])) == (1, 1, 51)


def test_a_network_that_finds_nobody_scores_zero():
    oracle = Oracle()
    scenes = Scenes(2, oracle)
    truth = scenes.truth()
    nn.init.zeros_(oracle.scale)
    found = evaluate.evaluate(oracle, scenes, truth, skeleton=COCO, protocol=PLAIN, nominal=128)
    assert found.predictions == []
    assert found.values["AP"] == 0.0


def test_faulty_requests():
    oracle = Oracle()
    with pytest.raises(UsageError, match="no picture to test on"):
        evaluate.evaluate(oracle, Scenes(0, oracle), {}, skeleton=COCO, protocol=PLAIN, nominal=128)
    with pytest.raises(UsageError, match="size 0 is not positive"):
        ready(oracle, nominal=0)
    oracle.stride = 32
    with pytest.raises(
        UsageError, match="the size is 100x64, but height and width must be multiples of 32"
    ):
        ready(oracle, nominal=(100, 64), protocol=TOP_DOWN)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "street.jpg"
    Image.new("RGB", (128, 128), (200, 30, 30)).save(path)
    return path


def joints_of(index=0):
    return Scenes(1, Oracle())[index].joints


def test_predict_writes_a_picture_and_its_people(picture, tmp_path):
    found = evaluate.predict(
        ready(Oracle(joints_of())), picture, out=tmp_path / "new" / "out", draw=overlay
    )
    assert found.people.shape == (2, 17, 3)
    body = json.loads(found.data.read_text())
    assert [(one["image_id"], one["category_id"]) for one in body] == [("street.jpg", 1)] * 2
    # three decimals
    np.testing.assert_allclose(body[1]["keypoints"], found.people[1].ravel(), atol=5e-4)
    # five decimals
    np.testing.assert_allclose([one["score"] for one in body], found.scores, atol=5e-6)
    drawn = cv2.imread(str(found.picture))[..., ::-1]
    assert drawn.shape == (128, 128, 3)
    assert np.abs(drawn[64, :, :].astype(int) - (200, 30, 30)).max() > 50
    assert sorted(path.name for path in found.data.parent.iterdir()) == [
        "street.pose.json",
        "street.pose.png",
    ]


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "I;16", "1"])
def test_pictures_of_other_kinds_are_read(tmp_path, mode):
    path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    Image.new(mode, (128, 96)).save(path)
    found = evaluate.predict(ready(Model128()), path, out=tmp_path / "out", draw=overlay)
    assert cv2.imread(str(found.picture)).shape == (96, 128, 3)


class Model128(nn.Module):
    """Finds nobody in a picture of any size."""

    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, images):
        height, width = images.shape[2:]
        coarse = torch.zeros(len(images), 17, height // 4, width // 4)
        return Maps((coarse, torch.zeros(len(images), 17, height // 2, width // 2)), (coarse,))


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (640, 90)])
def test_odd_shapes_are_taken(tmp_path, size):
    path = tmp_path / "picture.png"
    Image.new("RGB", size[::-1]).save(path)
    found = evaluate.predict(
        ready(Model128(), protocol=BOTTOM_UP, nominal=64), path, out=tmp_path, draw=overlay
    )
    assert found.people.shape == (0, 17, 3)
    assert json.loads(found.data.read_text()) == []


def test_unreadable_pictures_leave_nothing(picture, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(picture.read_bytes()[:-200])
    (tmp_path / "text.jpg").write_text("no picture")
    out = tmp_path / "out"
    for name, message in (
        ("cut.jpg", "cut short"),
        ("text.jpg", "cannot be decoded"),
        ("none.jpg", "cannot read"),
    ):
        with pytest.raises(MissingError, match=message) as fault:
            evaluate.predict(ready(Oracle()), tmp_path / name, out=out, draw=overlay)
        assert name in fault.value.message
        assert "\n" not in fault.value.message
    assert not out.exists()


def test_an_output_that_cannot_be_written_leaves_nothing(picture, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(ReproError, match="cannot write"):
        evaluate.predict(ready(Oracle()), picture, out=blocked, draw=overlay)
    half = tmp_path / "half"
    (half / "street.pose.json").mkdir(parents=True)  # the second file cannot take its name
    with pytest.raises(ReproError, match=r"cannot write .*street\.pose\.json"):
        evaluate.predict(ready(Oracle()), picture, out=half, draw=overlay)
    assert [path.name for path in half.iterdir()] == ["street.pose.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_one_clear_error(picture, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    with pytest.raises(ReproError, match="cannot write"):
        evaluate.predict(ready(Oracle()), picture, out=out, draw=overlay)


def test_overlay_draws_only_trusted_joints_on_a_copy():
    image = np.zeros((60, 60, 3), np.uint8)
    people = np.zeros((1, 17, 3), np.float32)
    people[0, 0] = 30, 20, 0.9
    people[0, 1] = 10, 50, 0.05
    people[0, 2] = 1e7, -1e7, 0.9  # far outside, and the end of a limb
    drawn = overlay(image, people, COCO)
    assert not image.any()
    assert drawn[20, 30].any()
    assert not drawn[45:55, 5:15].any()
    assert drawn.dtype == np.uint8
