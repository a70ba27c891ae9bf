"""How one network per face of SynthPose learns under profile mini: no figure of a paper, but of
this suite.

    repro figure learning-curves

A point is a test on 100 pictures of the test set while the network learns; the last is after the
last step.
"""

from repro.spec import Figure, LearningPanel

FIGURE = Figure(
    id="learning-curves",
    paper="synthpose",
    number="Learning curves",
    title="What one network per face learns under profile mini",
    panels=(
        LearningPanel("sic", "MobileNetV2/with", "PCKh@0.5", "PCKh@0.5 (%)", "one person: MobileNetV2"),
        LearningPanel("litepose-2", "EfficientHRNet-H-4", "AP50", "AP50 (%)", "several people: H-4", 100.0),
        LearningPanel("litepose-1", "LitePose-XS", "joints@0.1", "joints@0.1 (%)", "a crowd: LitePose-XS", 100.0),
        LearningPanel("compact-efficientnet", "ImageNet/B-4", "top1", "top-1 (%)", "100 classes: B-4", 100.0),
    ),
    columns=2,
    caption="Synthetic, reduced (profile mini). Points: after 1/8, 1/4, 1/2 and all of the steps, on 100 pictures of "
    "the test set; the rate falls along a cosine. All scores in percent.",
)
