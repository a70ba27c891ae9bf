"""EfficientPose (Groos et al.), Table 2: the five variants by resolution, width and depth.

    repro table efficientpose-2 --run

Every cell is read off the built network or off one forward pass through it. Rows and columns change
places against the print.
"""

from repro.spec import Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficientpose-2",
    paper="efficientpose",
    number="Table 2",
    title="Five variants by resolution, width and depth",
    columns=(
        Field("model"),
        Field("high_input", "part_input", part="high.stem", label="high-resolution input (px)"),
        Field("high_backbone"),
        Field("high_blocks"),
        Field("low_input", "part_input", run="low", part="low.stem", label="low-resolution input (px)"),
        Field("low_backbone"),
        Field("low_blocks"),
        Field("md_width"),
        Field("md_count"),
    ),
    also=(Field("heatmaps_size"),),
    rows=(
        Row(
            "RT",
            ("EfficientPose RT", "224", "B0", "1-3", "", "", "", "40", "1"),
            run=Run("efficientpose_rt", 224),
        ),
        Row(
            "I",
            ("EfficientPose I", "256", "B2", "1-3", "128", "B0", "1-2", "48", "1"),
            run=Run("efficientpose_i", 256),
            runs={"low": Run("efficientpose_i", 256)},
        ),
        Row(
            "II",
            ("EfficientPose II", "368", "B4", "1-3", "184", "B0", "1-2", "56", "2"),
            run=Run("efficientpose_ii", 368),
            runs={"low": Run("efficientpose_ii", 368)},
        ),
        Row(
            "III",
            ("EfficientPose III", "480", "B5", "1-3", "240", "B1", "1-2", "64", "3"),
            run=Run("efficientpose_iii", 480),
            runs={"low": Run("efficientpose_iii", 480)},
        ),
        Row(
            "IV",
            ("EfficientPose IV", "600", "B7", "1-3", "300", "B3", "1-2", "80", "4"),
            run=Run("efficientpose_iv", 600),
            runs={"low": Run("efficientpose_iv", 600)},
        ),
    ),
    differences=(
        (
            "Equation 3, floor(1.2^phi + 0.5), gives two Mobile DenseNets for variant III (B5); the "
            "table prints three, and so does the released code. The network has three."
        ),
        (
            "A backbone's name is the smallest EfficientNet whose stem and blocks are those of the "
            "network: the low-level backbone of III, whose two blocks B1 and B2 share, is named B1."
        ),
        (
            "Printed as one cell for all variants and so without a column: a 1x1 head of 28 maps "
            "(skeleton) or 16 maps (keypoints) per pass, and three 4x4 transposed convolutions of "
            "stride 2."
        ),
    ),
)
