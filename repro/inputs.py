"""How large the pictures are that a network is trained and tested on, by the run or by a profile that shrinks it."""

import math
from dataclasses import replace
from pathlib import Path

from repro import zoo
from repro.pose.task import Size
from repro.settings import Profile, Protocol
from repro.spec import Run

How = Profile | Path


def input_size(run: Run, how: How) -> Size:
    """Input (height, width): the run's, times the profile's factor, or shrunk to its short side."""
    if not isinstance(how, Profile) or not (how.scale or how.size):
        return run.shape
    if how.scale:
        stride = _stride(run)
        height, width = (max(1, math.floor(side * how.scale / stride + 0.5)) * stride for side in run.shape)
    else:
        height, width = (side * how.size // min(run.shape) for side in run.shape)
    return height, width


def _stride(run: Run) -> int:
    """What the sides of a network's input are multiples of."""
    return int(getattr(zoo.build_empty(run.model, **run.changes), "stride", 1))


def named_size(task: str, size: Size) -> int | Size:
    """Bottom-up networks see pictures of any shape, and are named for their short side."""
    return min(size) if task == "bottom-up" else size


def as_trained(protocol: Protocol, run: Run, how: How) -> Protocol:
    """The protocol at the size trained at: small inputs are not rounded up to the papers' 64 px."""
    return replace(protocol, multiple=_stride(run)) if isinstance(how, Profile) and how.scale else protocol
