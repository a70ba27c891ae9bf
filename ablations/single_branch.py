"""LitePose, section 3.5 and Fig. 8: the multi-branch HigherHRNet-W16 against the single-branch LitePose-L.

    repro ablation single-branch --run                              counts both networks
    repro ablation single-branch --run --profile smoke              trains and tests both, synthetic

LitePose-L is in no table: the text prints only its gain, +11.6 AP, at similar latency on a Snapdragon 855.
"""

from repro.recipes import BOTTOM_UP, HIGHERHRNET, LITEPOSE_CROWDPOSE
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="single-branch",
    paper="litepose",
    number="Section 3.5, Fig. 8",
    title="Many branches against one, CrowdPose test",
    columns=(
        Field("gflops_reported", "macs_g", rule="ptflops"),
        Field("ap"),
        Field("ap_gain", "gain", gain="ap", label="AP gain (points)"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "",
            "HigherHRNet-W16",
            ("12.5", "50.4", ""),
            run=Run("shrink_c1", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, HIGHERHRNET),
            arms=(Arm("LitePose-L", ("", "", "11.6"), model="litepose_l", recipe=LITEPOSE_CROWDPOSE),),
        ),
    ),
    differences=(
        "The text points to Fig. 3; the comparison is Fig. 8. The gain of 11.6 implies 62.0 AP for LitePose-L, which "
        "the paper does not print; its public code lists 61.9 AP and 13.7 G.",
        "The text says LitePose-L has more MACs: 13.7 against 12.5 G by rule `ptflops`, but fewer truly (10.0 against "
        "11.2 G), because that rule counts its transposed convolutions four times too high.",
        "LitePose-L starts from super-net weights in the paper and at random here; latency needs a Snapdragon 855.",
    ),
)
