"""EfficientPose-NAS (Zhang et al.), Table 3: other backbones under the same slim head, MPII
validation set.

    repro ablation backbone --run

Counts need no data; PCKh needs MPII, and weights or training.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="backbone",
    paper="efficientpose-nas",
    title="Other backbones under the same head",
    question="Is the searched backbone better than other light ones under the same head?",
    table_id="efficientpose-nas-3",
    columns=("params_m", "gflops_reported", "pckh50", "macs_true_g"),
    measures=("pckh10",),
    series=(
        Series(
            "",
            {
                "EfficientPose-A": "A",
                "MobileNetV2": "MobileNetV2",
                "Proxyless(GPU)": "Proxyless(GPU)",
                "Proxyless(CPU)": "Proxyless(CPU)",
                "Proxyless(Mobile)": "Proxyless(Mobile)",
                "ResNet-50": "ResNet-50",
                "Random Search": "Random Search",
            },
        ),
    ),
)
