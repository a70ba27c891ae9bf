"""The key-point layouts: joint names, left/right permutation, limbs, OKS sigmas, grouping order.

Sources: COCO key-point evaluation; CrowdPose evaluation code; MPII annotation order. The grouping
order is that of the associative-embedding code base (nose, eyes, ears, shoulders, hips, elbows,
wrists, knees, ankles); CrowdPose reuses its first 14 entries by index, although the joints there
have other names.
"""

from dataclasses import dataclass

from repro.errors import SpecError


@dataclass(frozen=True)
class Skeleton:
    """`flip[i]` is the joint that joint i becomes in a mirrored image; `sigmas` are OKS fall-offs
    (k = 2 sigma)."""

    name: str
    joints: tuple[str, ...]
    flip: tuple[int, ...]
    limbs: tuple[tuple[int, int], ...]
    sigmas: tuple[float, ...]
    order: tuple[int, ...]

    def __post_init__(self) -> None:
        expected = list(range(len(self.joints)))
        if (
            sorted(self.flip) != expected
            or sorted(self.order) != expected
            or len(self.sigmas) != len(expected)
        ):
            raise SpecError(
                f"skeleton '{self.name}': flip, order and sigmas must cover its {len(expected)} "
                f"joints"
            )

    def __len__(self) -> int:
        return len(self.joints)


COCO = Skeleton(
    name="coco",
    joints=(
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    flip=(0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15),
    limbs=(
        (15, 13),
        (13, 11),
        (16, 14),
        (14, 12),
        (11, 12),
        (5, 11),
        (6, 12),
        (5, 6),
        (5, 7),
        (6, 8),
        (7, 9),
        (8, 10),
        (1, 2),
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (4, 6),
    ),
    sigmas=(
        0.026,
        0.025,
        0.025,
        0.035,
        0.035,
        0.079,
        0.079,
        0.072,
        0.072,
        0.062,
        0.062,
        0.107,
        0.107,
        0.087,
        0.087,
        0.089,
        0.089,
    ),
    order=(0, 1, 2, 3, 4, 5, 6, 11, 12, 7, 8, 9, 10, 13, 14, 15, 16),
)

CROWDPOSE = Skeleton(
    name="crowdpose",
    joints=(
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
        "head_top",
        "neck",
    ),
    flip=(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12, 13),
    limbs=(
        (10, 8),
        (8, 6),
        (11, 9),
        (9, 7),
        (6, 7),
        (0, 6),
        (1, 7),
        (0, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (0, 13),
        (1, 13),
        (13, 12),
    ),
    sigmas=(
        0.079,
        0.079,
        0.072,
        0.072,
        0.062,
        0.062,
        0.107,
        0.107,
        0.087,
        0.087,
        0.089,
        0.089,
        0.079,
        0.079,
    ),
    order=(0, 1, 2, 3, 4, 5, 6, 11, 12, 7, 8, 9, 10, 13),
)

MPII = Skeleton(
    name="mpii",
    joints=(
        "right_ankle",
        "right_knee",
        "right_hip",
        "left_hip",
        "left_knee",
        "left_ankle",
        "pelvis",
        "thorax",
        "upper_neck",
        "head_top",
        "right_wrist",
        "right_elbow",
        "right_shoulder",
        "left_shoulder",
        "left_elbow",
        "left_wrist",
    ),
    flip=(5, 4, 3, 2, 1, 0, 6, 7, 8, 9, 15, 14, 13, 12, 11, 10),
    limbs=(
        (0, 1),
        (1, 2),
        (2, 6),
        (3, 6),
        (3, 4),
        (4, 5),
        (6, 7),
        (7, 8),
        (8, 9),
        (7, 12),
        (12, 11),
        (11, 10),
        (7, 13),
        (13, 14),
        (14, 15),
    ),
    # MPII is scored by PCKh; these OKS-like values serve only drawing and cross-checks
    sigmas=(
        0.089,
        0.087,
        0.107,
        0.107,
        0.087,
        0.089,
        0.107,
        0.079,
        0.079,
        0.079,
        0.062,
        0.072,
        0.079,
        0.079,
        0.072,
        0.062,
    ),
    order=(9, 8, 7, 12, 13, 6, 2, 3, 11, 14, 10, 15, 1, 4, 0, 5),
)

NOBODY = Skeleton("classes", (), (), (), (), ())
"""Of pictures with a class, in which no joints are labelled."""

SKELETONS = {skeleton.name: skeleton for skeleton in (COCO, CROWDPOSE, MPII)}
