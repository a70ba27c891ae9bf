"""EfficientPose (Groos et al.), Table 1: the EfficientNet backbones B0 to B7, blocks 1 to 3.
Rebuilt, not printed.

    repro table efficientpose-1 --run

The paper cites the table three times, but the text that this project works from does not hold it.
So nothing here is `reported`: all cells are `measured`, what one forward pass of the built networks
shows.
"""

from repro.spec import Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficientpose-1",
    paper="efficientpose",
    number="Table 1",
    title="EfficientNet backbones, stem and blocks 1 to 3 (rebuilt: the paper's text as we have it lacks the table)",
    columns=(Field("backbone"),),
    also=(
        Field("stem_width", "part_width", run="stem", label="stem: width"),
        Field("block1_width", "part_width", run="block1", label="block 1: width"),
        Field("block1_layers", "part_layers", run="block1", label="block 1: layers"),
        Field("block2_width", "part_width", run="block2", label="block 2: width"),
        Field("block2_layers", "part_layers", run="block2", label="block 2: layers"),
        Field("block3_width", "part_width", run="block3", label="block 3: width"),
        Field("block3_layers", "part_layers", run="block3", label="block 3: layers"),
    ),
    rows=(
        Row(
            "B0",
            ("B0",),
            runs={
                "stem": Run("efficientpose_rt", 224, part="high.stem"),
                "block1": Run("efficientpose_rt", 224, part="high.block1"),
                "block2": Run("efficientpose_rt", 224, part="high.block2"),
                "block3": Run("efficientpose_rt", 224, part="high.block3"),
            },
        ),
        Row(
            "B1",
            ("B1",),
            runs={
                "stem": Run("efficientpose_iii", 480, part="low.stem"),
                "block1": Run("efficientpose_iii", 480, part="low.block1"),
                "block2": Run("efficientpose_iii", 480, part="low.block2"),
            },
        ),
        Row(
            "B2",
            ("B2",),
            runs={
                "stem": Run("efficientpose_i", 256, part="high.stem"),
                "block1": Run("efficientpose_i", 256, part="high.block1"),
                "block2": Run("efficientpose_i", 256, part="high.block2"),
                "block3": Run("efficientpose_i", 256, part="high.block3"),
            },
        ),
        Row(
            "B3",
            ("B3",),
            runs={
                "stem": Run("efficientpose_iv", 600, part="low.stem"),
                "block1": Run("efficientpose_iv", 600, part="low.block1"),
                "block2": Run("efficientpose_iv", 600, part="low.block2"),
            },
        ),
        Row(
            "B4",
            ("B4",),
            runs={
                "stem": Run("efficientpose_ii", 368, part="high.stem"),
                "block1": Run("efficientpose_ii", 368, part="high.block1"),
                "block2": Run("efficientpose_ii", 368, part="high.block2"),
                "block3": Run("efficientpose_ii", 368, part="high.block3"),
            },
        ),
        Row(
            "B5",
            ("B5",),
            runs={
                "stem": Run("efficientpose_iii", 480, part="high.stem"),
                "block1": Run("efficientpose_iii", 480, part="high.block1"),
                "block2": Run("efficientpose_iii", 480, part="high.block2"),
                "block3": Run("efficientpose_iii", 480, part="high.block3"),
            },
        ),
        Row(
            "B6",
            ("B6",),
            quoted="no variant uses it, so no network here has it",
        ),
        Row(
            "B7",
            ("B7",),
            runs={
                "stem": Run("efficientpose_iv", 600, part="high.stem"),
                "block1": Run("efficientpose_iv", 600, part="high.block1"),
                "block2": Run("efficientpose_iv", 600, part="high.block2"),
                "block3": Run("efficientpose_iv", 600, part="high.block3"),
            },
        ),
    ),
    differences=(
        (
            "Rebuilt, not printed: the paper's text as we have it lacks Table 1, so its layout is "
            "ours and nothing is compared with the paper. A test compares the cells with the "
            "released networks."
        ),
        (
            "What all eight share is left out of the columns: a 3x3 stem of stride 2; block 1 "
            "without expansion, 3x3, stride 1; block 2 with expansion 6, 3x3, stride 2; block 3 "
            "with expansion 6, 5x5, stride 2."
        ),
        ("B1 and B3 occur as low-level backbones only, which end after block 2; their third block is in no network."),
        (
            "B6 is in no network. EfficientNet's scaling rule gives it a stem of 56 and blocks of "
            "32, 40 and 72 in 3, 6 and 6 layers."
        ),
    ),
)
