"""EfficientPose (Groos et al.), Table 7: with and without the pass that estimates the skeleton,
MPII validation set.

    repro table efficientpose-7 --run          counts
    repro ablation skeleton-pass          the same as signed differences

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
    id="efficientpose-7",
    paper="efficientpose",
    number="Table 7",
    title="Ablation: skeleton estimation",
    columns=(
        Field("model"),
        Field("skeleton_estimation"),
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
            ("EfficientPose I", "no", "0.54", "1.37", "81.13", "25.00"),
            run=Run("efficientpose_i", 256, {"skeleton": False}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
        ),
        Row(
            "II/with",
            ("EfficientPose II", "yes", "1.73", "7.70", "87.05", "29.87"),
            run=Run("efficientpose_ii", 368, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
        ),
        Row(
            "II/without",
            ("EfficientPose II", "no", "1.27", "6.03", "85.75", "29.67"),
            run=Run("efficientpose_ii", 368, {"skeleton": False}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
        ),
    ),
    differences=(
        (
            "Without the skeleton pass the first keypoint pass is fed the cross-resolution features "
            "twice, in place of the missing skeleton features. The paper does not say so; only "
            "this gives the printed parameters and FLOPs."
        ),
        GROOS_COUNTS,
        GROOS_100_EPOCHS,
        GROOS_ONE_SCALE,
        GROOS_SPLIT,
    ),
)
