"""HigherHRNet, section 4.2 and Table 4: its components, each arm with those before it.

    repro ablation higherhrnet-components --run                     counts the five networks
    repro ablation higherhrnet-components --run --profile smoke     trains and tests each, synthetic

(c) and (d) are one trained network, tested without and with heatmap aggregation.
"""

from repro.recipes import BOTTOM_UP, BOTTOM_UP_FINEST, HIGHERHRNET
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="higherhrnet-components",
    paper="higherhrnet",
    number="Table 4",
    title="Components of HigherHRNet, W32, COCO val2017",
    columns=(
        Field("multi_resolution_supervision"),
        Field("feature_concat"),
        Field("heatmap_aggregation"),
        Field("extra_residual_blocks"),
        Field("ap"),
        Field("ap_m"),
        Field("ap_l"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "",
            "(a) HRNet",
            ("no", "no", "no", "no", "64.4", "57.1", "75.6"),
            run=Run("higherhrnet_w32", 512, {"deconvs": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
            arms=(
                Arm(
                    "(b) + deconvolution, both resolutions supervised",
                    ("yes", "no", "no", "no", "66.0", "60.7", "74.2"),
                    {"deconvs": None, "feature_concat": False, "deconv_blocks": 0},
                    protocol=BOTTOM_UP_FINEST,
                ),
                Arm(
                    "(c) + feature concatenation",
                    ("yes", "yes", "no", "no", "66.3", "60.8", "74.0"),
                    {"deconvs": None, "deconv_blocks": 0},
                    protocol=BOTTOM_UP_FINEST,
                ),
                Arm(
                    "(d) + heatmap aggregation",
                    ("yes", "yes", "yes", "no", "66.9", "61.0", "75.7"),
                    {"deconvs": None, "deconv_blocks": 0},
                ),
                Arm(
                    "(e) + 4 residual blocks",
                    ("yes", "yes", "yes", "yes", "67.1", "61.5", "76.1"),
                    {"deconvs": None},
                ),
            ),
        ),
    ),
    differences=(
        "Multi-resolution supervision is no switch: every resolution that the network predicts is supervised, and only "
        "HRNet (a) predicts a single one. Supervision of the finest alone is in no row of the paper.",
        "Section 4.2 credits the aggregation with 1.7 points for large persons from (d) to (e): that is (c) to (d).",
        "With concatenation the deconvolution also sees the predicted tags, as in the released code; the paper speaks "
        "of heatmaps.",
    ),
)
