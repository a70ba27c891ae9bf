"""EfficientPose (Groos et al.), Table 6: with and without cross-resolution features, MPII
validation set.

    repro table efficientpose-6 --run          counts
    repro ablation cross-resolution          the same as signed differences

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import (
    EFFICIENTPOSE_ABLATION,
    GROOS_100_EPOCHS,
    GROOS_COUNTS,
    GROOS_ONE_SCALE,
    GROOS_SPLIT,
    MPII_GROOS,
    Field,
    PaperTable,
    Row,
    Run,
)

TABLE = PaperTable(
    id="efficientpose-6",
    paper="efficientpose",
    number="Table 6",
    title="Ablation: cross-resolution features",
    columns=(
        Field("model"),
        Field("cross_resolution"),
        Field("params_m", rule="flop2"),
        Field("gflops_reported", "flops_g", rule="flop2"),
        Field("pckh50"),
        Field("pckh10"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "I/with",
            ("EfficientPose I", "yes", "0.72", "1.67", "83.56", "26.35"),
            run=Run("efficientpose_i", 256, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
        ),
        Row(
            "I/without",
            ("EfficientPose I", "no", "0.68", "1.58", "83.64", "25.79"),
            run=Run(
                "efficientpose_i", 256, {"cross_resolution": False}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION
            ),
        ),
        Row(
            "II/with",
            ("EfficientPose II", "yes", "1.73", "7.70", "87.05", "29.87"),
            run=Run("efficientpose_ii", 368, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
        ),
        Row(
            "II/without",
            ("EfficientPose II", "no", "1.69", "7.50", "86.93", "29.16"),
            run=Run(
                "efficientpose_ii", 368, {"cross_resolution": False}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION
            ),
        ),
    ),
    differences=(
        GROOS_COUNTS,
        GROOS_100_EPOCHS,
        GROOS_ONE_SCALE,
        GROOS_SPLIT,
    ),
)
