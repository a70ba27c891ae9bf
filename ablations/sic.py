"""EfficientPose-NAS (Zhang et al.), Table 6: with and without the spatial information correction, MPII validation set.

    repro ablation sic --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.recipes import EFFICIENTPOSE_NAS_MPII, MPII_CROP
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="sic",
    paper="efficientpose-nas",
    number="Table 6",
    title="Spatial information correction",
    columns=(Field("pckh50"),),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "MobileNetV2",
            "with",
            ("86.63",),
            run=Run("mobilenetv2_slim", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            arms=(Arm("without", ("86.34",), changes={"sic": False}),),
        ),
        Series(
            "EfficientPose-A",
            "with",
            ("88.10",),
            run=Run("efficientpose_nas_a", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            arms=(Arm("without", ("87.62",), changes={"sic": False}),),
        ),
        Series(
            "EfficientPose-B",
            "with",
            ("89.27",),
            run=Run("efficientpose_nas_b", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            arms=(Arm("without", ("88.55",), changes={"sic": False}),),
        ),
        Series(
            "EfficientPose-C",
            "with",
            ("89.49",),
            run=Run("efficientpose_nas_c", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            arms=(Arm("without", ("88.61",), changes={"sic": False}),),
        ),
    ),
    differences=(
        "Nothing is printed here that can be counted; the `true` columns show what the correction costs.",
        "The data set is not printed; it is MPII's validation set by agreement with Tables 2 and 3.",
    ),
)
