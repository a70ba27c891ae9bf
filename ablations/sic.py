"""EfficientPose-NAS (Zhang et al.), Table 6: with and without the spatial information correction,
MPII validation set.

    repro ablation sic --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="sic",
    paper="efficientpose-nas",
    title="Spatial information correction",
    question="Does the spatial information correction raise PCKh, and what does it cost?",
    table_id="efficientpose-nas-6",
    columns=("pckh50", "params_true_m", "macs_true_g"),
    measures=("pckh10",),
    series=(
        Series("MobileNetV2", {"with": "MobileNetv2/with", "without": "MobileNetv2/without"}),
        Series("EfficientPose-A", {"with": "A/with", "without": "A/without"}),
        Series("EfficientPose-B", {"with": "B/with", "without": "B/without"}),
        Series("EfficientPose-C", {"with": "C/with", "without": "C/without"}),
    ),
)
