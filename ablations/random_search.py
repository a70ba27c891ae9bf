"""EfficientPose-NAS, section 4.4.4 and Table 3: the searched network against the best of 50 random
ones.

    repro ablation random-search                                    the paper's difference
    repro ablation random-search --run                              counts EfficientPose-A

The random network's blocks are not published. `repro search efficientpose-nas` and `repro search random`
search the same space at the same cost; what they find is trained like any model.
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
    waits="both searches of ours, three seeds each, by `repro search`, and what they find trained in full",
    differences=("LitePose prints no random search; its own search is in the ablation supernet.",),
)
