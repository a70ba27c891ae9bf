"""LitePose, Table 3: kernel size, fusion head, super-net training, search and distillation on
CrowdPose.

    repro table litepose-3                                          reported and what is recorded
    repro table litepose-3 --run                                    counts the networks and reads their configuration

Printed MACs are rule `ptflops` with 14 joints. "0.5 LitePose" is the super-net at half of every
width, at 512 px; S is at 448 and XS at 256 px, as in Table 1. The same cells are in the ablations
kernel-size, fusion-deconv, supernet and distillation as differences.
"""

from repro.spec import (
    BOTTOM_UP,
    LITEPOSE_CROWDPOSE,
    LITEPOSE_DISTILLED,
    LITEPOSE_FROM_LMS,
    LITEPOSE_FROM_XS,
    Field,
    PaperTable,
    Row,
    Run,
)

TABLE = PaperTable(
    id="litepose-3",
    paper="litepose",
    number="Table 3",
    title="Kernel size, fusion head, super-net training, search and distillation on CrowdPose test",
    columns=(
        Field("arch"),
        Field("kernel"),
        Field("fusion_deconv_head"),
        Field("supernet_training"),
        Field("distillation"),
        Field("gflops_reported", "macs_g", rule="ptflops"),
        Field("ap"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "0.5/k3/fsn",
            ("0.5 LitePose", "3", "yes", "no", "no", "3.8", "41.7"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 3, "fusion": True},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_CROWDPOSE,
            ),
        ),
        Row(
            "0.5/k5/fsn",
            ("0.5 LitePose", "5", "yes", "no", "no", "4.1", "50.7"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 5, "fusion": True},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_CROWDPOSE,
            ),
        ),
        Row(
            "0.5/k7",
            ("0.5 LitePose", "7", "no", "no", "no", "4.1", "47.1"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 7, "fusion": False},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_CROWDPOSE,
            ),
        ),
        Row(
            "0.5/k7/fsn",
            ("0.5 LitePose", "7", "yes", "no", "no", "4.7", "54.7"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 7, "fusion": True},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_CROWDPOSE,
            ),
        ),
        Row(
            "0.5/k7/fsn/spnt",
            ("0.5 LitePose", "7", "yes", "yes", "no", "4.7", "56.1"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 7, "fusion": True},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_FROM_LMS,
            ),
        ),
        Row(
            "LitePose-S",
            ("LitePose-S", "7", "yes", "yes", "no", "5.0", "58.3"),
            run=Run("litepose_s", 448, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_FROM_LMS),
        ),
        Row(
            "XS/fsn",
            ("LitePose-XS", "7", "yes", "no", "no", "1.2", "45.7"),
            run=Run("litepose_xs", 256, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_CROWDPOSE),
        ),
        Row(
            "XS/fsn/spnt",
            ("LitePose-XS", "7", "yes", "yes", "no", "1.2", "48.4"),
            run=Run("litepose_xs", 256, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_FROM_XS),
        ),
        Row(
            "LitePose-XS",
            ("LitePose-XS", "7", "yes", "yes", "yes", "1.2", "49.5"),
            run=Run("litepose_xs", 256, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_DISTILLED),
        ),
    ),
    differences=(
        "The data set is not named in the caption; section 5.3 and the scores of S and XS say CrowdPose test.",
        "The input of 0.5 LitePose is not printed: 512 px, the largest of the search, gives all four MACs.",
        "Rows with super-net training start from our super-net, which `--run` trains first: pre-trained "
        "without the grouping loss on the search's own data, where the paper takes COCO train; tags are "
        "rescaled in their joint's channel, which the released code does not do.",
        "The teacher of LitePose-XS is LitePose-S, itself from a super-net. Weight and target of the "
        "distillation are not stated: its heatmaps are a second target of the true ones' weight.",
        "The search's gain of 2.2 AP (row 5 to row 6) comes with 4.7 to 5.0 G MACs and another input size.",
        "The fusion head costs 4.1 to 4.7 G, 15 percent, called negligible in section 3.3; kernel 3 "
        "to 7 costs 24 percent, called about 25.",
        "Section 3.4's search found that the kernel size must not vary, so it is 7 in every "
        "searched network. A user's report of S trained without the super-net has 46.6 AP (issue 40 "
        "of mit-han-lab/litepose on GitHub).",
    ),
)
