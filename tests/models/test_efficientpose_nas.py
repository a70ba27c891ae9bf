"""EfficientPose-NAS and its rivals with the slim head: compute figures of Tables 2, 3, 7 and 8,
original weights."""

import json
import zlib

import numpy as np
import pytest
import torch
from fill import fill_module, fill_state_dict, golden_input
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from where import GOLDENS

from repro.errors import MissingError, UsageError
from repro.models import efficientpose_nas as nas
from repro.models import slim_backbones as slim
from repro.models import vision

# variant, joints, (height, width): parameters, true MACs, MACs with transposed convolutions on
# output positions. Table 3 prints the last over 2^30 as 0.67 (A), 0.73, 9.70 (ResNet-50: 9.68) and
# over 1e9 as 1.05, 0.91, 1.43; its parameters are 1.3, 1.5, 25.6, 1.8, 1.9 and 4.5 M, the last of
# which nothing gives.
COUNTS = [
    ("efficientpose_nas_a", 16, (256, 256), 1299360, 542220288, 718381056),
    ("efficientpose_nas_a", 17, (256, 192), 1299393, 406763520, 538884096),
    ("efficientpose_nas_b", 16, (256, 256), 3252912, 1394622464, 1621114880),
    ("efficientpose_nas_b", 17, (256, 192), 3252945, 1046065152, 1215934464),
    ("efficientpose_nas_c", 16, (256, 256), 5002312, 1862033408, 2088525824),
    ("efficientpose_nas_c", 17, (256, 192), 5002345, 1396623360, 1566492672),
    ("mobilenetv2_slim", 16, (256, 256), 1535408, 553664512, 780156928),
    ("resnet50_slim", 16, (256, 256), 25638960, 8680243200, 10391519232),
    ("proxyless_cpu_slim", 16, (256, 256), 1880424, 779905024, 1050437632),
    ("proxyless_mobile_slim", 16, (256, 256), 1966216, 654630912, 906289152),
    ("proxyless_gpu_slim", 16, (256, 256), 3797776, 1123377152, 1425367040),
]


def family(variant):
    return nas if variant in nas.VARIANTS else slim


def on_meta(variant, **switches):
    with torch.device("meta"):
        return family(variant).build(variant, **switches).eval()


def images(size=(256, 256)):
    return torch.zeros(1, 3, *size, device="meta")


def count(net, x):
    """True MACs; MACs of the transposed convolutions on their output positions (closed formula);
    both together.

    The last is the papers' rule: a transposed convolution has its weights times the positions, of
    the input in truth.
    """
    on_inputs, on_outputs = [], []

    def hook(module, inputs, output):
        on_inputs.append(module.weight.numel() * inputs[0].shape[-2] * inputs[0].shape[-1])
        on_outputs.append(module.weight.numel() * output.shape[-2] * output.shape[-1])

    for module in net.modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.register_forward_hook(hook)
    with FlopCounterMode(display=False) as counter:
        net(x)
    true = counter.get_total_flops() // 2
    return true, sum(on_outputs), true - sum(on_inputs) + sum(on_outputs)


@pytest.mark.parametrize(("variant", "joints", "size", "params", "macs", "printed"), COUNTS)
def test_counts(variant, joints, size, params, macs, printed):
    net = on_meta(variant, joints=joints)
    assert sum(p.numel() for p in net.parameters()) == params
    true, _, on_outputs = count(net, images(size))
    assert (true, on_outputs) == (macs, printed)


@pytest.mark.parametrize(
    ("variant", "backbone", "head"),
    [("a", 1167280, 132080), ("b", 3055296, 197616), ("c", 4804696, 197616)],
)
def test_backbone_and_head_are_counted_apart(variant, backbone, head):
    net = on_meta(f"efficientpose_nas_{variant}")
    assert [name for name, _ in net.named_children()] == ["backbone", "head"]
    assert sum(p.numel() for p in net.backbone.parameters()) == backbone
    assert sum(p.numel() for p in net.head.parameters()) == head


@pytest.mark.parametrize(
    ("widths", "deconvs", "head"),
    [((64, 32), 234.881, 61.997), ((64, 64), 369.099, 98.828), ((96, 96), 754.975, 198.574)],
)
def test_table_7_heads(widths, deconvs, head):
    net = on_meta("efficientpose_nas_a", deconv_widths=widths)
    features = torch.zeros(1, 96, 16, 16, device="meta")
    true, on_outputs, _ = count(net.head, features)
    assert (round(on_outputs / 1e6, 3), round(true / 1e6, 3)) == (deconvs, head)


@pytest.mark.parametrize(
    ("style", "printed", "true"),
    [("plain", 669.04, 542.2), ("mbv1", 469.34, 499.6), ("mbv2", 601.17, 619.6)],
)
def test_table_8_styles(style, printed, true):
    net = on_meta("efficientpose_nas_a", deconv_style=style)
    macs, _, on_outputs = count(net, images())
    assert (round(on_outputs / 2**30 * 1000, 2), round(macs / 1e6, 1)) == (printed, true)


def test_sic_is_one_depthwise_convolution():
    with_sic, without = on_meta("efficientpose_nas_a"), on_meta("efficientpose_nas_a", sic=False)
    assert count(with_sic, images())[0] - count(without, images())[0] == 9 * 32 * 64 * 64
    assert (
        sum(p.numel() for p in with_sic.parameters()) - sum(p.numel() for p in without.parameters())
        == 9 * 32
    )


@pytest.mark.parametrize("variant", [*nas.VARIANTS, *slim.VARIANTS])
def test_outputs(variant):
    maps = on_meta(variant, joints=17)(torch.zeros(2, 3, 64, 48, device="meta"))
    assert [tuple(x.shape) for x in maps.heatmaps] == [(2, 17, 16, 12)]
    assert maps.tags == () == maps.limbs


@pytest.mark.parametrize(
    ("variant", "switches"),
    [
        ("efficientpose_nas_b", {}),
        ("efficientpose_nas_a", {"deconv_style": "mbv1", "sic": False}),
        ("efficientpose_nas_a", {"deconv_style": "mbv2"}),
        ("proxyless_gpu_slim", {}),
        ("resnet50_slim", {}),
    ],
)
def test_every_parameter_gets_a_gradient(variant, switches):
    torch.manual_seed(0)
    net = family(variant).build(variant, joints=2, **switches)
    (net(golden_input((2, 3, 64, 64))).heatmaps[0] ** 2).sum().backward()
    dead = [
        name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0
    ]
    assert dead == []


@pytest.mark.parametrize(
    ("variant", "switches", "text"),
    [
        ("efficientpose_nas_d", {}, "efficientpose_nas_a"),
        ("mobilenetv3_slim", {}, "mobilenetv2_slim"),
        ("efficientpose_nas_a", {"joints": 0}, "joints"),
        ("resnet50_slim", {"deconv_widths": (64,)}, "deconv_widths"),
        ("efficientpose_nas_a", {"deconv_style": "mbv3"}, "mbv2"),
    ],
)
def test_bad_switches_are_refused(variant, switches, text):
    module = nas if variant.startswith("efficientpose") else slim
    with pytest.raises(UsageError, match=text):
        module.build(variant, **switches)


def test_no_class_counts_its_parameters_twice():
    kinds = {type(m) for v in [*nas.VARIANTS, *slim.VARIANTS] for m in on_meta(v).modules()}
    ours = {kind.__name__ for kind in kinds if not kind.__module__.startswith("torch.")}
    assert "InvertedBottleneck" in ours
    assert not any("Conv" in name for name in ours)


# --- original weights ---


def upstream_name(variant):
    return lambda key: nas.official_key(variant, key)


# crc32 of the original state_dict's "key\tshape" lines at 16 joints
@pytest.mark.parametrize(
    ("letter", "layout"), [("a", 1545058706), ("b", 236169116), ("c", 2917118578)]
)
def test_original_key_layout(letter, layout):
    variant = f"efficientpose_nas_{letter}"
    own = on_meta(variant).state_dict()
    lines = (f"{nas.official_key(variant, key)}\t{tuple(t.shape)}" for key, t in own.items())
    assert zlib.crc32("\n".join(lines).encode()) == layout


@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_parity(letter):
    variant = f"efficientpose_nas_{letter}"
    with np.load(GOLDENS / f"{variant}.npz") as golden:
        expected, meta = golden["out"], json.loads(str(golden["meta"]))
    net = fill_module(nas.build(variant), upstream_name(variant)).eval()
    with torch.no_grad():
        got = net(golden_input((1, 3, 64, 96))).heatmaps[0][..., :: meta["step"], :: meta["step"]]
    # five times the original's own float32 error (the filled nets' outputs are of order 1e5 to 1e6)
    np.testing.assert_allclose(got.numpy(), expected, rtol=0, atol=5 * meta["f32_vs_f64_max_abs"])


def test_from_upstream_reads_joints_and_fills_every_key():
    variant = "efficientpose_nas_b"
    net = nas.build(variant, joints=17)
    shapes = {nas.official_key(variant, key): tuple(t.shape) for key, t in net.state_dict().items()}
    upstream = fill_state_dict(shapes)
    ours = nas.from_upstream(
        variant, {k: t for k, t in upstream.items() if not k.endswith("num_batches_tracked")}
    )
    net.load_state_dict(ours, strict=True)
    for key, tensor in ours.items():
        assert torch.equal(tensor, upstream[nas.official_key(variant, key)])


def test_from_upstream_is_strict():
    variant = "efficientpose_nas_a"
    shapes = {
        nas.official_key(variant, k): tuple(t.shape)
        for k, t in on_meta(variant).state_dict().items()
    }
    with pytest.raises(MissingError, match=r"left over .*final\.0\.weight"):
        nas.from_upstream(variant, fill_state_dict(shapes), sic=False)
    del shapes["blocks.stages.x1_ir_k7_e3.dw.conv.weight"]
    with pytest.raises(MissingError, match=r"missing .*x1_ir_k7_e3\.dw\.conv\.weight"):
        nas.from_upstream(variant, fill_state_dict(shapes))


def test_mobilenet_equals_torchvisions_first_seventeen_layers():
    torch.manual_seed(0)
    body = vision.models.mobilenet_v2(weights=None).features[:17]
    body[14].conv[1][0].stride = (1, 1)
    body = fill_module(body).eval()
    net = slim.build("mobilenetv2_slim").eval()
    head = {key: t for key, t in net.state_dict().items() if key.startswith("head.")}
    weights = {f"features.{key}": t for key, t in body.state_dict().items()}
    weights |= {slim.official_key(key): t for key, t in head.items()}
    net.load_state_dict(slim.from_upstream("mobilenetv2_slim", weights))
    x = golden_input((1, 3, 64, 96))
    with torch.no_grad():
        ours, theirs = net.backbone(x)[-1], body(x)
    # the same operations in the same order: float32 rounding only
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-4)


def test_other_backbones_have_no_original_weights():
    with pytest.raises(MissingError, match="resnet50_slim"):
        slim.from_upstream("resnet50_slim", {})
