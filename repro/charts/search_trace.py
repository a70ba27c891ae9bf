"""The picture of recorded searches: how what they look for grew, step by step. Never imports torch."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from repro.charts import page
from repro.charts.looks import COLOURS
from repro.charts.panels import Curve, Line
from repro.errors import MissingError
from repro.record.found import Records
from repro.record.record import Record

SCORED, LEAST, LEARNT, COST = "score", "least error", "error", "cost"
AXES = {
    LEAST: ("candidates", "least error so far"),
    SCORED: ("candidates", "best score so far"),
    LEARNT: ("steps", "error, mean of a stretch"),
    COST: ("steps", "expected cost (M, ms)"),
}


def chart(records: Records) -> page.Chart:
    """A panel for every space and kind of search, a line for every search. Raises MissingError where
    none is recorded."""
    panels = tuple(_panels([one for one in records.values() if one.kind == "search"]))
    if not panels:
        raise MissingError("no search is recorded", "repro search litepose --out found --record")
    return page.Chart("Searches of architectures", panels, min(2, len(panels)), _caption(panels))


def _caption(panels: Sequence[Curve]) -> str:
    left_out = sum(max(0, len(panel.lines) - len(COLOURS)) for panel in panels)
    more = f" {left_out} more searches are recorded." if left_out else ""
    return f"Scores and errors are of drawn people unless the profile is paper.{more}"


def _panels(searches: Sequence[Record]) -> Iterator[Curve]:
    lines: dict[tuple[str, str], list[Line]] = {}
    for record in sorted(searches, key=lambda one: one.key):
        for kind, line in _lines(record):
            who = f"{_word(record, 1)} in {_word(record, 2)}"
            lines.setdefault((who, kind), []).append(line)
    for (who, kind), drawn in lines.items():
        yield Curve(*AXES[kind], tuple(drawn), who)


def _lines(record: Record) -> Iterator[tuple[str, Line]]:
    """What is drawn of a search: the best so far of candidates, errors and costs of a search by
    gradients. A search whose candidates all score 0 has nothing to be drawn."""
    trace: Sequence[Mapping[str, Any]] = record.provenance.get("trace", ())
    name = f"{_word(record, -2)}, {_word(record, -1)}".replace("=", " ")
    if not trace or "score" not in trace[0]:
        steps = tuple(one["step"] for one in trace)
        if trace:
            yield LEARNT, Line(steps, tuple(one["error"] for one in trace), name)
            unit = 1.0 if "cost=latency" in record.key else 1e6
            yield COST, Line(steps, tuple(one["cost"] / unit for one in trace), name)
        return
    bests = tuple(accumulate((float(one["score"]) for one in trace), max))
    places = tuple(float(place) for place in range(1, len(bests) + 1))
    if bests[-1] > 0:
        yield SCORED, Line(places, bests, name)
    elif bests[-1] < 0:  # scores of errors are these with the sign turned
        yield LEAST, Line(places, tuple(-one for one in bests), name)


def _word(record: Record, place: int) -> str:
    return record.key.split()[place]
