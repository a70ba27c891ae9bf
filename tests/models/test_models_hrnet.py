"""HRNet, HigherHRNet, EfficientHRNet and EfficientNet: counts, switches, key conversion,
gradients."""

import functools
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from repro.errors import MissingError, UsageError
from repro.models import efficienthrnet, efficientnet, efficientnet_blocks, higherhrnet
from repro.models.convs import conv
from repro.models.hrnet_blocks import BasicBlock

FAMILIES: dict[str, ModuleType] = {
    name: family
    for family in (higherhrnet, efficienthrnet, efficientnet)
    for name in family.VARIANTS
}
# one of each structure; the others differ in numbers only
POSE = ["higherhrnet_w32", "shrink_c4", "hrnet_w32", "efficienthrnet_h_4"]
# no layout
UNSEEN = [
    "higherhrnet_w48",
    "hrnet_w48",
    "efficienthrnet_h_1",
    "efficienthrnet_h_3",
    "efficientnet_b_4",
]

# model, changes, (height, width), parameters, multiply-adds of convolutions and linear layers: all
# exact
Row = tuple[str, dict[str, Any], tuple[int, int] | None, int, int]
COUNTS: list[Row] = [
    ("higherhrnet_w32", {}, (512, 512), 28645331, 46203404288),
    ("higherhrnet_w32", {"deconvs": 0}, (512, 512), 28536674, 40782266368),
    ("shrink_c4", {"joints": 14}, None, 7375166, 0),
    ("efficienthrnet_h_4", {}, (384, 384), 2764706, 1807480224),
    ("efficientnet_b_1", {}, (195, 195), 4548152, 301557888),
    ("efficientnet_b_2", {}, (170, 170), 3463750, 176817648),
    ("efficientnet_b_4", {}, (128, 128), 2056282, 46422752),
    ("efficientnet_b_4", {"classes": 100}, (128, 128), 1270582, 45637952),
]
MORE_COUNTS: list[Row] = [
    ("hrnet_w32", {}, (256, 192), 28536113, 7645003776),
    ("efficienthrnet_h0", {}, (512, 512), 19725359, 23958286848),
    ("higherhrnet_w16", {}, None, 7477987, 0),
    ("higherhrnet_w16", {"joints": 14}, None, 7476298, 0),
    ("higherhrnet_w24", {}, None, 16309851, 0),
    ("higherhrnet_w24", {"joints": 14}, None, 16307322, 0),
    ("higherhrnet_w32", {"joints": 14}, None, 28641962, 0),
    ("higherhrnet_w40", {}, (640, 640), 44484427, 107051008000),
    ("higherhrnet_w40", {"joints": 14}, None, 44480218, 0),
    ("higherhrnet_w48", {}, (640, 640), 63827139, 149468774400),
    ("higherhrnet_w48", {"joints": 14}, None, 63822090, 0),
    ("litepose_higherhrnet_w24", {"joints": 14}, None, 16110074, 0),
    ("shrink_c1", {"joints": 14}, (512, 512), 7205194, 11218714624),
    ("shrink_c2", {"joints": 14}, None, 6713546, 0),
    ("shrink_c3", {"joints": 14}, None, 7621334, 0),
    ("hrnet_w32", {"joints": 16}, (256, 256), 28536080, 10193207296),
    ("hrnet_w32", {}, (384, 288), 28536113, 17201258496),
    ("hrnet_w48", {"joints": 16}, (256, 256), 63595696, 20922236928),
    ("hrnet_w48", {}, (384, 288), 63595745, 35306606592),
    ("efficienthrnet_h0", {"joints": 14}, None, 19721990, 0),
    ("efficienthrnet_h_1", {}, (480, 480), 13004446, 13130000048),
    ("efficienthrnet_h_1", {"joints": 14}, None, 13001707, 0),
    ("efficienthrnet_h_2", {}, (448, 448), 8263495, 7029956920),
    ("efficienthrnet_h_3", {}, (416, 416), 5360390, 3758983969),
    ("efficienthrnet_h_4", {"joints": 14}, None, 2763227, 0),
    ("efficientnet_b0", {}, (224, 224), 5288548, 385814752),
    ("efficientnet_b_3", {}, (145, 145), 2795998, 106438704),
    ("efficientnet_b0", {"classes": 100}, (224, 224), 4135648, 384662752),
    ("efficientnet_b_1", {"classes": 100}, None, 3503252, 0),
    ("efficientnet_b_2", {"classes": 100}, None, 2512450, 0),
    ("efficientnet_b_3", {"classes": 100}, None, 1931098, 0),
]
# EfficientHRNet, Table 3 prints these (in millions, cut): every MBConv block is counted twice
PRINTED = {"h0": 23319819, "h_1": 16054270, "h_2": 10388653, "h_3": 6962372, "h_4": 3757196}


@functools.cache
def _meta(name: str, **changes: Any) -> nn.Module:
    """Shared between tests: look, do not change."""
    with torch.device("meta"):
        net: nn.Module = FAMILIES[name].build(name, **changes).eval()
    return net


def _parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def _run(name: str, size: tuple[int, int] = (64, 64), **changes: Any) -> Any:
    return _meta(name, **changes)(torch.empty((1, 3, *size), device="meta"))


@pytest.mark.parametrize(
    ("name", "changes", "size", "parameters", "macs"),
    [*COUNTS, *(pytest.param(*row, marks=pytest.mark.slow) for row in MORE_COUNTS)],
)
def test_counts(
    name: str, changes: dict[str, Any], size: tuple[int, int] | None, parameters: int, macs: int
) -> None:
    net = _meta(name, **changes)
    assert _parameters(net) == parameters
    if size is not None:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            net(torch.empty((1, 3, *size), device="meta"))
        assert counter.get_total_flops() == 2 * macs


@pytest.mark.parametrize(("name", "printed"), PRINTED.items())
def test_parameters_by_class_name(name: str, printed: int) -> None:
    net = _meta(f"efficienthrnet_{name}")
    kinds = ("Conv", "BatchNorm", "Linear")
    named = [
        module for module in net.modules() if any(kind in type(module).__name__ for kind in kinds)
    ]
    assert sum(_parameters(module) for module in named) == printed


@pytest.mark.parametrize(
    "name", ["higherhrnet_w32", "shrink_c4", "hrnet_w32", "efficienthrnet_h0", "efficientnet_b_4"]
)
def test_only_mbconv_and_leaves_are_called_conv(name: str) -> None:
    called = {type(module) for module in _meta(name).modules() if "Conv" in type(module).__name__}
    assert called <= {efficientnet_blocks.MBConv, nn.Conv2d, nn.ConvTranspose2d}


# --- shapes and switches --------------------------------------------------------------------------


@pytest.mark.parametrize("name", POSE)
def test_shapes(name: str) -> None:
    net = _meta(name, joints=14)
    assert net.stride == 32
    maps = net(torch.empty((2, 3, 64, 96), device="meta"))
    top_down = name.startswith("hrnet")
    sizes = [(2, 14, 16, 24)] if top_down else [(2, 14, 16, 24), (2, 14, 32, 48)]
    assert [tuple(h.shape) for h in maps.heatmaps] == sizes
    assert [tuple(t.shape) for t in maps.tags] == ([] if top_down else sizes[:1])


@pytest.mark.parametrize("deconvs", [0, 1, 2])
def test_deconvolutions_double_the_resolution(deconvs: int) -> None:
    maps = _run("shrink_c4", deconvs=deconvs)
    assert [h.shape[-1] for h in maps.heatmaps] == [16, 32, 64][: deconvs + 1]
    assert [t.shape[-1] for t in maps.tags] == [16]


def test_second_deconvolution_sees_features_and_heatmaps() -> None:
    first, second = _meta("shrink_c4", deconvs=2).head.deconvs
    assert (first.up.conv.in_channels, second.up.conv.in_channels) == (18 + 34, 32 + 17)


@pytest.mark.parametrize(("concat", "width"), [(True, 18 + 34), (False, 18)])
def test_feature_concatenation(concat: bool, width: int) -> None:
    net = _meta("shrink_c4", feature_concat=concat)
    assert net.head.deconvs[0].up.conv.in_channels == width
    assert net(torch.empty((1, 3, 64, 64), device="meta")).heatmaps[1].shape == (1, 17, 32, 32)


@pytest.mark.parametrize("name", ["shrink_c4", "efficienthrnet_h_4"])
def test_tags_at_both_outputs(name: str) -> None:
    maps = _run(name, tags="both")
    assert [t.shape for t in maps.tags] == [h.shape for h in maps.heatmaps]
    assert _run(name, tags="none").tags == ()


def test_extra_residual_blocks() -> None:
    block = _parameters(BasicBlock(32))
    full, none = (_parameters(_meta("shrink_c4", deconv_blocks=n)) for n in (4, 0))
    assert full - none == 4 * block


def test_a_network_tells_its_blocks_per_branch_as_litepose_lists_them() -> None:
    expected = {
        "stage1": "4",
        "stage2": "0, 4",
        "stage3": "1, 2, 3",
        "stage4": "4, 3, 0, 1",
        "base_channel": "18",
    }
    assert (
        _meta("shrink_c4", blocks=((0, 4), (1, 2, 3), (4, 3, 0, 1))).facts.items()
        >= expected.items()
    )


def test_shrinking_is_a_switch_of_the_baseline() -> None:
    shrunk = _meta("shrink_c1", blocks=higherhrnet.VARIANTS["shrink_c2"].blocks)
    assert _parameters(shrunk) == _parameters(_meta("shrink_c2"))


def test_widths_switch() -> None:
    net = _meta("shrink_c4", widths=(8, 24, 40, 72))
    assert [
        net.backbone.transition3.conv.in_channels,
        net.backbone.transition3.conv.out_channels,
    ] == [40, 72]
    assert net(torch.empty((1, 3, 32, 32), device="meta")).heatmaps[0].shape == (1, 17, 8, 8)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("higherhrnet_w33", {}, "unknown model 'higherhrnet_w33'; did you mean higherhrnet_w32"),
        (
            "efficienthrnet_h4",
            {},
            "unknown model 'efficienthrnet_h4'; did you mean efficienthrnet_h_4",
        ),
        ("efficientnet_b_5", {}, "unknown model 'efficientnet_b_5'"),
        ("higherhrnet_w32", {"joints": 0}, "joints=0 asked"),
        ("efficienthrnet_h0", {"joints": -1}, "joints=-1 asked"),
        ("efficientnet_b0", {"classes": 0}, "classes is 0"),
        ("higherhrnet_w32", {"deconvs": 3}, "deconvs is 3; known: 0, 1, 2"),
        ("higherhrnet_w32", {"deconv_blocks": -1}, "deconv_blocks is -1"),
        ("higherhrnet_w32", {"tags": "all"}, "tags is 'all'; known: none, first, both"),
        ("higherhrnet_w32", {"tags": "both", "deconvs": 0}, "tags 'both' needs two outputs"),
        ("higherhrnet_w32", {"widths": (32, 64)}, "widths is (32, 64); four"),
        (
            "higherhrnet_w32",
            {"blocks": ((4, 4), (4, 4), (4, 4, 4, 4))},
            "blocks is ((4, 4), (4, 4), (4, 4, 4, 4))",
        ),
        ("efficienthrnet_h0", {"tags": "second"}, "tags is 'second'"),
    ],
)
def test_wrong_requests(name: str, changes: dict[str, Any], message: str) -> None:
    family = next(
        f
        for f in (higherhrnet, efficienthrnet, efficientnet)
        if f.__name__.endswith(name.split("_")[0])
    )
    with pytest.raises(UsageError) as fault:
        family.build(name, **changes)
    assert fault.value.message.startswith(message)


def test_even_kernels_are_refused() -> None:
    with pytest.raises(UsageError, match="4x4"):
        conv(3, 8, 4)


# --- EfficientNet ---------------------------------------------------------------------------------


def test_compact_widths() -> None:
    expected = {"b0": (24, 40, 112, 320), "b_1": (24, 40, 104, 288), "b_2": (24, 32, 96, 264)}
    expected |= {"b_3": (24, 32, 88, 240), "b_4": (16, 32, 80, 216)}
    assert {name: _meta(f"efficientnet_{name}").backbone.widths for name in expected} == expected


@pytest.mark.parametrize(("k", "size"), [(3, 14), (3, 15), (5, 14), (5, 15)])
def test_strided_layers_round_up_and_pad_at_the_end(k: int, size: int) -> None:
    layer = efficientnet_blocks.conv_swish(1, 1, k, stride=2)
    x = torch.randn(1, 1, size, size)
    y = layer.conv(layer.pad(x))
    assert y.shape[-1] == -(-size // 2)
    start = (k - 2) // 2
    window = nn.functional.pad(x, (start, k, start, k))[..., :k, :k]
    torch.testing.assert_close(
        y[0, 0, 0, 0], (window * layer.conv.weight).sum(), rtol=1e-5, atol=1e-5
    )


def test_residual_branches_are_dropped_per_image_in_training_only() -> None:
    block = efficientnet_blocks.efficientnet_block(8, 8, 3, drop=0.5).train()
    nn.init.ones_(block.project.norm.weight)
    x = torch.randn(64, 8, 6, 6)
    unchanged = (block(x) == x).flatten(1).all(1).sum()
    assert 15 <= unchanged <= 49  # 32 expected, deviation 4
    assert not (block.eval()(x) == x).flatten(1).all(1).any()


def test_imagenet_weights_load_into_the_pose_backbone() -> None:
    for number in ("0", "_4"):
        classifier, pose = _meta(f"efficientnet_b{number}"), _meta(f"efficienthrnet_h{number}")
        theirs = {key: value.shape for key, value in classifier.backbone.state_dict().items()}
        assert theirs == {key: value.shape for key, value in pose.backbone.state_dict().items()}


# --- key conversion -------------------------------------------------------------------------------


@functools.cache
def _state(name: str, **changes: Any) -> dict[str, Tensor]:
    return dict(_meta(name, **changes).state_dict())


@functools.cache
def _official(name: str, **changes: Any) -> dict[str, Tensor]:
    """A state dict in the original layout, made of our own shapes."""
    net, rename = _meta(name, **changes), FAMILIES[name].official_key
    full = functools.partial(rename, net) if "efficient" in name else rename
    return {full(key): value for key, value in _state(name, **changes).items()}


@pytest.mark.parametrize("name", UNSEEN)
def test_round_trip(name: str) -> None:
    official = _official(name)
    own = FAMILIES[name].from_upstream(name, official)
    assert len(official) == len(own)
    assert all(own[key] is value for key, value in _state(name).items())


@pytest.mark.parametrize(
    ("name", "key", "shape"),
    [
        ("higherhrnet_w48", "conv2.weight", (64, 64, 3, 3)),
        ("higherhrnet_w48", "layer1.0.downsample.0.weight", (256, 64, 1, 1)),
        ("higherhrnet_w48", "transition3.3.0.0.weight", (384, 192, 3, 3)),
        ("higherhrnet_w48", "stage4.2.fuse_layers.0.3.0.weight", (48, 384, 1, 1)),
        ("higherhrnet_w48", "deconv_layers.0.0.0.weight", (82, 48, 4, 4)),
        ("higherhrnet_w48", "deconv_layers.0.4.0.bn2.running_var", (48,)),
        ("hrnet_w48", "stage3.3.branches.2.3.conv2.weight", (192, 192, 3, 3)),
        ("efficienthrnet_h_1", "features.16.conv.3.weight", (288, 1056, 1, 1)),
        ("efficienthrnet_h_1", "trans2_branch3.0.bias", (103,)),
        ("efficienthrnet_h_1", "stage3.2.branches.0.1.bn1.weight", (26,)),
        ("efficienthrnet_h_3", "features.1.conv.1.se.1.weight", (6, 24, 1, 1)),
        ("efficienthrnet_h_3", "features.13.conv.4.bias", (240,)),
        ("efficienthrnet_h_3", "trans3_branch4.0.weight", (133, 240, 3, 3)),
        ("efficientnet_b0", "features.17.1.weight", (1280, 320, 1, 1)),
        ("efficientnet_b0", "classifier.1.weight", (1000, 1280)),
    ],
)
def test_original_names(name: str, key: str, shape: tuple[int, ...]) -> None:
    assert _official(name)[key].shape == shape


def test_h_1_and_h0_share_all_original_names_but_one_module() -> None:
    h0, h_1 = set(_official("efficienthrnet_h0")), set(_official("efficienthrnet_h_1"))
    assert h_1 == {key for key in h0 if not key.startswith("stage3.3.")}


def test_joints_and_classes_are_read_from_the_weights() -> None:
    for name, maps in (("shrink_c4", 28), ("hrnet_w32", 14), ("efficienthrnet_h_4", 28)):
        own = FAMILIES[name].from_upstream(name, _official(name, joints=14))
        assert own["head.heads.0.bias"].shape == (maps,)
    own = efficientnet.from_upstream("efficientnet_b_4", _official("efficientnet_b_4", classes=100))
    assert own["classifier.bias"].shape == (100,)
    with pytest.raises(MissingError, match=r"other shape \(.*final_layers"):
        efficienthrnet.from_upstream(
            "efficienthrnet_h_4", _official("efficienthrnet_h_4", joints=14), joints=17
        )


def test_top_down_checkpoints_call_the_head_final_layer() -> None:
    upstream = {
        key.replace("final_layers.0.", "final_layer."): value
        for key, value in _official("hrnet_w32").items()
    }
    assert "final_layer.weight" in upstream
    assert higherhrnet.from_upstream("hrnet_w32", upstream)["head.heads.0.weight"].shape == (
        17,
        32,
        1,
        1,
    )


def test_conversion_with_switches() -> None:
    upstream = _official("efficienthrnet_h_4", tags="both")
    own = efficienthrnet.from_upstream("efficienthrnet_h_4", upstream, tags="both")
    assert own["head.heads.1.weight"].shape == (34, 14, 1, 1)


def test_conversion_is_strict_both_ways() -> None:
    upstream = dict(_official("efficienthrnet_h_4"))
    upstream["extra.weight"] = upstream.pop("trans1_branch1.0.weight")
    upstream["trans1_branch2.0.bias"] = torch.zeros(5)
    with pytest.raises(MissingError) as fault:
        efficienthrnet.from_upstream("efficienthrnet_h_4", upstream)
    assert fault.value.message == (
        "the weights are not of efficienthrnet_h_4; missing (1): trans1_branch1.0.weight; left over "
        "(1): extra.weight; other shape (1): trans1_branch2.0.bias (5,) instead of (27,)"
    )


def test_old_checkpoints_without_batch_counters() -> None:
    upstream = {
        k: v for k, v in _official("shrink_c4").items() if not k.endswith("num_batches_tracked")
    }
    own = higherhrnet.from_upstream("shrink_c4", upstream)
    assert set(own) == set(_state("shrink_c4"))
    assert own["backbone.stem.0.norm.num_batches_tracked"].item() == 0


# --- training -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["shrink_c4", "efficienthrnet_h_4", "efficientnet_b_4"])
def test_every_parameter_receives_a_finite_gradient(name: str) -> None:
    torch.manual_seed(0)
    net = FAMILIES[name].build(name).train()
    output = net(torch.randn(2, 3, 64, 64))
    maps = [output] if isinstance(output, Tensor) else [*output.heatmaps, *output.tags]
    sum(((y + 1) ** 2).sum() for y in maps).backward()
    wrong = [
        key for key, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()
    ]
    assert wrong == []
    assert sum(bool(p.grad.abs().sum() > 0) for p in net.parameters()) > 0.9 * len(
        list(net.parameters())
    )


def test_start_values() -> None:
    torch.manual_seed(0)
    net = efficienthrnet.build("efficienthrnet_h_4")
    assert 0.0009 < net.stage4[0].branches[3][0].first.conv.weight.std() < 0.0011
    assert net.transition1[0].conv.bias.abs().max() == 0
    stem = net.backbone.stem.conv.weight  # fan-out 24 x 9: deviation sqrt(2 / 216)
    assert 0.085 < stem.std() < 0.107
