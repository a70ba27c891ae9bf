"""Taking times: warm-up until stable, then rounds in which several works take turns.

A work is any function without arguments; a pass is one call of it. torch's own clock is used, which
waits for the accelerator before it is read.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils import benchmark

Work = Callable[[], Any]
Clock = Callable[[], float]
CLOCK: Clock = benchmark.timer

WINDOW = 3
WARM = 0.05
LEAST_ROUNDS = 7
RULE_WARM = (
    f"warm-up ends when the median of the last {WINDOW} passes is within {WARM:.0%} "
    f"of that of the {WINDOW} before"
)


@dataclass(frozen=True)
class Sampling:
    """How long to measure.

    rounds: passes of every work that are kept. seconds: no round begins later than this for each
    work, unless fewer than LEAST_ROUNDS are done. warm_passes, warm_seconds: limits of the warm-up
    of one work.
    """

    rounds: int = 30
    seconds: float = 30.0
    warm_passes: int = 60
    warm_seconds: float = 30.0


@dataclass(frozen=True)
class Warm:
    """How the warm-up of one work ended. gap: between the last two windows' medians, as a share of
    the earlier one."""

    passes: int
    gap: float

    @property
    def reached(self) -> bool:
        """Whether the work has become stable."""
        return self.gap <= WARM


def seconds_of(work: Work, clock: Clock = CLOCK) -> float:
    """Seconds of one pass."""
    start = clock()
    work()
    return clock() - start


def warm_up(work: Work, plan: Sampling, clock: Clock = CLOCK) -> Warm:
    """Pass until stable (RULE_WARM) or a limit of the plan is reached."""
    samples: list[float] = []
    begun, gap = clock(), float("inf")
    while gap > WARM and len(samples) < plan.warm_passes:
        samples.append(seconds_of(work, clock))
        if len(samples) >= 2 * WINDOW:
            before, last = samples[-2 * WINDOW : -WINDOW], samples[-WINDOW:]
            gap = abs(statistics.median(last) / statistics.median(before) - 1)
            if clock() - begun > plan.warm_seconds:
                break
    return Warm(len(samples), gap)


def in_turns(
    works: Sequence[Work], plan: Sampling, clock: Clock = CLOCK
) -> list[tuple[float, ...]]:
    """Seconds of one pass of every work per round; all lists are equally long.

    With several works every measured pass follows an unmeasured one of the same work, so that none
    pays for what another left in the caches, and every second round goes backwards, so that none
    always follows the same.
    """
    samples: list[list[float]] = [[] for _ in works]
    begun = clock()
    for number in range(plan.rounds):
        if number >= LEAST_ROUNDS and clock() - begun > plan.seconds * len(works):
            break
        turns = list(zip(works, samples, strict=True))
        for work, own in turns if number % 2 == 0 else reversed(turns):
            if len(works) > 1:
                work()
            own.append(seconds_of(work, clock))
    return [tuple(one) for one in samples]
