"""EfficientPose (Groos et al.), Table 7: with and without the pass that estimates the skeleton,
MPII validation set.

    repro ablation skeleton-pass --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="skeleton-pass",
    paper="efficientpose",
    title="The pass that estimates the skeleton",
    question="Does a pass that estimates the skeleton first pay for itself?",
    table_id="efficientpose-7",
    columns=("params_m", "gflops_reported", "pckh50", "pckh10", "params_true_m", "macs_true_g"),
    series=(
        Series("EfficientPose I", {"with": "I/with", "without": "I/without"}),
        Series("EfficientPose II", {"with": "II/with", "without": "II/without"}),
    ),
)
