"""The statements that a reader of the papers remembers, and what each is judged by: claims of
`repro claims`, or the arms of an ablation. The first page shows a verdict on each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """One statement, in our words.

    claims: ids of the claims that recompute it. ablation: id of the ablation that asks whether the
    change does what is said, "" for none; arms: of its rows, all where none is named; column: name
    of the accuracy that decides, the ablation's first where none is named.
    """

    statement: str
    claims: tuple[str, ...] = ()
    ablation: str = ""
    arms: tuple[str, ...] = ()
    column: str = ""


HEADLINES: tuple[Headline, ...] = (
    Headline("EfficientHRNet H0 needs 34 % fewer FLOPs than HRNet", ("efficienthrnet-c02",)),
    Headline(
        "EfficientHRNet H-3 needs 63 % less computation than Lightweight OpenPose",
        ("efficienthrnet-c06",),
    ),
    Headline(
        "EfficientPose (Groos) needs 2.2 to 184 times fewer FLOPs than OpenPose",
        ("efficientpose-c01",),
    ),
    Headline(
        "EfficientPose (Groos): upscaling its maps adds 9.2 and 12.3 points of PCKh@10",
        ("efficientpose-c33",),
        ablation="upscaling",
        column="pckh10",
    ),
    Headline(
        "EfficientPose (Zhang): the smallest network needs 0.65 GFLOPs",
        ("efficientpose-nas-c01",),
    ),
    Headline(
        "EfficientPose (Zhang): the correction module (SIC) adds 0.3 to 0.9 points of PCKh@50",
        ("efficientpose-nas-c24",),
        ablation="sic",
    ),
    Headline(
        "HigherHRNet: maps of stride 2 in place of 4 add 2.5 AP",
        ("higherhrnet-c15",),
        ablation="feature-stride",
        arms=("stride 2",),
    ),
    Headline("HigherHRNet costs 23.1 % more FLOPs than HRNet", ("higherhrnet-c11",)),
    Headline(
        "LitePose: AP rises while the high-resolution branches shrink",
        ablation="gradual-shrinking",
    ),
    Headline(
        "LitePose: kernels of 7 in place of 3 add 13 AP",
        ("litepose-c26",),
        ablation="kernel-size",
        arms=("kernel 7",),
    ),
    Headline(
        "LitePose: kernels of 7 in place of 3 cost about 25 % more MACs",
        ("litepose-c27",),
    ),
    Headline(
        "LitePose: the fusion deconvolution head adds 7.6 AP",
        ("litepose-c24",),
        ablation="fusion-deconv",
    ),
    Headline(
        "LitePose-XS is better than HigherHRNet-W16 at 10.4 times fewer MACs",
        ("litepose-c11",),
    ),
)
