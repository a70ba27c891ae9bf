"""EfficientPose-NAS, section 4.4.4 and Table 3: the searched network against the best of 50 random
ones.

    repro ablation random-search                                    the paper's difference
    repro ablation random-search --run                              counts EfficientPose-A

The random network's blocks are not published; a random search of ours needs the search space, which
is not built yet.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="random-search",
    paper="efficientpose-nas",
    title="Differentiable search against random search, MPII validation",
    question="Is the differentiable search better than a random one of equal cost?",
    table_id="efficientpose-nas-3",
    columns=("params_m", "gflops_reported", "pckh50", "macs_true_g"),
    series=(Series("", {"EfficientPose-A": "A", "Random Search": "Random Search"}),),
    waits="the search space and a random search in it: 50 networks of 5 epochs each, the best trained in full",
    differences=("LitePose prints no random search; its own search is in the ablation supernet.",),
)
