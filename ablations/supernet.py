"""LitePose, section 5.3 and Table 3: what the super-net gives, as a start for training and as a
space to search.

    repro ablation supernet                                         the paper's differences
    repro ablation supernet --run                                   counts the networks

`--run --profile mini` trains the super-nets first, then every arm. The searched network is the published
LitePose-S; what a search of ours finds (`repro search litepose`) is a network of its own.
"""

from repro.spec import Ablation, Series

ABLATION = Ablation(
    id="supernet",
    paper="litepose",
    title="Super-net training and architecture search, CrowdPose test",
    question="What do the weights of a super-net add to training from scratch, and what does the search in it add?",
    table_id="litepose-3",
    columns=("gflops_reported", "ap", "params_true_m", "macs_true_g"),
    series=(
        Series("0.5 LitePose", {"from scratch": "0.5/k7/fsn", "super-net training": "0.5/k7/fsn/spnt"}),
        Series("LitePose-XS", {"from scratch": "XS/fsn", "super-net training": "XS/fsn/spnt"}),
        Series("search", {"0.5 LitePose": "0.5/k7/fsn/spnt", "LitePose-S": "LitePose-S"}),
    ),
    differences=(
        "Section 2's gain of up to 3.6 AP over manual networks from scratch is 54.7 to 58.3, both steps together.",
        "Section 5.2 gives 800 epochs at batch 32 for the super-net of L, M, S and 2400 at batch "
        "128 for that of XS, after 100 epochs on COCO without the grouping loss; the released code "
        "differs and rescales tags wrongly.",
    ),
)
