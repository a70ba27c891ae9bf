"""LitePose, section 3.2: the finest branches of HigherHRNet-W16 lose their blocks step by step.

    repro ablation gradual-shrinking --run                          counts the four networks
    repro ablation gradual-shrinking --run --profile smoke          trains and tests each, synthetic

C1 is HigherHRNet-W16 of Table 1, whose AP is the only printed one; Fig. 3 draws the other three
without numbers.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="gradual-shrinking",
    paper="litepose",
    title="Gradual shrinking of the high-resolution branches, CrowdPose test",
    question="Does AP rise while the high-resolution branches lose their blocks?",
    table_id="litepose-shrink",
    columns=(
        "stage2",
        "stage3",
        "stage4",
        "base_channel",
        "gflops_reported",
        "params_true_m",
        "macs_true_g",
        "ap",
    ),
    measures=("joints10",),
    series=(Series("", {"C1": "C1", "C2": "C2", "C3": "C3", "C4": "C4"}, expects=1),),
    differences=("The paper says that AP rises with every step (Fig. 3) and prints no value.",),
)
