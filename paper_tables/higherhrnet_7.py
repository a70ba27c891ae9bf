"""HigherHRNet, Table 7: top-down and bottom-up methods on CrowdPose test.

    repro table higherhrnet-7                                       reported and what is recorded
    repro table higherhrnet-7 --run                                 counts W48 with 14 joints
    repro table higherhrnet-7 --run --data DIR --weights DIR        tests given weights on CrowdPose test

Only HigherHRNet-W48 is built; all other rows are quoted.
"""

from repro.spec import (
    BOTTOM_UP,
    BOTTOM_UP_MULTI_SCALE,
    HIGHERHRNET,
    HIGHERHRNET_NO_COSTS,
    HIGHERHRNET_SCALES,
    Field,
    PaperTable,
    Row,
    Run,
)

TABLE = PaperTable(
    id="higherhrnet-7",
    paper="higherhrnet",
    number="Table 7",
    title="Top-down and bottom-up methods on CrowdPose test",
    columns=(
        Field("method"),
        Field("paradigm"),
        Field("multi_scale"),
        Field("refinement"),
        Field("ap"),
        Field("ap50"),
        Field("ap75"),
        Field("ap_e", "ap_easy"),
        Field("ap_m", "ap_medium"),
        Field("ap_h", "ap_hard"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "Mask-RCNN",
            ("Mask-RCNN", "top-down", "no", "no", "57.2", "83.5", "60.3", "69.4", "57.9", "45.8"),
            quoted="a method of another paper, not built here",
        ),
        Row(
            "AlphaPose",
            ("AlphaPose", "top-down", "no", "no", "61.0", "81.3", "66.0", "71.2", "61.4", "51.1"),
            quoted="a method of another paper, not built here",
        ),
        Row(
            "SPPE",
            ("SPPE", "top-down", "no", "yes", "66.0", "84.2", "71.5", "75.5", "66.3", "57.4"),
            quoted="a method of another paper, not built here",
        ),
        Row(
            "OpenPose",
            ("OpenPose", "bottom-up", "no", "no", "", "", "", "62.7", "48.7", "32.3"),
            quoted="a method of another paper, not built here",
        ),
        Row(
            "HigherHRNet-W48",
            ("HigherHRNet-W48", "bottom-up", "no", "no", "65.9", "86.4", "70.6", "73.3", "66.5", "57.9"),
            run=Run("higherhrnet_w48", 640, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "HigherHRNet-W48/ms",
            ("HigherHRNet-W48", "bottom-up", "yes", "no", "67.6", "87.4", "72.6", "75.8", "68.1", "58.9"),
            run=Run("higherhrnet_w48", 640, {"joints": 14}, "crowdpose-test", BOTTOM_UP_MULTI_SCALE, HIGHERHRNET),
        ),
    ),
    differences=(
        "That the network has CrowdPose's 14 joints is inferred: the paper does not name them.",
        "Trained on train and val, tested on test, at 640 px; all else as on COCO, by the text.",
        HIGHERHRNET_SCALES,
        "The superscripts E, M, H are easy, medium and hard pictures by crowding, not sizes of persons.",
        HIGHERHRNET_NO_COSTS,
    ),
)
