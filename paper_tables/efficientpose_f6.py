"""EfficientPose (Groos), Fig. 6: learning rate and sigma over the 100 epochs of an ablation,
variant II.

    repro figure efficientpose-f6

The paper prints no values, only the rules (section 4.1, appendix B). What it leaves open is our
choice, named in the recipe and below the picture.
"""

from repro.spec import EFFICIENTPOSE_ABLATION, Figure, SchedulePanel

FIGURE = Figure(
    id="efficientpose-f6",
    paper="efficientpose",
    number="Fig. 6",
    title="Learning rate and sigma of EfficientPose's recipe over 100 epochs",
    panels=(
        SchedulePanel(EFFICIENTPOSE_ABLATION, "rate"),
        SchedulePanel(EFFICIENTPOSE_ABLATION, "sigma"),
    ),
    caption="Stated by the paper: triangular cycles of 3 epochs, lowest rate = highest / 3000, "
    "sigma lowered in steps. Our choices, since the paper states none: highest rate 0.5; "
    "the height of the triangle halves at the cycle nearest to every step of sigma; sigma 0.1, "
    "0.075 and 0.05 of the map's side, in equal thirds. The paper's own values exist only as a drawing.",
)
