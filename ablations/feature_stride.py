"""HigherHRNet, section 4.2 and Table 3: stride of the finest heatmaps, by the number of deconvolution modules.

    repro ablation feature-stride --run                             counts the three networks
    repro ablation feature-stride --run --profile smoke             trains and tests each, synthetic

As in the paper there are no extra residual blocks, and the heatmaps of all resolutions are averaged.
"""

from repro.recipes import BOTTOM_UP, HIGHERHRNET
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="feature-stride",
    paper="higherhrnet",
    number="Table 3",
    title="Stride of the finest heatmaps, W32, COCO val2017",
    columns=(
        Field("feature_stride"),
        Field("resolution"),
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
            "HRNet, stride 4",
            ("4", "128", "64.4", "57.1", "75.6"),
            run=Run("higherhrnet_w32", 512, {"deconvs": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
            arms=(
                Arm("stride 2", ("2", "256", "66.9", "61.0", "75.7"), {"deconvs": None, "deconv_blocks": 0}),
                Arm("stride 1", ("1", "512", "66.5", "61.1", "74.9"), {"deconvs": 2, "deconv_blocks": 0}),
            ),
        ),
    ),
    differences=(
        "Stride 1 is a second deconvolution module after the first, which also sees the first one's heatmaps, as in "
        "the released code; the paper does not describe it.",
        "All three predict at 1/4 as well, and tags are there only.",
    ),
)
