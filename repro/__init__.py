"""Reproduces five papers on efficient human-pose estimation. Names below load their module on first
use."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repro.counting.trace import count
    from repro.models.zoo import build, from_upstream
    from repro.pose.grouping import group
    from repro.pose.metrics import score
    from repro.train.checkpoint import load_weights

__all__ = ["build", "count", "from_upstream", "group", "load_weights", "score"]

_HOMES = {
    "build": "repro.models.zoo",
    "from_upstream": "repro.models.zoo",
    "count": "repro.counting.trace",
    "load_weights": "repro.train.checkpoint",
    "group": "repro.pose.grouping",
    "score": "repro.pose.metrics",
}


def __getattr__(name: str) -> Any:
    """Import the module that holds a public name only when it is asked for: listing never loads
    torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'repro' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
