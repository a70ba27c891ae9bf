"""LitePose (Wang et al.): what the text claims, in our words, and our checks of its printed cells.

    repro claims litepose              every claim and its verdict
    repro claims litepose --failing    those that fail or, counted truly, are overstated

Formulas are in the language of `repro.claims.language`; `holds` is what the printed cells gave when
the paper was read.
"""

from repro.spec import Claim, Claims

CLAIMS = Claims(
    id="litepose-claims",
    paper="litepose",
    claims=(
        Claim(
            "litepose-c01",
            "Abstract; Sec. 1; Sec. 5.4",
            "largest latency reduction on mobile platforms (H-3 to XS, CrowdPose)",
            5.0,
            unit="times",
            relation="approx",
            tolerance=0.06,
            holds=True,
            formula='max(row("litepose-1", "EfficientHRNet-H-3").latency_nano_ms / '
            'row("litepose-1", "LitePose-XS").latency_nano_ms, row("litepose-1", '
            '"EfficientHRNet-H-3").latency_mobile_ms / row("litepose-1", '
            '"LitePose-XS").latency_mobile_ms, row("litepose-1", '
            '"EfficientHRNet-H-3").latency_pi_ms / row("litepose-1", '
            '"LitePose-XS").latency_pi_ms)',
            note="5.05 on Nano rounds to 5.0 or 5.1; 4.99 on Pi",
        ),
        Claim(
            "litepose-c02",
            "Fig. 9",
            "latency reduction on Nano, Snapdragon, Pi (H-3 to XS)",
            (5.0, 4.9, 5.0),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("litepose-1", "EfficientHRNet-H-3").latency_nano_ms / row("litepose-1", '
            '"LitePose-XS").latency_nano_ms, row("litepose-1", '
            '"EfficientHRNet-H-3").latency_mobile_ms / row("litepose-1", '
            '"LitePose-XS").latency_mobile_ms, row("litepose-1", '
            '"EfficientHRNet-H-3").latency_pi_ms / row("litepose-1", '
            '"LitePose-XS").latency_pi_ms]',
        ),
        Claim(
            "litepose-c03",
            "Sec. 1; Sec. 5.4; Fig. 9",
            "MACs reduction on CrowdPose (H-1 to S)",
            2.8,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-1", "EfficientHRNet-H-1").gflops_reported / row("litepose-1", '
            '"LitePose-S").gflops_reported',
        ),
        Claim(
            "litepose-c04",
            "Fig. 1; Sec. 1; Table 2",
            "latency reduction on COCO (H-4 to XS, Snapdragon)",
            2.9,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-2", "EfficientHRNet-H-4").latency_mobile_ms / row("litepose-2", '
            '"LitePose-XS").latency_mobile_ms',
        ),
        Claim(
            "litepose-c05",
            "Sec. 5.4",
            "COCO: reduction up to this, same comparison as the 2.9 of Fig. 1 and Table 2",
            2.4,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=False,
            formula='max(row("litepose-2", "EfficientHRNet-H-4").latency_nano_ms / '
            'row("litepose-2", "LitePose-XS").latency_nano_ms, row("litepose-2", '
            '"EfficientHRNet-H-4").latency_mobile_ms / row("litepose-2", '
            '"LitePose-XS").latency_mobile_ms, row("litepose-2", '
            '"EfficientHRNet-H-4").latency_pi_ms / row("litepose-2", '
            '"LitePose-XS").latency_pi_ms, row("litepose-2", '
            '"EfficientHRNet-H-2").latency_nano_ms / row("litepose-2", '
            '"LitePose-S").latency_nano_ms, row("litepose-2", '
            '"EfficientHRNet-H-2").latency_mobile_ms / row("litepose-2", '
            '"LitePose-S").latency_mobile_ms, row("litepose-2", '
            '"EfficientHRNet-H-2").latency_pi_ms / row("litepose-2", '
            '"LitePose-S").latency_pi_ms)',
            note="2.4 is H-2 to S on Snapdragon (182/76); the largest is 2.9 (H-4 to XS)",
        ),
        Claim(
            "litepose-c06",
            "Sec. 5.4",
            "COCO: 2.4 is the H-2 to S ratio on Snapdragon",
            2.4,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='row("litepose-2", "EfficientHRNet-H-2").latency_mobile_ms / row("litepose-2", '
            '"LitePose-S").latency_mobile_ms',
        ),
        Claim(
            "litepose-c07",
            "Table 2; Sec. 5.4",
            "AP gain over Lightweight OpenPose (S, val)",
            14.0,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-2", "LitePose-S").ap_val - row("litepose-2", "Lightweight OpenPose").ap_val',
        ),
        Claim(
            "litepose-c08",
            "Table 2; Sec. 5.4",
            "S is faster than Lightweight OpenPose on all three devices",
            True,
            relation="true",
            holds=True,
            formula='row("litepose-2", "LitePose-S").latency_nano_ms < row("litepose-2", '
            '"Lightweight OpenPose").latency_nano_ms and row("litepose-2", '
            '"LitePose-S").latency_mobile_ms < row("litepose-2", "Lightweight '
            'OpenPose").latency_mobile_ms and (row("litepose-2", '
            '"LitePose-S").latency_pi_ms < row("litepose-2", "Lightweight '
            'OpenPose").latency_pi_ms)',
        ),
        Claim(
            "litepose-c09",
            "Table 2",
            "MACs reduction on COCO (H-4 to XS)",
            1.8,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-2", "EfficientHRNet-H-4").gflops_reported / row("litepose-2", '
            '"LitePose-XS").gflops_reported',
        ),
        Claim(
            "litepose-c10",
            "Table 1",
            "largest MACs and latency reduction against HigherHRNet (W16 to XS)",
            (10.4, 8.2),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("litepose-1", "HigherHRNet-W16").gflops_reported / row("litepose-1", '
            '"LitePose-XS").gflops_reported, row("litepose-1", '
            '"HigherHRNet-W16").latency_pi_ms / row("litepose-1", '
            '"LitePose-XS").latency_pi_ms]',
        ),
        Claim(
            "litepose-c11",
            "Table 1",
            "LitePose is better in AP at those reductions (XS against W16)",
            True,
            relation="true",
            holds=False,
            formula='row("litepose-1", "LitePose-XS").ap > row("litepose-1", "HigherHRNet-W16").ap',
            note="49.5 against 50.4; also AP50 74.5 against 78.4",
        ),
        Claim(
            "litepose-c12",
            "Table 1",
            "S is better in AP than HigherHRNet-W24 and H-1; XS better than H-3",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("litepose-1", "LitePose-S").ap > row("litepose-1", "HigherHRNet-W24").ap '
            'and row("litepose-1", "LitePose-S").ap > row("litepose-1", '
            '"EfficientHRNet-H-1").ap and (row("litepose-1", "LitePose-XS").ap > '
            'row("litepose-1", "EfficientHRNet-H-3").ap)',
            note="AP50 of S is below both, AP50 of XS is below H-3",
        ),
        Claim(
            "litepose-c13",
            "Sec. 2",
            "MACs reduction of EfficientHRNet over HigherHRNet, with Table 1 (W24 to H-1)",
            1.5,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=False,
            formula='row("litepose-1", "HigherHRNet-W24").gflops_reported / row("litepose-1", '
            '"EfficientHRNet-H-1").gflops_reported',
            note="1.8 is printed in Table 1",
        ),
        Claim(
            "litepose-c14",
            "Sec. 2",
            "the same with the EfficientHRNet paper (HigherHRNet-W32 to H0)",
            1.5,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='row("efficienthrnet-3", "HigherHRNet").gflops_reported / '
            'row("efficienthrnet-3", "H0").gflops_reported',
            note="1.87; 1.52 is HRNet to H0",
        ),
        Claim(
            "litepose-c15",
            "Sec. 2",
            "the same with the EfficientHRNet paper (HRNet to H0)",
            1.5,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='row("efficienthrnet-3", "HRNet").gflops_reported / row("efficienthrnet-3", "H0").gflops_reported',
        ),
        Claim(
            "litepose-c16",
            "Sec. 2",
            "MACs reduction pushed to this, read as the 1.5 before it: against HigherHRNet (W24 to S)",
            5.1,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-1", "HigherHRNet-W24").gflops_reported / row("litepose-1", '
            '"LitePose-S").gflops_reported',
            note="ambiguous: the sentence ends with 'compared to EfficientHRNet', which may be said "
            "of the latency alone; the other reading is litepose-c17",
        ),
        Claim(
            "litepose-c17",
            "Sec. 2",
            "the same read with the end of its sentence: against EfficientHRNet (H-1 to S)",
            5.1,
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='row("litepose-1", "EfficientHRNet-H-1").gflops_reported / row("litepose-1", '
            '"LitePose-S").gflops_reported',
            note="2.8 for S, 3.6 for XS against H-3",
        ),
        Claim(
            "litepose-c18",
            "Abstract; Sec. 1",
            "HigherHRNet needs more than this at its best",
            150,
            unit="GMACs",
            relation="gt",
            holds=True,
            formula='row("litepose-1", "HigherHRNet-W48").gflops_reported',
        ),
        Claim(
            "litepose-c19",
            "Table 1",
            "printed MACs, Nano, Mobile, Pi reductions of EfficientHRNet-H-1 and LitePose-S follow from the cells",
            (1.8, 1.2, 1.1, 1.2, 5.1, 3.4, 3.8, 3.4),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("litepose-1", "HigherHRNet-W24").gflops_reported / row("litepose-1", '
            '"EfficientHRNet-H-1").gflops_reported, row("litepose-1", '
            '"HigherHRNet-W24").latency_nano_ms / row("litepose-1", '
            '"EfficientHRNet-H-1").latency_nano_ms, row("litepose-1", '
            '"HigherHRNet-W24").latency_mobile_ms / row("litepose-1", '
            '"EfficientHRNet-H-1").latency_mobile_ms, row("litepose-1", '
            '"HigherHRNet-W24").latency_pi_ms / row("litepose-1", '
            '"EfficientHRNet-H-1").latency_pi_ms, row("litepose-1", '
            '"HigherHRNet-W24").gflops_reported / row("litepose-1", '
            '"LitePose-S").gflops_reported, row("litepose-1", '
            '"HigherHRNet-W24").latency_nano_ms / row("litepose-1", '
            '"LitePose-S").latency_nano_ms, row("litepose-1", '
            '"HigherHRNet-W24").latency_mobile_ms / row("litepose-1", '
            '"LitePose-S").latency_mobile_ms, row("litepose-1", '
            '"HigherHRNet-W24").latency_pi_ms / row("litepose-1", '
            '"LitePose-S").latency_pi_ms]',
        ),
        Claim(
            "litepose-c20",
            "Table 1",
            "printed MACs, Nano, Mobile, Pi reductions of EfficientHRNet-H-3 and LitePose-XS follow from the cells",
            (2.9, 1.5, 1.3, 1.7, 10.4, 7.8, 6.3, 8.2),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("litepose-1", "HigherHRNet-W16").gflops_reported / row("litepose-1", '
            '"EfficientHRNet-H-3").gflops_reported, row("litepose-1", '
            '"HigherHRNet-W16").latency_nano_ms / row("litepose-1", '
            '"EfficientHRNet-H-3").latency_nano_ms, row("litepose-1", '
            '"HigherHRNet-W16").latency_mobile_ms / row("litepose-1", '
            '"EfficientHRNet-H-3").latency_mobile_ms, row("litepose-1", '
            '"HigherHRNet-W16").latency_pi_ms / row("litepose-1", '
            '"EfficientHRNet-H-3").latency_pi_ms, row("litepose-1", '
            '"HigherHRNet-W16").gflops_reported / row("litepose-1", '
            '"LitePose-XS").gflops_reported, row("litepose-1", '
            '"HigherHRNet-W16").latency_nano_ms / row("litepose-1", '
            '"LitePose-XS").latency_nano_ms, row("litepose-1", '
            '"HigherHRNet-W16").latency_mobile_ms / row("litepose-1", '
            '"LitePose-XS").latency_mobile_ms, row("litepose-1", '
            '"HigherHRNet-W16").latency_pi_ms / row("litepose-1", '
            '"LitePose-XS").latency_pi_ms]',
        ),
        Claim(
            "litepose-c21",
            "Table 2",
            "printed MACs, Nano, Mobile, Pi reductions of EfficientHRNet-H-2 follow from the cells",
            (1.1, 0.9, 0.5, 0.6),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("litepose-2", "Lightweight OpenPose").gflops_reported / row("litepose-2", '
            '"EfficientHRNet-H-2").gflops_reported, row("litepose-2", "Lightweight '
            'OpenPose").latency_nano_ms / row("litepose-2", '
            '"EfficientHRNet-H-2").latency_nano_ms, row("litepose-2", "Lightweight '
            'OpenPose").latency_mobile_ms / row("litepose-2", '
            '"EfficientHRNet-H-2").latency_mobile_ms, row("litepose-2", "Lightweight '
            'OpenPose").latency_pi_ms / row("litepose-2", '
            '"EfficientHRNet-H-2").latency_pi_ms]',
        ),
        Claim(
            "litepose-c22",
            "Table 2",
            "printed MACs, Nano, Mobile, Pi reductions of LitePose-S follow from the cells",
            (1.8, 1.3, 1.3, 1.3),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='[row("litepose-2", "Lightweight OpenPose").gflops_reported / row("litepose-2", '
            '"LitePose-S").gflops_reported, row("litepose-2", "Lightweight '
            'OpenPose").latency_nano_ms / row("litepose-2", "LitePose-S").latency_nano_ms, '
            'row("litepose-2", "Lightweight OpenPose").latency_mobile_ms / '
            'row("litepose-2", "LitePose-S").latency_mobile_ms, row("litepose-2", '
            '"Lightweight OpenPose").latency_pi_ms / row("litepose-2", '
            '"LitePose-S").latency_pi_ms]',
            note="Nano: 155/97 is 1.6, 1.3 printed",
        ),
        Claim(
            "litepose-c23",
            "Table 2",
            "printed MACs, Nano, Mobile, Pi reductions of LitePose-XS follow from the cells",
            (1.8, 2.3, 2.9, 2.5),
            unit="times",
            relation="eq",
            tolerance=0.05,
            holds=True,
            origin="check",
            formula='[row("litepose-2", "EfficientHRNet-H-4").gflops_reported / row("litepose-2", '
            '"LitePose-XS").gflops_reported, row("litepose-2", '
            '"EfficientHRNet-H-4").latency_nano_ms / row("litepose-2", '
            '"LitePose-XS").latency_nano_ms, row("litepose-2", '
            '"EfficientHRNet-H-4").latency_mobile_ms / row("litepose-2", '
            '"LitePose-XS").latency_mobile_ms, row("litepose-2", '
            '"EfficientHRNet-H-4").latency_pi_ms / row("litepose-2", '
            '"LitePose-XS").latency_pi_ms]',
        ),
        Claim(
            "litepose-c24",
            "Sec. 3.3; Sec. 5.3; Table 3; Fig. 6",
            "AP gain of the fusion deconv head",
            7.6,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-3", "0.5/k7/fsn").ap - row("litepose-3", "0.5/k7").ap',
            note="MACs rise 4.1 to 4.7, 14.6 percent, worded negligible in Sec. 3.3 and minor in Sec. 5.3",
        ),
        Claim(
            "litepose-c25",
            "Sec. 3.3",
            "MACs increase of the fusion deconv head is negligible (below 5 percent)",
            5,
            unit="percent",
            relation="lt",
            holds=False,
            origin="check",
            formula='100 * (row("litepose-3", "0.5/k7/fsn").gflops_reported / row("litepose-3", '
            '"0.5/k7").gflops_reported - 1)',
            note="14.6; the 5 percent bound is ours",
        ),
        Claim(
            "litepose-c26",
            "Sec. 3.4; Table 3; Fig. 7",
            "AP gain from kernel 3 to 7",
            13.0,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-3", "0.5/k7/fsn").ap - row("litepose-3", "0.5/k3/fsn").ap',
        ),
        Claim(
            "litepose-c27",
            "Sec. 3.4",
            "MACs increase from kernel 3 to 7, about",
            25,
            unit="percent",
            relation="approx",
            tolerance=2.5,
            holds=True,
            better="lower",
            formula='100 * (row("litepose-3", "0.5/k7/fsn").gflops_reported / row("litepose-3", '
            '"0.5/k3/fsn").gflops_reported - 1)',
            note="23.7",
        ),
        Claim(
            "litepose-c28", "Sec. 3.4; Fig. 7", "classification accuracy gain from kernel 3 to 7", 1.5, unit="points"
        ),
        Claim(
            "litepose-c29",
            "Sec. 5.3; Table 3",
            "AP gain of supernet training (0.5 LitePose, XS)",
            (1.4, 2.7),
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("litepose-3", "0.5/k7/fsn/spnt").ap - row("litepose-3", "0.5/k7/fsn").ap, '
            'row("litepose-3", "XS/fsn/spnt").ap - row("litepose-3", "XS/fsn").ap]',
        ),
        Claim(
            "litepose-c30",
            "Sec. 5.3; Table 3",
            "AP gain of the architecture search",
            2.2,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-3", "LitePose-S").ap - row("litepose-3", "0.5/k7/fsn/spnt").ap',
            note="with MACs 4.7 to 5.0",
        ),
        Claim(
            "litepose-c31",
            "Sec. 5.3; Table 3",
            "AP gain of distillation",
            1.1,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-3", "LitePose-XS").ap - row("litepose-3", "XS/fsn/spnt").ap',
        ),
        Claim(
            "litepose-c32",
            "Sec. 2",
            "AP gain of searched over manual models trained from scratch, up to",
            3.6,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("litepose-3", "LitePose-S").ap - row("litepose-3", "0.5/k7/fsn").ap',
            note="XS with distillation gains 3.8 but its manual counterpart has the searched widths",
        ),
        Claim(
            "litepose-c33",
            "Sec. 3.5",
            "AP gain of LitePose-L over HigherHRNet-W16",
            11.6,
            unit="AP",
            note="LitePose-L is in no table; implies 62.0 with W16 at 50.4; the text points to Fig. "
            "3, the figure is Fig. 8",
        ),
        Claim(
            "litepose-c34",
            "Sec. 3.2; Table 1",
            "baseline of gradual shrinking is HigherHRNet-W16 of Table 1 (GMACs)",
            12.5,
            unit="GMACs",
            relation="eq",
            holds=True,
            formula='row("litepose-1", "HigherHRNet-W16").gflops_reported',
        ),
        Claim(
            "litepose-c35",
            "Fig. 2",
            "the four configurations have similar MACs (within 10 percent of the baseline)",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='all([abs(r.gflops_reported / row("litepose-shrink", "C1").gflops_reported - 1) '
            '<= 0.1 for r in rows("litepose-shrink")])',
            note="10.1, 10.0 and 9.2 against 12.5: 19, 20 and 26 percent lower; the 10 percent bound is ours",
        ),
        Claim(
            "litepose-c36",
            "Sec. 3.2",
            "every configuration is shrunk from the one before (branch by branch)",
            True,
            relation="true",
            holds=True,
            formula='row("litepose-shrink", "C2").stage1 <= row("litepose-shrink", "C1").stage1 and '
            'all([row("litepose-shrink", "C2").stage2[i] <= row("litepose-shrink", '
            '"C1").stage2[i] for i in range(2)]) and all([row("litepose-shrink", '
            '"C2").stage3[i] <= row("litepose-shrink", "C1").stage3[i] for i in range(3)]) '
            'and all([row("litepose-shrink", "C2").stage4[i] <= row("litepose-shrink", '
            '"C1").stage4[i] for i in range(4)]) and (row("litepose-shrink", "C3").stage1 '
            '<= row("litepose-shrink", "C2").stage1) and all([row("litepose-shrink", '
            '"C3").stage2[i] <= row("litepose-shrink", "C2").stage2[i] for i in range(2)]) '
            'and all([row("litepose-shrink", "C3").stage3[i] <= row("litepose-shrink", '
            '"C2").stage3[i] for i in range(3)]) and all([row("litepose-shrink", '
            '"C3").stage4[i] <= row("litepose-shrink", "C2").stage4[i] for i in range(4)]) '
            'and (row("litepose-shrink", "C4").stage1 <= row("litepose-shrink", '
            '"C3").stage1) and all([row("litepose-shrink", "C4").stage2[i] <= '
            'row("litepose-shrink", "C3").stage2[i] for i in range(2)]) and '
            'all([row("litepose-shrink", "C4").stage3[i] <= row("litepose-shrink", '
            '"C3").stage3[i] for i in range(3)]) and all([row("litepose-shrink", '
            '"C4").stage4[i] <= row("litepose-shrink", "C3").stage4[i] for i in range(4)])',
        ),
        Claim(
            "litepose-c37",
            "Limitations",
            "remaining cost of the smallest model, about",
            1,
            unit="GMACs",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='row("litepose-1", "LitePose-XS").gflops_reported',
        ),
        Claim(
            "litepose-c38",
            "Tables 1 and 3",
            "S and XS agree between Tables 1 and 3 (MACs and AP)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='all([row("litepose-1", k).ap == row("litepose-3", k).ap and row("litepose-1", '
            'k).gflops_reported == row("litepose-3", k).gflops_reported for k in '
            '["LitePose-S", "LitePose-XS"]])',
        ),
        Claim(
            "litepose-c39",
            "Tables 1 and 2",
            "HigherHRNet-W48 MACs agree between Tables 1 and 2",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='row("litepose-1", "HigherHRNet-W48").gflops_reported == row("litepose-2", '
            '"HigherHRNet-W48").gflops_reported',
            note="154.6 and 155.1 at the same input size; the latencies are identical; 14 and 17 "
            "keypoints may explain the MACs",
        ),
        Claim(
            "litepose-c40",
            "Tables 1 and 2",
            "HigherHRNet-W48, S and XS latencies are identical in Tables 1 and 2",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.latency_nano_ms == b.latency_nano_ms and a.latency_mobile_ms == "
            "b.latency_mobile_ms and a.latency_pi_ms == b.latency_pi_ms for k in "
            '["HigherHRNet-W48", "LitePose-S", "LitePose-XS"] for a in [row("litepose-1", '
            'k)] for b in [row("litepose-2", k)]])',
        ),
        Claim(
            "litepose-c41",
            "cross-paper: efficienthrnet-3",
            "EfficientHRNet parameters agree with the EfficientHRNet paper (H-1, H-2, H-3, H-4)",
            (16.0, 10.3, 6.9, 3.7),
            unit="million",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='[row("litepose-1", "EfficientHRNet-H-1").params_m, row("litepose-2", '
            '"EfficientHRNet-H-2").params_m, row("litepose-1", '
            '"EfficientHRNet-H-3").params_m, row("litepose-2", '
            '"EfficientHRNet-H-4").params_m]',
            note="13.0, 8.3, 5.3, 2.8 printed here",
        ),
        Claim(
            "litepose-c42",
            "cross-paper: efficienthrnet-3",
            "EfficientHRNet compute agrees with the EfficientHRNet paper (H-1, H-2, H-3, H-4)",
            (14.2, 7.7, 4.2, 2.1),
            unit="billion",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='[row("litepose-1", "EfficientHRNet-H-1").gflops_reported, row("litepose-2", '
            '"EfficientHRNet-H-2").gflops_reported, row("litepose-1", '
            '"EfficientHRNet-H-3").gflops_reported, row("litepose-2", '
            '"EfficientHRNet-H-4").gflops_reported]',
            note="14.2, 7.9, 4.3, 2.2 printed here",
        ),
        Claim(
            "litepose-c43",
            "cross-paper: efficienthrnet-1",
            "input sizes of H-1 to H-4 agree with the EfficientHRNet paper",
            (480, 448, 416, 384),
            unit="px",
            relation="eq",
            holds=True,
            origin="check",
            formula='[row("litepose-1", "EfficientHRNet-H-1").input_size, row("litepose-2", '
            '"EfficientHRNet-H-2").input_size, row("litepose-1", '
            '"EfficientHRNet-H-3").input_size, row("litepose-2", '
            '"EfficientHRNet-H-4").input_size]',
        ),
        Claim(
            "litepose-c44",
            "cross-paper: efficienthrnet-3, -4",
            "COCO AP of H-2 and H-4 agrees: val and test-dev",
            (52.9, 52.8, 35.7, 35.5),
            unit="AP",
            relation="eq",
            holds=True,
            origin="check",
            formula='[row("litepose-2", "EfficientHRNet-H-2").ap_val, row("litepose-2", '
            '"EfficientHRNet-H-2").ap_test_dev, row("litepose-2", '
            '"EfficientHRNet-H-4").ap_val, row("litepose-2", '
            '"EfficientHRNet-H-4").ap_test_dev]',
        ),
        Claim(
            "litepose-c45",
            "cross-paper: efficienthrnet-3, -4",
            "those quoted cells equal the single-scale cells of the EfficientHRNet tables",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("litepose-2", "EfficientHRNet-H-2").ap_val == row("efficienthrnet-3", '
            '"H-2").ap and row("litepose-2", "EfficientHRNet-H-2").ap_test_dev == '
            'row("efficienthrnet-4", "H-2").ap and row("litepose-2", '
            '"EfficientHRNet-H-4").ap_val == row("efficienthrnet-3", "H-4").ap and '
            'row("litepose-2", "EfficientHRNet-H-4").ap_test_dev == row("efficienthrnet-4", '
            '"H-4").ap',
        ),
        Claim(
            "litepose-c46",
            "cross-paper: efficienthrnet-3",
            "Lightweight OpenPose cells agree (input, parameters, compute, AP)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.input_size == b.input_size and a.params_m == b.params_m and "
            "a.gflops_reported == b.gflops_reported and a.ap_val == b.ap for a in "
            '[row("litepose-2", "Lightweight OpenPose")] for b in [row("efficienthrnet-3", '
            '"Lightweight OpenPose")]])',
        ),
        Claim(
            "litepose-c47",
            "cross-paper: higherhrnet-7",
            "HigherHRNet-W48 CrowdPose scores agree with the HigherHRNet paper, single-scale",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 for a in "
            '[row("litepose-1", "HigherHRNet-W48")] for b in [row("higherhrnet-7", '
            '"HigherHRNet-W48")]])',
        ),
        Claim(
            "litepose-c48",
            "cross-paper: higherhrnet-1, -6",
            "HigherHRNet-W48 COCO scores and size agree with the HigherHRNet paper",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='row("litepose-2", "HigherHRNet-W48").ap_val == row("higherhrnet-6", '
            '"HRNet-W48").ap and row("litepose-2", "HigherHRNet-W48").ap_test_dev == '
            'row("higherhrnet-1", "HigherHRNet-W48").ap and row("litepose-2", '
            '"HigherHRNet-W48").params_m == row("higherhrnet-1", '
            '"HigherHRNet-W48").params_m',
        ),
        Claim(
            "litepose-c49",
            "cross-paper: higherhrnet-1",
            "HigherHRNet-W48 compute agrees with the HigherHRNet paper (Table 1, Table 2)",
            (154.3, 154.3),
            unit="billion",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='[row("litepose-1", "HigherHRNet-W48").gflops_reported, row("litepose-2", '
            '"HigherHRNet-W48").gflops_reported]',
            note="154.6 and 155.1; labels MACs here, GFLOPs there",
        ),
        Claim(
            "litepose-c50",
            "cross-paper: higherhrnet-1",
            "PersonLab and Hourglass cells agree with the HigherHRNet paper",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            'a.ap_test_dev == b.ap for k in ["PersonLab", "Hourglass"] for a in '
            '[row("litepose-2", k)] for b in [row("higherhrnet-1", k)]])',
        ),
        Claim(
            "litepose-c51",
            "Table 2",
            "val and test-dev AP differ by less than 1 point for every small model (groups 1 and 2 with both cells)",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='abs(row("litepose-2", "EfficientHRNet-H-2").ap_val - row("litepose-2", '
            '"EfficientHRNet-H-2").ap_test_dev) < 1 and abs(row("litepose-2", '
            '"LitePose-S").ap_val - row("litepose-2", "LitePose-S").ap_test_dev) < 1 and '
            '(abs(row("litepose-2", "EfficientHRNet-H-4").ap_val - row("litepose-2", '
            '"EfficientHRNet-H-4").ap_test_dev) < 1) and (abs(row("litepose-2", '
            '"LitePose-XS").ap_val - row("litepose-2", "LitePose-XS").ap_test_dev) < 1)',
            note="XS: 40.6 against 37.8; the others differ by 0.1 to 0.2; bound is ours",
        ),
        Claim(
            "litepose-c52",
            "Sec. 5.1",
            "COCO size: images (over), instances, keypoints; train, val, test-dev images",
            (200000, 250000, 17, 57000, 5000, 20000),
        ),
        Claim("litepose-c53", "Sec. 5.1", "CrowdPose: images, persons (about), keypoints", (20000, 80000, 14)),
    ),
)
