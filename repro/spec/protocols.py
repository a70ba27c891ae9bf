"""How the papers test, each number with its section."""

from repro.spec.settings import Protocol

BOTTOM_UP = Protocol(name="bottom-up")
"""HigherHRNet section 4 and its released test code, which EfficientHRNet and LitePose inherit: one
scale, flip."""

BOTTOM_UP_FINEST = Protocol(name="bottom-up-finest", aggregate=False)
"""One scale without heatmap aggregation: the finest heatmaps alone (HigherHRNet Table 4, b and
c)."""

BOTTOM_UP_MULTI_SCALE = Protocol(name="bottom-up-multi-scale", scales=(2.0, 1.0, 0.5))
"""The same at three scales; heatmaps are averaged, tags are taken at scale 1."""

MPII_GROOS = Protocol(
    name="mpii-groos",
    task="three-pass",
    boxes="annotation",
    margin=1.25,
    blur=1.0,
    offset=0.5,
    flip=False,
    adjust=False,
)
"""EfficientPose (Groos) section 4.1 and its released code: letterbox, blur with sigma 1, maximum;
one scale, no mirror.

The paper's final numbers use multi-scale testing at scales it does not state, and it does not state
its crop: the square of 200 px x scale x 1.25 is that of the HRNet code base."""

MPII_CROP = Protocol(
    name="mpii-crop",
    task="single-person",
    boxes="annotation",
    margin=1.25,
    offset=1.0,
    flip=True,
    shift=True,
    adjust=True,
)
"""EfficientPose-NAS section 4.1 and the HRNet code base: crop by centre and scale, mirrored pass
moved one pixel to the right, a quarter pixel toward the higher neighbour."""

TOP_DOWN = Protocol(
    name="top-down-gt-boxes",
    task="top-down",
    boxes="ground truth",
    margin=1.25,
    flip=True,
    shift=True,
    adjust=True,
    joint_threshold=0.2,
    oks_nms=0.9,
)
"""EfficientPose-NAS section 4.2: the HRNet code base on the boxes of the annotations, as its
released configurations have it; about 2 AP above a detector's boxes, so every row says which."""

TOP_DOWN_DETECTOR = Protocol(
    name="top-down-detector",
    task="top-down",
    boxes="detector",
    margin=1.25,
    flip=True,
    shift=True,
    adjust=True,
    joint_threshold=0.2,
    oks_nms=0.9,
)
"""The same on a file of a detector's boxes."""

CLASSIFICATION = Protocol(name="classification", task="classification", flip=False, images=10000)
"""EfficientHRNet section 4.1: top-1 on 10,000 pictures; which of ImageNet's is not stated, ours are
drawn by seed 0."""

PROTOCOLS: dict[str, Protocol] = {
    "bottom-up": BOTTOM_UP,
    "single-person": MPII_CROP,
    "top-down": TOP_DOWN,
    "classification": CLASSIFICATION,
}
"""What `repro evaluate` and `repro predict` follow, by task, where the network's family has no
protocol of its own."""
