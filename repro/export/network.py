"""An exported file as a network: called as the one it was made from, so that testing and predicting
know no other."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from repro.errors import UsageError
from repro.export.signature import named
from repro.models.maps import Maps


class ExportedNetwork(nn.Module, ABC):
    """images (B, 3, H, W) float32 on the processor -> `Maps`, or (B, classes).

    description: what the file says of itself. Raises UsageError for pictures of a size that the
    file does not take.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        super().__init__()
        self.description = description
        self.names: Sequence[str] = tuple(description["outputs"])
        self.stride = int(description["multiple"])
        # testing asks a network's parameters where to put pictures, and in which number format
        self.place = nn.Parameter(torch.zeros(1), requires_grad=False)

    def forward(self, images: Tensor) -> Maps | Tensor:
        """(B, 3, H, W) -> what the network that was exported answers."""
        self._check(tuple(images.shape))
        return named(self.names, self.compute(images))

    @abstractmethod
    def compute(self, images: Tensor) -> Sequence[Tensor]:
        """The tensors of the answer, in the order of their names."""

    def _check(self, shape: tuple[int, ...]) -> None:
        batch, _, *size = shape
        wanted = list(self.description["size"])
        if batch != self.description["batch"] or (not self.description["free"] and size != wanted):
            known = "{} of {}x{}".format(self.description["batch"], *wanted)
            raise UsageError(
                f"the exported network takes {known} px, not {batch} of {size[0]}x{size[1]}",
                "repro export ... --free takes every height and width; --size H W another one",
            )
