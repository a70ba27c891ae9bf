"""EfficientPose-NAS (Zhang et al.), Fig. 4: the searched backbones, block by block.

    repro figure efficientpose-nas-f4

The paper draws A and B; the digits are those of the public code, kernel and expansion of each
inverted residual block, and give the parameters and multiply-adds of Table 2. C is not drawn in the
paper.
"""

from repro.spec import BlockPanel, Figure, Stage

FIGURE = Figure(
    id="efficientpose-nas-f4",
    paper="efficientpose-nas",
    number="Fig. 4",
    title="Searched backbones of EfficientPose-A, B and C, block by block, 256x256 input",
    panels=(
        BlockPanel(
            "EfficientPose-A, as in the paper's Fig. 4",
            256,
            (
                Stage("stem", 16, 2, "31"),
                Stage("stage 1", 24, 2, "36 73 36 33"),
                Stage("stage 2", 32, 2, "36 33 53 33 33 33"),
                Stage("stage 3", 64, 2, "56 73 73 73 73 73 73 73"),
                Stage("stage 4", 96, 1, "56 56 76 56 73 73 73 76"),
            ),
        ),
        BlockPanel(
            "EfficientPose-B, as in the paper's Fig. 4",
            256,
            (
                Stage("stem", 24, 2, "31"),
                Stage("stage 1", 32, 2, "36 36 53 73 53 73"),
                Stage("stage 2", 64, 2, "56 53 73 73 73 73 73 73"),
                Stage("stage 3", 96, 2, "76 56 56 73 73 36 73 76 76 73"),
                Stage("stage 4", 160, 1, "73 73 73 73 73 73 - 73 76 73"),
            ),
        ),
        BlockPanel(
            "EfficientPose-C, not drawn in the paper, from its released code",
            256,
            (
                Stage("stem", 24, 2, "31"),
                Stage("stage 1", 32, 2, "53 36 33 33 - 53"),
                Stage("stage 2", 64, 2, "36 76 56 36 56 36 36 36"),
                Stage("stage 3", 96, 2, "76 76 76 76 76 76 76 76 73 76"),
                Stage("stage 4", 160, 1, "76 76 73 73 76 76 76 76 76 76"),
            ),
        ),
    ),
    caption="A block is an inverted residual: depthwise convolution of that kernel, expansion e. "
    "The stem is a 3x3 convolution of 32 channels with stride 2 and a separable 3x3 "
    "convolution. The first block of stages 1 to 3 has stride 2. The head, not drawn, is "
    "the same for all: two transposed 4x4 convolutions of 64 and 32 channels, each followed "
    "by a depthwise 3x3 correction, and a 1x1 convolution.",
)
