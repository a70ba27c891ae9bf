"""EfficientPose-NAS (Zhang et al.), Fig. 7: key points found on MPII validation pictures.

repro figure efficientpose-nas-f7
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-nas-f7",
    paper="efficientpose-nas",
    number="Fig. 7",
    title="Key points found on MPII validation pictures",
    waits="trained weights and MPII pictures; `repro predict` draws one picture",
)
