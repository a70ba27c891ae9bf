"""LitePose, Fig. 6: fusion deconv head against plain head: AP gain.

    repro figure litepose-f6

Fed by Table 3: 0.5 LitePose with kernel 7, trained from scratch. The paper draws the two heads and
prints the gain of 7.6 AP.
"""

from repro.spec import BarPanel, Figure

FIGURE = Figure(
    id="litepose-f6",
    paper="litepose",
    number="Fig. 6",
    title="Fusion deconv head (fsn) against plain head, 0.5 LitePose on CrowdPose test",
    panels=(
        BarPanel(table="litepose-3", y="ap", rows=("0.5/k7", "0.5/k7/fsn")),
        BarPanel(table="litepose-3", y="gflops_reported", rows=("0.5/k7", "0.5/k7/fsn"), y_also="macs_true_g"),
        BarPanel(table="litepose-3", y="ap", rows=("0.5/k7", "0.5/k7/fsn"), measured=True),
    ),
    caption="The paper's figure draws the heads; its numbers are those of Table 3: 54.7 - 47.1 = 7.6 AP "
    "for 0.6 G MACs more.",
)
