"""LitePose, section 3.3, Table 3 and Fig. 6: the fusion deconvolution head against the plain one.

    repro ablation fusion-deconv --run                              counts both networks
    repro ablation fusion-deconv --run --profile smoke              trains and tests both, synthetic

0.5 LitePose with kernel 7, trained from scratch.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="fusion-deconv",
    paper="litepose",
    number="Table 3, Fig. 6",
    title="Fusion deconvolution head of 0.5 LitePose, CrowdPose test",
    question="Do the backbone's finer features in the head pay for themselves?",
    table_id="litepose-3",
    columns=("fusion_deconv_head", "gflops_reported", "ap", "params_true_m", "macs_true_g"),
    measures=("joints10", "swapped"),
    series=(Series("", {"plain head": "0.5/k7", "fusion head": "0.5/k7/fsn"}),),
    differences=(
        "The text calls the cost negligible (section 3.3) and minor (section 5.3): it is 15 percent "
        "by the printed MACs, 6 percent truly, because rule `ptflops` counts transposed "
        "convolutions four times too high.",
    ),
)
