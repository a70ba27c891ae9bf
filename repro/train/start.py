"""How a network starts: with its residual branches still, so that a deep one learns from the first
step like a shallow one (Goyal et al. 2017, arXiv 1706.02677, section 5.1: the last batch norm of
every branch starts at 0)."""

from torch import nn

from repro.models import efficientnet_blocks, hourglass, hrnet_blocks, lpn, mobile_blocks, vision
from repro.spec.settings import Recipe


def ends(block: nn.Module) -> tuple[nn.Module, ...]:
    """The last layers of a block's residual branch; none of anything that has no such branch."""
    match block:
        case hrnet_blocks.BasicBlock():
            return (block.second.get_submodule("norm"),)
        case hrnet_blocks.Bottleneck():
            return (block.third.get_submodule("norm"),)
        case efficientnet_blocks.MBConv() | mobile_blocks.InvertedBottleneck():
            return (block.project.get_submodule("norm"),) if block.residual else ()
        case vision.models.resnet.Bottleneck():
            return (block.bn3,)
        case lpn.LightBottleneck():
            return block.expand_norm, block.context.transform[-1]
        case hourglass.Residual():
            return (block.expand[-1],)
    return ()


def still(model: nn.Module) -> None:
    """Let every residual branch start at 0: each block passes on what it is given."""
    for end in (end for part in model.modules() for end in ends(part)):
        for value in end.parameters():
            nn.init.zeros_(value)


def track(model: nn.Module, momentum: float) -> None:
    """Let the running statistics of all batch norms follow the network at this momentum.

    It stands in no file of weights: a network that is loaded has its own again.
    """
    for part in model.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.momentum = momentum


def begin(model: nn.Module, recipe: Recipe) -> None:
    """Make a new network ready for training as its recipe says."""
    if recipe.still:
        still(model)
    if recipe.tracking:
        track(model, recipe.tracking)
