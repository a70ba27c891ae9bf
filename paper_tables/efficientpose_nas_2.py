"""EfficientPose-NAS (Zhang et al.), Table 2: comparison on the MPII validation set, 256x256.

    repro table efficientpose-nas-2 --run                                counts
    repro table efficientpose-nas-2 --run --data DIR --weights DIR       tests given weights on MPII

Printed GFLOPs are multiply-adds divided by 2^30, transposed convolutions at their output size; C's
are divided by 1e9, and so are CPM's, which are at 368x368.
"""

from repro.spec import (
    EFFICIENTPOSE_NAS_MPII,
    MPII_CROP,
    NAS_COUNTS,
    NAS_SCHEDULE,
    NO_BASELINE,
    SEARCHED,
    SIMPLEBASELINE_R101,
    Field,
    PaperTable,
    Row,
    Run,
)

TABLE = PaperTable(
    id="efficientpose-nas-2",
    paper="efficientpose-nas",
    number="Table 2",
    title="Comparison on MPII validation",
    columns=(
        Field("method"),
        Field("group"),
        Field("params_m", rule="true"),
        Field("gflops_reported", "macs_gi", rule="hrnet", label="MACs (2^30, printed as GFLOPs)"),
        Field("pckh50"),
    ),
    also=(Field("macs_true_g", "macs_g", rule="true"),),
    rows=(
        Row(
            "CPMs",
            ("CPMs", "1", "31.0", "175.0", "88.0"),
            run=Run("cpm", 368, {"joints": 14, "background": True}),
            columns={"gflops_reported": "macs_g"},
            notes={"pckh50": "at 368 px and for 14 joints; the text tests at 256 px, MPII has 16"},
        ),
        Row(
            "DLCM",
            ("DLCM", "1", "15.5", "33.6", "87.5"),
            quoted="not built: no code is public",
        ),
        Row(
            "SimpleBaseline-R50",
            ("SimpleBaseline-R50", "1", "34.0", "12.0", "88.5"),
            run=Run("simplebaseline_r50", 256, {"joints": 16}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "PNFS/2.0",
            ("PNFS", "1", "", "2.0", "87.3"),
            quoted=SEARCHED,
        ),
        Row(
            "A",
            ("EfficientPose-A", "1", "1.3", "0.7", "88.1"),
            run=Run("efficientpose_nas_a", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "Hourglass",
            ("Hourglass", "2", "25.1", "19.1", "89.2"),
            run=Run("hourglass_8", 256, {"joints": 16}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "SimpleBaseline-R101",
            ("SimpleBaseline-R101", "2", "52.0", "16.5", "89.1"),
            run=Run("simplebaseline_r101", 256, {"joints": 16}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "FPD",
            ("FPD", "2", "3.0", "9.0", "89.0"),
            quoted="not built: distilled from a teacher network",
        ),
        Row(
            "PNFS/9.9",
            ("PNFS", "2", "", "9.9", "89.3"),
            quoted=SEARCHED,
        ),
        Row(
            "B",
            ("EfficientPose-B", "2", "3.3", "1.5", "89.3"),
            run=Run("efficientpose_nas_b", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "PyraNet",
            ("PyraNet", "3", "28.1", "21.3", "89.6"),
            quoted=NO_BASELINE,
        ),
        Row(
            "DU-Net/7.9",
            ("DU-Net", "3", "7.9", "", "89.5"),
            quoted=NO_BASELINE,
        ),
        Row(
            "DU-Net/15.9",
            ("DU-Net", "3", "15.9", "", "89.9"),
            quoted=NO_BASELINE,
        ),
        Row(
            "SimpleBaseline-R152",
            ("SimpleBaseline-R152", "3", "68.6", "21.0", "89.6"),
            run=Run("simplebaseline_r152", 256, {"joints": 16}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "HRNet-W32",
            ("HRNet-W32", "3", "28.5", "9.5", "90.3"),
            run=Run("hrnet_w32", 256, {"joints": 16}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
        ),
        Row(
            "C",
            ("EfficientPose-C", "3", "5.0", "2.0", "89.5"),
            run=Run("efficientpose_nas_c", 256, {}, "mpii-val", MPII_CROP, EFFICIENTPOSE_NAS_MPII),
            rules={"gflops_reported": "nas"},
            columns={"gflops_reported": "macs_g"},
        ),
    ),
    differences=(
        NAS_COUNTS,
        (
            "C: 2.0 comes out in 1e9 and cut (2.089), as its 1.6 at 256x192 in Table 4 comes out in "
            "1e9 and rounded (1.567); in the unit of A and B it has 1.945. The two printed values "
            "alone do not fit each other: three quarters of 2.0 is 1.5. Which counter was used for "
            "which row is inferred."
        ),
        (
            "CPMs: the printed 31.0 M and 175.0 are within 1 percent of the original network of 15 "
            "maps at 368x368 (31.2 M, 175.4 in 1e9), not at the 256x256 of this table, where it has "
            "85.0. Its 15 maps do not cover MPII's 16 joints, so its score stays quoted."
        ),
        SIMPLEBASELINE_R101,
        (
            "Hourglass: the network of eight stacks has 25.4 M parameters and 25.6 (2^30) MACs; the "
            "printed 25.1 and 19.1 are not reached by any rule. 19.1 is near its cost at 256x192 "
            "(19.2). Open."
        ),
        (
            "FPD's 9.0 is near twice the multiply-adds of a network rebuilt from its description "
            "(9.3), so it does not compare with the other rows."
        ),
        ("A is 0.65 in the abstract, 0.67 in Table 3, 0.7 here and 669 M in Table 8; 0.65 comes out by no rule."),
        (
            "In true MACs C needs 11.0 percent of SimpleBaseline-R152 and 18.3 percent of "
            "HRNet-W32; the text says 9.5 and 21.1."
        ),
        (
            "No pretraining is marked here, while section 4.1.1 starts the networks from weights "
            "mapped from a larger one."
        ),
        NAS_SCHEDULE,
        (
            "MPII is said to have about 25,000 pictures with 40,000 people here, and 29,000 people "
            "for training and validation in EfficientPose (Groos)."
        ),
    ),
)
