"""EfficientPose (Groos), Fig. 5: mean error on MPII validation during training.

repro figure efficientpose-f5
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-f5",
    paper="efficientpose",
    number="Fig. 5",
    title="Mean error on MPII validation during training",
    waits="two trainings on MPII by the full recipe, EfficientPose II (200 epochs) and OpenPose "
    "(400); the paper prints no values",
)
