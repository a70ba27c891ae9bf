"""EfficientPose (Groos et al.), Table 6: with and without cross-resolution features, MPII
validation set.

    repro ablation cross-resolution --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="cross-resolution",
    paper="efficientpose",
    title="Cross-resolution features",
    question="Do features of the low-resolution branch help the high-resolution one?",
    table_id="efficientpose-6",
    columns=("params_m", "gflops_reported", "pckh50", "pckh10", "params_true_m", "macs_true_g"),
    series=(
        Series("EfficientPose I", {"with": "I/with", "without": "I/without"}),
        Series("EfficientPose II", {"with": "II/with", "without": "II/without"}),
    ),
)
