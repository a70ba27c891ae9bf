"""Baselines: exact parameters and multiply-adds, shapes, gradients."""

import functools
import json
from types import ModuleType

import pytest
import torch
import where
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from repro import errors
from repro.models import cpm, hourglass, lightweight_openpose, lpn, simplebaseline

FAMILIES: dict[str, ModuleType] = {
    name: family
    for family in (simplebaseline, lpn, lightweight_openpose, cpm, hourglass)
    for name in family.VARIANTS
}
REFERENCE = where.REFERENCE / "baselines.json"

K16: dict[str, int] = {"joints": 16}
K15: dict[str, int] = {"joints": 14, "background": True}  # 14 joints and the background
REF0, REF2, REF3 = ({"refinement_stages": stages} for stages in (0, 2, 3))

# name in the reference, model, changes, (height, width), params, MACs, MACs with transposed
# convolutions counted at output positions; all exact, conv and linear layers only
COUNTS = [
    (
        "SimpleBaseline-R50 256x256 K16",
        "simplebaseline_r50",
        K16,
        (256, 256),
        33999440,
        7234125824,
        12871270400,
    ),
    (
        "SimpleBaseline-R50 256x192 K17",
        "simplebaseline_r50",
        {},
        (256, 192),
        33999697,
        5426380800,
        9654239232,
    ),
    (
        "SimpleBaseline-R50 384x288 K17",
        "simplebaseline_r50",
        {},
        (384, 288),
        33999697,
        12209356800,
        21722038272,
    ),
    (
        "SimpleBaseline-R101 256x256 K16",
        "simplebaseline_r101",
        K16,
        (256, 256),
        52991568,
        12082741248,
        17719885824,
    ),
    (
        "SimpleBaseline-R101 256x192 K17",
        "simplebaseline_r101",
        {},
        (256, 192),
        52991825,
        9062842368,
        13290700800,
    ),
    (
        "SimpleBaseline-R101 384x288 K17",
        "simplebaseline_r101",
        {},
        (384, 288),
        52991825,
        20391395328,
        29904076800,
    ),
    (
        "SimpleBaseline-R152 256x256 K16",
        "simplebaseline_r152",
        K16,
        (256, 256),
        68635216,
        16931356672,
        22568501248,
    ),
    (
        "SimpleBaseline-R152 256x192 K17",
        "simplebaseline_r152",
        {},
        (256, 192),
        68635473,
        12699303936,
        16927162368,
    ),
    (
        "SimpleBaseline-R152 384x288 K17",
        "simplebaseline_r152",
        {},
        (384, 288),
        68635473,
        28573433856,
        38086115328,
    ),
    ("LPN-50 256x192", "lpn_50", {}, (256, 192), 2911153, 1068144640, 1082300416),
    ("LPN-101 256x192", "lpn_101", {}, (256, 192), 5353458, 1504458752, 1518614528),
    ("LPN-152 256x192", "lpn_152", {}, (256, 192), 7377459, 1942722560, 1956878336),
    (
        "LightweightOpenPose ref=0 368",
        "lightweight_openpose",
        REF0,
        (368, 368),
        2483065,
        5487922176,
        5487922176,
    ),
    (
        "LightweightOpenPose ref=1 368",
        "lightweight_openpose",
        {},
        (368, 368),
        4091698,
        8881647616,
        8881647616,
    ),
    (
        "LightweightOpenPose ref=2 368",
        "lightweight_openpose",
        REF2,
        (368, 368),
        5700331,
        12275373056,
        12275373056,
    ),
    (
        "LightweightOpenPose ref=3 368",
        "lightweight_openpose",
        REF3,
        (368, 368),
        7308964,
        15669098496,
        15669098496,
    ),
    ("CPM 6-stage K15 368", "cpm", K15, (368, 368), 31219866, 175437729280, 175437729280),
    ("CPM 6-stage K16 368", "cpm", K16, (368, 368), 31298464, 175604029952, 175604029952),
    ("CPM 6-stage K16 256", "cpm", K16, (256, 256), 31298464, 84980400128, 84980400128),
    (
        "Hourglass 8-stack c256 256x256",
        "hourglass_8",
        K16,
        (256, 256),
        25434112,
        27440185344,
        27440185344,
    ),
    (
        "Hourglass 8-stack c256 256x192",
        "hourglass_8",
        {},
        (256, 192),
        25437960,
        20591935488,
        20591935488,
    ),
    (
        "AE hourglass 4-stack 512",
        "hourglass_ae",
        {},
        (512, 512),
        138893840,
        222210031616,
        222210031616,
    ),
]
MAPS = {"lpn": 4, "cpm": 8, "lightweight": 8}  # map stride of a family, 4 for those not listed
STAGES = {"lightweight_openpose": 2, "cpm": 6, "hourglass_8": 8, "hourglass_ae": 4}


@functools.cache
def _on_meta(model: str, changes: tuple[tuple[str, int], ...]) -> nn.Module:
    with torch.device("meta"):
        return FAMILIES[model].build(model, **dict(changes)).eval()


def _context_macs(net: nn.Module, size: tuple[int, int]) -> int:
    """Attention pooling of LPN: channels x positions per block, positions after the stage's
    stride."""
    stages = {"stage1": 4, "stage2": 8, "stage3": 16, "stage4": 16}
    return sum(
        module.mask.in_channels * (size[0] // stages[name[:6]]) * (size[1] // stages[name[:6]])
        for name, module in net.named_modules()
        if isinstance(module, lpn.GlobalContext)
    )


def _note_transposed(net: nn.Module, found: list[int]) -> None:
    """Weights x (output - input positions) of each transposed convolution that runs, into
    `found`."""

    def note(layer: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
        positions = output.shape[-2] * output.shape[-1] - inputs[0].shape[-2] * inputs[0].shape[-1]
        found.append(layer.weight.numel() * positions)

    for layer in net.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            layer.register_forward_hook(note)


@pytest.mark.parametrize("row", COUNTS, ids=[row[0] for row in COUNTS])
def test_counts_are_exact(row):
    _, model, changes, size, params, macs, at_output = row
    with torch.device("meta"):
        net = FAMILIES[model].build(model, **changes).eval()
    surplus: list[int] = []
    _note_transposed(net, surplus)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(torch.empty(1, 3, *size, device="meta"))
    counted, odd = divmod(counter.get_total_flops(), 2)
    counted -= _context_macs(net, size)
    assert odd == 0
    assert (sum(p.numel() for p in net.parameters()), counted, counted + sum(surplus)) == (
        params,
        macs,
        at_output,
    )


def test_lpn_context_adds_what_the_reference_counted():
    # half the flop counter's total minus the conv and linear MACs, LPN-50 at 256x192
    assert _context_macs(_on_meta("lpn_50", ()), (256, 192)) == 2139435008 // 2 - 1068144640


@pytest.mark.data
@pytest.mark.skipif(not REFERENCE.is_file(), reason="reference counts are not beside the checkout")
def test_pins_are_the_reference_counts():
    known = {
        m["config"]: m
        for entry in json.loads(REFERENCE.read_text())["entries"]
        for m in entry["measured"]
    }
    for config, _, _, _, params, macs, at_output in COUNTS:
        entry = known[config]
        assert (params, macs, at_output) == (
            entry["params"],
            entry["macs"],
            entry["macs_tconv_out"],
        ), config


def _summary_params(net: nn.Module) -> int:
    """The papers' summary: all parameters of every module whose class name contains Conv."""
    return sum(
        p.numel() for m in net.modules() if "Conv" in type(m).__name__ for p in m.parameters()
    )


def test_grouping_hourglass_is_printed_at_twice_its_parameters():
    assert _summary_params(_on_meta("hourglass_ae", ())) == 2 * 138893840  # 277.8 M in the tables


@pytest.mark.parametrize("model", sorted(set(FAMILIES) - {"hourglass_ae"}))
def test_no_other_class_is_counted_twice(model):
    layers = (nn.Conv2d, nn.ConvTranspose2d)
    assert all(
        isinstance(m, layers) for m in _on_meta(model, ()).modules() if "Conv" in type(m).__name__
    )


@pytest.mark.parametrize("model", sorted(FAMILIES))
def test_shapes_at_every_stage(model):
    net = _on_meta(model, (("joints", 5),))
    height, width = 2 * net.stride, 3 * net.stride
    maps = net(torch.empty(2, 3, height, width, device="meta"))
    cell = MAPS.get(model.split("_")[0], 4)
    expected = (2, 5, height // cell, width // cell)
    assert [tuple(m.shape) for m in maps.heatmaps] == STAGES.get(model, 1) * [expected]
    assert [tuple(m.shape) for m in maps.tags] == (
        4 * [expected] if model == "hourglass_ae" else []
    )
    fields = (2, 38, height // cell, width // cell)
    assert [tuple(m.shape) for m in maps.limbs] == (
        2 * [fields] if model == "lightweight_openpose" else []
    )


def _quiet(name: str) -> bool:
    """The mask's bias shifts every position alike, which a softmax does not see."""
    return name.endswith("context.mask.bias")


@pytest.mark.parametrize(
    "model", ["simplebaseline_r50", "lpn_50", "lightweight_openpose", "cpm", "hourglass_8"]
)
def test_every_parameter_gets_a_gradient(model):
    _check_gradients(FAMILIES[model].build(model, joints=3))


def test_every_parameter_of_the_grouping_hourglass_gets_a_gradient():
    _check_gradients(hourglass.GroupingHourglass(joints=3, stacks=3, width=16, growth=8))


def _check_gradients(net: nn.Module) -> None:
    torch.manual_seed(0)
    size = max(net.stride, 32)
    maps = net.eval()(torch.randn(2, 3, size, size))
    outputs = [*maps.heatmaps, *maps.tags, *maps.limbs]
    assert all(bool(output.isfinite().all()) for output in outputs)
    sum((output - 1).square().sum() for output in outputs).backward()
    silent = [
        n for n, p in net.named_parameters() if p.grad is None or not bool((p.grad != 0).any())
    ]
    assert [name for name in silent if not _quiet(name)] == []


def test_context_block_adds_one_vector_per_image():
    torch.manual_seed(0)
    block = lpn.GlobalContext(32)
    x = torch.randn(2, 32, 8, 6)
    added = (block(x) - x).detach()
    # one value per image and channel, up to rounding of the subtraction
    assert float((added - added.mean(dim=(2, 3), keepdim=True)).abs().max()) < 1e-6
    assert float((added[0] - added[1]).abs().max()) > 1e-3


def test_centre_map_peaks_in_the_middle_and_is_symmetric():
    middle = cpm.centre_map(torch.empty(1, 3, 368, 368))[0, 0]
    assert middle.shape == (46, 46)
    assert torch.allclose(middle, middle.T, atol=1e-7)
    assert abs(int(middle.argmax()) // 46 - 22) <= 1
    assert 0.9 < float(middle.max()) <= 1
    assert float(middle[0, 0]) < 1e-6


def test_background_is_seen_by_later_stages_only():
    plain, background = (
        _on_meta("cpm", (("joints", 4), ("background", flag))) for flag in (False, True)
    )
    images = torch.empty(1, 3, 64, 64, device="meta")
    assert plain(images).heatmaps[-1].shape == background(images).heatmaps[-1].shape
    # last layer of stage 1; input and last layer of the other five
    one_map = 513 + 5 * (121 * 128 + 129)
    assert (
        sum(p.numel() for p in background.parameters()) - sum(p.numel() for p in plain.parameters())
        == one_map
    )


@pytest.mark.parametrize("model", sorted(FAMILIES))
def test_no_joints_is_a_usage_error(model):
    with pytest.raises(errors.UsageError, match="joints=0 asked"):
        FAMILIES[model].build(model, joints=0)


@pytest.mark.parametrize("family", sorted({f.__name__ for f in FAMILIES.values()}))
def test_unknown_variant_names_the_nearest(family):
    module = next(f for f in FAMILIES.values() if f.__name__ == family)
    known = next(iter(module.VARIANTS))
    with pytest.raises(errors.UsageError, match=f"unknown model '{known}x'; did you mean {known}"):
        module.build(known + "x")


def test_negative_refinement_stages_is_a_usage_error():
    with pytest.raises(errors.UsageError, match="refinement_stages=-1 asked"):
        lightweight_openpose.build("lightweight_openpose", refinement_stages=-1)
