"""LitePose, Fig. 9: AP on CrowdPose test against multiply-adds and against the latency of three
devices.

    repro figure litepose-f9

Fed by Table 1. LitePose-M and L stand in no table: their numbers are those of the README of its
public code, marked so. The README's latencies of M belong to its COCO network; it prints none for
L.
"""

from repro.spec import Figure, Group, Quote, Run, ScatterPanel

FIGURE = Figure(
    id="litepose-f9",
    paper="litepose",
    number="Fig. 9",
    title="AP on CrowdPose test against multiply-adds and against latency on three devices",
    panels=(
        ScatterPanel(
            table="litepose-1",
            x="gflops_reported",
            y="ap",
            x_also="macs_true_g",
            groups=(
                Group("LitePose", ("LitePose-XS", "LitePose-S"), joined=True),
                Group("HigherHRNet", ("HigherHRNet-W16", "HigherHRNet-W24", "HigherHRNet-W48"), joined=True),
                Group("EfficientHRNet", ("EfficientHRNet-H-3", "EfficientHRNet-H-1"), joined=True),
            ),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"ap": "59.9", "gflops_reported": "7.8"},
                    "LitePose's README",
                    group="LitePose",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
                Quote(
                    "LitePose-L*",
                    {"ap": "61.9", "gflops_reported": "13.7"},
                    "LitePose's README",
                    group="LitePose",
                    run=Run("litepose_l", 512, {"joints": 14}),
                ),
            ),
            log_x=True,
        ),
        ScatterPanel(
            table="litepose-1",
            x="latency_pi_ms",
            y="ap",
            groups=(
                Group("LitePose", ("LitePose-XS", "LitePose-S"), joined=True),
                Group("HigherHRNet", ("HigherHRNet-W16", "HigherHRNet-W24", "HigherHRNet-W48"), joined=True),
                Group("EfficientHRNet", ("EfficientHRNet-H-3", "EfficientHRNet-H-1"), joined=True),
            ),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"ap": "59.9", "latency_pi_ms": "588"},
                    "LitePose's README",
                    group="LitePose",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
            ),
            log_x=True,
        ),
        ScatterPanel(
            table="litepose-1",
            x="latency_mobile_ms",
            y="ap",
            groups=(
                Group("LitePose", ("LitePose-XS", "LitePose-S"), joined=True),
                Group("HigherHRNet", ("HigherHRNet-W16", "HigherHRNet-W24", "HigherHRNet-W48"), joined=True),
                Group("EfficientHRNet", ("EfficientHRNet-H-3", "EfficientHRNet-H-1"), joined=True),
            ),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"ap": "59.9", "latency_mobile_ms": "97"},
                    "LitePose's README",
                    group="LitePose",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
            ),
            log_x=True,
        ),
        ScatterPanel(
            table="litepose-1",
            x="latency_nano_ms",
            y="ap",
            groups=(
                Group("LitePose", ("LitePose-XS", "LitePose-S"), joined=True),
                Group("HigherHRNet", ("HigherHRNet-W16", "HigherHRNet-W24", "HigherHRNet-W48"), joined=True),
                Group("EfficientHRNet", ("EfficientHRNet-H-3", "EfficientHRNet-H-1"), joined=True),
            ),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"ap": "59.9", "latency_nano_ms": "144"},
                    "LitePose's README",
                    group="LitePose",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
            ),
            log_x=True,
        ),
    ),
    columns=2,
    caption="* Source: the README of LitePose's public code; no table of the paper lists M or L. "
    "The README's latencies of M are those of its COCO network; for L it prints none. The "
    "devices are not here: all latencies are as reported.",
)
