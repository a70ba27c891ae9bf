"""Data goes to stdout, talk goes to stderr. What comes from outside is shown without control
characters."""

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from repro.errors import ReproError

T = TypeVar("T")
PLAIN_SECONDS = 10.0  # between two plain progress lines
LONGEST = 1000  # characters of a fault; paths and names from outside may be of any length
# control characters but tab and newline, signs that turn the direction of writing, half characters
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    r"""`text` with control characters spelt out (\x1b), so that no file can move a cursor, colour
    or hide anything."""
    if text.isprintable():
        return text
    return _HIDDEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """`plain`, without line breaks, and its middle left out where it is very long."""
    line = " ".join(plain(text).split("\n"))
    return (
        line if len(line) <= LONGEST else f"{line[: LONGEST * 3 // 4]} ... {line[-LONGEST // 4 :]}"
    )


def say(text: str) -> None:
    """Write data to stdout. Raises ReproError when nothing can be written there."""
    show(plain(text))


def show(text: str) -> None:
    """Write the finished text of a `Grid` to stdout as it is: it may hold the terminal's bold and
    colours."""
    if sys.stdout is None:
        raise ReproError(
            "nothing can be printed: standard output is closed",
            "let it go to a file: repro ... > FILE",
        )
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # its reader has seen enough
    except OSError as fault:
        silence_stdout()
        raise ReproError(
            f"cannot write to standard output: {fault.strerror}", "make room, then run it again"
        ) from None


def talk(text: str) -> None:
    """Write one remark to stderr, where there is one."""
    with contextlib.suppress(OSError):  # nobody listens: the work goes on
        if sys.stderr is not None:
            sys.stderr.write(plain(text) + "\n")


def complain(fault: ReproError) -> None:
    """Print a fault and what to run next, on stderr."""
    talk(f"error: {one_line(fault.message)}\n  next: {one_line(fault.hint)}")


def fill_closed_streams() -> None:
    """Put /dev/null in the place of streams the caller has closed: the next file opened would
    become one of them."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 lives as long as the process


def silence_stdout() -> None:
    """Where nothing can be written: what is left in the buffer goes nowhere, and Python's end stays
    quiet."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def track(items: Iterable[T], label: str, *, total: int | None = None) -> Iterator[T]:
    """Yield `items` under a progress bar with rate and remaining time; plain lines where stderr is
    no terminal."""
    count = total if total is not None else len(items) if isinstance(items, Sized) else None
    label = one_line(label)
    return (
        _bar(items, label, count)
        if sys.stderr and sys.stderr.isatty()
        else _lines(items, label, count)
    )


def _bar(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    rate = TextColumn("{task.fields[rate]}")
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        rate,
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total, rate="")
        start = time.perf_counter()
        for done, item in enumerate(items, start=1):
            yield item
            progress.update(
                task, completed=done, rate=f"{done / (time.perf_counter() - start):.1f}/s"
            )


def _lines(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    start = last = time.perf_counter()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.perf_counter()
        if now - last >= PLAIN_SECONDS:
            rate, last = done / (now - start), now
            left = f", {(total - done) / rate:.0f} s left" if total else ""
            talk(f"{label}: {done}/{total or '?'} ({rate:.1f}/s{left})")
