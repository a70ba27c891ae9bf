"""EfficientPose (Groos), Fig. 5: mean error on the validation set during training.

    repro table efficientpose-5 --run --profile mini --row II/200 --row OpenPose/200
    repro figure efficientpose-f5

The paper draws 400 epochs on MPII and prints no value; here what the same two networks do while they
learn drawn people. What unit the paper's error has is not stated.
"""

from repro.spec import Figure, LearningPanel

FIGURE = Figure(
    id="efficientpose-f5",
    paper="efficientpose",
    number="Fig. 5",
    title="Mean error of EfficientPose II and OpenPose while they learn drawn people",
    panels=(
        LearningPanel("efficientpose-5", "II/200", "error px", "mean error (px)", "EfficientPose II"),
        LearningPanel("efficientpose-5", "OpenPose/200", "error px", "mean error (px)", "OpenPose"),
    ),
    columns=2,
    caption="Synthetic, reduced (profile mini), not the paper's 400 epochs on MPII, of which no value is printed. "
    "The error is the mean distance in px of pictures of 128 px, on 100 pictures of the test set.",
)
