"""Where a measurement finds its data, leaves its files and runs."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where things are: data sets, checkpoints and logs, the device; workers: processes that
    prepare pictures."""

    data: Path
    runs: Path
    device: str = "auto"
    workers: int = 0
