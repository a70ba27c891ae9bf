"""Counting: one-layer networks by formula, the real tools on small networks, pinned integers of the
papers' models."""

import contextlib
import importlib
import io
import json
import logging

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from where import REFERENCE

from repro.counting.trace import RULES, Count, by_module, count, count_all, explain
from repro.errors import ReproError, UsageError
from repro.spec.counting_rules import KINDS, Operator

SIZE = (16, 24)
PIXELS = 16 * 24


class Calls(nn.Module):
    """A network that is one function of its image."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images)


class Small(nn.Module):
    """A small network of about every layer that the tools know."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU6(inplace=True)
        )
        self.plain = nn.BatchNorm2d(8, affine=False)
        self.deconv = nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1, groups=2)
        self.ups = nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=2, mode="bilinear")
        )
        self.pools = nn.Sequential(
            nn.MaxPool2d(2), nn.AvgPool2d(2), nn.ReLU(), nn.GELU(), nn.LeakyReLU()
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 5)

    def forward(self, images: Tensor) -> Tensor:
        x = self.deconv(self.plain(self.stem(images)))
        x = self.pools(self.ups(x))
        x = x + F.silu(x) * torch.sigmoid(x) * x.mean((2, 3), keepdim=True)
        return self.head(self.norm(self.pool(x).flatten(1)))


class ConvTwice(nn.Module):
    """A block whose class name makes the HRNet summary add its layers once more."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 1, bias=False)
        self.idle = nn.Conv2d(3, 3, 1, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        return self.layer(self.layer(images))


def costs(model: nn.Module) -> dict[str, int]:
    return {rule: counted.macs for rule, counted in count_all(model, SIZE).items()}


LAYERS = {
    # name: (layer, true, hrnet, ptflops, nas, flop2, fvcore, thop), of an image 3 x 16 x 24
    "convolution": (
        nn.Conv2d(3, 6, 5, padding=2),
        *[
            450 * PIXELS,
            450 * PIXELS,
            456 * PIXELS,
            456 * PIXELS,
            906 * PIXELS,
            450 * PIXELS,
            450 * PIXELS,
        ],
    ),
    "strided and grouped": (
        nn.Conv2d(3, 9, 3, stride=2, padding=1, groups=3, bias=False),
        *[81 * 96, 81 * 96, 81 * 96, 81 * 96, 162 * 96, 81 * 96, 81 * 96],
    ),
    "transposed": (
        nn.ConvTranspose2d(3, 6, 4, stride=2, padding=1),
        *[
            288 * PIXELS,
            1152 * PIXELS,
            1176 * PIXELS,
            1176 * PIXELS,
            600 * PIXELS,
            288 * PIXELS,
            1152 * PIXELS,
        ],
    ),
    "linear": (
        nn.Sequential(nn.Flatten(), nn.Linear(3 * PIXELS, 7)),
        *[
            21 * PIXELS,
            21 * PIXELS,
            21 * PIXELS + 7,
            21 * PIXELS + 7,
            42 * PIXELS + 7,
            21 * PIXELS,
            21 * PIXELS,
        ],
    ),
    "batch norm": (nn.BatchNorm2d(3), *[0, 0, 6 * PIXELS, 0, 0, 6 * PIXELS, 12 * PIXELS]),
    "batch norm, plain": (
        nn.BatchNorm2d(3, affine=False),
        *[0, 0, 3 * PIXELS, 0, 0, 3 * PIXELS, 6 * PIXELS],
    ),
    "layer norm": (nn.LayerNorm(24), *[0, 0, 0, 0, 0, 15 * PIXELS, 12 * PIXELS]),
    "ReLU": (nn.ReLU(inplace=True), *[0, 0, 3 * PIXELS, 0, 0, 0, 0]),
    "ReLU6": (nn.ReLU6(), *[0, 0, 3 * PIXELS, 0, 0, 0, 0]),
    "PReLU": (nn.PReLU(3), *[0, 0, 3 * PIXELS, 0, 9 * PIXELS, 0, 3 * PIXELS]),
    "swish": (nn.SiLU(), *[0, 0, 0, 0, 3 * PIXELS, 0, 0]),
    "E-swish": (Calls(lambda x: 1.25 * x * torch.sigmoid(x)), *[0, 0, 0, 0, 6 * PIXELS, 0, 0]),
    "softmax": (nn.Softmax(-1), *[0, 0, 0, 0, 15 * PIXELS, 0, 9 * PIXELS - 48]),
    "nearest": (nn.Upsample(scale_factor=2), *[0, 0, 12 * PIXELS, 0, 0, 12 * PIXELS, 12 * PIXELS]),
    "bilinear": (
        nn.Upsample(scale_factor=2, mode="bilinear"),
        *[0, 0, 12 * PIXELS, 0, 0, 48 * PIXELS, 132 * PIXELS],
    ),
    "max pooling": (nn.MaxPool2d(2), *[0, 0, 3 * PIXELS, 0, 3 * PIXELS, 0, 0]),
    "average pooling": (nn.AvgPool2d(4, stride=2), *[0, 0, 3 * PIXELS, 0, 16 * 3 * 77, 0, 3 * 77]),
    "adaptive pooling": (
        nn.AdaptiveAvgPool2d(1),
        *[0, 0, 3 * PIXELS, 0, 3 * PIXELS, 3 * PIXELS, 3 * PIXELS + 3],
    ),
    "mean": (Calls(lambda x: x.mean((2, 3))), *[0, 0, 0, 0, 3 * PIXELS, 0, 0]),
    "matrix product": (
        Calls(lambda x: x @ x.mT),
        *[16 * 3 * PIXELS, 0, 0, 0, 32 * 3 * PIXELS, 16 * 3 * PIXELS, 0],
    ),
    "composed": (
        Calls(lambda x: torch.einsum("bchw,bcvw->bchv", x, x)),
        *[16 * 3 * PIXELS, 0, 0, 0, 32 * 3 * PIXELS, 16 * 3 * PIXELS, 0],
    ),
    "layout": (Calls(lambda x: torch.cat((F.pad(x, (1, 1)).flip(1), x[..., :3]), 3)), *[0] * 7),
}


@pytest.mark.parametrize("name", LAYERS)
def test_one_layer_by_formula(name: str) -> None:
    layer, *expected = LAYERS[name]
    assert costs(layer) == dict(zip(RULES, expected, strict=True))


def test_parameters() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.PReLU(4))
    model[0].requires_grad_(False)
    params = {rule: counted.params for rule, counted in count_all(model, SIZE).items()}
    stored = 112 + 8 + 4
    assert params == {
        **dict.fromkeys(RULES, stored),
        "hrnet": 112 + 8,  # no PReLU
        "ptflops": 8 + 4,  # no frozen parameters
        "flop2": stored + 8,  # running mean and variance
    }


def test_a_layer_counts_as_often_as_it_runs() -> None:
    counted = count_all(nn.Sequential(ConvTwice()), SIZE)
    assert counted["true"] == Count(params=18, macs=2 * 9 * PIXELS, rule="true", unit="MACs")
    assert counted["hrnet"].params == 18 + 2 * 9  # the block holds 18, and its layer is met twice


def test_every_rule_answers_for_every_kind() -> None:
    for names in KINDS.values():
        op = Operator(
            names.split()[0],
            "",
            inputs=((2, 3, 4, 5), (3, 3, 1, 1)),
            output=(2, 3, 4, 5),
            bias=True,
        )
        assert all(rule(op) >= 0 for rule in RULES.values()), op


@pytest.mark.parametrize("rule", RULES)
def test_unknown_operator_is_an_error(rule: str) -> None:
    model = nn.Sequential(nn.ReLU(), Calls(lambda x: torch.cumsum(x, 1)))
    with pytest.raises(ReproError) as caught:
        count(model, SIZE, rule)
    assert (
        caught.value.message
        == f"counting rule '{rule}' does not know the operator 'cumsum' that module '1' ran"
    )


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_network_is_left_as_it_was(device: str) -> None:
    model = Small().to(device).train()
    before = {
        name: (tensor, tensor._version) for name, tensor in model.state_dict(keep_vars=True).items()
    }
    attributes = {path: set(vars(module)) for path, module in model.named_modules()}
    count_all(model, SIZE)
    after = model.state_dict(keep_vars=True)
    assert list(after) == list(before)
    assert all(
        after[name] is tensor and tensor._version == version
        for name, (tensor, version) in before.items()
    )
    for path, module in model.named_modules():
        assert set(vars(module)) == attributes[path]
        assert module.training
        assert not module._forward_hooks and not module._forward_pre_hooks


def test_meta_and_cpu_agree() -> None:
    assert count_all(Small(), SIZE) == count_all(Small().to("meta"), SIZE)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_fvcore_itself() -> None:
    from fvcore.nn import FlopCountAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    tool = FlopCountAnalysis(Small().eval(), torch.zeros(1, 3, *SIZE))
    assert count(Small(), SIZE, "fvcore").macs == tool.unsupported_ops_warnings(False).total()


def test_thop_itself() -> None:
    from thop import profile

    macs, params = profile(Small(), (torch.zeros(1, 3, *SIZE),), verbose=False)
    assert count(Small(), SIZE, "thop") == Count(
        params=int(params), macs=int(macs), rule="thop", unit="MACs"
    )


def test_ptflops_itself() -> None:
    from ptflops import get_model_complexity_info

    with contextlib.redirect_stdout(io.StringIO()):
        macs, params = get_model_complexity_info(
            Small(), (3, *SIZE), as_strings=False, print_per_layer_stat=False
        )
    assert count(Small(), SIZE, "ptflops") == Count(
        params=params, macs=int(macs), rule="ptflops", unit="MACs"
    )


def test_torch_itself() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as tool:
        Small().eval()(torch.zeros(1, 3, *SIZE))
    assert 2 * count(Small(), SIZE).macs == tool.get_total_flops()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("depth", [1, 2, 9])
def test_modules_add_up(rule: str, depth: int) -> None:
    whole, split = count(Small(), SIZE, rule), by_module(Small(), SIZE, rule, depth=depth)
    assert sum(part.params for part in split.values()) == whole.params
    assert sum(part.macs for part in split.values()) == whole.macs


def test_modules_are_cut_at_the_depth() -> None:
    split = by_module(Small(), SIZE, "ptflops", depth=1)
    assert list(split) == ["stem", "plain", "deconv", "ups", "pools", "pool", "norm", "head"]
    assert list(by_module(Small(), SIZE, depth=2))[:2] == ["stem.0", "stem.1"]
    # swish, mean, two products, one sum
    assert by_module(Small(), SIZE, "flop2")[""].macs == 5 * 8 * PIXELS


def test_a_part() -> None:
    for rule in RULES:
        assert count(Small(), SIZE, rule, part="stem") == by_module(Small(), SIZE, rule)["stem"]
    assert count(Small(), SIZE, part="stem.0").params == 3 * 8 * 9 + 8


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: count(Small(), SIZE, "ptflop"),
            "unknown counting rule 'ptflop'; did you mean ptflops",
        ),
        (lambda: count(Small(), SIZE, part="steam"), "unknown part 'steam'; did you mean stem"),
        (lambda: count_all(Small(), SIZE, part="x"), "unknown part 'x'; known: deconv"),
        (
            lambda: count(Small(), 128),
            "the size is 128, but must be height and width in whole pixels",
        ),
        (lambda: count(Small(), (8.0, 8)), "the size is (8.0, 8), but must be height and width"),
        (lambda: count(Small(), (0, 8)), "the size is 0x8, but height and width must be positive"),
        (lambda: by_module(Small(), SIZE, depth=0), "depth is 0, but must be at least 1"),
    ],
)
def test_usage_errors(ask, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask()
    assert caught.value.message.startswith(message)


def test_a_size_off_the_stride() -> None:
    model = Small()
    model.stride = 32
    with pytest.raises(UsageError) as caught:
        count(model, (100, 64))
    assert (
        caught.value.message == "the size is 100x64, but height and width must be multiples of 32"
    )
    assert caught.value.hint == "nearest: 96 64"


def test_explanations_add_up() -> None:
    rows = explain(Small(), SIZE)
    assert {row.count.rule: row.count for row in rows} == count_all(Small(), SIZE)
    for row in rows:
        assert sum(row.causes.values()) == row.difference == row.count.macs - rows[0].count.macs
        assert row.says == RULES[row.count.rule].__doc__.replace("\n    ", "\n").strip()
    assert rows[0].causes == {}
    assert rows[1].causes == {"transposed convolution": 3 * 8 * 4 * 16 * PIXELS // 4}
    assert rows[3].causes == rows[1].causes | {"bias": 2 * PIXELS + 8 * PIXELS + 5}


# variant: (model file, joints, side of the input, {rule: (parameters, operations)})
PINNED = {
    "higherhrnet_w32": (
        *("higherhrnet", 17, 512),
        {
            "true": (28645331, 46203404288),
            "hrnet": (28645331, 47864348672),  # HigherHRNet, Table 1: 28.6 M, 47.9 G
            "ptflops": (28645331, 48236609536),
            "fvcore": (28645331, 46456291328),
            "thop": (28645331, 48358326272),
        },
    ),
    "efficienthrnet_h_4": (
        *("efficienthrnet", 17, 384),
        {
            "true": (2764706, 1807480224),
            "hrnet": (3757196, 2104751520),  # EfficientHRNet, Table 1: 3.7 M, 2.1 G
            "ptflops": (2764706, 2155406242),
            "fvcore": (2764706, 1848851136),
            "thop": (2764706, 2183062872),
        },
    ),
    "litepose_xs": (
        *("litepose", 14, 256),
        {
            "true": (1675552, 882892800),
            "ptflops": (1675552, 1202266112),  # LitePose, Table 1: 1.7 M, 1.2 G
            "fvcore": (1675552, 916283392),
            "thop": (1675552, 1220206592),
        },
    ),
    "shrink_c4": ("higherhrnet", 14, 512, {"ptflops": (7375166, 9147657216)}),
    # HigherHRNet, Table 1: 277.8 M (twice the truth), 206.9 (x 2^30)
    "hourglass_ae": ("hourglass", 17, 512, {"hrnet": (277787680, 222210031616)}),
    "efficientpose_rt": (
        *("efficientpose", 16, 224),
        {
            "true": (448012, 428292352),
            "flop2": (460284, 874983634),  # EfficientPose, Table 3: 0.46 M, 0.87 G
            "fvcore": (448012, 444762624),
        },
    ),
    "efficientpose_nas_a": (
        *("efficientpose_nas", 16, 256),
        {
            "true": (1299360, 542220288),
            "hrnet": (1299360, 718381056),  # EfficientPose-NAS, Table 3: 1.3 M, 0.67 G (x 2^30)
            "nas": (1299360, 718446592),
        },
    ),
    # EfficientPose, Table 3: 25.94 M, 160.36 G
    "openpose": (
        "openpose",
        16,
        368,
        {"flop2": (25940176, 160360738368)},
    ),
}


def build(family: str, variant: str, joints: int) -> nn.Module:
    with torch.device("meta"):
        return importlib.import_module(f"repro.models.{family}").build(variant, joints=joints)


def measured(model: nn.Module, side: int, rules) -> dict[str, tuple[int, int]]:
    counts = count_all(model, (side, side))
    return {rule: (counts[rule].params, counts[rule].macs) for rule in rules}


@pytest.mark.parametrize("variant", PINNED)
def test_pinned(variant: str) -> None:
    family, joints, side, expected = PINNED[variant]
    assert measured(build(family, variant, joints), side, expected) == expected


def reference(name: str) -> dict:
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the reference counts are not beside the checkout: {path.name}")
    return json.loads(path.read_text())["models"]


def variant_of(name: str) -> tuple[str, str, int]:
    """Model file, variant and joints of a reference entry such as `efficienthrnet_h-1_coco`."""
    variant, _, dataset = name.rpartition("_")
    if variant.startswith("shrink"):
        variant = variant.rpartition("_")[0]
    homes = ("efficienthrnet", "litepose_higherhrnet", "litepose", "higherhrnet", "shrink")
    home = next(start for start in homes if variant.startswith(start))
    family = "higherhrnet" if home in ("litepose_higherhrnet", "shrink") else home
    return family, variant.replace("-", "_"), {"coco": 17, "crowdpose": 14}[dataset]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["higherhrnet", "efficienthrnet", "litepose"])
def test_all_reference_counts(family: str) -> None:
    own, expected = {}, {}
    for name, entry in reference("counts.json").items():
        if variant_of(name)[0] != family:
            continue
        summary = entry["official_summary"]
        # LitePose's separable last layers have Conv in their original class name, so that the
        # summary meets them twice
        params = entry["params"] if family == "litepose" else summary["params"]
        expected[name] = {
            "true": (entry["params"], entry["torch_flop_counter_div2"]),
            "hrnet": (params, summary["macs"]),
            "ptflops": (entry["ptflops"]["params"], entry["ptflops"]["macs"]),
            "fvcore": (entry["params"], entry["fvcore_total"]),
            "thop": (entry["params"], entry["thop"]),
        }
        own[name] = measured(build(*variant_of(name)), entry["input_size"], expected[name])
    assert own == expected


@pytest.mark.parametrize("numeral", ["RT", "I", "II", pytest.param("III", marks=pytest.mark.slow)])
def test_efficientpose_reference_counts(numeral: str) -> None:
    entry = reference("efficientpose/counts.json")[numeral]
    model = build("efficientpose", f"efficientpose_{numeral.lower()}", 16)
    stored = entry["params"]["paper_convention"]
    weights = stored - entry["params"]["bn_running_stats"]
    expected = {
        "flop2": (stored, entry["flops"]["paper_convention"]),
        "true": (weights, entry["macs"]["torch_flop_counter_over_2"]),
        "fvcore": (weights, entry["macs"]["fvcore_total"]),
    }
    assert measured(model, entry["input"][2], expected) == expected
