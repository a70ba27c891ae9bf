"""Ratios of times taken in turns, with the interval that the rounds allow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 2000
INTERVAL = (0.025, 0.975)
RULE = (
    f"95 % interval of the ratio of medians, by drawing whole rounds {DRAWS} times with replacement"
)


@dataclass(frozen=True)
class Ratio:
    """How many times longer one work takes than another; low, high: the interval."""

    value: float
    low: float
    high: float

    def meets(self, other: "Ratio") -> bool:
        """Whether the intervals overlap: two runs agree then."""
        return self.low <= other.high and other.low <= self.high


def ratio(over: Sequence[float], under: Sequence[float], *, seed: int = 0) -> Ratio:
    """Ratio of the medians. over, under: samples of the same rounds, in order; RULE says how the
    interval is made."""
    first, second = np.asarray(over, float), np.asarray(under, float)
    if len(first) != len(second) or not len(first):
        raise ValueError(f"{len(first)} and {len(second)} samples are not of the same rounds")
    chosen = np.random.default_rng(seed).integers(len(first), size=(DRAWS, len(first)))
    drawn = np.median(first[chosen], axis=1) / np.median(second[chosen], axis=1)
    low, high = np.quantile(drawn, INTERVAL)
    return Ratio(float(np.median(first) / np.median(second)), float(low), float(high))
