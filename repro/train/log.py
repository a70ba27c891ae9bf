"""The losses of every step as CSV, and for TensorBoard where that package is installed."""

import csv
import re
from collections.abc import Mapping
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from repro.errors import ReproError
from repro.files import read_bytes, write_atomically
from repro.train.schedules import Step

MOST_BYTES = 1 << 30  # ten million steps


class Log:
    """Appends a row per step; starting at step `start` drops the rows that a killed training left
    after it.

    writes: False in the processes that only help. Raises ReproError when `path` cannot be written.
    """

    def __init__(self, path: Path, start: int, *, writes: bool = True) -> None:
        self.path, self.writes, self.board = path, writes, None
        if not writes:
            return
        held = [row for row in read_log(path) if int(row["step"]) < start]
        text = StringIO()
        if held:
            writer = csv.DictWriter(text, held[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(held)
        write_atomically(path, text.getvalue())
        self.empty = not held
        self.board = _board(path.parent, start)

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, _: TracebackType | None
    ) -> None:
        if self.board is not None:
            self.board.close()

    def add(self, step: Step, rate: float, terms: Mapping[str, float]) -> None:
        """Write one step."""
        if not self.writes:
            return
        row = {"step": step.number, "epoch": step.epoch, "rate": rate, **terms}
        try:
            with self.path.open("a", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, row.keys(), lineterminator="\n")
                if self.empty:
                    writer.writeheader()
                writer.writerow(row)
        except OSError as fault:
            raise ReproError(
                f"cannot write {self.path}: {fault.strerror}", "choose a writable directory"
            ) from fault
        self.empty = False
        if self.board is not None:
            for name, value in (("rate", rate), *terms.items()):
                self.board.add_scalar(name, value, step.number)


def _board(folder: Path, start: int) -> Any:
    """A writer of TensorBoard's events, which forgets those from step `start` on; None without the
    package."""
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), purge_step=start)


def read_log(path: Path) -> list[dict[str, str]]:
    """The rows of a log, without the half line that a killed training may leave."""
    if not path.exists():
        return []
    raw = read_bytes(path, "log of the losses", most=MOST_BYTES, hint=f"remove {path}")
    try:
        rows = list(csv.DictReader(StringIO(raw.decode(errors="replace"))))
    except csv.Error:  # damaged beyond rows
        return []
    return [
        row for row in rows if None not in (*row, *row.values()) and _whole(row.get("step", ""))
    ]


def _whole(text: str) -> bool:
    return re.fullmatch("[0-9]{1,12}", text) is not None


def _loss(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def ends(path: Path) -> tuple[float, float]:
    """Mean total loss over the first and the last tenth of a log."""
    # a finished training's log was removed
    losses = [_loss(row.get("total", "")) for row in read_log(path)] or [float("nan")]
    tenth = max(1, len(losses) // 10)
    return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))
