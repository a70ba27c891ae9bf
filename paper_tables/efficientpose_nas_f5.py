"""EfficientPose-NAS (Zhang et al.), Fig. 5: PCKh@0.5 on MPII validation against GPU latency.

    repro figure efficientpose-nas-f5

The accuracies are those of Table 2, the latencies those of the text (section 4.1.2).
"""

from repro.spec import Figure, Group, ScatterPanel

FIGURE = Figure(
    id="efficientpose-nas-f5",
    paper="efficientpose-nas",
    number="Fig. 5",
    title="PCKh@0.5 on MPII validation against GPU latency",
    panels=(
        ScatterPanel(
            table="efficientpose-nas-2",
            x="latency_gpu_ms",
            y="pckh50",
            groups=(
                Group("EfficientPose-NAS", ("A", "B", "C"), joined=True),
                Group("SimpleBaseline", ("SimpleBaseline-R101", "SimpleBaseline-R152"), joined=True),
                Group("HRNet", ("HRNet-W32",)),
            ),
            told={
                "A": "13.73",
                "B": "23.95",
                "C": "27.34",
                "SimpleBaseline-R101": "45.31",
                "SimpleBaseline-R152": "61.08",
                "HRNet-W32": "55.47",
            },
        ),
    ),
    caption="Every number is the paper's: accuracies from Table 2, latencies from the text of section "
    "4.1.2, which names neither device nor batch for them. The paper's figure is of EfficientPose and "
    "SimpleBaseline; HRNet-W32 is added from the same text. SimpleBaseline-R50 has no printed latency and is "
    "left out.",
)
