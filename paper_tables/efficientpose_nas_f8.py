"""EfficientPose-NAS (Zhang et al.), Fig. 8: key points found on COCO validation pictures.

repro figure efficientpose-nas-f8
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-nas-f8",
    paper="efficientpose-nas",
    number="Fig. 8",
    title="Key points found on COCO validation pictures",
    waits="trained weights and COCO pictures; `repro predict` draws one picture",
)
