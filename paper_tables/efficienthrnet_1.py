"""EfficientHRNet, Table 1: what the five models are.

    repro table efficienthrnet-1                                    reported and what is recorded
    repro table efficienthrnet-1 --run                              builds the five networks and reads it off them

Sides of maps come from a forward pass; backbone, widths and modules from the modules of the
network.
"""

from repro.spec import Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficienthrnet-1",
    paper="efficienthrnet",
    number="Table 1",
    title="Configuration of EfficientHRNet H0 to H-4",
    columns=(
        Field("model"),
        Field("phi"),
        Field("input_size"),
        Field("backbone", "scaled_backbone"),
        Field("widths"),
        Field("blocks", label="modules per stage (printed as blocks)"),
        Field("tags_size"),
        Field("heatmaps_size"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "H0",
            ("H0", "0", "512", "B0", "32, 64, 128, 256", "1, 4, 3", "128", "256"),
            run=Run("efficienthrnet_h0", 512),
        ),
        Row(
            "H-1",
            ("H-1", "-1", "480", "B-1", "26, 52, 103, 206", "1, 3, 3", "120", "240"),
            run=Run("efficienthrnet_h_1", 480),
        ),
        Row(
            "H-2",
            ("H-2", "-2", "448", "B-2", "21, 42, 83, 166", "1, 2, 3", "112", "224"),
            run=Run("efficienthrnet_h_2", 448),
        ),
        Row(
            "H-3",
            ("H-3", "-3", "416", "B-3", "17, 34, 67, 133", "1, 1, 3", "104", "208"),
            run=Run("efficienthrnet_h_3", 416),
        ),
        Row(
            "H-4",
            ("H-4", "-4", "384", "B-4", "14, 27, 54, 107", "1, 1, 2", "96", "192"),
            run=Run("efficienthrnet_h_4", 384),
        ),
    ),
    differences=(
        "Equation 5 does not give the printed widths. Its factor n must be 2^(n-1) to give 32, 64, "
        "128, 256, and its base 1.25, rounded up, gives 11 of the 20 cells; base 1.2455, which the "
        "released code uses, gives all 20.",
        "The printed blocks are fusion modules; each of their branches holds two residual blocks. "
        "The columns are headed Ms2, Ms3, Ms4 while the text counts stages from 1: the stage said "
        "to shrink first as Ms2 is the second printed number (4, 3, 2, 1, 1).",
        "The printed side of the tags is that of the maps at 1/4. Equation 3 calls all 34 channels "
        "there tags, equation 2 adds 34 for predicted heatmaps: 34 are 17 heatmaps and 17 tags.",
        "The backbone is named by the exponent of equation 4 whose widths and depths it has; how "
        "they are rounded is not stated (widths to multiples of 8, depths up: see the ablation "
        "compact-efficientnet).",
        "Input sizes 480 and 416 are multiples of 32 but not of 64: the test code rounds the short "
        "side up to 512 and 448.",
        "The text gives each block two residual blocks of three convolutions and two after the "
        "deconvolution; the released networks have two of two. HigherHRNet has four of two, and "
        "four after the deconvolution.",
    ),
)
