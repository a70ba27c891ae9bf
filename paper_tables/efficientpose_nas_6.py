"""EfficientPose-NAS (Zhang et al.), Table 6: with and without the spatial information correction,
MPII validation set.

    repro table efficientpose-nas-6 --run          counts
    repro ablation sic          the same as signed differences

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import EFFICIENTPOSE_NAS_MPII, MPII_CROP, Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficientpose-nas-6",
    paper="efficientpose-nas",
    number="Table 6",
    title="Ablation of the spatial information correction",
    columns=(
        Field("model"),
        Field("sic"),
        Field("pckh50"),
        Field("gain", gain="pckh50"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "MobileNetv2/without",
            ("MobileNetv2", "no", "86.34", ""),
            run=Run("mobilenetv2_slim", 256, {"sic": False}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "MobileNetv2/with",
            ("MobileNetv2", "yes", "86.63", "0.29"),
            run=Run("mobilenetv2_slim", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            against="MobileNetv2/without",
        ),
        Row(
            "A/without",
            ("EfficientPose-A", "no", "87.62", ""),
            run=Run("efficientpose_nas_a", 256, {"sic": False}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "A/with",
            ("EfficientPose-A", "yes", "88.10", "0.48"),
            run=Run("efficientpose_nas_a", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            against="A/without",
        ),
        Row(
            "B/without",
            ("EfficientPose-B", "no", "88.55", ""),
            run=Run("efficientpose_nas_b", 256, {"sic": False}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "B/with",
            ("EfficientPose-B", "yes", "89.27", "0.72"),
            run=Run("efficientpose_nas_b", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            against="B/without",
        ),
        Row(
            "C/without",
            ("EfficientPose-C", "no", "88.61", ""),
            run=Run("efficientpose_nas_c", 256, {"sic": False}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "C/with",
            ("EfficientPose-C", "yes", "89.49", "0.88"),
            run=Run("efficientpose_nas_c", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            against="C/without",
        ),
    ),
    differences=(
        "Nothing is printed here that can be counted; the `true` columns show what the correction costs.",
        "The data set is not printed; it is MPII's validation set by agreement with Tables 2 and 3.",
    ),
)
