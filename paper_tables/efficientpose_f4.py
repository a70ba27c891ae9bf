"""EfficientPose (Groos), Fig. 4: MPII test pictures and the PCKh thresholds.

repro figure efficientpose-f4
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-f4",
    paper="efficientpose",
    number="Fig. 4",
    title="MPII test pictures and the PCKh thresholds",
    waits="MPII test pictures, which may not be passed on",
)
