"""EfficientPose (Groos et al.), Table 9: with and without bilinear upscaling of the last maps, MPII
validation set.

    repro ablation upscaling --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="upscaling",
    paper="efficientpose",
    title="Bilinear upscaling of the last maps",
    question="Does upscaling the last maps sharpen the positions, most of all under PCKh@10?",
    table_id="efficientpose-9",
    columns=("params_m", "gflops_reported", "pckh50", "pckh10", "params_true_m", "macs_true_g"),
    series=(
        Series("EfficientPose I", {"with": "I/with", "without": "I/without"}),
        Series("EfficientPose II", {"with": "II/with", "without": "II/without"}),
    ),
)
