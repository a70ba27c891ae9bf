"""LitePose's super-net: sub-networks are parts of it, tags stay in their channel, norms are measured
again."""

import numpy as np
import pytest
import torch
from torch import Tensor

from repro.models import zoo
from repro.pose.targets import heatmaps, tag_joints
from repro.search.space import SPACES, LitePoseSpace, drawn
from repro.search.supernet import AnySize, SuperNet, measure_norms, moved_tags, resized, shrunk
from repro.spec.recipes import LITEPOSE_CROWDPOSE
from repro.tasks.bottom_up import BottomUpTargets

XS = SPACES["litepose-xs"]
assert isinstance(XS, LitePoseSpace)
SIDES = {512: 64, 448: 64, 384: 48, 320: 48, 256: 32}


@pytest.fixture(scope="module")
def supernet() -> SuperNet:
    torch.manual_seed(0)
    return SuperNet(XS, joints=3, sides=SIDES)


def genes_of(seed: int) -> tuple[int, ...]:
    return drawn(XS, np.random.default_rng(seed))


def test_the_space_is_the_papers() -> None:
    assert XS.choices[0] == (24, 16, 8)  # 24 x 3/4 rounds up to 24 again
    assert XS.choices[4] == (160, 120, 80, 40) and XS.choices[-1] == (512, 448, 384, 320, 256)
    lms = SPACES["litepose-lms"]
    assert lms.choices[-1] == (512, 448) and lms.choices[4] == (160, 120, 80)
    # every published network is in its space: Tables 1 and 2, widths of the released files
    for name, space in (("xs", XS), ("s", lms), ("m", lms), ("l", lms)):
        plan = zoo.family("litepose_s").VARIANTS[f"litepose_{name}"]
        genes = (plan.stem, *plan.stages, *plan.deconvs, zoo.info(f"litepose_{name}").size[0])
        assert all(value in values for value, values in zip(genes, space.choices, strict=True))
        run = space.run(genes, 14)
        ours = zoo.build_empty(run.model, **run.changes).state_dict()
        theirs = zoo.build_empty(f"litepose_{name}", joints=14).state_dict()
        assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}


@pytest.mark.parametrize("seed", range(2))
def test_an_extracted_network_gives_the_super_nets_answer(supernet: SuperNet, seed: int) -> None:
    genes, images = genes_of(seed), torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        # running statistics that are not all alike
        supernet.train().answer(drawn(XS, np.random.default_rng(99)), images)
        inside = supernet.eval().answer(genes, images)
        alone = supernet.extract(genes)(images)
    for ours, theirs in zip(
        inside.heatmaps + inside.tags, alone.heatmaps + alone.tags, strict=True
    ):
        assert torch.allclose(ours, theirs, rtol=0, atol=1e-6)


def test_a_step_trains_the_first_channels_alone(supernet: SuperNet) -> None:
    genes = tuple(values[-1] for values in XS.choices)
    supernet.train().zero_grad()
    maps = supernet.answer(genes, torch.randn(2, 3, 32, 32))
    torch.stack([one.square().mean() for one in maps.heatmaps]).sum().backward()
    kernels = supernet.largest.get_parameter("backbone.stages.3.1.depthwise.conv.weight")
    used = kernels.grad.abs().sum((1, 2, 3)) > 0  # type: ignore[union-attr]
    assert used[: 6 * genes[4]].any() and not used[6 * genes[4] :].any()


def test_what_is_drawn_depends_on_torchs_seed_alone(supernet: SuperNet) -> None:
    images = torch.randn(2, 3, 64, 64)
    seen = set()
    for seed in (1, 1, 2, 3, 4, 5):
        torch.manual_seed(seed)
        with torch.no_grad():
            seen.add((seed, supernet.train()(images).heatmaps[0].shape[-1]))
    assert len(seen) == 5 and len({side for _, side in seen}) > 1


def test_tags_stay_in_their_joints_channel_at_every_size() -> None:
    joints = np.array([[[3, 40, 2], [44, 63, 2], [0, 0, 0]], [[20, 20, 2], [61, 2, 1], [9, 9, 2]]])
    places = torch.from_numpy(tag_joints(joints.astype(float), size=64, max_people=2))[None]
    for side in (64, 56, 48, 32):
        moved = moved_tags(places, 64, side)
        assert torch.equal(moved[..., 1], places[..., 1])
        channel = moved[..., 0] // side**2
        assert torch.equal(channel, places[..., 0] // 64**2)
        row, column = moved[..., 0] % side**2 // side, moved[..., 0] % side
        wanted = places[..., 0] % 64**2
        assert torch.equal(row, wanted // 64 * side // 64)
        assert torch.equal(column, wanted % 64 * side // 64)


def targets(size: int) -> BottomUpTargets[Tensor]:
    joints = np.array([[[9, 21, 2], [30, 13, 2], [0, 0, 0]]], float)
    maps = [torch.from_numpy(heatmaps(joints * scale, size=size * scale))[None] for scale in (1, 2)]
    masks = [torch.ones(1, size * scale, size * scale) for scale in (1, 2)]
    places = torch.from_numpy(tag_joints(joints, size=size, max_people=2))[None]
    return BottomUpTargets(maps, masks, places, torch.zeros(1, dtype=torch.int64))


def test_targets_follow_the_answers_size(supernet: SuperNet) -> None:
    full = targets(32)
    small = shrunk(full, [16, 32])
    # the peaks of the tagged joints lie where their tags do
    for flat, flag in small.joints[0, 0][:2].tolist():
        assert flag == 1 and small.heatmaps[0].flatten()[flat] > 0.5
    same = shrunk(full, [32, 64])
    assert all(torch.equal(a, b) for a, b in zip(same.heatmaps, full.heatmaps, strict=True))
    maps = supernet.train().answer(genes_of(0), resized(torch.randn(1, 3, 128, 128), 64))
    terms = AnySize().loss(maps, full, LITEPOSE_CROWDPOSE)
    assert torch.isfinite(terms["total"])


def test_norms_are_those_of_the_network_itself(supernet: SuperNet) -> None:
    batches = [torch.randn(4, 3, 32, 32) for _ in range(3)]
    network = supernet.extract(genes_of(1))
    before = network.state_dict()["backbone.stem.first.norm.running_mean"].clone()
    measure_norms(network, batches)
    first = network.backbone.stem[0].conv  # type: ignore[union-attr]
    with torch.no_grad():
        wanted = torch.stack([first(one).mean((0, 2, 3)) for one in batches]).mean(0)  # type: ignore[operator]
    found = network.state_dict()["backbone.stem.first.norm.running_mean"]
    assert torch.allclose(found, wanted, atol=1e-6) and not torch.allclose(found, before)
    assert not network.training and network.backbone.stem[0].norm.momentum == 0.1  # type: ignore[union-attr]
