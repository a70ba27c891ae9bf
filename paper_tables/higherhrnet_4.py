"""HigherHRNet, Table 4: its components one after the other, on COCO val2017.

    repro table higherhrnet-4                                       reported and what is recorded
    repro table higherhrnet-4 --run                                 builds the five networks: marks and costs
    repro table higherhrnet-4 --run --profile smoke                 trains and tests them, synthetic

Supervision, concatenation and residual blocks are read off the built network; aggregation belongs
to the test, protocol `bottom-up` (with it) or `bottom-up-finest` (without). (c) and (d) are one
trained network.
"""

from repro.spec import BOTTOM_UP, BOTTOM_UP_FINEST, HIGHERHRNET, HIGHERHRNET_NO_COSTS, Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="higherhrnet-4",
    paper="higherhrnet",
    number="Table 4",
    title="Components of HigherHRNet, COCO val2017",
    columns=(
        Field("network"),
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
    rows=(
        Row(
            "a",
            ("HRNet", "no", "no", "no", "no", "64.4", "57.1", "75.6"),
            run=Run("higherhrnet_w32", 512, {"deconvs": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "b",
            ("HigherHRNet", "yes", "no", "no", "no", "66.0", "60.7", "74.2"),
            run=Run(
                "higherhrnet_w32",
                512,
                {"feature_concat": False, "deconv_blocks": 0},
                "coco-val",
                BOTTOM_UP_FINEST,
                HIGHERHRNET,
            ),
        ),
        Row(
            "c",
            ("HigherHRNet", "yes", "yes", "no", "no", "66.3", "60.8", "74.0"),
            run=Run("higherhrnet_w32", 512, {"deconv_blocks": 0}, "coco-val", BOTTOM_UP_FINEST, HIGHERHRNET),
        ),
        Row(
            "d",
            ("HigherHRNet", "yes", "yes", "yes", "no", "66.9", "61.0", "75.7"),
            run=Run("higherhrnet_w32", 512, {"deconv_blocks": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "e",
            ("HigherHRNet", "yes", "yes", "yes", "yes", "67.1", "61.5", "76.1"),
            run=Run("higherhrnet_w32", 512, {}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
    ),
    differences=(
        "Multi-resolution supervision is no switch: every resolution that the network predicts is "
        "supervised, and only HRNet (a) predicts a single one.",
        "(a) has one resolution, so that aggregation makes no difference to it.",
        "Tags are at 1/4 in all five. With concatenation the deconvolution also sees the predicted "
        "tags, as in the released code; the paper speaks of heatmaps.",
        "Section 4.2 credits the aggregation with 1.7 points for large persons from (d) to (e): "
        "that is (c) to (d); (d) to (e) is 0.4.",
        "The 3.7 points for medium persons in the paragraph on concatenation are from (a) to (c), "
        "as it says, and go with 1.6 lost for large ones; concatenation alone, (b) to (c), gains "
        "0.1 and loses 0.2.",
        "Residual blocks are said to help medium and large persons equally: 0.5 and 0.4.",
        "Fig. 3's caption gives (c) and (d) the same description, Fig. 1's labels run (a), (a), "
        "(c), and Table 4's caption writes MSR for MRS.",
        HIGHERHRNET_NO_COSTS,
    ),
)
