"""LitePose, section 3.2: the four configurations of gradual shrinking (a list in the text, without
a table number).

    repro table litepose-shrink                                     reported and what is recorded
    repro table litepose-shrink --run                               builds and counts the four networks

Blocks per branch are read off the built networks. Printed MACs are rule `ptflops` at 512 px with
CrowdPose's 14 joints.
"""

from repro.spec import BOTTOM_UP, HIGHERHRNET, Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="litepose-shrink",
    paper="litepose",
    number="Section 3.2",
    title="Gradual shrinking: blocks per branch of each stage, finest branch first",
    columns=(
        Field("name"),
        Field("stage1"),
        Field("stage2"),
        Field("stage3"),
        Field("stage4"),
        Field("gflops_reported", "macs_g", rule="ptflops"),
        Field("base_channel"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
        Field("ap"),
    ),
    rows=(
        Row(
            "C1",
            ("Baseline", "4", "4, 4", "4, 4, 4", "4, 4, 4, 4", "12.5", "16"),
            run=Run("shrink_c1", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "C2",
            ("Shrink 1", "4", "3, 4", "2, 3, 4", "1, 2, 3, 4", "10.1", "16"),
            run=Run("shrink_c2", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "C3",
            ("Shrink 2", "4", "1, 4", "1, 1, 4", "1, 1, 1, 4", "10.0", "18"),
            run=Run("shrink_c3", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
        ),
        Row(
            "C4",
            ("Shrink 3", "4", "0, 4", "0, 0, 4", "0, 0, 0, 4", "9.2", "18"),
            run=Run("shrink_c4", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
        ),
    ),
    differences=(
        "C4 has 9.148 G by rule `ptflops`, 0.6 percent below the printed 9.2. Open.",
        "The networks are LitePose's own: first stage twice the base width instead of 64, "
        "deconvolution 32 wide without residual blocks. Only C4 is published; the widths of C1 to "
        "C3 are inferred from it and from the printed MACs.",
        "A branch with 0 blocks still has one 3x3 convolution in the published code.",
        "Fig. 2 says the configurations have similar MACs: they fall from 12.5 to 9.2 G, by 26 percent.",
        "How the four were trained is not stated; HigherHRNet's schedule is taken.",
        "The paper prints no AP for the four; Fig. 3 draws it, on CrowdPose as we take it. Only the "
        "baseline's is in a table (HigherHRNet-W16 of Table 1: 50.4).",
    ),
)
