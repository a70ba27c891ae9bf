"""What `repro count` prints: one model under every rule, split over its modules, or explained."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from repro.counting import trace
from repro.errors import UsageError
from repro.grid import Grid
from repro.models import zoo

HEADINGS = ("params (M)", "operations (G)", "unit")


def _numbers(one: trace.Count) -> tuple[str, str, str]:
    return f"{one.params / 1e6:.3f}", f"{one.macs / 1e9:.3f}", one.unit


def grid(
    name: str,
    size: tuple[int, int] | None,
    changes: Mapping[str, Any],
    *,
    rule: str = "",
    by_module: bool = False,
    part: str = "",
    explain: bool = False,
) -> Grid:
    """Counts of a model built on the meta device; size (height, width) defaults to the paper's.

    Raises UsageError for unknown models, switches, rules and parts and for sizes the network cannot take.
    """
    shape = size or zoo.info(name).size
    model = zoo.build_empty(name, **changes)
    what = " ".join([name, *(f"{key}={value}" for key, value in sorted(changes.items())), "{}x{}".format(*shape)])
    if part and (by_module or explain):
        raise UsageError("--part goes with neither --by-module nor --explain", f"repro count {name} --part {part}")
    explained = _explained(trace.explain(model, shape), what, rule) if explain else None
    if by_module:
        split = _by_module(trace.by_module(model, shape, rule or "true"), what, rule or "true")
        return replace(split, notes=_as_notes(explained)) if explained else split
    if explained:
        return explained
    rules = [rule] if rule else list(trace.RULES)
    rows = tuple((one, *_numbers(trace.count(model, shape, one, part=part))) for one in rules)
    return Grid(("rule", *HEADINGS), rows, title=f"{what} {part}".rstrip())


def _as_notes(grid: Grid) -> tuple[str, ...]:
    """An explanation as remarks under another table: one line per rule."""
    return tuple(
        "; ".join(f"{heading}: {text}" for heading, text in zip(grid.headings, row, strict=True) if text)
        for row in grid.rows
    )


def _by_module(counts: Mapping[str, trace.Count], what: str, rule: str) -> Grid:
    total = sum(one.macs for one in counts.values()) or 1
    rows = tuple(
        (name or "(network)", *_numbers(one), f"{100 * one.macs / total:.1f} %") for name, one in counts.items()
    )
    return Grid(("module", *HEADINGS, "share"), rows, title=f"{what}, rule {rule}")


def _because(one: trace.Explanation) -> str:
    """The causes of a difference that show at three decimals."""
    return ", ".join(f"{cause} {amount / 1e9:+.3f}" for cause, amount in one.causes.items() if abs(amount) >= 5e5)


def _explained(parts: list[trace.Explanation], what: str, rule: str) -> Grid:
    rows = tuple(
        (
            one.count.rule, *_numbers(one.count), f"{one.difference / 1e9:+.3f}",
            _because(one),
            f"{one.params_difference / 1e6:+.3f}", " ".join(one.says.split()),
        )
        for one in parts if rule in ("", one.count.rule)
    )  # fmt: skip
    headings = ("rule", *HEADINGS, "against true (G)", "because of (G)", "params against true (M)", "what it counts")
    return Grid(headings, rows, title=what)
