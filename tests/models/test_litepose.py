"""LitePose: counts of every variant, Table 3's MACs, parity with the official network, weights in
both directions."""

import json
import zlib

import numpy as np
import pytest
import torch
from fill import fill_module, fill_state_dict, golden_input
from make_litepose_goldens import STEPS
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from where import GOLDENS, REFERENCE

from repro.errors import MissingError, UsageError
from repro.models import litepose

PARITY = [
    ("litepose_xs", "coco"),
    ("litepose_xs", "crowdpose"),
    ("litepose_m", "coco"),
    ("litepose_m", "crowdpose"),
]
JOINTS = {"coco": 17, "crowdpose": 14}

# variant, joints, input: parameters, true MACs, ptflops MACs of the official network
COUNTS = [
    ("litepose_xs", 14, 256, 1675552, 882892800, 1202266112),
    ("litepose_xs", 17, 256, 1675912, 885841920, 1205215232),
    ("litepose_s", 14, 448, 2731240, 3614139648, 4981285120),
    ("litepose_m", 14, 448, 3533808, 5263675648, 7841568000),
    ("litepose_l", 14, 512, 5738120, 9961996288, 13713080320),
    ("litepose_l", 17, 512, 5738672, 9979297792, 13730381824),
]


def on_meta(variant, **switches):
    with torch.device("meta"):
        return litepose.build(variant, **switches).eval()


def true_macs(net, size):
    with FlopCounterMode(display=False) as counter:
        net(torch.zeros(1, 3, size, size, device="meta"))
    return counter.get_total_flops() // 2


def ptflops_macs(net, size):
    """True MACs, transposed convolutions on output positions, 2 per batch-norm element and 1 per
    ReLU element."""
    more = []

    def hook(module, inputs, output):
        if isinstance(module, nn.ConvTranspose2d):
            more.append(3 * module.weight.numel() * inputs[0].shape[-2] * inputs[0].shape[-1])
        elif isinstance(module, nn.BatchNorm2d):
            more.append(2 * output.numel())
        elif isinstance(module, nn.ReLU | nn.ReLU6):
            more.append(output.numel())

    for module in net.modules():
        module.register_forward_hook(hook)
    return true_macs(net, size) + sum(more)


@pytest.mark.parametrize(("variant", "joints", "size", "params", "macs", "ptflops"), COUNTS)
def test_counts_equal_the_official_network(variant, joints, size, params, macs, ptflops):
    net = on_meta(variant, joints=joints)
    assert sum(p.numel() for p in net.parameters()) == params
    assert true_macs(net, size) == macs
    assert ptflops_macs(net, size) == ptflops


@pytest.mark.parametrize(
    ("kernel", "fusion", "printed"),
    [(3, True, 3.8), (5, True, 4.1), (7, False, 4.1), (7, True, 4.7)],
)
def test_half_supernet_has_the_macs_of_table_3(kernel, fusion, printed):
    net = on_meta("litepose_super", joints=14, width=0.5, kernel=kernel, fusion=fusion)
    assert round(ptflops_macs(net, 512) / 1e9, 1) == printed


def test_outputs():
    net = on_meta("litepose_s", joints=14)
    maps = net(torch.zeros(2, 3, 64, 96, device="meta"))
    assert [tuple(x.shape) for x in maps.heatmaps] == [(2, 14, 16, 24), (2, 14, 32, 48)]
    assert [tuple(x.shape) for x in maps.tags] == [(2, 14, 16, 24)]
    assert maps.limbs == ()


@pytest.mark.parametrize("switches", [{}, {"fusion": False}, {"kernel": 9, "width": 0.5}])
def test_every_parameter_gets_a_gradient(switches):
    torch.manual_seed(0)
    net = litepose.build("litepose_xs", joints=2, **switches)
    maps = net(golden_input((2, 3, 64, 64)))
    sum((x**2).sum() for x in (*maps.heatmaps, *maps.tags)).backward()
    dead = [
        name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0
    ]
    assert dead == []


def test_switches_change_what_they_name():
    kernels = {
        m.kernel_size
        for m in on_meta("litepose_xs", kernel=5).backbone.stages.modules()
        if isinstance(m, nn.Conv2d)
    }
    assert kernels == {(1, 1), (5, 5)}
    plain = on_meta("litepose_xs", fusion=False)
    assert not any(name.startswith("raw_") for name, _ in plain.named_parameters())
    # prune-M.json
    assert on_meta("litepose_super", width=0.75).backbone.widths == [
        24,
        24,
        48,
        72,
        120,
    ]


def test_any_widths_per_block():
    row = [(16, 6, 7, 2), (24, 4, 5, 1)]
    net = litepose.LitePose((32, 8), [row, row, row, [(40, 6, 3, 1)]], [16, 8, 24], joints=3)
    assert net.backbone.widths == [8, 24, 24, 24, 40]
    assert net(torch.zeros(1, 3, 32, 32)).heatmaps[1].shape == (1, 3, 16, 16)


@pytest.mark.parametrize(
    ("variant", "switches", "text"),
    [
        ("litepose_x", {}, "litepose_xs"),
        ("litepose_xs", {"joints": 0}, "joints"),
        ("litepose_xs", {"kernel": 4}, "3, 5, 7, 9"),
        ("litepose_xs", {"width": 0.0}, "width"),
    ],
)
def test_bad_switches_are_refused(variant, switches, text):
    with pytest.raises(UsageError, match=text):
        litepose.build(variant, **switches)


def official_shapes(net):
    return {litepose.official_key(key): tuple(t.shape) for key, t in net.state_dict().items()}


def outputs(net):
    with torch.no_grad():
        maps = net.eval()(golden_input((1, 3, 64, 96)))
    return {"out0": torch.cat((maps.heatmaps[0], maps.tags[0]), 1), "out1": maps.heatmaps[1]}


def weights_crc32(net):
    crc = 0
    for tensor in net.state_dict().values():
        crc = zlib.crc32(tensor.numpy().tobytes(), crc)
    return crc


def shapes_of(layout):
    rows = dict(line.split("\t") for line in layout.splitlines())
    return {
        key: () if text == "scalar" else tuple(map(int, text.split("x")))
        for key, text in rows.items()
    }


@pytest.mark.parametrize(("variant", "data"), PARITY)
def test_parity(variant, data):
    with np.load(GOLDENS / f"{variant}_{data}.npz") as golden:
        expected = {name: golden[name] for name in STEPS}
        meta, layout = (
            json.loads(str(golden["meta"])),
            shapes_of(golden["layout"].tobytes().decode()),
        )
    net = fill_module(litepose.build(variant, joints=JOINTS[data]), litepose.official_key)
    assert list(official_shapes(net).items()) == list(layout.items())
    assert weights_crc32(net) == meta["weights_crc32"]
    for name, got in outputs(net).items():
        step = STEPS[name]
        # five times the official network's own float32 error
        atol = 5 * meta["f32_vs_f64_max_abs"]
        np.testing.assert_allclose(
            got[..., ::step, ::step].numpy(), expected[name], rtol=0, atol=atol
        )


@pytest.mark.data
@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the official layouts and outputs are not beside the checkout"
)
@pytest.mark.parametrize(("variant", "data"), PARITY)
def test_parity_with_every_official_value(variant, data):
    layout = shapes_of((REFERENCE / "layouts" / f"{variant}_{data}.tsv").read_text())
    net = litepose.build(variant, joints=JOINTS[data])
    net.load_state_dict(litepose.from_upstream(variant, fill_state_dict(layout)))
    with np.load(REFERENCE / "golden" / f"{variant}_{data}.npz") as golden:
        atol = 5 * json.loads(str(golden["meta"]))["f32_vs_f64_max_abs"]
        for name, got in outputs(net).items():
            np.testing.assert_allclose(got.numpy(), golden[name], rtol=0, atol=atol)


def test_from_upstream_reads_joints_and_fills_every_key():
    net = litepose.build("litepose_xs", joints=14)
    upstream = fill_state_dict(official_shapes(net))
    old = {key: t for key, t in upstream.items() if not key.endswith("num_batches_tracked")}
    ours = litepose.from_upstream("litepose_xs", old)
    net.load_state_dict(ours, strict=True)
    for key, tensor in ours.items():
        assert torch.equal(tensor, upstream[litepose.official_key(key)])


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda w: w.pop("stage.0.0.inv.0.weight"), r"missing .*stage\.0\.0\.inv\.0\.weight"),
        (lambda w: w.update({"extra.weight": torch.zeros(1)}), r"left over .*extra\.weight"),
        (lambda w: w.update({"first.2.weight": torch.zeros(1)}), r"first\.2\.weight .*instead of"),
    ],
)
def test_from_upstream_is_strict(spoil, text):
    weights = fill_state_dict(official_shapes(on_meta("litepose_xs")))
    spoil(weights)
    with pytest.raises(MissingError, match=text):
        litepose.from_upstream("litepose_xs", weights)


def test_no_class_counts_its_parameters_twice():
    ours = {
        type(m).__name__
        for m in on_meta("litepose_xs").modules()
        if not type(m).__module__.startswith("torch.")
    }
    assert ours
    assert not any("Conv" in name for name in ours)


@pytest.mark.parametrize(("kernel", "fusion", "printed"), [(3, True, "yes"), (7, False, "no")])
def test_a_network_tells_its_kernel_and_head_as_table_3_prints_them(
    kernel: int, fusion: bool, printed: str
) -> None:
    with torch.device("meta"):
        net = litepose.build("litepose_super", width=0.5, kernel=kernel, fusion=fusion)
    assert net.facts == {"kernel": str(kernel), "fusion_deconv_head": printed}
