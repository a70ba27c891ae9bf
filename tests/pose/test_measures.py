"""What limits a network, by hand: size and crowding thirds, precision, swapped sides, grouping,
tags."""

import math

import numpy as np
import pytest

from repro.people.sample import Sample
from repro.people.skeletons import MPII, Skeleton
from repro.pose import measures
from repro.pose.decode import frame
from repro.spec.protocols import BOTTOM_UP
from repro.tasks.all import TASKS
from repro.tasks.bottom_up import PictureMaps

FLIP = (1, 0, 2)  # left, right, middle


def person(image, corner, height, *, width=20.0, joints=None):
    """Someone with a left, a right and a middle joint."""
    x, y = corner
    joints = joints or [(x, y), (x + width, y), (x, y + height / 2)]
    return {
        "image_id": image,
        "num_keypoints": len(joints),
        "bbox": [x, y, width, float(height)],
        "keypoints": [value for point in joints for value in (*point, 2)],
    }


def guess(image, *joints):
    return {"image_id": image, "keypoints": [value for x, y in joints for value in (x, y, 1.0)]}


def truth(*people):
    return {
        "images": [{"id": number} for number in {one["image_id"] for one in people}],
        "annotations": list(people),
    }


def test_thirds_keep_equals_together():
    assert measures.thirds(np.array([3.0, 1, 2])).tolist() == [2, 0, 1]
    assert measures.thirds(np.array([5.0, 5, 5])).tolist() == [0, 0, 0]
    assert measures.thirds(np.array([])).tolist() == []


def test_joints_by_thirds_of_height():
    """Everything is found 6 px to the right: within a tenth of 100 and of 70 px, not of 40 px."""
    people = [person(1, (0, 0), 40), person(2, (0, 0), 70), person(3, (0, 0), 100)]
    found = [
        guess(image, (6, 0), (26, 0), (6, height / 2))
        for image, height in ((1, 40), (2, 70), (3, 100))
    ]
    values = measures.people_measures(
        measures.find(truth(*people), found, flip=FLIP, cells={1: 0.5, 2: 0.5, 3: 0.25})
    )
    assert [values[f"joints@0.1 {word}"] for word in measures.HEIGHTS] == [0, 1, 1]
    assert values["error px"] == 6
    assert values["error cells"] == 3  # of 3, 3 and 1.5
    assert values["swapped"] == 0


def test_joints_by_thirds_of_crowding():
    """Of the first picture's people each has one of the other's three joints in the box, of the
    second's none."""
    close = [person(1, (0, 0), 100), person(1, (20, 0), 100, joints=[(20, 0), (40, 0), (30, 50)])]
    packed = [person(3, (0, 0), 100), person(3, (0, 0), 100)]
    alone = [person(2, (0, 0), 100), person(2, (300, 0), 100)]
    found = measures.find(truth(*close, *alone, *packed), [], flip=FLIP)
    assert found.crowding.tolist() == pytest.approx([1 / 3, 1 / 3, 0, 0, 1, 1])
    assert measures.thirds(found.crowding).tolist() == [1, 1, 0, 0, 2, 2]
    values = measures.people_measures(
        measures.find(truth(*close, *alone), [guess(2, (0, 0), (20, 0), (0, 50))])
    )
    assert values["joints@0.1 apart"] == 0.5


def test_swapped_sides():
    """Left and right have changed places: no joint of a side is right, and all that are near one
    are swapped."""
    values = measures.people_measures(
        measures.find(
            truth(person(1, (0, 0), 100)), [guess(1, (20, 1), (0, 1), (0, 50))], flip=FLIP
        )
    )
    assert values["swapped"] == 1
    half = measures.find(
        truth(person(1, (0, 0), 100)), [guess(1, (0, 1), (0, 1), (0, 50))], flip=FLIP
    )
    assert measures.precision_measures(half)["swapped"] == 0.5
    lost = measures.find(
        truth(person(1, (0, 0), 100)), [guess(1, (90, 90), (90, 90), (0, 50))], flip=FLIP
    )
    assert measures.precision_measures(lost)["swapped"] == -1
    side_on = measures.find(
        truth(person(1, (0, 0), 100, width=9)), [guess(1, (9, 0), (0, 0), (0, 50))], flip=FLIP
    )
    # both sides within reach of each other: nobody can say
    assert measures.precision_measures(side_on)["swapped"] == -1


def test_grouping_apart_from_detection():
    """All six joints are found, but two predictions have exchanged their third: four of six are
    with their person."""
    people = truth(person(1, (0, 0), 100), person(1, (200, 0), 100))
    mixed = [guess(1, (0, 0), (20, 0), (200, 50)), guess(1, (200, 0), (220, 0), (0, 50))]
    values = measures.people_measures(measures.find(people, mixed, flip=FLIP))
    assert values["grouped right"] == pytest.approx(4 / 6)
    halves = [guess(1, (0, 0), (20, 0), (500, 500)), guess(1, (500, 500), (500, 500), (0, 50))]
    values = measures.people_measures(
        measures.find(truth(person(1, (0, 0), 100)), halves, flip=FLIP)
    )
    assert values["grouped right"] == pytest.approx(2 / 3)
    assert values["error px"] == 0  # the median of 0, 0 and 667


def test_nobody_and_nothing():
    values = measures.people_measures(measures.find({"annotations": []}, []))
    assert set(values.values()) == {-1.0}
    values = measures.people_measures(measures.find(truth(person(1, (0, 0), 100)), [], flip=FLIP))
    assert values["joints@0.1 short"] == 0 and values["grouped right"] == values["error px"] == -1


def test_crowds_and_the_unlabelled_do_not_count():
    crowd = {**person(1, (0, 0), 100), "iscrowd": 1}
    blank = {**person(1, (0, 0), 100), "num_keypoints": 0}
    assert len(measures.find(truth(person(1, (0, 0), 100), crowd, blank), []).height) == 1


def test_one_person_by_head_size():
    """Heads of 20, 40 and 80 px; all joints 5 px off: only a tenth of the largest head is more."""
    true = np.zeros((3, 16, 2)) + np.arange(16)[None, :, None] * 100
    labelled, heads = np.ones((3, 16), np.bool_), np.array([20.0, 40, 80])
    found = measures.of_persons(
        true + np.array([5, 0]), true, labelled, heads, flip=MPII.flip, cells=np.full(3, 0.25)
    )
    values = measures.person_measures(found, joints=range(16))
    assert [values[f"PCKh@0.1 {word}"] for word in measures.HEIGHTS] == [0, 0, 100]
    assert (values["error px"], values["error cells"], values["swapped"]) == (5, 1.25, 0)
    mirrored = measures.of_persons(
        true[:, list(MPII.flip)], true, labelled, heads, flip=MPII.flip, cells=np.full(3, 1)
    )
    assert measures.person_measures(mirrored, joints=range(16))["swapped"] == 1


# --- tags -----------------------------------------------------------------------------------------

THREE = Skeleton(
    "three", ("left", "right", "middle"), flip=FLIP, sigmas=(0.1,) * 3, limbs=(), order=(0, 1, 2)
)


def seen(tags):
    """An answer with these tags (3, 64, 64) to a picture of 64 x 64."""
    return PictureMaps(np.zeros((3, 64, 64)), tags[..., None], frame(64, 64, 64), 0.5)


def standing(*columns):
    """People with their three joints in one column each."""
    joints = np.array([[(x, y, 2.0) for y in (10, 20, 30)] for x in columns])
    return Sample(np.zeros((64, 64, 3), np.uint8), joints, np.ones((64, 64), np.bool_), 1, "1.jpg")


def probe(tags, *columns):
    return TASKS["bottom-up"].probe(seen(tags), standing(*columns), protocol=BOTTOM_UP)


def test_pairs_told_apart_by_tags():
    """Tags 0, 0.5 and 3: the first two are within the grouping's distance of 1, and each of them
    far from the third."""
    tags = np.zeros((3, 64, 64))
    tags[:, :, 20], tags[:, :, 40] = 0.5, 3.0
    found = probe(tags, 5, 20, 40)
    assert found["pairs apart"] == (2, 3)
    assert found["tags right"] == (9, 9)
    assert found["pull"] == (0, 9)
    assert found["push"] == (pytest.approx(np.exp(-0.25) + np.exp(-9) + np.exp(-6.25)), 3)


def test_a_tag_nearer_to_another_person_is_wrong():
    """The first person's third tag is 3, as all of the second's: its own mean is 1."""
    tags = np.zeros((3, 64, 64))
    tags[:, :, 40], tags[2, 30, 5] = 3.0, 3.0
    found = probe(tags, 5, 40)
    assert found["pairs apart"] == (1, 1)
    assert found["tags right"] == (5, 6)
    assert found["pull"] == (pytest.approx(1 + 1 + 4), 6)


def test_lone_people_and_joints_outside_tell_nothing():
    assert probe(np.zeros((3, 64, 64)), 5) == {}
    assert probe(np.zeros((3, 64, 64)), 5, 500) == {}


def test_tags_are_read_at_the_pixel_of_the_input():
    """A picture of 128 px seen at 64: the column at 80 px is the input's 40th."""
    tags = np.zeros((3, 64, 64))
    tags[:, :, 40] = 3.0
    answer = PictureMaps(np.zeros((3, 64, 64)), tags[..., None], frame(128, 128, 64), 0.5)
    found = TASKS["bottom-up"].probe(answer, standing(10, 80), protocol=BOTTOM_UP)
    assert found["pairs apart"] == (1, 1)


def test_map_cells_per_pixel_of_the_picture():
    """A 128 px picture at 64 px of input and maps of 32 cells: a cell is 4 px."""
    answer = PictureMaps(np.zeros((3, 64, 64)), np.zeros((3, 64, 64, 1)), frame(128, 128, 64), 0.5)
    assert math.isclose(answer.cells, 0.25)
