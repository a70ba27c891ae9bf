"""Untrained networks whose numbers stay in range, for comparing and timing where no weights are
wanted."""

import torch
from torch import nn

LIFT = 2.0  # standard deviations


def in_range(network: nn.Module, *, side: int, seed: int = 0) -> nn.Module:
    """A network whose batch norms have seen two pictures of noise of side x side px; returned in
    evaluation mode.

    Freshly initialised weights let the numbers die out or grow layer by layer, to 1e-25 and 1e2 in
    the networks here. Differences between back ends would say nothing then, and processors are slow
    at numbers near the smallest ones.

    Batch norms are lifted by LIFT, so that most values pass the activations as they are: at their
    usual place, where half of the values are cut off, deep networks without training double any
    difference every few layers, until the last digit of a number decides the answer (EfficientPose
    IV, at other sizes than it was calibrated at).
    """
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    momenta = [part.momentum for part in norms]
    for part in norms:
        nn.init.constant_(part.bias, LIFT)
        part.momentum = 1.0
    network.train()
    with torch.no_grad():
        network(torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(seed)))
    for part, momentum in zip(norms, momenta, strict=True):
        part.momentum = momentum
    return network.eval()
