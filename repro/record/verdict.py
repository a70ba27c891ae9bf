"""Reported and measured, side by side: one word and the signed difference.

match    the measured number gives the printed digits, rounded or cut (the papers do both)
close    outside the printed digits, inside the column's tolerance
differs  outside the tolerance
measured a number the paper does not print
reduced  from a reduced or synthetic run: shown, never compared with the paper's number
stale    the code or the spec has changed since the measurement
failed   the measurement was tried and failed
no case  measured, but the test set has nobody whom this column is about
not run  a run is declared, no record exists
quoted   only the paper's number; nothing here can measure it
"""

import math
from typing import NamedTuple

from repro.spec.columns import Column

STATUSES = (
    "match",
    "close",
    "differs",
    "measured",
    "reduced",
    "stale",
    "failed",
    "no case",
    "not run",
    "quoted",
)


class Verdict(NamedTuple):
    """One word on a cell, and measured minus reported in the column's unit.

    difference: None where the two cannot be compared.
    """

    status: str
    difference: float | None = None


def decimals(reported: str) -> int:
    """Printed digits after the point."""
    return len(reported.partition(".")[2])


def readings(value: float, places: int) -> tuple[float, float]:
    """A number as it may stand in print with so many decimals: rounded, and cut. The papers do
    both."""
    step = 10.0**places
    return round(value, places), math.trunc(
        round(value * step, 6)
    ) / step  # 0.29 * 100 is 28.999...


def same_digits(reported: str, measured: float) -> bool:
    """True when `measured`, rounded or cut to the printed decimals, reads as printed."""
    as_printed = readings(measured, decimals(reported))
    return any(math.isclose(reading, float(reported), abs_tol=1e-12) for reading in as_printed)


def judge_text(reported: str, measured: str | None) -> Verdict:
    """Verdict of a cell that holds a text: a list of widths, a side in px."""
    if measured is None:
        return Verdict("not run")
    return Verdict("measured" if not reported else "match" if reported == measured else "differs")


def judge(reported: str, measured: float | None, column: Column, *, state: str = "") -> Verdict:
    """Verdict of one cell.

    reported: the printed text, "" where the paper prints nothing. measured: in the column's unit.
    state: reduced, stale, failed, not run or quoted, where the record or its absence decides.
    """
    if measured is None or state:
        return Verdict(state or "not run")
    if not reported:
        return Verdict("measured")
    difference = measured - float(reported)
    relative = column.kind in ("count", "time") or column.unit == "x"
    bound = column.tolerance * (abs(float(reported)) if relative else 1.0)
    if same_digits(reported, measured):
        return Verdict("match", difference)
    return Verdict("close" if abs(difference) <= bound + 1e-9 else "differs", difference)
