"""EfficientPose (Groos), Fig. 4: pictures of one person and the PCKh thresholds.

    repro figure efficientpose-f4

The paper shows ten pictures of MPII's test set, which may not be passed on; here ten drawn ones. The
thresholds are MPII's: 0.5 and 0.1 of 0.6 times the diagonal of the head's box.
"""

from repro.spec import DrawnPanel, Figure

FIGURE = Figure(
    id="efficientpose-f4",
    paper="efficientpose",
    number="Fig. 4",
    title="Drawn people in the form of MPII, and the thresholds of PCKh",
    panels=(
        DrawnPanel(pictures=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), columns=5, title="ten test pictures"),
        DrawnPanel(
            pictures=(0, 3),
            columns=2,
            title="a joint counts within the outer circle for PCKh@50, the inner one for PCKh@10",
            rings=(0.5, 0.1),
            size=512,
        ),
    ),
    caption="Drawn people (synthpose-near), not the paper's pictures, which are MPII's. Radii: 0.5 and 0.1 of "
    "l = 0.6 d, d being the diagonal of the head's box. The figure uses no network.",
)
