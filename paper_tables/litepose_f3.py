"""LitePose, Fig. 3: HigherHRNet-W16 while its high-resolution branches shrink.

    repro figure litepose-f3

The paper draws AP over four configurations and prints none of it; their multiply-adds are printed
(section 3.2) and measured here, and so is the AP where a record holds it.
"""

from repro.spec import BarPanel, Figure

FIGURE = Figure(
    id="litepose-f3",
    paper="litepose",
    number="Fig. 3",
    title="HigherHRNet-W16 while its high-resolution branches shrink",
    panels=(
        BarPanel(table="litepose-shrink", y="gflops_reported", y_also="macs_true_g"),
        BarPanel(table="litepose-shrink", y="ap", measured=True),
    ),
    caption="The AP of the paper's figure exists only as a drawing: no text or table prints it, so "
    "it is not shown. The one exception is C1, which is HigherHRNet-W16 of Table 1 (AP 50.4 "
    "on CrowdPose test).",
)
