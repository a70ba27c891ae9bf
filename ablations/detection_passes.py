"""EfficientPose (Groos et al.), Table 8: one, two or three keypoint passes, MPII validation set.

    repro ablation detection-passes --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="detection-passes",
    paper="efficientpose",
    title="Number of keypoint passes",
    question="How many passes that refine the key points pay for themselves?",
    table_id="efficientpose-8",
    columns=("params_m", "gflops_reported", "pckh50", "pckh10", "params_true_m", "macs_true_g"),
    series=(
        Series("EfficientPose I", {"2 passes": "I/2", "1 pass": "I/1", "3 passes": "I/3"}),
        Series("EfficientPose II", {"2 passes": "II/2", "1 pass": "II/1", "3 passes": "II/3"}),
    ),
)
