"""LitePose's trunk as a classifier."""

import pytest
import torch

from repro.errors import UsageError
from repro.models import zoo
from repro.models.litepose_classifier import build


@pytest.mark.parametrize("kernel", [3, 5, 7, 9])
def test_a_kernel_costs_what_its_blocks_hold(kernel: int) -> None:
    """Every block has kernel^2 weights for each of its expanded channels."""
    with torch.device("meta"):
        net, small = (
            build("litepose_classifier", kernel=kernel),
            build("litepose_classifier", kernel=3),
        )
    sizes = [sum(one.numel() for one in network.parameters()) for network in (net, small)]
    expanded = sum(
        one.out_channels
        for one in small.modules()
        if isinstance(one, torch.nn.Conv2d) and one.groups == one.in_channels
    )
    stem = 32  # its depthwise convolution stays 3x3
    assert sizes[0] - sizes[1] == (kernel**2 - 9) * (expanded - stem)


def test_the_trunk_is_that_of_half_litepose() -> None:
    trunk = zoo.build_empty("litepose_super", width=0.5).backbone.state_dict()
    ours = build("litepose_classifier").backbone.state_dict()
    assert {key: one.shape for key, one in ours.items()} == {
        key: one.shape for key, one in trunk.items()
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kernel": 4}, "3, 5, 7, 9"),
        ({"classes": 0}, "classes is 0"),
        ({"width": 0.0}, "width 0.0"),
    ],
)
def test_bad_switches(changes: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        build("litepose_classifier", **changes)  # type: ignore[arg-type]
