"""Networks whose residual branches start still."""

import pytest
import torch
from torch import nn

from repro.models import (
    convs,
    efficientnet_blocks,
    hourglass,
    hrnet_blocks,
    lpn,
    mobile_blocks,
    vision,
    zoo,
)
from repro.spec.settings import Recipe
from repro.train.start import begin, ends, still

BLOCKS = {
    "basic": (hrnet_blocks.BasicBlock(8), 8),
    "bottleneck": (hrnet_blocks.Bottleneck(32, 8), 32),
    "mbconv": (efficientnet_blocks.efficientnet_block(8, 8, 3, drop=0.0), 8),
    "inverted": (mobile_blocks.InvertedBottleneck(8, (8, 3, 3, 1), act=convs.relu6), 8),
    "resnet": (vision.models.resnet.Bottleneck(32, 8), 32),
    "light": (lpn.LightBottleneck(32, 32, 1), 32),
    "hourglass": (hourglass.Residual(8, 8), 8),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_still_block_passes_on_what_it_is_given(name: str) -> None:
    block, width = BLOCKS[name]
    # above 0, where the blocks that end with a ReLU pass it on too
    images = torch.rand(2, width, 6, 6) + 0.1
    assert not torch.equal(block.train()(images.clone()), images)
    still(block)
    torch.testing.assert_close(block(images.clone()), images)


def test_blocks_without_a_shortcut_stay_as_they_are() -> None:
    assert ends(mobile_blocks.InvertedBottleneck(8, (16, 3, 3, 1), act=convs.relu6)) == ()
    assert ends(efficientnet_blocks.efficientnet_block(8, 8, 3, stride=2)) == ()
    assert ends(nn.Conv2d(8, 8, 3)) == ()


# plain stacks of convolutions, and dense blocks, have no residual branches
WITHOUT = {"openpose", "cpm"}


@pytest.mark.parametrize(
    "name",
    [
        "litepose_xs",
        "efficienthrnet_h_4",
        "higherhrnet_w16",
        "efficientnet_b_4",
        "cpm",
        "efficientpose_rt",
        "efficientpose_nas_a",
        "mobilenetv2_slim",
        "resnet50_slim",
        "simplebaseline_r50",
        "lpn_50",
        "hourglass_8",
        "openpose",
    ],
)
def test_every_family_with_residual_branches_has_them_found(name: str) -> None:
    found = [end for part in zoo.build_empty(name).modules() for end in ends(part)]
    assert bool(found) == (name not in WITHOUT)


def test_tracked_norms_follow_at_the_momentum_and_no_weight_tells_of_it() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, momentum=0.01))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    begin(network, Recipe("a", "b", tracking=0.5))
    norm = network[1]
    assert isinstance(norm, nn.BatchNorm2d) and norm.momentum == 0.5
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    network.train()(torch.rand(2, 3, 4, 4))
    assert norm.running_var is not None
    assert (norm.running_var < 0.6).all()  # half way from 1 to nearly 0


def test_a_recipe_that_asks_for_nothing_changes_nothing() -> None:
    norm = nn.BatchNorm2d(4, momentum=0.01)
    begin(norm, Recipe("a", "b"))
    assert norm.momentum == 0.01
