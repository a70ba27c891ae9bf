"""EfficientPose-NAS (Zhang et al.), Fig. 9: feature maps without, before and after the correction
module.

repro figure efficientpose-nas-f9
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-nas-f9",
    paper="efficientpose-nas",
    number="Fig. 9",
    title="Feature maps without, before and after the correction module",
    waits="networks trained on MPII with and without the correction module",
)
