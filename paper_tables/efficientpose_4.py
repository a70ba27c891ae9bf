"""EfficientPose (Groos et al.), Table 4: PCKh@50 per body part on the official MPII test set.

    repro table efficientpose-4 --run          counts

The scores stay quoted: the labels of the test set are withheld.
"""

from repro.spec import Field, PaperTable, Row, Run

TABLE = PaperTable(
    id="efficientpose-4",
    paper="efficientpose",
    number="Table 4",
    title="PCKh@50 per body part on the official MPII test set",
    columns=(
        Field("model"),
        Field("params_m", rule="flop2"),
        Field("head", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("shoulder", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("elbow", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("wrist", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("hip", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("knee", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("ankle", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
        Field("mean", quoted="the labels of MPII's test set are withheld: needs the MPII evaluation"),
    ),
    also=(
        Field("params_true_m", "params_m", rule="true"),
        Field("macs_true_g", "macs_g", rule="true"),
    ),
    rows=(
        Row(
            "Pishchulin13",
            ("Pishchulin et al., ICCV 2013", "", "74.3", "49.0", "40.8", "32.1", "36.5", "34.4", "35.2", "44.1"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Tompson14",
            ("Tompson et al., NIPS 2014", "", "95.8", "90.3", "80.5", "74.3", "77.6", "69.7", "62.8", "79.6"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Lifshitz16",
            ("Lifshitz et al., ECCV 2016", "76", "97.8", "93.3", "85.7", "80.4", "85.3", "76.6", "70.2", "85.0"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Tang18b",
            ("Tang et al., BMVC 2018", "10", "97.4", "96.2", "91.8", "87.3", "90.0", "87.0", "83.3", "90.8"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Newell16",
            ("Newell et al., ECCV 2016", "26", "98.2", "96.3", "91.2", "87.1", "90.1", "87.4", "83.6", "90.9"),
            run=Run("hourglass_8", 256, {"joints": 16}),
            rules={"params_m": "true"},
        ),
        Row(
            "Zhang19c",
            ("Zhang et al., CVPR 2019", "3", "98.3", "96.4", "91.5", "87.4", "90.9", "87.1", "83.7", "91.1"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Bulat20",
            ("Bulat et al., FG 2020", "9", "98.5", "96.4", "91.5", "87.2", "90.7", "86.9", "83.6", "91.1"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Yang17",
            ("Yang et al., ICCV 2017", "27", "98.5", "96.7", "92.5", "88.7", "91.1", "88.6", "86.0", "92.0"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Tang18e",
            ("Tang et al., ECCV 2018", "16", "98.4", "96.9", "92.6", "88.7", "91.8", "89.4", "86.2", "92.3"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "Sun19",
            ("Sun et al., CVPR 2019", "29", "98.6", "96.9", "92.8", "89.0", "91.5", "89.0", "85.7", "92.3"),
            run=Run("hrnet_w32", 256, {"joints": 16}),
            rules={"params_m": "true"},
        ),
        Row(
            "Zhang19a",
            ("Zhang et al., arXiv 2019", "24", "98.6", "97.0", "92.8", "88.8", "91.7", "89.8", "86.6", "92.5"),
            quoted="not built: its network is not among the baselines of this suite",
        ),
        Row(
            "OpenPose",
            ("OpenPose", "25.94", "97.7", "94.7", "89.5", "84.7", "88.4", "83.6", "79.3", "88.8"),
            run=Run("openpose", 368),
        ),
        Row(
            "RT",
            ("EfficientPose RT", "0.46", "97.0", "93.3", "85.0", "79.2", "85.9", "77.0", "71.0", "84.8"),
            run=Run("efficientpose_rt", 224),
        ),
        Row(
            "IV",
            ("EfficientPose IV", "6.56", "98.2", "96.0", "91.7", "87.9", "90.3", "87.5", "83.9", "91.2"),
            run=Run("efficientpose_iv", 600),
        ),
    ),
    differences=(
        "The scores are quoted: the labels of the test set are withheld.",
        (
            "Parameters of the paper's own rows and of OpenPose are counted as in Table 3; those of "
            "the two other networks that are built here, the eight-stack hourglass (Newell) and "
            "HRNet-W32 (Sun), are their trained weights."
        ),
        (
            "The hourglass has 25.4 M parameters; the paper prints 26, and EfficientPose-NAS 25.1 "
            "for the same network. Open."
        ),
        (
            "The text finds RT more precise than two fast methods it cites; by this table RT's mean "
            "of 84.8 is below theirs (91.1 for Bulat, 90.8 for Tang at BMVC), and the paper prints "
            "no PCKh@10 of theirs."
        ),
    ),
)
