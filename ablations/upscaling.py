"""EfficientPose (Groos et al.), Table 9: with and without bilinear upscaling of the last maps, MPII validation set.

    repro ablation upscaling --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.recipes import EFFICIENTPOSE_ABLATION, MPII_GROOS
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="upscaling",
    paper="efficientpose",
    number="Table 9",
    title="Bilinear upscaling of the last maps",
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
            "with",
            ("0.72", "1.67", "83.56", "26.35"),
            run=Run("efficientpose_i", 256, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
            arms=(
                Arm(
                    "without",
                    ("0.71", "1.52", "82.42", "14.02"),
                    changes={"upscaling": False, "side_outputs": True},
                ),
            ),
        ),
        Series(
            "EfficientPose II",
            "with",
            ("1.73", "7.70", "87.05", "29.87"),
            run=Run("efficientpose_ii", 368, {}, "mpii-val", MPII_GROOS, EFFICIENTPOSE_ABLATION),
            arms=(
                Arm(
                    "without",
                    ("1.73", "7.37", "86.56", "20.66"),
                    changes={"upscaling": False, "side_outputs": True},
                ),
            ),
        ),
    ),
    differences=(
        (
            "Without upscaling the heads of the two earlier passes are counted, which the base leaves out: only "
            "so do the printed values of II come out."
        ),
        "Open: variant I without upscaling has 1.510 G, the paper prints 1.52.",
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
