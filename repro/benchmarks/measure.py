"""Runs several ways of doing the same work in turn and writes their times beside each other."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import torch

from repro.errors import CheckError
from repro.record.provenance import device_name

Samples = tuple[float, ...]


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """torch and OpenCV on one thread each; what they had before is restored."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def in_turn(*works: Callable[[], Any], repeats: int) -> tuple[Samples, ...]:
    """Seconds of every repetition of each work; all are run once per round, so that a busy machine
    slows all alike."""
    rounds = [[_seconds(work) for work in works] for _ in range(repeats)]
    return tuple(zip(*rounds, strict=True))


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def agree(case: str, same: bool) -> None:
    """Raise CheckError unless both sides of a benchmark gave the same result."""
    if not same:
        raise CheckError(
            f"bench {case}: ours and the baseline give different results, so their times say "
            f"nothing"
        )


def spread(samples: Samples, scale: float = 1e3) -> str:
    """Median and range, `12.3 (11.9-14.0)`; the default scale gives milliseconds."""
    low, middle, high = (
        f"{scale * value:.4g}" for value in (min(samples), statistics.median(samples), max(samples))
    )
    return f"{middle} ({low}-{high})"


def ratio(over: Samples, under: Samples) -> str:
    """Ratio of two medians, `12.3x`: how much faster `under` is than `over`."""
    return f"{statistics.median(over) / statistics.median(under):.3g}x"


def conditions(repeats: int, threads: str = "torch 1, OpenCV 1") -> str:
    """The note every benchmark ends with: repetitions, threads, processor."""
    load = f"{os.getloadavg()[0]:.1f}"
    return (
        f"median (range) of {repeats} repetitions in turn; threads: {threads}; "
        f"{device_name('cpu')}, {os.cpu_count()} processors, load {load}"
    )
