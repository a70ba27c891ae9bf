"""EfficientPose-NAS, section 4.3 and Fig. 6: networks searched for FLOPs, for GPU latency and for
CPU latency.

    repro ablation specialisation                                   what the paper compares

Fig. 6 draws two networks per target without printing a number; their blocks are not published.
`repro search efficientpose-nas --cost latency --costs TABLE` searches for a device.
EfficientPose-A and B, searched for GPU latency, are in Table 2.
"""

from repro.spec import Ablation, Row, Series

ABLATION = Ablation(
    id="specialisation",
    paper="efficientpose-nas",
    number="Section 4.3, Fig. 6",
    title="Specialisation of the search to three costs, MPII validation",
    question="Is a network searched for a cost the best one under that cost?",
    table_id="efficientpose-nas-2",
    columns=("params_m", "gflops_reported", "pckh50", "macs_true_g"),
    series=(
        Series(
            "",
            {
                "EfficientPose-A": "A",
                "searched for FLOPs": "searched for FLOPs",
                "searched for GPU latency": "searched for GPU latency",
                "searched for CPU latency": "searched for CPU latency",
            },
        ),
    ),
    own=(
        Row("searched for FLOPs", ("", "", ""), quoted="drawn without numbers; network not published"),
        Row("searched for GPU latency", ("", "", ""), quoted="drawn without numbers; network not published"),
        Row("searched for CPU latency", ("", "", ""), quoted="drawn without numbers; network not published"),
    ),
    waits="searches of ours for each cost, and the devices (Tesla V100 at batch 32, Core i7-8700K)",
    differences=(
        "The paper prints no number of the six networks: Fig. 6 draws them. The base row is Table 2's EfficientPose-A.",
        "The search of A, B and C measures latency on an RTX 2080 Ti, section 4.3 on a Tesla V100, both at batch 32.",
        "LitePose measures three devices but searches for multiply-adds only; its latencies are in its Tables 1 and 2.",
    ),
)
