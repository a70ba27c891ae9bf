"""HigherHRNet, Table 3: HRNet against HigherHRNet with one and two deconvolution modules, on COCO
val2017.

    repro table higherhrnet-3                                       reported and what is recorded
    repro table higherhrnet-3 --run                                 builds the three networks: stride, heatmaps, costs
    repro table higherhrnet-3 --run --profile smoke                 trains and tests them, synthetic

Stride and side of the heatmaps are read off a forward pass at 512 px.
"""

from repro.spec import BOTTOM_UP, HIGHERHRNET, HIGHERHRNET_NO_COSTS, Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="higherhrnet-3",
    paper="higherhrnet",
    number="Table 3",
    title="HRNet against HigherHRNet by output stride, COCO val2017",
    columns=(
        Field("network"),
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
    rows=(
        Row(
            "HRNet",
            ("HRNet", "4", "128", "64.4", "57.1", "75.6"),
            run=Run("higherhrnet_w32", 512, {"deconvs": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "HigherHRNet/2",
            ("HigherHRNet", "2", "256", "66.9", "61.0", "75.7"),
            run=Run("higherhrnet_w32", 512, {"deconv_blocks": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "HigherHRNet/1",
            ("HigherHRNet", "1", "512", "66.5", "61.1", "74.9"),
            run=Run("higherhrnet_w32", 512, {"deconvs": 2, "deconv_blocks": 0}, "coco-val", BOTTOM_UP, HIGHERHRNET),
        ),
    ),
    differences=(
        "Section 4.2: no extra residual blocks here and heatmap aggregation in the test; with them "
        "stride 2 has 67.1 (Table 4, e).",
        "With two modules the second one sees the first one's features and heatmaps, as in the "
        "released code; the paper does not describe it. Heatmaps of all three resolutions are "
        "supervised and averaged.",
        HIGHERHRNET_NO_COSTS,
    ),
)
