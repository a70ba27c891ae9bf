"""What `repro count` prints: one model under every rule, split over its modules, or explained."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from repro.counting import trace
from repro.errors import UsageError
from repro.grid import Grid
from repro.models import zoo
from repro.models.architecture import named

HEADINGS = ("params (M)", "operations (G)", "unit")


def _numbers(count: trace.Count) -> tuple[str, str, str]:
    return f"{count.params / 1e6:.3f}", f"{count.macs / 1e9:.3f}", count.unit


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

    Raises UsageError for unknown models, switches, rules and parts and for sizes the network cannot
    take.
    """
    name, size, changes = asked = named(name, size, changes)
    shape = asked.shape
    model = zoo.build_empty(name, **changes)
    settings = [f"{key}={value}" for key, value in sorted(changes.items())]
    title = " ".join([name, *settings, "{}x{}".format(*shape)])
    if part and (by_module or explain):
        raise UsageError(
            "--part goes with neither --by-module nor --explain",
            f"repro count {name} --part {part}",
        )
    explained = _explained(trace.explain(model, shape), title, rule) if explain else None
    if by_module:
        split = _by_module(trace.by_module(model, shape, rule or "true"), title, rule or "true")
        return replace(split, notes=_as_notes(explained)) if explained else split
    if explained:
        return explained
    rules = [rule] if rule else list(trace.RULES)
    counts = [trace.count(model, shape, each, part=part) for each in rules]
    rows = tuple((count.rule, *_numbers(count)) for count in counts)
    return Grid(("rule", *HEADINGS), rows, title=f"{title} {part}".rstrip())


def _as_notes(grid: Grid) -> tuple[str, ...]:
    """An explanation as remarks under another table: one line per rule."""
    return tuple(
        "; ".join(
            f"{heading}: {text}" for heading, text in zip(grid.headings, row, strict=True) if text
        )
        for row in grid.rows
    )


def _by_module(counts: Mapping[str, trace.Count], title: str, rule: str) -> Grid:
    total = sum(count.macs for count in counts.values()) or 1
    rows = tuple(
        (path or "(network)", *_numbers(counts[path]), f"{100 * counts[path].macs / total:.1f} %")
        for path in counts
    )
    return Grid(("module", *HEADINGS, "share"), rows, title=f"{title}, rule {rule}")


def _because(explanation: trace.Explanation) -> str:
    """The causes of a difference that show at three decimals."""
    causes = [item for item in explanation.causes.items() if abs(item[1]) >= 5e5]
    return ", ".join(f"{cause} {amount / 1e9:+.3f}" for cause, amount in causes)


def _explained(explanations: list[trace.Explanation], title: str, rule: str) -> Grid:
    rows = tuple(
        (
            explanation.count.rule,
            *_numbers(explanation.count),
            f"{explanation.difference / 1e9:+.3f}",
            _because(explanation),
            f"{explanation.params_difference / 1e6:+.3f}",
            " ".join(explanation.says.split()),
        )
        for explanation in explanations
        if rule in ("", explanation.count.rule)
    )
    headings = (
        "rule",
        *HEADINGS,
        "against true (G)",
        "because of (G)",
        "params against true (M)",
        "what it counts",
    )
    return Grid(headings, rows, title=title)
