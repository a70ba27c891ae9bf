"""HigherHRNet, section 4.2 and Table 5: size of the training pictures.

    repro ablation training-size --run                              counts W32 at the three sizes
    repro ablation training-size --run --profile paper --data DIR   trains and tests at the three sizes

Each is tested at the size it was trained with.
"""

from repro.recipes import BOTTOM_UP, HIGHERHRNET
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="training-size",
    paper="higherhrnet",
    number="Table 5",
    title="Size of the training pictures, HigherHRNet-W32, COCO val2017",
    columns=(
        Field("ap"),
        Field("ap_m"),
        Field("ap_l"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "",
            "512",
            ("67.1", "61.5", "76.1"),
            run=Run("higherhrnet_w32", 512, {}, "coco-val", BOTTOM_UP, HIGHERHRNET),
            arms=(
                Arm("640", ("68.5", "64.3", "75.3"), size=640),
                Arm("768", ("68.5", "64.9", "73.8"), size=768),
            ),
        ),
    ),
    differences=(
        "The sizes of the supervised heatmaps at 640 and 768 px are not stated: 1/4 and 1/2 of the picture, as at 512.",
        "A reduced profile trains and tests all three at its own size, so they differ only with the paper profile or "
        "given weights.",
    ),
)
