"""Image, joints and mask move together (repro.data.transforms)."""

import json

import cv2
import numpy as np
import pytest
from cases import target_people
from where import REFERENCE, arrays

from repro.data.transforms import (
    MEAN,
    PAPER,
    STD,
    Augmentation,
    affine_matrix,
    bottom_up,
    flip_joints,
    move_joints,
    normalise,
)
from repro.errors import UsageError
from repro.people.sample import Sample
from repro.people.skeletons import COCO, CROWDPOSE

GOLDEN = REFERENCE / "golden" / "targets_affine.npz"

# centre x, y, scale, rotation, size, then the 2 x 3 matrix: three lines of the reference
MATRICES = [
    (
        286.375,
        593.0,
        0.6875,
        17.125,
        128,
        0.889637,
        0.274113,
        -353.318782,
        -0.274113,
        0.889637,
        -385.055559,
    ),
    (
        397.875,
        38.125,
        0.625,
        4.875,
        512,
        4.081183,
        0.348087,
        -1381.071345,
        -0.348087,
        4.081183,
        238.900028,
    ),
    (100.0, 80.0, 1.5, 0.0, 128, 0.426667, 0.0, 21.333333, 0.0, 0.426667, 29.866667),
]


def dot_sample(x: float, y: float, *, size: tuple[int, int] = (240, 320), joint: int = 9) -> Sample:
    """A black picture with a white dot, 7 pixels wide, on the one labelled joint."""
    image = np.zeros((*size, 3), np.uint8)
    cv2.circle(image, (int(x), int(y)), 3, (255, 255, 255), -1)
    joints = np.zeros((1, len(COCO), 3))
    joints[0, joint] = x, y, 2
    return Sample(image, joints, np.ones(size, np.bool_), 1, "dot.png")


NONE = Augmentation(scale=(1.0, 1.0), rotation=0.0, shift=0.0, flip=0.0)


def denormalise(image: np.ndarray) -> np.ndarray:
    """The inverse of `normalise`."""
    scaled = (image.transpose(1, 2, 0) * STD + MEAN) * np.float32(255)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def centre_of_light(image: np.ndarray) -> tuple[float, float]:
    light = denormalise(image)[..., 0].astype(float)
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]]
    return (columns * light).sum() / light.sum(), (rows * light).sum() / light.sum()


@pytest.mark.parametrize("row", MATRICES)
def test_matrix_equals_the_reference(row: tuple[float, ...]) -> None:
    matrix = affine_matrix((row[0], row[1]), row[2], row[3], size=int(row[4]))
    np.testing.assert_allclose(matrix.ravel(), row[5:], atol=1e-6)  # six decimals are written here


@pytest.mark.data
def test_all_reference_matrices_and_flips() -> None:
    if not GOLDEN.is_file():
        pytest.skip("the reference goldens are not beside this checkout")
    golden = arrays(GOLDEN)
    assert "flip" in json.loads(str(golden["meta"]))
    for row in golden["matrices"]:
        matrix = affine_matrix((row[0], row[1]), row[2], row[3], size=int(row[4]))
        # float64, another order of sums
        np.testing.assert_allclose(matrix.ravel(), row[5:], rtol=0, atol=1e-9)
    for joints, skeleton in ((17, COCO), (14, CROWDPOSE)):
        for output, factor in enumerate((1, 2)):
            people = target_people("flip", 2, joints, 128) * (factor, factor, 1)
            mirrored = flip_joints(people, skeleton, width=128 * factor)
            np.testing.assert_array_equal(mirrored, golden[f"flipped{joints}_{output}"])


@pytest.mark.parametrize("seed", range(12))
def test_white_dot_and_joint_land_together(seed: int) -> None:
    sample = dot_sample(150 + seed, 110 - seed)
    moved = bottom_up(
        sample, np.random.default_rng(seed), size=256, outputs=(256, 64), skeleton=COCO
    )
    joint = np.flatnonzero(moved.joints[0][0, :, 2])
    assert len(joint) == 1
    x, y = moved.joints[0][0, joint[0], :2]
    if min(x, y) > 10 and max(x, y) < 245:
        # pixels; the dot is not quite round
        assert centre_of_light(moved.image) == pytest.approx((x, y), abs=0.15)
    assert joint[0] in (9, COCO.flip[9])


def test_most_dots_stay_inside() -> None:
    inside = 0
    for seed in range(12):
        moved = bottom_up(
            dot_sample(150, 110),
            np.random.default_rng(seed),
            size=256,
            outputs=(256,),
            skeleton=COCO,
        )
        place = moved.joints[0][..., :2][moved.joints[0][..., 2] > 0]
        inside += bool((place > 10).all() and (place < 245).all())
    assert inside >= 10  # otherwise the test above compares nothing


def test_flip_permutes_joints_and_mirrors_each_output() -> None:
    sample = dot_sample(100, 60)
    plain = bottom_up(
        sample,
        np.random.default_rng(0),
        size=128,
        outputs=(32, 64),
        skeleton=COCO,
        augmentation=NONE,
    )
    always = Augmentation(scale=(1.0, 1.0), rotation=0, shift=0, flip=1.0)
    flipped = bottom_up(
        sample,
        np.random.default_rng(0),
        size=128,
        outputs=(32, 64),
        skeleton=COCO,
        augmentation=always,
    )
    np.testing.assert_array_equal(flipped.image, plain.image[..., ::-1])
    for width, before, after in zip((32, 64), plain.joints, flipped.joints, strict=True):
        assert after[0, 10, 0] == width - before[0, 9, 0] - 1
        assert after[0, 10, 1:].tolist() == before[0, 9, 1:].tolist()
        assert after[0, 9, 2] == 0


def test_without_augmentation_the_short_side_fills_the_picture() -> None:
    sample = dot_sample(160, 0)
    moved = bottom_up(
        sample, np.random.default_rng(0), size=120, outputs=(120,), skeleton=COCO, augmentation=NONE
    )
    assert moved.joints[0][0, 9, :2].tolist() == [60.0, 0.0]
    assert moved.image.shape == (3, 120, 120)
    assert moved.masks[0].all()


@pytest.mark.parametrize("seed", range(6))
def test_mask_follows_the_picture(seed: int) -> None:
    """A region painted white and masked out stays the same region; outside the picture nothing
    counts."""
    image = np.full((200, 300, 3), 90, np.uint8)
    mask = np.ones((200, 300), np.bool_)
    image[60:150, 100:190] = 255
    mask[60:150, 100:190] = False
    sample = Sample(image, np.zeros((0, 17, 3)), mask, 1, "box.png")
    moved = bottom_up(
        sample, np.random.default_rng(seed), size=128, outputs=(128, 64), skeleton=COCO
    )
    pixels = denormalise(moved.image)[..., 0]
    expected = (pixels > 45) & (pixels < 172)
    assert np.mean(expected == (moved.masks[0] == 1)) > 0.995  # the rims may round differently
    assert np.mean(moved.masks[1]) == pytest.approx(np.mean(moved.masks[0]), abs=0.02)
    assert set(np.unique(moved.masks[0])) <= {0.0, 1.0}


def test_draws_stay_within_the_limits() -> None:
    """The scale of the warp and the shift of the centre, from the joints of an upright cross."""
    joints = np.zeros((1, 17, 3))
    joints[0, 0], joints[0, 10] = (160, 120, 2), (260, 120, 2)
    sample = Sample(
        np.zeros((240, 320, 3), np.uint8), joints, np.ones((240, 320), np.bool_), 1, "cross.png"
    )
    scales, angles, flips = [], [], 0
    for seed in range(300):
        moved = bottom_up(
            sample, np.random.default_rng(seed), size=240, outputs=(240,), skeleton=COCO
        ).joints[0][0]
        flipped = moved[10, 2] == 0
        arm = moved[9 if flipped else 10, :2] - moved[0, :2]
        factor = 100 / float(np.hypot(*arm))
        scales.append(factor)
        angles.append(np.degrees(np.arctan2(arm[1], -arm[0] if flipped else arm[0])))
        assert (
            np.hypot(*(moved[0, :2] + (1 if flipped else 0, 0) - 120))
            <= 40 * 2**0.5 * 240 / 200 + 1e-6
        )
        flips += int(flipped)
    assert 0.75 <= min(scales) < 0.8 and 1.4 < max(scales) <= 1.5
    assert -30 <= min(angles) < -27 and 27 < max(angles) <= 30
    assert 110 < flips < 190  # 300 draws of one half: more than four standard deviations


def test_same_generator_state_gives_the_same_example() -> None:
    first, second = (
        bottom_up(
            dot_sample(90, 70), np.random.default_rng(5), size=64, outputs=(16, 32), skeleton=COCO
        )
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.joints[1], second.joints[1])


def test_normalise_and_back() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    scaled = normalise(image)
    assert scaled.dtype == np.float32 and scaled.shape == (3, 5, 7)
    # float32
    assert scaled[0, 0, 0] == pytest.approx((image[0, 0, 0] / 255 - 0.485) / 0.229, abs=1e-6)
    np.testing.assert_array_equal(denormalise(scaled), image)


@pytest.mark.parametrize("seed", range(4))
def test_the_picture_and_the_masks_are_plain_warps_to_the_bit(seed: int) -> None:
    """Four channels are warped, and masks by a table; three channels and a comparison give the
    same."""
    rng = np.random.default_rng(seed)
    image, mask = rng.integers(0, 256, (90, 120, 3)).astype(np.uint8), rng.random((90, 120)) < 0.9
    sample = Sample(image, np.zeros((0, 17, 3)), mask, 1, "noise.png")
    turned = Augmentation(scale=(0.9, 0.9), rotation=0, shift=0, flip=seed % 2)
    moved = bottom_up(sample, rng, size=64, outputs=(16, 32), skeleton=COCO, augmentation=turned)
    matrices = [affine_matrix((60, 45), 90 / 200 * 0.9, 0, size=size) for size in (64, 16, 32)]
    picture = cv2.warpAffine(image, matrices[0], (64, 64))[:, :: -1 if seed % 2 else 1]
    np.testing.assert_array_equal(moved.image, normalise(np.ascontiguousarray(picture)))
    for kept, matrix, size in zip(moved.masks, matrices[1:], (16, 32), strict=True):
        plain = cv2.warpAffine(mask.astype(np.uint8) * 255, matrix, (size, size)) / 255 > 0.5
        np.testing.assert_array_equal(kept, plain[:, :: -1 if seed % 2 else 1])
        assert kept.dtype == np.float32 and 0 < kept.mean() < 1


def test_move_joints_keeps_visibility_and_the_input() -> None:
    joints = np.array([[[1.0, 2.0, 1.0]]])
    moved = move_joints(joints, np.array([[2.0, 0.0, 1.0], [0.0, 3.0, -1.0]]))
    assert moved.tolist() == [[[3.0, 5.0, 1.0]]]
    assert joints.tolist() == [[[1.0, 2.0, 1.0]]]


def test_a_tiny_picture_and_nobody() -> None:
    sample = Sample(
        np.zeros((1, 3, 3), np.uint8),
        np.zeros((0, 17, 3)),
        np.ones((1, 3), np.bool_),
        1,
        "tiny.png",
    )
    moved = bottom_up(
        sample, np.random.default_rng(0), size=64, outputs=(16,), skeleton=COCO, augmentation=PAPER
    )
    assert moved.joints[0].shape == (0, 17, 3)


def test_another_skeleton_is_refused() -> None:
    with pytest.raises(UsageError) as fault:
        bottom_up(
            dot_sample(9, 9), np.random.default_rng(0), size=64, outputs=(16,), skeleton=CROWDPOSE
        )
    assert (
        str(fault.value) == "'dot.png' has joints of shape (1, 17, 3), skeleton 'crowdpose' has 14"
    )
