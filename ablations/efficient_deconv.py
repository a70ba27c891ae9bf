"""EfficientPose-NAS (Zhang et al.), Table 8: lighter transposed convolutions in the head of A, MPII
validation set.

    repro ablation efficient-deconv --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="efficient-deconv",
    paper="efficientpose-nas",
    title="Lighter transposed convolutions",
    question="Can the transposed convolutions be factorised without losing PCKh, and are they cheaper then?",
    table_id="efficientpose-nas-8",
    columns=("mflops", "pckh50", "params_true_m", "macs_true_g"),
    measures=("pckh10",),
    series=(Series("", {"plain": "Plain", "MBV1 style": "MBV1", "MBV2 style": "MBV2"}),),
)
