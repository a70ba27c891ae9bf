"""LitePose, Fig. 1: AP on COCO val2017 against the latency on a Snapdragon 855.

    repro figure litepose-f1

Fed by Table 2: the three families that the paper draws. The device is not here, so every number is
the paper's.
"""

from repro.spec import Figure, Group, ScatterPanel

FIGURE = Figure(
    id="litepose-f1",
    paper="litepose",
    number="Fig. 1",
    title="AP on COCO val2017 against latency on a Qualcomm Snapdragon 855",
    panels=(
        ScatterPanel(
            table="litepose-2",
            x="latency_mobile_ms",
            y="ap_val",
            rows=(
                "Lightweight OpenPose",
                "EfficientHRNet-H-2",
                "LitePose-S",
                "EfficientHRNet-H-4",
                "LitePose-XS",
            ),
            groups=(
                Group("LitePose", ("LitePose-XS", "LitePose-S"), joined=True),
                Group("EfficientHRNet", ("EfficientHRNet-H-4", "EfficientHRNet-H-2"), joined=True),
            ),
        ),
    ),
    caption="Latencies are the paper's: the device is not here. H-4 to XS is the 2.9 times of the paper's text.",
)
