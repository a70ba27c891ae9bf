"""EfficientHRNet, section 3.1 and Table 2: EfficientNet scaled down, and how widths and depths are rounded.

    repro ablation compact-efficientnet --run                       counts all networks
    repro ablation compact-efficientnet --run --profile smoke       trains and tests the classifiers, synthetic

The paper does not state the rounding. The last four series show what other roundings would give, with 100 classes.
"""

from repro.recipes import CLASSIFICATION, CLASSIFICATION_CIFAR, CLASSIFICATION_IMAGENET
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="compact-efficientnet",
    paper="efficienthrnet",
    number="Table 2",
    title="Compact EfficientNet by scaling step and rounding",
    columns=(
        Field("params_m", rule="true"),
        Field("gflops_reported", "macs_g", rule="true", label="MACs (G, printed as FLOPS)"),
        Field("top1"),
    ),
    series=(
        Series(
            "ImageNet",
            "B0",
            ("5.3", "0.4", "75"),
            run=Run("efficientnet_b0", 224, {}, "imagenet-val", CLASSIFICATION, CLASSIFICATION_IMAGENET),
            arms=(
                Arm("B-1", ("4.5", "0.3", "73.8"), model="efficientnet_b_1", size=195),
                Arm("B-2", ("3.4", "0.2", "71.3"), model="efficientnet_b_2", size=170),
                Arm("B-3", ("2.8", "0.1", "68.5"), model="efficientnet_b_3", size=145),
                Arm("B-4", ("1.3", "0.05", "65.6"), model="efficientnet_b_4", size=128),
            ),
        ),
        Series(
            "CIFAR-100",
            "B0",
            ("4.1", "0.4", "81.9"),
            run=Run("efficientnet_b0", 224, {"classes": 100}, "cifar100-test", CLASSIFICATION, CLASSIFICATION_CIFAR),
            arms=(
                Arm("B-1", ("3.5", "0.3", "81.4"), model="efficientnet_b_1", size=195),
                Arm("B-2", ("2.5", "0.2", "79.8"), model="efficientnet_b_2", size=170),
                Arm("B-3", ("1.9", "0.1", "78.2"), model="efficientnet_b_3", size=145),
                Arm("B-4", ("1.3", "0.05", "74.3"), model="efficientnet_b_4", size=128),
            ),
        ),
        Series(
            "rounding of B-1",
            "widths to multiples of 8, depths up",
            ("3.5", "0.3", ""),
            run=Run("efficientnet_b_1", 195, {"classes": 100}),
            arms=(
                Arm("depths to the nearest", ("", "", ""), {"depth_rounding": "nearest"}),
                Arm("depths down", ("", "", ""), {"depth_rounding": "down"}),
                Arm("widths to whole numbers", ("", "", ""), {"width_multiple": 1}),
            ),
        ),
        Series(
            "rounding of B-2",
            "widths to multiples of 8, depths up",
            ("2.5", "0.2", ""),
            run=Run("efficientnet_b_2", 170, {"classes": 100}),
            arms=(
                Arm("depths to the nearest", ("", "", ""), {"depth_rounding": "nearest"}),
                Arm("depths down", ("", "", ""), {"depth_rounding": "down"}),
                Arm("widths to whole numbers", ("", "", ""), {"width_multiple": 1}),
            ),
        ),
        Series(
            "rounding of B-3",
            "widths to multiples of 8, depths up",
            ("1.9", "0.1", ""),
            run=Run("efficientnet_b_3", 145, {"classes": 100}),
            arms=(
                Arm("depths to the nearest", ("", "", ""), {"depth_rounding": "nearest"}),
                Arm("depths down", ("", "", ""), {"depth_rounding": "down"}),
                Arm("widths to whole numbers", ("", "", ""), {"width_multiple": 1}),
            ),
        ),
        Series(
            "rounding of B-4",
            "widths to multiples of 8, depths up",
            ("1.3", "0.05", ""),
            run=Run("efficientnet_b_4", 128, {"classes": 100}),
            arms=(
                Arm("depths to the nearest", ("", "", ""), {"depth_rounding": "nearest"}),
                Arm("depths down", ("", "", ""), {"depth_rounding": "down"}),
                Arm("widths to whole numbers", ("", "", ""), {"width_multiple": 1}),
            ),
        ),
    ),
    differences=(
        "B-4 has 2.056 M parameters on ImageNet; the printed 1.3 M is its value on CIFAR-100, printed twice.",
        "Widths to multiples of 8 and depths up, as in the released backbone, give all printed parameters but B-4's on "
        "ImageNet. Depths to the nearest or down give none but B0's.",
        "Whole widths give the printed parameters on CIFAR-100 too (3.45, 2.47, 1.88, 1.27 M); on ImageNet they give "
        "B-3 2.74 M, where 2.8 is printed. It is the released code that decides.",
        "The depth factors are 1.2^phi to three decimals, as in the released code; B-1's 0.833 x 3 blocks goes to 2 by "
        "rounding to the nearest, where the exact power would be a tie.",
        "The paper sizes B-3 and B-4 at 145 and 128 px, where its own rule gives 148 and 129.",
    ),
)
