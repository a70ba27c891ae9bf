"""LitePose, section 3.5 and Fig. 8: the multi-branch HigherHRNet-W16 against the single-branch
LitePose-L.

    repro ablation single-branch --run                              counts both networks
    repro ablation single-branch --run --profile smoke              trains and tests both, synthetic

LitePose-L is in no table: the text prints only its gain, +11.6 AP, at similar latency on a
Snapdragon 855.
"""

from repro.spec import BOTTOM_UP, LITEPOSE_CROWDPOSE, Ablation, Field, Row, Run, Series

ABLATION = Ablation(
    id="single-branch",
    paper="litepose",
    number="Section 3.5, Fig. 8",
    title="Many branches against one, CrowdPose test",
    question="Is one branch more accurate than four at about the same cost?",
    table_id="litepose-1",
    columns=(
        "gflops_reported",
        "ap",
        Field("ap_gain", "gain", gain="ap", label="AP gain (points)"),
        "params_true_m",
        "macs_true_g",
    ),
    measures=("joints10",),
    series=(Series("", {"HigherHRNet-W16": "HigherHRNet-W16", "LitePose-L": "LitePose-L"}),),
    own=(
        Row(
            "LitePose-L",
            ("", "", "11.6"),
            Run("litepose_l", 512, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_CROWDPOSE),
        ),
    ),
    differences=(
        "The text points to Fig. 3; the comparison is Fig. 8. The gain of 11.6 implies 62.0 AP for "
        "LitePose-L, which the paper does not print; its public code lists 61.9 AP and 13.7 G.",
        "The text says LitePose-L has more MACs: 13.7 against 12.5 G by rule `ptflops`, but fewer "
        "truly (10.0 against 11.2 G), because that rule counts its transposed convolutions four "
        "times too high.",
        "LitePose-L starts from super-net weights in the paper and at random here; latency needs a Snapdragon 855.",
    ),
)
