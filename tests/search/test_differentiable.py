"""The differentiable search: one-hot weights are the derived network, phases have their own pictures
and parameters, and a search that was stopped goes on as if it had not been."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from repro.search import costs
from repro.search.costs import Limit, Places
from repro.search.differentiable import (
    ARCHITECTURE,
    WEIGHTS,
    Alternating,
    CostAware,
    MixedPose,
    Turns,
    derive,
)
from repro.search.space import BlockSpace, drawn
from repro.spec.recipes import EFFICIENTPOSE_NAS_MPII
from repro.tasks.crop import CropTargets

TINY = BlockSpace("efficientpose_nas_a", (1, 2, 1, 2))
PATHS = {WEIGHTS: 1, ARCHITECTURE: 2}


@pytest.fixture(scope="module")
def prices() -> Places:
    return costs.counts_of(TINY, "macs", "true", 16)


@pytest.fixture
def network(prices: Places) -> MixedPose:
    torch.manual_seed(0)
    return MixedPose(TINY, prices, joints=16, paths=PATHS)


@pytest.mark.parametrize("seed", range(3))
def test_one_hot_weights_give_the_derived_network(network: MixedPose, seed: int) -> None:
    genes, images = drawn(TINY, np.random.default_rng(seed)), torch.randn(2, 3, 64, 64)
    network.choose(genes)
    derived = network.extract(TINY, derive(network.chances(), network.costs, None))
    assert derive(network.chances(), network.costs, None) == genes
    with torch.no_grad():
        mixed, alone = network.eval()(images), derived(images)
    assert torch.allclose(mixed.heatmaps[0], alone.heatmaps[0], rtol=0, atol=1e-6)
    assert mixed.cost.item() == pytest.approx(network.costs(genes), rel=1e-6)


def test_the_sum_is_weighted_by_the_softmax(network: MixedPose) -> None:
    place, x = network.mixtures[1].eval(), torch.randn(1, 24, 8, 8)
    place = network.mixtures[2].eval()
    x = torch.randn(1, 32, 8, 8)
    with torch.no_grad():
        place.alpha.copy_(torch.tensor([0.3, -1.0, 0.2, 0.0, 1.0, 0.5, -0.2]))
        chances = place.alpha.exp() / place.alpha.exp().sum()
        wanted = sum(p * op(x) for p, op in zip(chances, place.operations, strict=True))
        assert torch.allclose(place(x, 0), wanted, atol=1e-6)
        one = place(x, 1)
        assert any(torch.equal(one, op(x)) for op in place.operations)


def test_the_cost_pulls_the_architecture_to_cheap_operations(network: MixedPose) -> None:
    answer = network.train()(torch.randn(2, 3, 64, 64))
    targets = CropTargets(torch.zeros(2, 16, 16, 16), torch.ones(2, 16))
    recipe = EFFICIENTPOSE_NAS_MPII
    plain = CostAware().loss(answer, targets, recipe)["total"]
    priced = CostAware(weight=0.5, tau=2.0).loss(answer, targets, recipe)["total"]
    assert priced.item() == pytest.approx(plain.item() + 0.5 * answer.cost.log().item() ** 2, 1e-5)
    (priced - plain).backward()
    for place, values in zip(network.mixtures, network.costs.values, strict=True):
        pull = dict(zip(place.codes, place.alpha.grad.tolist(), strict=True))  # type: ignore[union-attr]
        assert max(pull, key=pull.__getitem__) == max(values, key=values.__getitem__)


def test_phases_have_their_own_pictures() -> None:
    plan = Turns(10, 2, 23, 0.1, 0.1, (), 3, shares=(8, 2), warm=5, turn=(2, 1))
    steps = list(plan.from_step(0))
    phases = [plan.phase(step.number)[0] for step in steps]
    assert phases[:5] == [WEIGHTS] * 5 and phases[5:8] == [WEIGHTS, WEIGHTS, ARCHITECTURE]
    seen = {
        phase: {
            image
            for step, own in zip(steps, phases, strict=True)
            if own == phase
            for image in step.images
        }
        for phase in (WEIGHTS, ARCHITECTURE)
    }
    assert len(seen[WEIGHTS]) == 8 and len(seen[ARCHITECTURE]) == 2
    assert not seen[WEIGHTS] & seen[ARCHITECTURE]
    assert list(plan.from_step(7)) == steps[7:]


def test_a_step_changes_the_parameters_of_its_phase_alone(network: MixedPose) -> None:
    inner = torch.optim.SGD(network.weights, lr=0.1, momentum=0.9)
    both = Alternating(network, inner, 0.01)

    def take() -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        before = [
            [one.detach().clone() for one in part] for part in (network.weights, network.alphas)
        ]
        both.zero_grad()
        answer = network.train()(torch.randn(2, 3, 64, 64))
        (answer.heatmaps[0].square().mean() + answer.cost.log()).backward()
        both.step()
        after = (network.weights, network.alphas)
        return tuple(  # type: ignore[return-value]
            [one for one, old in zip(now, then, strict=True) if not torch.equal(one, old)]
            for now, then in zip(after, before, strict=True)
        )

    network.phase = WEIGHTS
    weights, alphas = take()
    assert weights and not alphas
    network.phase = ARCHITECTURE
    weights, alphas = take()
    assert len(alphas) == len(network.alphas) and not weights
    other = Alternating(network, torch.optim.SGD(network.weights, lr=0.1, momentum=0.9), 0.01)
    other.load_state_dict(both.state_dict())
    held, kept = both.state_dict()["state"], other.state_dict()["state"]
    assert held.keys() == kept.keys() and len(held) > len(network.alphas)
    assert all(
        torch.equal(torch.as_tensor(held[i][name]), torch.as_tensor(kept[i][name]))
        for i in held
        for name in held[i]
        if held[i][name] is not None
    )


def test_what_is_derived_keeps_the_limit(prices: Places) -> None:
    rng = np.random.default_rng(0)
    chances: list[Mapping[str, float]] = []
    for values in TINY.choices:
        shares = rng.dirichlet(np.ones(len(values)))
        chances.append(dict(zip(values, shares.tolist(), strict=True)))
    free = derive(chances, prices, None)
    assert free == tuple(max(place, key=place.__getitem__) for place in chances)
    least = costs.smallest(TINY.choices, prices)
    for share in (0.0, 0.3, 0.8):
        most = prices(least) + share * (prices(free) - prices(least))
        found = derive(chances, prices, Limit("macs", most))
        assert prices(found) <= most * (1 + 1e-9)
