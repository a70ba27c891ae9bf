"""EfficientPose-NAS (Zhang et al.), Table 1: the search space of the backbone and the two
transposed convolutions.

    repro table efficientpose-nas-1 --run

Measured on two networks found in it, A (small setting) and B (large setting), by one forward pass.
A found network may hold fewer layers than its space: the search can leave a layer out.
"""

from repro.spec import Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficientpose-nas-1",
    paper="efficientpose-nas",
    number="Table 1",
    title="Search space of the backbone and the two transposed convolutions",
    columns=(
        Field("stage"),
        Field("output_size", "part_output", run="small", label="output size (px)"),
        Field("small_first", "part_first", run="small", label="small: first layer (width, stride)"),
        Field("small_rest", "part_rest", run="small", label="small: other layers (width, stride)"),
        Field("small_rest_count", "part_rest_count", run="small", label="small: number of other layers"),
        Field("large_first", "part_first", run="large", label="large: first layer (width, stride)"),
        Field("large_rest", "part_rest", run="large", label="large: other layers (width, stride)"),
        Field("large_rest_count", "part_rest_count", run="large", label="large: number of other layers"),
    ),
    rows=(
        Row(
            "Input",
            ("Input", "256", "", "", "", "", "", ""),
            quoted="the input itself: a choice of the run",
        ),
        Row(
            "Conv3x3",
            ("Conv3x3", "128", "32, 2", "", "", "32, 2", "", ""),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stem.first.conv"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stem.first.conv"),
            },
        ),
        Row(
            "SepDepth3x3",
            ("SepDepth3x3", "128", "16, 1", "", "", "24, 1", "", ""),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stem.project.conv"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stem.project.conv"),
            },
        ),
        Row(
            "Stage1",
            ("NAS Stage1", "64", "24, 2", "24, 1", "3", "32, 2", "32, 1", "5"),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stages.0"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stages.0"),
            },
        ),
        Row(
            "Stage2",
            ("NAS Stage2", "32", "32, 2", "32, 1", "5", "64, 2", "64, 1", "7"),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stages.1"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stages.1"),
            },
        ),
        Row(
            "Stage3",
            ("NAS Stage3", "16", "64, 2", "64, 1", "9", "96, 2", "96, 1", "9"),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stages.2"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stages.2"),
            },
        ),
        Row(
            "Stage4",
            ("NAS Stage4", "16", "", "96, 1", "8", "", "160, 2", "10"),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="backbone.stages.3"),
                "large": Run("efficientpose_nas_b", 256, part="backbone.stages.3"),
            },
        ),
        Row(
            "TransConv1",
            ("TransConv", "32", "64, 2", "", "", "64, 2", "", ""),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="head.deconvs.0.up"),
                "large": Run("efficientpose_nas_b", 256, part="head.deconvs.0.up"),
            },
        ),
        Row(
            "TransConv2",
            ("TransConv", "64", "32, 2", "", "", "32, 2", "", ""),
            runs={
                "small": Run("efficientpose_nas_a", 256, part="head.deconvs.1.up"),
                "large": Run("efficientpose_nas_b", 256, part="head.deconvs.1.up"),
            },
        ),
    ),
    differences=(
        (
            "The measured cells are of the found networks A and B, not of the space: A has 8 layers "
            "in stage 3, two fewer than the 1 + 9 of its space, for the search left two out. B "
            "keeps all places, one of them in stage 4 as an identity."
        ),
        (
            "Stage 4 of the large setting is printed with stride 2, although its output has the "
            "size of its input and the text allows four down-samplings. The released networks have "
            "stride 1; at stride 2 neither heatmaps nor operations would come out."
        ),
        "The repetitions of stage 4 hold all its layers, those of the other stages all but the first.",
        (
            "Width and stride of SepDepth3x3 are read off its 1x1 projection. One printed cell "
            "spans both settings in the rows Conv3x3 and TransConv."
        ),
    ),
)
