"""EfficientHRNet (Neff et al.): what the text claims, in our words, and our checks of its printed
cells.

    repro claims efficienthrnet              every claim and its verdict
    repro claims efficienthrnet --failing    those that fail or, counted truly, are overstated

Formulas are in the language of `repro.claims.language`; `holds` is what the printed cells gave when
the paper was read.
"""

from repro.spec import Claim, Claims

CLAIMS = Claims(
    id="efficienthrnet-claims",
    paper="efficienthrnet",
    claims=(
        Claim(
            "efficienthrnet-c01",
            "Abstract; Sec. 1; Sec. 4.2",
            "H0 AP gain over HRNet, val single-scale",
            0.4,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-3", "H0").ap - row("efficienthrnet-3", "HRNet").ap',
        ),
        Claim(
            "efficienthrnet-c02",
            "Abstract; Sec. 4.2",
            "H0 FLOPs reduction against HRNet",
            34,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-3", "H0").gflops_reported / '
            'row("efficienthrnet-3", "HRNet").gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c03",
            "Abstract",
            "one model beats Lightweight OpenPose by over this much (H-2)",
            10,
            unit="AP",
            relation="gt",
            holds=True,
            formula='row("efficienthrnet-3", "H-2").ap - row("efficienthrnet-3", "Lightweight OpenPose").ap',
        ),
        Claim(
            "efficienthrnet-c04",
            "Abstract; Sec. 1",
            "H-2 computation reduction against Lightweight OpenPose",
            15,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=False,
            formula='100 * (1 - row("efficienthrnet-3", "H-2").gflops_reported / '
            'row("efficienthrnet-3", "Lightweight OpenPose").gflops_reported)',
            note="14.4 from the printed cells",
        ),
        Claim(
            "efficienthrnet-c05",
            "Abstract",
            "another model (H-3) AP gain over Lightweight OpenPose",
            2,
            unit="AP",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='row("efficienthrnet-3", "H-3").ap - row("efficienthrnet-3", "Lightweight OpenPose").ap',
        ),
        Claim(
            "efficienthrnet-c06",
            "Abstract",
            "H-3 computation reduction against Lightweight OpenPose",
            63,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=False,
            formula='100 * (1 - row("efficienthrnet-3", "H-3").gflops_reported / '
            'row("efficienthrnet-3", "Lightweight OpenPose").gflops_reported)',
            note="53.3 from the printed cells",
        ),
        Claim(
            "efficienthrnet-c07",
            "Sec. 1",
            "largest state-of-the-art model: parameters",
            63.8,
            unit="million",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "HigherHRNet-W48").params_m',
        ),
        Claim(
            "efficienthrnet-c08",
            "Sec. 1",
            "largest state-of-the-art model: operations",
            154.3,
            unit="billion",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "HigherHRNet-W48").gflops_reported',
        ),
        Claim(
            "efficienthrnet-c09",
            "Sec. 1",
            "H0 operations as share of HRNet",
            66,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            better="lower",
            formula='100 * row("efficienthrnet-3", "H0").gflops_reported / row("efficienthrnet-3", '
            '"HRNet").gflops_reported',
        ),
        Claim(
            "efficienthrnet-c10",
            "Sec. 1",
            "AP decrease against PersonLab and HigherHRNet (low and high end)",
            (1.7, 5.1),
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficienthrnet-3", "PersonLab").ap - row("efficienthrnet-3", "H0").ap, '
            'row("higherhrnet-6", "HRNet-W48").ap - row("efficienthrnet-3", "H0").ap]',
            note="5.1 needs HigherHRNet-W48 val AP 69.9 (not in this paper) or the multi-scale 69.9 "
            "of Table 3 against the single-scale H0",
        ),
        Claim(
            "efficienthrnet-c11",
            "Sec. 1",
            "AP decrease against HigherHRNet with rows of Table 3 only, like for like (single-scale)",
            5.1,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=False,
            origin="check",
            formula='row("efficienthrnet-3", "HigherHRNet").ap - row("efficienthrnet-3", "H0").ap',
            note="2.3 single-scale, 1.8 multi-scale",
        ),
        Claim(
            "efficienthrnet-c12",
            "Sec. 1",
            "H0 computation as share of PersonLab (low end of range)",
            7,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=False,
            better="lower",
            formula='100 * row("efficienthrnet-3", "H0").gflops_reported / row("efficienthrnet-3", '
            '"PersonLab").gflops_reported',
        ),
        Claim(
            "efficienthrnet-c13",
            "Sec. 1",
            "H0 computation as share of HigherHRNet (high end of range, matches W48 only)",
            17,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            better="lower",
            formula='100 * row("efficienthrnet-3", "H0").gflops_reported / row("efficienthrnet-4", '
            '"HigherHRNet-W48").gflops_reported',
        ),
        Claim(
            "efficienthrnet-c14",
            "Sec. 1",
            "the same share with the HigherHRNet row of Table 3",
            17,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=False,
            better="lower",
            origin="check",
            formula='100 * row("efficienthrnet-3", "H0").gflops_reported / row("efficienthrnet-3", '
            '"HigherHRNet").gflops_reported',
            note="53.4; the text mixes the W48 model into a comparison shown for W32",
        ),
        Claim(
            "efficienthrnet-c15",
            "Sec. 1",
            "scaled-down model (H-2) AP gain over Lightweight OpenPose",
            10.1,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-3", "H-2").ap - row("efficienthrnet-3", "Lightweight OpenPose").ap',
        ),
        Claim(
            "efficienthrnet-c16",
            "Sec. 4.1",
            "B-1 parameter reduction (ImageNet, CIFAR-100)",
            (15, 15),
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='[100 * (1 - row("efficienthrnet-2", "B-1").imagenet_params_m / '
            'row("efficienthrnet-2", "B0").imagenet_params_m), 100 * (1 - '
            'row("efficienthrnet-2", "B-1").cifar100_params_m / row("efficienthrnet-2", '
            '"B0").cifar100_params_m)]',
        ),
        Claim(
            "efficienthrnet-c17",
            "Sec. 4.1",
            "B-1 operation reduction",
            25,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-2", "B-1").imagenet_gflops_reported / '
            'row("efficienthrnet-2", "B0").imagenet_gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c18",
            "Sec. 4.1",
            "B-1 top-1 drop (ImageNet, CIFAR-100)",
            (1.2, 0.5),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficienthrnet-2", "B0").imagenet_top1 - row("efficienthrnet-2", '
            '"B-1").imagenet_top1, row("efficienthrnet-2", "B0").cifar100_top1 - '
            'row("efficienthrnet-2", "B-1").cifar100_top1]',
        ),
        Claim(
            "efficienthrnet-c19",
            "Sec. 4.1",
            "B-2 parameter reduction range (ImageNet, CIFAR-100)",
            (35, 40),
            unit="percent",
            relation="approx",
            tolerance=1.0,
            holds=True,
            formula='[100 * (1 - row("efficienthrnet-2", "B-2").imagenet_params_m / '
            'row("efficienthrnet-2", "B0").imagenet_params_m), 100 * (1 - '
            'row("efficienthrnet-2", "B-2").cifar100_params_m / row("efficienthrnet-2", '
            '"B0").cifar100_params_m)]',
        ),
        Claim(
            "efficienthrnet-c20",
            "Sec. 4.1",
            "B-2 operation reduction",
            50,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-2", "B-2").imagenet_gflops_reported / '
            'row("efficienthrnet-2", "B0").imagenet_gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c21",
            "Sec. 4.1",
            "B-2 top-1 drop (ImageNet, CIFAR-100)",
            (3.7, 2.1),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficienthrnet-2", "B0").imagenet_top1 - row("efficienthrnet-2", '
            '"B-2").imagenet_top1, row("efficienthrnet-2", "B0").cifar100_top1 - '
            'row("efficienthrnet-2", "B-2").cifar100_top1]',
        ),
        Claim(
            "efficienthrnet-c22",
            "Sec. 4.1",
            "B-4 parameter reduction range (CIFAR-100, ImageNet)",
            (68, 75),
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='[100 * (1 - row("efficienthrnet-2", "B-4").cifar100_params_m / '
            'row("efficienthrnet-2", "B0").cifar100_params_m), 100 * (1 - '
            'row("efficienthrnet-2", "B-4").imagenet_params_m / row("efficienthrnet-2", '
            '"B0").imagenet_params_m)]',
        ),
        Claim(
            "efficienthrnet-c23",
            "Sec. 4.1",
            "B-4 operation reduction",
            87.5,
            unit="percent",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-2", "B-4").imagenet_gflops_reported / '
            'row("efficienthrnet-2", "B0").imagenet_gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c24",
            "Sec. 4.1",
            "B-4 top-1 drop (ImageNet, CIFAR-100)",
            (9.4, 7.6),
            unit="points",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='[row("efficienthrnet-2", "B0").imagenet_top1 - row("efficienthrnet-2", '
            '"B-4").imagenet_top1, row("efficienthrnet-2", "B0").cifar100_top1 - '
            'row("efficienthrnet-2", "B-4").cifar100_top1]',
        ),
        Claim(
            "efficienthrnet-c25",
            "Sec. 4.2",
            "H0 parameter reduction against HRNet",
            18,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-3", "H0").params_m / row("efficienthrnet-3", "HRNet").params_m)',
        ),
        Claim(
            "efficienthrnet-c26",
            "Sec. 4.2",
            "H-2 and H-3 beat Lightweight OpenPose in AP with fewer FLOPs",
            True,
            relation="true",
            holds=True,
            formula='row("efficienthrnet-3", "H-2").ap > row("efficienthrnet-3", "Lightweight '
            'OpenPose").ap and row("efficienthrnet-3", "H-3").ap > row("efficienthrnet-3", '
            '"Lightweight OpenPose").ap and (row("efficienthrnet-3", "H-2").gflops_reported '
            '< row("efficienthrnet-3", "Lightweight OpenPose").gflops_reported) and '
            '(row("efficienthrnet-3", "H-3").gflops_reported < row("efficienthrnet-3", '
            '"Lightweight OpenPose").gflops_reported)',
            note="both have more parameters than Lightweight OpenPose (10.3 and 6.9 against 4.1)",
        ),
        Claim(
            "efficienthrnet-c27",
            "Sec. 4.2",
            "H-4 has the lowest AP, fewest parameters and fewest FLOPs of Table 3",
            True,
            relation="true",
            holds=True,
            formula='all([r.ap >= row("efficienthrnet-3", "H-4").ap and r.params_m >= '
            'row("efficienthrnet-3", "H-4").params_m and (r.gflops_reported >= '
            'row("efficienthrnet-3", "H-4").gflops_reported) for r in '
            'rows("efficienthrnet-3")])',
        ),
        Claim(
            "efficienthrnet-c28",
            "Sec. 4.2",
            "H-4 FLOPs reduction against its lightest competitor (Lightweight OpenPose), over this",
            75,
            unit="percent",
            relation="gt",
            holds=True,
            formula='100 * (1 - row("efficienthrnet-3", "H-4").gflops_reported / '
            'row("efficienthrnet-3", "Lightweight OpenPose").gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c29",
            "Sec. 4.2",
            "test-dev: H0 loses to HRNet by (single-scale)",
            0.1,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "HRNet").ap - row("efficienthrnet-4", "H0").ap',
        ),
        Claim(
            "efficienthrnet-c30",
            "Sec. 4.2",
            "test-dev: H0 gain over Hourglass, single-scale",
            7.4,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "H0").ap - row("efficienthrnet-4", "Hourglass").ap',
        ),
        Claim(
            "efficienthrnet-c31",
            "Sec. 4.2",
            "test-dev: H0 gain over Hourglass, multi-scale (second Hourglass row)",
            1.6,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "H0/ms").ap - row("efficienthrnet-4", "Hourglass-second/ms").ap',
            note="4.1 against the first multi-scale row",
        ),
        Claim(
            "efficienthrnet-c32",
            "Sec. 4.2",
            "H0 model size and FLOPs as share of Hourglass, about",
            (10, 10),
            unit="percent",
            relation="approx",
            tolerance=2.5,
            holds=True,
            better="lower",
            formula='[100 * row("efficienthrnet-4", "H0").params_m / row("efficienthrnet-4", '
            '"Hourglass").params_m, 100 * row("efficienthrnet-4", "H0").gflops_reported / '
            'row("efficienthrnet-4", "Hourglass").gflops_reported]',
        ),
        Claim(
            "efficienthrnet-c33",
            "Sec. 4.2",
            "test-dev: H-1 beats OpenPose and Hourglass, at one scale or at several (the text names no mode)",
            True,
            relation="true",
            holds=False,
            formula='any([row("efficienthrnet-4", "H-1").ap > row("efficienthrnet-4", '
            '"OpenPose").ap and row("efficienthrnet-4", "H-1").ap > row("efficienthrnet-4", '
            '"Hourglass").ap, row("efficienthrnet-4", "H-1/ms").ap > '
            'row("efficienthrnet-4", "OpenPose").ap and row("efficienthrnet-4", '
            '"H-1/ms").ap > row("efficienthrnet-4", "Hourglass/ms").ap])',
            note="one scale: 59.1 is above Hourglass 56.6 and below OpenPose 61.8; several: 62.3 is "
            "above OpenPose and below Hourglass 63.0",
        ),
        Claim(
            "efficienthrnet-c35",
            "Sec. 4.2",
            "H-1 parameter reduction against H0",
            31.3,
            unit="percent",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-4", "H-1").params_m / row("efficienthrnet-4", "H0").params_m)',
        ),
        Claim(
            "efficienthrnet-c36",
            "Sec. 4.2",
            "H-1 FLOPs reduction against H0",
            44.5,
            unit="percent",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-4", "H-1").gflops_reported / '
            'row("efficienthrnet-4", "H0").gflops_reported)',
        ),
        Claim(
            "efficienthrnet-c37",
            "Sec. 4.2",
            "test-dev: H-1 AP drop against H0 (single-scale)",
            4.9,
            unit="AP",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='row("efficienthrnet-4", "H0").ap - row("efficienthrnet-4", "H-1").ap',
        ),
        Claim(
            "efficienthrnet-c38",
            "Sec. 4.2",
            "H-4 size reduction against H0",
            84,
            unit="percent",
            relation="eq",
            tolerance=0.5,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-4", "H-4").params_m / row("efficienthrnet-4", "H0").params_m)',
        ),
        Claim(
            "efficienthrnet-c39",
            "Sec. 4.2",
            "H-4 FLOPs reduction against H0",
            91.7,
            unit="percent",
            relation="eq",
            tolerance=0.05,
            holds=True,
            formula='100 * (1 - row("efficienthrnet-4", "H-4").gflops_reported / '
            'row("efficienthrnet-4", "H0").gflops_reported)',
            note="91.797, cut and not rounded",
        ),
        Claim(
            "efficienthrnet-c40",
            "Sec. 4.2",
            "H-4 relative AP drop against H0, less than (test-dev single-scale)",
            45,
            unit="percent, relative",
            relation="lt",
            holds=True,
            formula='100 * (1 - row("efficienthrnet-4", "H-4").ap / row("efficienthrnet-4", "H0").ap)',
            note="relative, unlike every other drop in the paper; 28.5 points absolute",
        ),
        Claim(
            "efficienthrnet-c41",
            "Eq. 6 and Table 1",
            "input size is 512 + 32 phi in every row",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='all([r.input_size == 512 + 32 * r.phi for r in rows("efficienthrnet-1")])',
        ),
        Claim(
            "efficienthrnet-c42",
            "Sec. 3.2",
            "input size is divisible by 32 in every row",
            True,
            relation="true",
            holds=True,
            formula='all([r.input_size % 32 == 0 for r in rows("efficienthrnet-1")])',
        ),
        Claim(
            "efficienthrnet-c43",
            "Eq. 3 and Table 1",
            "tag maps are input/4 and heatmaps input/2 in every row",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([4 * r.tags_size == r.input_size and 2 * r.heatmaps_size == r.input_size "
            'for r in rows("efficienthrnet-1")])',
        ),
        Claim(
            "efficienthrnet-c44",
            "Eq. 5 and Table 1",
            "printed formula (n*32)*1.25^phi, rounded up, gives all 20 widths",
            20,
            unit="cells",
            relation="eq",
            holds=False,
            origin="check",
            formula='sum([1 for r in rows("efficienthrnet-1") for n in [1, 2, 3, 4] if ceil(n * 32 '
            "* 1.25 ** r.phi) == r.widths[n - 1]])",
            note="8 cells agree (all of branch 1, three of branch 2); the baseline would have 96 "
            "and 128 for branches 3 and 4",
        ),
        Claim(
            "efficienthrnet-c45",
            "Eq. 5 and Table 1",
            "formula with 32*2^(n-1) and base 1.25, rounded up, gives all 20 widths",
            20,
            unit="cells",
            relation="eq",
            holds=False,
            origin="check",
            formula='sum([1 for r in rows("efficienthrnet-1") for n in [1, 2, 3, 4] if ceil(32 * 2 '
            "** (n - 1) * 1.25 ** r.phi - 1e-09) == r.widths[n - 1]])",
        ),
        Claim(
            "efficienthrnet-c46",
            "Eq. 5 and Table 1",
            "formula with 32*2^(n-1) and base 1.245, rounded up, gives all 20 widths (own finding, "
            "not a claim of the paper)",
            20,
            unit="cells",
            relation="eq",
            holds=True,
            origin="check",
            formula='sum([1 for r in rows("efficienthrnet-1") for n in [1, 2, 3, 4] if ceil(32 * 2 '
            "** (n - 1) * 1.245 ** r.phi - 1e-09) == r.widths[n - 1]])",
            note="any base from 1.24394 to 1.24559 does; no base works with rounding to nearest",
        ),
        Claim(
            "efficienthrnet-c47",
            "Sec. 3.2",
            "B-1 resolution from ceil(224*0.87)",
            195,
            unit="px",
            relation="eq",
            holds=True,
            formula="ceil(224 * 0.87)",
        ),
        Claim(
            "efficienthrnet-c48",
            "Eq. 4 and Table 2",
            "input sizes follow ceil(224*1.15^phi) in every row",
            (224, 195, 170, 145, 128),
            unit="px",
            relation="eq",
            holds=False,
            origin="check",
            formula='[ceil(224 * 1.15 ** r.phi) for r in rows("efficienthrnet-2")]',
            note="148 and 129 expected where 145 and 128 are printed",
        ),
        Claim(
            "efficienthrnet-c49",
            "Table 2",
            "classifier change from 1000 to 100 classes lowers the parameters in every row",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='all([r.imagenet_params_m > r.cifar100_params_m for r in rows("efficienthrnet-2")])',
            note="B-4 prints 1.3 for both",
        ),
        Claim(
            "efficienthrnet-c50",
            "Tables 3 and 4",
            "multi-scale test never lowers a score of an EfficientHRNet model: val AP50",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='all([row("efficienthrnet-3", k).ms_ap50 >= row("efficienthrnet-3", k).ap50 for '
            'k in ["H0", "H-1", "H-2", "H-3", "H-4"]])',
            note="H-3 76.7 to 76.6",
        ),
        Claim(
            "efficienthrnet-c51",
            "Table 4",
            "multi-scale test never lowers a score of an EfficientHRNet model: test-dev APL",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='row("efficienthrnet-4", "H0/ms").ap_l >= row("efficienthrnet-4", "H0").ap_l '
            'and row("efficienthrnet-4", "H-1/ms").ap_l >= row("efficienthrnet-4", '
            '"H-1").ap_l and (row("efficienthrnet-4", "H-2/ms").ap_l >= '
            'row("efficienthrnet-4", "H-2").ap_l) and (row("efficienthrnet-4", '
            '"H-3/ms").ap_l >= row("efficienthrnet-4", "H-3").ap_l) and '
            '(row("efficienthrnet-4", "H-4/ms").ap_l >= row("efficienthrnet-4", '
            '"H-4").ap_l)',
            note="H-2 60.6 to 60.0, H-3 51.0 to 48.9",
        ),
        Claim(
            "efficienthrnet-c52",
            "Tables 3 and 4",
            "the sign of H0 minus HRNet is the same on val and test-dev",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='(row("efficienthrnet-3", "H0").ap > row("efficienthrnet-3", "HRNet").ap) == '
            '(row("efficienthrnet-4", "H0").ap > row("efficienthrnet-4", "HRNet").ap)',
            note="+0.4 on val, -0.1 on test-dev; the abstract names no split",
        ),
        Claim(
            "efficienthrnet-c53",
            "Tables 1 and 3",
            "parameters and FLOPs agree between Tables 3 and 4",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula='all([row("efficienthrnet-3", k).params_m == row("efficienthrnet-4", '
            'k).params_m and row("efficienthrnet-3", k).gflops_reported == '
            'row("efficienthrnet-4", k).gflops_reported for k in ["H0", "H-1", "H-2", '
            '"H-3", "H-4"]])',
        ),
        Claim(
            "efficienthrnet-c54",
            "Table 2 and Eq. 4",
            "printed FLOPs follow 0.4*(1.2*1.1^2*1.15^2)^phi within 20 percent",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula="all([abs(r.imagenet_gflops_reported / (0.4 * (1.2 * 1.1 ** 2 * 1.15 ** 2) ** "
            'r.phi) - 1) < 0.2 for r in rows("efficienthrnet-2")])',
            note="0.3, 0.2, 0.1, 0.05 printed against 0.21, 0.11, 0.056, 0.029",
        ),
        Claim(
            "efficienthrnet-c55",
            "Sec. 4.2",
            "COCO size: images (over), person instances, keypoints",
            (200000, 250000, 17),
        ),
        Claim(
            "efficienthrnet-c56",
            "Sec. 4.2",
            "COCO split sizes: train, val, test-dev, test-challenge",
            (57000, 5000, 20000, 20000),
        ),
        Claim(
            "efficienthrnet-c57",
            "Sec. 4.1",
            "ImageNet split used: train, validation, test",
            (800000, 150000, 50000),
            note="over a million images and 1000 classes stated; the public set has another split",
        ),
        Claim(
            "efficienthrnet-c58",
            "Sec. 4.1",
            "CIFAR-100: classes, train images per class, test images per class",
            (100, 500, 100),
        ),
        Claim(
            "efficienthrnet-c59",
            "cross-paper: higherhrnet-1",
            "row OpenPose of Table 4 agrees with the HigherHRNet paper (ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == "
            'b.ap_m and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "OpenPose")] for '
            'b in [row("higherhrnet-1", "OpenPose")]])',
        ),
        Claim(
            "efficienthrnet-c60",
            "cross-paper: higherhrnet-1",
            "row Hourglass of Table 4 agrees with the HigherHRNet paper (params_m, gflops_reported, "
            "ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "Hourglass")] for b in '
            '[row("higherhrnet-1", "Hourglass")]])',
        ),
        Claim(
            "efficienthrnet-c61",
            "cross-paper: higherhrnet-1",
            "row PersonLab of Table 4 agrees with the HigherHRNet paper (params_m, gflops_reported, "
            "ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "PersonLab")] for b in '
            '[row("higherhrnet-1", "PersonLab")]])',
        ),
        Claim(
            "efficienthrnet-c62",
            "cross-paper: higherhrnet-1",
            "row PifPaf of Table 4 agrees with the HigherHRNet paper (ap, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.ap == b.ap and a.ap_m == b.ap_m and a.ap_l == b.ap_l for a in "
            '[row("efficienthrnet-4", "PifPaf")] for b in [row("higherhrnet-1", '
            '"PifPaf")]])',
        ),
        Claim(
            "efficienthrnet-c63",
            "cross-paper: higherhrnet-1",
            "row HRNet of Table 4 agrees with the HigherHRNet paper (params_m, gflops_reported, ap, "
            "ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "HRNet")] for b in '
            '[row("higherhrnet-1", "HRNet")]])',
        ),
        Claim(
            "efficienthrnet-c64",
            "cross-paper: higherhrnet-1",
            "row HigherHRNet-W32 of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "HigherHRNet-W32")] for '
            'b in [row("higherhrnet-1", "HigherHRNet-W32")]])',
        ),
        Claim(
            "efficienthrnet-c65",
            "cross-paper: higherhrnet-1",
            "row HigherHRNet-W48 of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "HigherHRNet-W48")] for '
            'b in [row("higherhrnet-1", "HigherHRNet-W48")]])',
        ),
        Claim(
            "efficienthrnet-c66",
            "cross-paper: higherhrnet-1",
            "row Hourglass/ms of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "Hourglass/ms")] for b '
            'in [row("higherhrnet-1", "Hourglass/ms")]])',
        ),
        Claim(
            "efficienthrnet-c67",
            "cross-paper: higherhrnet-1",
            "row Hourglass-second/ms of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "Hourglass-second/ms")] '
            'for b in [row("higherhrnet-1", "Hourglass-refined/ms")]])',
        ),
        Claim(
            "efficienthrnet-c68",
            "cross-paper: higherhrnet-1",
            "row PersonLab/ms of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "PersonLab/ms")] for b '
            'in [row("higherhrnet-1", "PersonLab/ms")]])',
        ),
        Claim(
            "efficienthrnet-c69",
            "cross-paper: higherhrnet-1",
            "row HigherHRNet-W48/ms of Table 4 agrees with the HigherHRNet paper (params_m, "
            "gflops_reported, ap, ap50, ap75, ap_m, ap_l)",
            True,
            relation="true",
            holds=True,
            origin="check",
            formula="all([a.params_m == b.params_m and a.gflops_reported == b.gflops_reported and "
            "a.ap == b.ap and a.ap50 == b.ap50 and a.ap75 == b.ap75 and a.ap_m == b.ap_m "
            'and a.ap_l == b.ap_l for a in [row("efficienthrnet-4", "HigherHRNet-W48/ms")] '
            'for b in [row("higherhrnet-1", "HigherHRNet-W48/ms")]])',
        ),
        Claim(
            "efficienthrnet-c70",
            "cross-paper: higherhrnet-2",
            "AR of OpenPose, Hourglass, PersonLab and HigherHRNet-W48 agrees with the HigherHRNet paper",
            (66.5, 70.2, 75.4, 74.9),
            unit="percent",
            relation="eq",
            holds=True,
            origin="check",
            formula='[row("higherhrnet-2", k).ar for k in ["OpenPose", "Hourglass", "PersonLab", "HigherHRNet-W48"]]',
        ),
        Claim(
            "efficienthrnet-c71",
            "cross-paper: higherhrnet-4",
            "val AP of HRNet and HigherHRNet agrees with the HigherHRNet paper",
            (64.4, 67.1),
            unit="AP",
            relation="eq",
            holds=True,
            origin="check",
            formula='[row("higherhrnet-4", k).ap for k in ["a", "e"]]',
        ),
        Claim(
            "efficienthrnet-c72",
            "cross-paper: higherhrnet-6",
            "multi-scale val AP 69.9 of HigherHRNet-W32 is a score of W32 in the HigherHRNet paper",
            True,
            relation="true",
            holds=False,
            origin="check",
            formula='any([r.ap == row("efficienthrnet-3", "HigherHRNet").ms_ap for r in '
            'rows("higherhrnet-6") if r.backbone == "HRNet-W32"])',
            note="only W48 has 69.9 there, single-scale",
        ),
        Claim(
            "efficienthrnet-c73",
            "cross-paper: efficientpose-3",
            "OpenPose parameters and operations agree with Groos et al. (160.36 there)",
            (25.94, 160),
            relation="eq",
            tolerance=0.5,
            holds=True,
            origin="check",
            formula='[row("efficientpose-3", "OpenPose").params_m, row("efficientpose-3", "OpenPose").gflops_reported]',
        ),
    ),
)
