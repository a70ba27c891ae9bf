"""LitePose, Fig. 8: HigherHRNet-W16 against LitePose-L: AP, multiply-adds, latency on a Snapdragon
855.

    repro figure litepose-f8

Fed by Table 1 for HigherHRNet-W16. No table of the paper lists LitePose-M and L: their numbers are
those of the README of its public code, marked so. The README's latency of M belongs to its COCO
network.
"""

from repro.spec import BarPanel, Figure, Quote, Run

FIGURE = Figure(
    id="litepose-f8",
    paper="litepose",
    number="Fig. 8",
    title="HigherHRNet-W16 against LitePose-M and L on CrowdPose test",
    panels=(
        BarPanel(
            table="litepose-1",
            y="ap",
            rows=("HigherHRNet-W16",),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"ap": "59.9"},
                    "LitePose's README",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
                Quote(
                    "LitePose-L*",
                    {"ap": "61.9"},
                    "LitePose's README",
                    run=Run("litepose_l", 512, {"joints": 14}),
                ),
            ),
        ),
        BarPanel(
            table="litepose-1",
            y="gflops_reported",
            rows=("HigherHRNet-W16",),
            y_also="macs_true_g",
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"gflops_reported": "7.8"},
                    "LitePose's README",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
                Quote(
                    "LitePose-L*",
                    {"gflops_reported": "13.7"},
                    "LitePose's README",
                    run=Run("litepose_l", 512, {"joints": 14}),
                ),
            ),
        ),
        BarPanel(
            table="litepose-1",
            y="latency_mobile_ms",
            rows=("HigherHRNet-W16",),
            quotes=(
                Quote(
                    "LitePose-M*",
                    {"latency_mobile_ms": "97"},
                    "LitePose's README",
                    run=Run("litepose_m", 448, {"joints": 14}),
                ),
                Quote(
                    "LitePose-L*",
                    {},
                    "LitePose's README",
                    run=Run("litepose_l", 512, {"joints": 14}),
                ),
            ),
        ),
    ),
    caption="* Source: the README of LitePose's public code; no table of the paper lists M or L. "
    "The README's latency of M is that of its COCO network; for L it prints none. The "
    "paper's text says +11.6 AP for L: that would be 62.0.",
)
