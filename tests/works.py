"""What helping processes do in `test_decoders.py`; apart from it, as every process imports this
anew."""

import os
import signal
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from repro.errors import UsageError
from repro.processes import in_order


def work(item: tuple[str, np.ndarray]) -> Any:
    """A stand-in for grouping, told by a word how to end."""
    word, values = item
    if word == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "fails":
        raise UsageError("tag maps hold values that are not numbers", "train longer")
    if word == "breaks":
        raise ValueError("too many\nvalues")
    if word == "slow":
        time.sleep(0.3)
    return word, values.sum(), values.shape


def threads(_: Any) -> tuple[int, int, int]:
    import cv2
    import torch

    return os.getpid(), torch.get_num_threads(), cv2.getNumThreads()


def number(_: Any) -> int:
    return os.getpid()


def interrupted(path: str) -> None:
    try:
        with closing(in_order(number, iter(int, 1), count=1)) as results:
            Path(f"{path}.new").write_text(str(next(results)))
            Path(f"{path}.new").rename(path)
            for _ in results:
                time.sleep(0.01)
    except KeyboardInterrupt:
        sys.exit(7)
