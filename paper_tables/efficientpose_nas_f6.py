"""EfficientPose-NAS (Zhang et al.), Fig. 6: PCKh@0.5 of networks searched for FLOPs, GPU and CPU
latency.

repro figure efficientpose-nas-f6
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-nas-f6",
    paper="efficientpose-nas",
    number="Fig. 6",
    title="PCKh@0.5 of networks searched for FLOPs, GPU and CPU latency",
    waits="three searches on the target devices and six trainings on MPII; the paper prints no values",
)
