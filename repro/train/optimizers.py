"""The optimisers that recipes name."""

from collections.abc import Iterable

import torch
from torch import nn

from repro.errors import unknown
from repro.spec.settings import Recipe

OPTIMIZERS = ("adam", "sgd")


def optimizer_of(recipe: Recipe, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """A recipe's optimiser of some parameters; raises UsageError for an unknown one."""
    if recipe.optimizer not in OPTIMIZERS:
        raise unknown("optimizer", recipe.optimizer, OPTIMIZERS)
    rate, decay = recipe.rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=recipe.momentum, weight_decay=decay)
    return torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
