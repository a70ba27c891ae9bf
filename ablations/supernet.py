"""LitePose, section 5.3 and Table 3: what the super-net gives, as a start for training and as a space to search.

    repro ablation supernet                                         the paper's differences
    repro ablation supernet --run                                   counts the networks

Super-net training is not built yet: the arms' AP stays quoted. Their networks are counted in Table 3.
"""

from repro.recipes import BOTTOM_UP, LITEPOSE_CROWDPOSE
from repro.spec import Ablation, Arm, Field, Run, Series

ABLATION = Ablation(
    id="supernet",
    paper="litepose",
    number="Table 3",
    title="Super-net training and architecture search, CrowdPose test",
    columns=(
        Field("gflops_reported", "macs_g", rule="ptflops"),
        Field("ap"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    series=(
        Series(
            "0.5 LitePose",
            "from scratch",
            ("4.7", "54.7"),
            run=Run(
                "litepose_super",
                512,
                {"joints": 14, "width": 0.5, "kernel": 7, "fusion": True},
                "crowdpose-test",
                BOTTOM_UP,
                LITEPOSE_CROWDPOSE,
            ),
            arms=(Arm("super-net training", ("4.7", "56.1"), quoted="needs super-net training"),),
        ),
        Series(
            "LitePose-XS",
            "from scratch",
            ("1.2", "45.7"),
            run=Run("litepose_xs", 256, {"joints": 14}, "crowdpose-test", BOTTOM_UP, LITEPOSE_CROWDPOSE),
            arms=(Arm("super-net training", ("1.2", "48.4"), quoted="needs super-net training"),),
        ),
        Series(
            "search",
            "0.5 LitePose",
            ("4.7", "56.1"),
            run=Run("litepose_super", 512, {"joints": 14, "width": 0.5, "kernel": 7, "fusion": True}),
            arms=(Arm("LitePose-S", ("5.0", "58.3"), {"width": 1.0}, model="litepose_s", size=448),),
        ),
    ),
    waits="super-net training and the search in it; the series named search is counted, its AP needs both",
    differences=(
        "The search's gain of 2.2 AP comes with 5.0 instead of 4.7 G and with 448 instead of 512 px.",
        "Section 2's gain of up to 3.6 AP over manual networks from scratch is 54.7 to 58.3, both steps together.",
        "Section 5.2 gives 800 epochs at batch 32 for the super-net of L, M, S and 2400 at batch 128 for that of XS, "
        "after 100 epochs on COCO without the grouping loss; the released code differs and rescales tags wrongly.",
    ),
)
