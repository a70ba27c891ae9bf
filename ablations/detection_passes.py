"""EfficientPose (Groos et al.), Table 8: one, two or three keypoint passes, MPII validation set.

    repro ablation detection-passes --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.recipes import EFFICIENTPOSE_ABLATION, MPII_GROOS
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="detection-passes",
    paper="efficientpose",
    number="Table 8",
    title="Number of keypoint passes",
    columns=(
        Field("params_m", rule="flop2"),
        Field("gflops_reported", "flops_g", rule="flop2"),
        Field("pckh50"),
        Field("pckh10"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "EfficientPose I",
            "2 passes",
            ("0.72", "1.67", "83.56", "26.35"),
            run=Run("efficientpose_i", 256, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
            arms=(
                Arm(
                    "1 pass",
                    ("0.52", "1.33", "81.85", "24.51"),
                    changes={"passes": 1},
                ),
                Arm(
                    "3 passes",
                    ("0.92", "2.02", "84.35", "26.42"),
                    changes={"passes": 3},
                ),
            ),
        ),
        Series(
            "EfficientPose II",
            "2 passes",
            ("1.73", "7.70", "87.05", "29.87"),
            run=Run("efficientpose_ii", 368, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
            arms=(
                Arm(
                    "1 pass",
                    ("1.24", "5.92", "85.42", "28.01"),
                    changes={"passes": 1},
                ),
                Arm(
                    "3 passes",
                    ("2.22", "9.49", "87.55", "29.61"),
                    changes={"passes": 3},
                ),
            ),
        ),
    ),
    differences=(
        "The text calls the gain of the third pass relative; 0.5 to 0.8 are points.",
        (
            "The printed parameters hold the running statistics of the batch norms and the dense, fixed kernels "
            "of the bilinear upscaling; the printed FLOPs are two per multiply-add, and products, sums and biases "
            "besides (TensorFlow's profiler). The heads of the passes before the last are in neither. The `true` "
            "columns leave the running statistics out and give plain MACs."
        ),
        (
            "All PCKh values need MPII and training. The paper averages over several test scales that it does not "
            "state; here the test is at one scale, with the blur and the maximum of the authors' released code."
        ),
        (
            "The paper's split of 26 thousand and 3 thousand people is random and not published; here it is the "
            "22,246 and 2,958 people of the files that go with HRNet."
        ),
    ),
)
