"""EfficientPose-NAS (Zhang et al.), Fig. 5: PCKh@0.5 on MPII validation against GPU latency.

repro figure efficientpose-nas-f5
"""

from repro.spec import Figure

FIGURE = Figure(
    id="efficientpose-nas-f5",
    paper="efficientpose-nas",
    number="Fig. 5",
    title="PCKh@0.5 on MPII validation against GPU latency",
    waits="latencies measured on one named GPU; the paper states six in its text, names no device "
    "for them and leaves out SimpleBaseline-R50",
)
