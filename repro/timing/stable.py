"""When a run of times may be trusted: the rule, and the sentences that say why one may not."""

import statistics
from collections.abc import Sequence

import numpy as np

from repro.timing.clock import LEAST_ROUNDS, WARM, WINDOW, Warm
from repro.timing.machine import Conditions

SPREAD = 0.10  # of the middle half of the samples, as a share of their median
DRIFT = 0.05  # between the medians of the first and the second half
OTHERS = 0.10  # processors that other processes take
RULE = (
    f"stable: warmed up, {LEAST_ROUNDS} samples or more, their middle half within {SPREAD:.0%} of "
    f"the median, the "
    f"medians of both halves of the run within {DRIFT:.0%}, other processes below {OTHERS:g} "
    f"processors"
)


def faults(samples: Sequence[float], warm: Warm, conditions: Conditions) -> tuple[str, ...]:
    """Why a run is not stable; empty when it is. samples: of passes, in the order they were
    taken."""
    found = []
    if not warm.reached:
        found.append(
            f"after {warm.passes} passes the last {WINDOW} were {warm.gap:.0%} off those before "
            f"(at most {WARM:.0%})"
        )
    if len(samples) < LEAST_ROUNDS:
        found.append(f"{len(samples)} samples, at least {LEAST_ROUNDS} are needed")
    else:
        found += _uneven(samples)
    if conditions.others is None:
        if conditions.load > conditions.cpus * OTHERS:
            found.append(f"the machine's load was {conditions.load:.1f} and it does not tell whose")
    elif conditions.others > OTHERS:
        taken = f"{conditions.others:.2f} of {conditions.cpus} processors"
        found.append(
            f"the machine is under load: other processes took {taken} (at most {OTHERS:g})"
        )
    return tuple(found)


def _uneven(samples: Sequence[float]) -> list[str]:
    middle = statistics.median(samples)
    low, high = np.quantile(samples, (0.25, 0.75))
    spread = float(high - low) / middle
    half = len(samples) // 2
    drift = abs(statistics.median(samples[half:]) / statistics.median(samples[:half]) - 1)
    found = []
    if spread > SPREAD:
        found.append(
            f"the middle half of the samples spans {spread:.0%} of the median (at most "
            f"{SPREAD:.0%})"
        )
    if drift > DRIFT:
        found.append(
            f"the second half of the run is {drift:.0%} off the first (at most {DRIFT:.0%})"
        )
    return found
