"""EfficientPose-NAS (Zhang et al.), Table 7: wider transposed convolutions in the head of A, MPII
validation set.

    repro ablation slim-deconv --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="slim-deconv",
    paper="efficientpose-nas",
    title="Width of the two transposed convolutions",
    question="Is a slim head of widths 64 and 32 as accurate as wider ones?",
    table_id="efficientpose-nas-7",
    columns=(
        "mflops_backbone",
        "mflops_head",
        "pckh50",
        "backbone_true_m",
        "head_true_m",
        "params_true_m",
        "macs_true_g",
    ),
    measures=("pckh10",),
    series=(Series("", {"widths 64, 32": "64-32", "widths 64, 64": "64-64", "widths 96, 96": "96-96"}),),
)
