"""EfficientPose-NAS (Zhang et al.), Fig. 9: feature maps without the correction module, before it
and after it.

    repro figure efficientpose-nas-f9 --run

The paper shows MPII's pictures and does not say which channels; here drawn people, and the mean over
all channels. The number in a map is its share of checkerboard.
"""

from repro.spec import Figure, MapsPanel

FIGURE = Figure(
    id="efficientpose-nas-f9",
    paper="efficientpose-nas",
    number="Fig. 9",
    title="Feature maps of EfficientPose-A without and with the correction module (SIC)",
    panels=(
        MapsPanel(
            table="efficientpose-nas-6",
            layers=(
                ("A/without", "head.deconvs", "without SIC: deconvolutions"),
                ("A/with", "head.deconvs", "with SIC: before it"),
                ("A/with", "head.correction", "with SIC: after it"),
            ),
            pictures=(0, 1, 2, 3),
        ),
    ),
    caption="Mean over the channels, the darker the higher, each map from its lowest to its highest value. Number: "
    "mean size of the part of every 2 x 2 cells that changes sign from cell to cell, through the map's mean "
    "deviation; 0 without any checkerboard.",
)
