"""One contract for every network: what it returns, and that every weight learns."""

import pytest
import torch
from torch import Tensor

from repro.models import zoo
from repro.models.maps import Maps

SMALL = 64  # px, or the least that the network takes


def outputs(answer: Maps | Tensor) -> list[Tensor]:
    return [answer] if isinstance(answer, Tensor) else [one for group in answer for one in group]


@pytest.mark.parametrize("name", zoo.MODELS)
def test_a_network_answers_in_the_promised_shapes_and_every_weight_gets_a_gradient(
    name: str,
) -> None:
    info = zoo.info(name)
    side = max(SMALL, info.family.multiple)
    torch.manual_seed(0)
    network = zoo.build(name, **info.family.trained_with).train()
    answer = network(torch.randn(2, 3, side, side))
    assert all(torch.isfinite(one).all() for one in outputs(answer))
    assert {len(one) for one in outputs(answer)} == {2}
    if info.joints:
        assert {one.shape[1] for one in (*answer.heatmaps, *answer.tags)} == {info.joints}
        assert all(
            one.shape == other.shape
            for one, other in zip(answer.heatmaps, answer.tags, strict=False)
        )
        assert bool(answer.tags) == (info.task == "bottom-up" and name != "lightweight_openpose")
    torch.stack([one.square().mean() for one in outputs(answer)]).sum().backward()
    without = [
        key
        for key, weight in network.named_parameters()
        if weight.requires_grad and weight.grad is None
    ]
    assert without == []
    assert all(
        torch.isfinite(weight.grad).all()
        for weight in network.parameters()
        if weight.grad is not None
    )
