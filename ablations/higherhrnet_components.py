"""HigherHRNet, section 4.2 and Table 4: its components, each arm with those before it.

    repro ablation higherhrnet-components --run                     counts the five networks
    repro ablation higherhrnet-components --run --profile smoke     trains and tests each, synthetic

(c) and (d) are one trained network, tested without and with heatmap aggregation.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="higherhrnet-components",
    paper="higherhrnet",
    title="Components of HigherHRNet, W32, COCO val2017",
    question="Which of the components added to HRNet raise AP, and for people of which size?",
    table_id="higherhrnet-4",
    columns=(
        "multi_resolution_supervision",
        "feature_concat",
        "heatmap_aggregation",
        "extra_residual_blocks",
        "ap",
        "ap_m",
        "ap_l",
        "params_true_m",
        "macs_true_g",
    ),
    measures=("joints10_short", "joints10_middle", "joints10_tall"),
    series=(
        Series(
            "",
            {
                "(a) HRNet": "a",
                "(b) + deconvolution, both resolutions supervised": "b",
                "(c) + feature concatenation": "c",
                "(d) + heatmap aggregation": "d",
                "(e) + 4 residual blocks": "e",
            },
        ),
    ),
    differences=("Supervision of the finest resolution alone is in no row of the paper.",),
)
