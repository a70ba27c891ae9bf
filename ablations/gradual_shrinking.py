"""LitePose, section 3.2: the finest branches of HigherHRNet-W16 lose their blocks step by step.

    repro ablation gradual-shrinking --run                          counts the four networks
    repro ablation gradual-shrinking --run --profile smoke          trains and tests each, synthetic

C1 is HigherHRNet-W16 of Table 1, whose AP is the only printed one; Fig. 3 draws the other three without numbers.
"""

from repro.recipes import BOTTOM_UP, HIGHERHRNET
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="gradual-shrinking",
    paper="litepose",
    number="Section 3.2",
    title="Gradual shrinking of the high-resolution branches, CrowdPose test",
    columns=(
        Field("stage2"),
        Field("stage3"),
        Field("stage4"),
        Field("base_channel"),
        Field("gflops_reported", "macs_g", rule="ptflops"),
        Field("ap"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "",
            "C1",
            ("4, 4", "4, 4, 4", "4, 4, 4, 4", "16", "12.5", "50.4"),
            run=Run("shrink_c1", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
            arms=(
                Arm("C2", ("3, 4", "2, 3, 4", "1, 2, 3, 4", "16", "10.1", ""), model="shrink_c2"),
                Arm("C3", ("1, 4", "1, 1, 4", "1, 1, 1, 4", "18", "10.0", ""), model="shrink_c3"),
                Arm("C4", ("0, 4", "0, 0, 4", "0, 0, 0, 4", "18", "9.2", ""), model="shrink_c4"),
            ),
        ),
    ),
    differences=(
        "The paper says that AP rises with every step (Fig. 3) and prints no value; C1's 50.4 is HigherHRNet-W16 of "
        "Table 1.",
        "C4 has 9.148 G by rule `ptflops`, 0.6 percent below the printed 9.2. Open.",
        "The configurations are not of similar MACs as Fig. 2 says: C4 has 26 percent less than C1.",
        "How the four were trained is not stated; HigherHRNet's schedule is taken.",
    ),
)
