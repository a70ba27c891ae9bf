"""EfficientPose (Groos et al.): what the text claims, in our words, and our checks of its printed
cells.

    repro claims efficientpose              every claim and its verdict
    repro claims efficientpose --failing    those that fail or, counted truly, are overstated

Formulas are in the language of `repro.claims.language`; `holds` is what the printed cells gave when
the paper was read.
"""

from repro.spec import Claim, Claims

CLAIMS = Claims(
    id="efficientpose-claims",
    paper="efficientpose",
    claims=(
        Claim(
            "efficientpose-c01",
            "Sec. 4.2",
            "FLOPs reduction range against OpenPose (IV, RT)",
            (2.2, 184),
            unit="times",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='[row("efficientpose-3", "OpenPose").gflops_reported / row("efficientpose-3", '
            '"IV").gflops_reported, row("efficientpose-3", "OpenPose").gflops_reported / '
            'row("efficientpose-3", "RT").gflops_reported]',
        ),
        Claim(
            "efficientpose-c02",
            "Sec. 4.2",
            "parameter reduction range against OpenPose (IV, RT)",
            (4, 56),
            unit="times",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='[row("efficientpose-3", "OpenPose").params_m / row("efficientpose-3", '
            '"IV").params_m, row("efficientpose-3", "OpenPose").params_m / '
            'row("efficientpose-3", "RT").params_m]',
        ),
        Claim(
            "efficientpose-c03",
            "Table 3",
            "printed parameter reductions follow from the parameters",
            (56, 36, 15, 8.0, 4.0),
            unit="times",
            relation="eq",
            tolerance=0.5,
            holds=True,
            origin="check",
            formula='[row("efficientpose-3", "OpenPose").params_m / row("efficientpose-3", '
            '"RT").params_m, row("efficientpose-3", "OpenPose").params_m / '
            'row("efficientpose-3", "I").params_m, row("efficientpose-3", '
            '"OpenPose").params_m / row("efficientpose-3", "II").params_m, '
            'row("efficientpose-3", "OpenPose").params_m / row("efficientpose-3", '
            '"III").params_m, row("efficientpose-3", "OpenPose").params_m / '
            'row("efficientpose-3", "IV").params_m]',
        ),
        Claim(
            "efficientpose-c04",
            "Table 3",
            "printed FLOP reductions of RT, I, II follow from the FLOPs",
            (184, 96, 21),
            unit="times",
            relation="eq",
            tolerance=0.5,
            holds=True,
            origin="check",
            formula='[row("efficientpose-3", "OpenPose").gflops_reported / row("efficientpose-3", '
            '"RT").gflops_reported, row("efficientpose-3", "OpenPose").gflops_reported / '
            'row("efficientpose-3", "I").gflops_reported, row("efficientpose-3", '
            '"OpenPose").gflops_reported / row("efficientpose-3", "II").gflops_reported]',
        ),
        Claim(
            "efficientpose-c05",
            "Table 3",
            "printed FLOP and parameter reductions of III and IV follow (one decimal)",
            (6.9, 2.2, 8.0, 4.0),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("efficientpose-3", "OpenPose").gflops_reported / row("efficientpose-3", '
            '"III").gflops_reported, row("efficientpose-3", "OpenPose").gflops_reported / '
            'row("efficientpose-3", "IV").gflops_reported, row("efficientpose-3", '
            '"OpenPose").params_m / row("efficientpose-3", "III").params_m, '
            'row("efficientpose-3", "OpenPose").params_m / row("efficientpose-3", '
            '"IV").params_m]',
        ),
        Claim(
            "efficientpose-c06",
            "Sec. 4.2",
            "PCKh@10 gain range against OpenPose (RT, IV)",
            (0.8, 12.9),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-3", "RT").pckh10 - row("efficientpose-3", '
            '"OpenPose").pckh10, row("efficientpose-3", "IV").pckh10 - '
            'row("efficientpose-3", "OpenPose").pckh10]',
        ),
        Claim(
            "efficientpose-c07",
            "Sec. 4.2",
            "PCKh@50 gain range against OpenPose (II, IV)",
            (0.6, 2.2),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-3", "II").pckh50 - row("efficientpose-3", '
            '"OpenPose").pckh50, row("efficientpose-3", "IV").pckh50 - '
            'row("efficientpose-3", "OpenPose").pckh50]',
        ),
        Claim(
            "efficientpose-c08",
            "Sec. 4.2",
            "RT and I are below OpenPose in PCKh@50 (implied)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("efficientpose-3", "RT").pckh50 < row("efficientpose-3", '
            '"OpenPose").pckh50 and row("efficientpose-3", "I").pckh50 < '
            'row("efficientpose-3", "OpenPose").pckh50',
        ),
        Claim(
            "efficientpose-c09",
            "Sec. 4.2",
            "IV mean PCKh@50 on MPII test",
            91.2,
            unit="percent",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficientpose-4", "IV").mean',
        ),
        Claim(
            "efficientpose-c10",
            "Sec. 4.2",
            "IV has the best mean of all models with fewer than 10 M parameters",
            True,
            relation="true",
            holds=True,
            formula='all([r.mean <= row("efficientpose-4", "IV").mean for r in '
            'rows("efficientpose-4") if r.key != "Pishchulin13" and r.key != "Tompson14" '
            "and (r.params_m < 10)])",
        ),
        Claim(
            "efficientpose-c11",
            "Sec. 4.2; Table 5",
            "OpenPose PCKh@50 gain in the final 200 of 400 epochs",
            2.6,
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficientpose-5", "OpenPose/400").pckh50 - row("efficientpose-5", "OpenPose/200").pckh50',
        ),
        Claim(
            "efficientpose-c12",
            "Sec. 4.2; Table 5",
            "EfficientPose II PCKh@50 gain in the final 200 of 400 epochs",
            0.4,
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficientpose-5", "II/400").pckh50 - row("efficientpose-5", "II/200").pckh50',
        ),
        Claim(
            "efficientpose-c13",
            "Appendix A",
            "PCKh@50 increase from 200 to 400 epochs, less than (EfficientPose II)",
            0.4,
            unit="points",
            relation="lt",
            holds=True,
            formula='row("efficientpose-5", "II/400").pckh50 - row("efficientpose-5", "II/200").pckh50',
        ),
        Claim(
            "efficientpose-c14",
            "Sec. 5.1",
            "IV relative PCKh@10 improvement over OpenPose",
            57,
            unit="percent, relative",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (row("efficientpose-3", "IV").pckh10 / row("efficientpose-3", "OpenPose").pckh10 - 1)',
        ),
        Claim(
            "efficientpose-c15",
            "Sec. 1",
            "OpenPose operations per inference",
            160,
            unit="billion",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='row("efficientpose-3", "OpenPose").gflops_reported',
        ),
        Claim(
            "efficientpose-c16",
            "Sec. 5.1",
            "RT parameters",
            0.46,
            unit="million",
            relation="eq",
            tolerance=0.005,
            holds=True,
            better="lower",
            formula='row("efficientpose-3", "RT").params_m',
        ),
        Claim(
            "efficientpose-c17",
            "Sec. 5.1",
            "RT operations below",
            1,
            unit="billion",
            relation="lt",
            holds=True,
            formula='row("efficientpose-3", "RT").gflops_reported',
        ),
        Claim(
            "efficientpose-c18",
            "Sec. 5.1",
            "RT is more precise than the cited fast methods (Bulat FG 2020, Tang BMVC 2018), PCKh@50 on test",
            True,
            relation="true",
            holds=False,
            formula='row("efficientpose-4", "RT").mean > row("efficientpose-4", "Bulat20").mean and '
            'row("efficientpose-4", "RT").mean > row("efficientpose-4", "Tang18b").mean',
            note="84.8 against 91.1 and 90.8; PCKh@10 of those methods is not in the paper",
        ),
        Claim(
            "efficientpose-c19",
            "Appendix A",
            "cross-resolution: PCKh@10 gain (I, II)",
            (0.6, 0.7),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-6", "I/with").pckh10 - row("efficientpose-6", '
            '"I/without").pckh10, row("efficientpose-6", "II/with").pckh10 - '
            'row("efficientpose-6", "II/without").pckh10]',
        ),
        Claim(
            "efficientpose-c20",
            "Appendix A",
            "cross-resolution: parameter ratio (II, I)",
            (1.02, 1.06),
            unit="times",
            relation="eq",
            tolerance=0.005,
            holds=True,
            better="lower",
            formula='[row("efficientpose-6", "II/with").params_m / row("efficientpose-6", '
            '"II/without").params_m, row("efficientpose-6", "I/with").params_m / '
            'row("efficientpose-6", "I/without").params_m]',
        ),
        Claim(
            "efficientpose-c21",
            "Appendix A",
            "cross-resolution: FLOPs ratio (II, I)",
            (1.03, 1.06),
            unit="times",
            relation="eq",
            tolerance=0.005,
            holds=True,
            better="lower",
            formula='[row("efficientpose-6", "II/with").gflops_reported / row("efficientpose-6", '
            '"II/without").gflops_reported, row("efficientpose-6", '
            '"I/with").gflops_reported / row("efficientpose-6", '
            '"I/without").gflops_reported]',
        ),
        Claim(
            "efficientpose-c22",
            "Appendix A",
            "skeleton: PCKh@50 gain (II, I)",
            (1.3, 2.4),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-7", "II/with").pckh50 - row("efficientpose-7", '
            '"II/without").pckh50, row("efficientpose-7", "I/with").pckh50 - '
            'row("efficientpose-7", "I/without").pckh50]',
        ),
        Claim(
            "efficientpose-c23",
            "Appendix A",
            "skeleton: PCKh@10 gain (II, I)",
            (0.2, 1.4),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-7", "II/with").pckh10 - row("efficientpose-7", '
            '"II/without").pckh10, row("efficientpose-7", "I/with").pckh10 - '
            'row("efficientpose-7", "I/without").pckh10]',
        ),
        Claim(
            "efficientpose-c24",
            "Appendix A",
            "skeleton: parameter ratio (I, II)",
            (1.3, 1.4),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            better="lower",
            formula='[row("efficientpose-7", "I/with").params_m / row("efficientpose-7", '
            '"I/without").params_m, row("efficientpose-7", "II/with").params_m / '
            'row("efficientpose-7", "II/without").params_m]',
        ),
        Claim(
            "efficientpose-c25",
            "Appendix A",
            "skeleton: FLOPs ratio (I, II)",
            (1.2, 1.3),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            better="lower",
            formula='[row("efficientpose-7", "I/with").gflops_reported / row("efficientpose-7", '
            '"I/without").gflops_reported, row("efficientpose-7", '
            '"II/with").gflops_reported / row("efficientpose-7", '
            '"II/without").gflops_reported]',
        ),
        Claim(
            "efficientpose-c26",
            "Appendix A",
            "passes 1 to 2: PCKh@50 gain (II, I)",
            (1.6, 1.7),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-8", "II/2").pckh50 - row("efficientpose-8", '
            '"II/1").pckh50, row("efficientpose-8", "I/2").pckh50 - row("efficientpose-8", '
            '"I/1").pckh50]',
        ),
        Claim(
            "efficientpose-c27",
            "Appendix A",
            "passes 1 to 2: PCKh@10 gain (I, II)",
            (1.8, 1.9),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-8", "I/2").pckh10 - row("efficientpose-8", "I/1").pckh10, '
            'row("efficientpose-8", "II/2").pckh10 - row("efficientpose-8", "II/1").pckh10]',
        ),
        Claim(
            "efficientpose-c28",
            "Appendix A",
            "passes 2 to 3: PCKh@50 gain as absolute points (II, I)",
            (0.5, 0.8),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("efficientpose-8", "II/3").pckh50 - row("efficientpose-8", '
            '"II/2").pckh50, row("efficientpose-8", "I/3").pckh50 - row("efficientpose-8", '
            '"I/2").pckh50]',
        ),
        Claim(
            "efficientpose-c29",
            "Appendix A",
            "passes 2 to 3: PCKh@50 gain as relative improvement, as worded (II, I)",
            (0.5, 0.8),
            unit="percent, relative",
            relation="eq",
            tolerance=0.05,
            holds=False,
            formula='[100 * (row("efficientpose-8", "II/3").pckh50 / row("efficientpose-8", '
            '"II/2").pckh50 - 1), 100 * (row("efficientpose-8", "I/3").pckh50 / '
            'row("efficientpose-8", "I/2").pckh50 - 1)]',
            note="the printed values are points, not relative",
        ),
        Claim(
            "efficientpose-c30",
            "Appendix A",
            "passes 2 to 3: no PCKh@10 gain (within 0.1 point)",
            True,
            relation="true",
            holds=True,
            formula='row("efficientpose-8", "I/3").pckh10 - row("efficientpose-8", "I/2").pckh10 < '
            '0.1 and row("efficientpose-8", "II/3").pckh10 - row("efficientpose-8", '
            '"II/2").pckh10 < 0.1',
        ),
        Claim(
            "efficientpose-c31",
            "Appendix A",
            "passes 2 to 3: parameter ratio (I, II)",
            (1.3, 1.3),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-8", "I/3").params_m / row("efficientpose-8", '
            '"I/2").params_m, row("efficientpose-8", "II/3").params_m / '
            'row("efficientpose-8", "II/2").params_m]',
        ),
        Claim(
            "efficientpose-c32",
            "Appendix A",
            "passes 2 to 3: FLOPs ratio (I, II)",
            (1.2, 1.2),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-8", "I/3").gflops_reported / row("efficientpose-8", '
            '"I/2").gflops_reported, row("efficientpose-8", "II/3").gflops_reported / '
            'row("efficientpose-8", "II/2").gflops_reported]',
        ),
        Claim(
            "efficientpose-c33",
            "Appendix A",
            "upscaling: PCKh@10 gain (II, I)",
            (9.2, 12.3),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-9", "II/with").pckh10 - row("efficientpose-9", '
            '"II/without").pckh10, row("efficientpose-9", "I/with").pckh10 - '
            'row("efficientpose-9", "I/without").pckh10]',
        ),
        Claim(
            "efficientpose-c34",
            "Appendix A",
            "upscaling: PCKh@50 gain (II, I)",
            (0.5, 1.1),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficientpose-9", "II/with").pckh50 - row("efficientpose-9", '
            '"II/without").pckh50, row("efficientpose-9", "I/with").pckh50 - '
            'row("efficientpose-9", "I/without").pckh50]',
        ),
        Claim(
            "efficientpose-c35",
            "Appendix A",
            "upscaling: FLOPs ratio (II, I)",
            (1.04, 1.1),
            unit="times",
            relation="eq",
            tolerance=0.005,
            holds=True,
            better="lower",
            formula='[row("efficientpose-9", "II/with").gflops_reported / row("efficientpose-9", '
            '"II/without").gflops_reported, row("efficientpose-9", '
            '"I/with").gflops_reported / row("efficientpose-9", '
            '"I/without").gflops_reported]',
        ),
        Claim(
            "efficientpose-c36",
            "Eq. 1 and 2",
            "alpha * beta^2 * gamma^2 is about 2",
            2,
            relation="approx",
            tolerance=0.1,
            holds=True,
            origin="check",
            formula="1.2 * 1.1 ** 2 * 1.15 ** 2",
        ),
        Claim(
            "efficientpose-c37",
            "Eq. 3 and Table 2",
            "number of Mobile DenseNets is floor(1.2^phi + 0.5) of the high-level backbone (RT, I, II, III, IV)",
            (1, 1, 2, 3, 4),
            relation="eq",
            holds=False,
            origin="check",
            formula="[floor(1.2 ** 0 + 0.5), floor(1.2 ** 2 + 0.5), floor(1.2 ** 4 + 0.5), "
            "floor(1.2 ** 5 + 0.5), floor(1.2 ** 7 + 0.5)]",
            note="III with B5 gives 2 (1.2^5 = 2.488), Table 2 prints 3; reading the garbled "
            "brackets as ceil breaks RT, I, II and IV",
        ),
        Claim(
            "efficientpose-c38",
            "Sec. 3.2 and Table 2",
            "widths equal 40 * 1.1^phi rounded to a multiple of 8 (RT, I, II, III, IV)",
            (40, 48, 56, 64, 80),
            relation="eq",
            holds=True,
            formula="[8 * floor(40 * 1.1 ** p / 8 + 0.5) for p in [0, 2, 4, 5, 7]]",
        ),
        Claim(
            "efficientpose-c39",
            "Sec. 3.1 and Table 2",
            "low-resolution input is half of the high-resolution input",
            True,
            relation="true",
            holds=True,
            formula='all([2 * r.low_input == r.high_input for r in rows("efficientpose-2") if r.key != "RT"])',
        ),
        Claim(
            "efficientpose-c40",
            "Sec. 3.1",
            "three stride-2 transposed convolutions scale up by",
            8,
            unit="times",
            relation="eq",
            holds=True,
            formula="2 ** 3",
        ),
        Claim(
            "efficientpose-c41",
            "Sec. 2",
            "OpenPose output resolution for its 368 px input is 46 px (stride 8)",
            46,
            unit="px",
            relation="eq",
            holds=True,
            formula="368 / 8",
        ),
        Claim(
            "efficientpose-c42",
            "Tables 3 and 5",
            "shared cells of Tables 3 and 5 agree",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("efficientpose-3", "OpenPose").pckh50 == row("efficientpose-5", '
            '"OpenPose/400").pckh50 and row("efficientpose-3", "II").pckh50 == '
            'row("efficientpose-5", "II/200").pckh50',
            note="Table 3 compares OpenPose at 400 epochs with EfficientPose at 200",
        ),
        Claim(
            "efficientpose-c43",
            "Tables 5 to 9",
            "100-epoch baseline of II is the same in Tables 5 to 9",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("efficientpose-5", "II/100").pckh50 == row("efficientpose-6", '
            '"II/with").pckh50 and row("efficientpose-6", "II/with").pckh50 == '
            'row("efficientpose-7", "II/with").pckh50 and row("efficientpose-7", '
            '"II/with").pckh50 == row("efficientpose-8", "II/2").pckh50 and '
            'row("efficientpose-8", "II/2").pckh50 == row("efficientpose-9", '
            '"II/with").pckh50',
        ),
        Claim("efficientpose-c44", "Sec. 2", "typical multi-scale methods: parameter range", (16, 58), unit="million"),
        Claim("efficientpose-c45", "Sec. 2", "typical multi-scale methods: operation range", (10, 128), unit="billion"),
        Claim(
            "efficientpose-c46",
            "Sec. 4.1",
            "MPII instances: training plus validation, training, validation",
            (29000, 26000, 3000),
            relation="eq",
            holds=True,
            formula="[26000 + 3000, 29000 - 3000, 29000 - 26000]",
        ),
        Claim("efficientpose-c47", "Sec. 4.1", "ratio of highest to lowest learning rate", 3000),
    ),
)
