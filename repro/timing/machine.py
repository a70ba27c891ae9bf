"""What else goes on on the machine while times are taken: its load, its governor, what other
processes take."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

STAT = Path("/proc/stat")
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# user, nice, system, interrupts twice, and what the host gave to others (steal)
STAT_BUSY = (
    0,
    1,
    2,
    5,
    6,
    7,
)


@dataclass(frozen=True)
class Conditions:
    """load: the system's one-minute average before. others: processors that other processes took,
    on average.

    others is None where the system does not tell. governor: of the processor's frequency, "unknown"
    in most virtual machines.
    """

    load: float
    others: float | None
    governor: str
    cpus: int


def load_average() -> float:
    """The one-minute average, 0 where the system has none."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def governor() -> str:
    """Who chooses the processor's frequency."""
    try:
        return GOVERNOR.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


def busy_seconds() -> float | None:
    """Processor seconds that all processes of the machine have taken since it started; None where
    it does not tell."""
    try:
        words = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        return sum(int(words[place]) for place in STAT_BUSY) / TICKS
    except (OSError, ValueError, IndexError):
        return None


def own_seconds() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


class Watch:
    """Sees what other processes take between `with` and its end; `conditions` then tells.

    busy, own, clock: stand-ins for tests, in seconds.
    """

    conditions: Conditions

    def __init__(
        self,
        *,
        busy: Callable[[], float | None] = busy_seconds,
        own: Callable[[], float] = own_seconds,
        clock: Callable[[], float] = time.monotonic,
        load: Callable[[], float] = load_average,
    ) -> None:
        self._busy, self._own, self._clock, self._load = busy, own, clock, load

    def _state(self) -> tuple[float | None, float, float]:
        return self._busy(), self._own(), self._clock()

    def __enter__(self) -> "Watch":
        self._before, self._load_before = self._state(), self._load()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        (busy, own, start), (busy_after, own_after, end) = self._before, self._state()
        others = None
        if busy is not None and busy_after is not None and end > start:
            others = max(0.0, (busy_after - busy) - (own_after - own)) / (end - start)
        self.conditions = Conditions(self._load_before, others, governor(), os.cpu_count() or 1)
