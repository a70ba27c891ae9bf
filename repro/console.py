"""Data goes to stdout, talk goes to stderr."""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from repro.errors import ReproError

T = TypeVar("T")
PLAIN_SECONDS = 10.0  # between two plain progress lines


def say(text: str) -> None:
    """Write data to stdout as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def talk(text: str) -> None:
    """Write one remark to stderr."""
    sys.stderr.write(text + "\n")


def complain(fault: ReproError) -> None:
    """Print a fault and what to run next, on stderr."""
    talk(f"error: {fault.message}" + (f"\n  next: {fault.hint}" if fault.hint else ""))


def track(items: Iterable[T], label: str, *, total: int | None = None) -> Iterator[T]:
    """Yield `items` under a progress bar with rate and remaining time; plain lines where stderr is no terminal."""
    count = total if total is not None else len(items) if isinstance(items, Sized) else None
    return _bar(items, label, count) if sys.stderr.isatty() else _lines(items, label, count)


def _bar(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total, rate="")
        start = time.perf_counter()
        for done, item in enumerate(items, start=1):
            yield item
            progress.update(task, completed=done, rate=f"{done / (time.perf_counter() - start):.1f}/s")


def _lines(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    start = last = time.perf_counter()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.perf_counter()
        if now - last >= PLAIN_SECONDS:
            rate, last = done / (now - start), now
            left = f", {(total - done) / rate:.0f} s left" if total else ""
            talk(f"{label}: {done}/{total or '?'} ({rate:.1f}/s{left})")
