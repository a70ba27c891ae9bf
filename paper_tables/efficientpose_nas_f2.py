"""EfficientPose-NAS (Zhang et al.), Fig. 2: accuracy against compute on MPII validation.

    repro figure efficientpose-nas-f2

Fed by Table 2. Two of its rows print no compute and are not in the picture: DU-Net at 7.9 and 15.9
M parameters.
"""

from repro.spec import Figure, Group, ScatterPanel

FIGURE = Figure(
    id="efficientpose-nas-f2",
    paper="efficientpose-nas",
    number="Fig. 2",
    title="PCKh@0.5 on MPII validation against compute",
    panels=(
        ScatterPanel(
            table="efficientpose-nas-2",
            x="gflops_reported",
            y="pckh50",
            x_also="macs_true_g",
            groups=(
                Group("EfficientPose-NAS", ("A", "B", "C"), joined=True),
                Group("SimpleBaseline", ("SimpleBaseline-R50", "SimpleBaseline-R101", "SimpleBaseline-R152"), True),
                Group("PNFS", ("PNFS/2.0", "PNFS/9.9"), True),
            ),
            log_x=True,
        ),
    ),
    caption="The axis is in the table's unit of 2^30 multiply-adds; CPMs (175.0) and C (2.0) are in "
    "units of 10^9 and are converted. DU-Net prints no compute and is left out.",
)
