"""LitePose, section 5.3 and Table 3: LitePose-XS learns its heatmaps from LitePose-S as well.

    repro ablation distillation                                     the paper's difference
    repro ablation distillation --run                               counts the network

Both rows start from the super-net of XS and one is taught by LitePose-S; `--run --profile mini` trains
super-nets and teacher first.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="distillation",
    paper="litepose",
    title="Distillation of LitePose-XS from LitePose-S, CrowdPose test",
    question="Does a small network learn more from a larger one's heatmaps?",
    table_id="litepose-3",
    columns=("gflops_reported", "ap", "params_true_m", "macs_true_g"),
    series=(Series("", {"super-net training": "XS/fsn/spnt", "distilled from LitePose-S": "LitePose-XS"}),),
    differences=(
        "The paper gives the teacher and that only the heatmap loss is distilled; weight and target "
        "are not stated. In the released code the option compares a text with True, so "
        "distillation never runs.",
    ),
)
