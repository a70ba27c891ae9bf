"""Differences over the seeds that two sides share: their mean and its 95 % interval by Student's t.

The seeds of both sides draw the same pictures in the same order, so the difference of a seed is
freer of chance than the scores themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Mean difference of `n` seeds, and the limits of its interval; of one seed they are
    infinite."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def above(self) -> bool:
        """True where the whole interval is above zero."""
        return self.low > 0

    @property
    def below(self) -> bool:
        """True where the whole interval is below zero."""
        return self.high < 0

    def scaled(self, factor: float) -> "Interval":
        """In another unit."""
        return Interval(self.mean * factor, self.low * factor, self.high * factor, self.n)

    def text(self, decimals: int) -> str:
        """Signed mean with its interval and the number of seeds."""
        if self.n < 2:
            return f"{self.mean:+.{decimals}f} (1 seed)"
        limits = f"{self.low:+.{decimals}f} to {self.high:+.{decimals}f}"
        return f"{self.mean:+.{decimals}f} ({limits}, n = {self.n})"


def interval(differences: Sequence[float]) -> Interval:
    """Of the differences of each seed. Raises ValueError without any."""
    if not differences:
        raise ValueError("no seed is on both sides")
    count, mean = len(differences), fmean(differences)
    if count == 1:
        return Interval(mean, -inf, inf, 1)
    from scipy.stats import t  # slow to load, and needed for this alone

    half = float(t.ppf((1 + LEVEL) / 2, count - 1)) * stdev(differences) / sqrt(count)
    return Interval(mean, mean - half, mean + half, count)
