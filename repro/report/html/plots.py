"""Plots that answer to the reader: figures of plotly.js as plain values, and what can be chosen.

Names come from files, and plotly reads some HTML in texts: they are escaped here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from repro.charts import pareto
from repro.charts.looks import GREY, LOOKS, look_of
from repro.charts.pareto import Entry
from repro.charts.scatter import Point
from repro.charts.scatter import pareto as front_of
from repro.data.datasets import PLOTTED
from repro.grid import Grid
from repro.record.found import Found, Records
from repro.report import reduced
from repro.spec import catalog
from repro.spec.columns import column
from repro.spec.papers import PAPERS
from repro.spec.table import PaperTable

SYMBOLS = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "x",
    "p": "pentagon",
    "<": "triangle-left",
    "h": "hexagon",
}
"""The marks of the printed figures, as plotly calls them."""
DASHES = ("dot", "dash", "dashdot")
"""Of fronts, one a ground."""
GROUNDS = {
    "bottom-up": "several people: compute of the whole picture",
    "three-pass": "one person, on Groos et al.'s own split",
}
PERSON = "one person: compute of the crop"
"""What compares with what: tasks and splits, by the task of a protocol; all others are `PERSON`."""
AXES = {"macs": "MACs", "params": "parameters"}
RULES = {
    "true": "counted truly, at the tested size",
    "printed": "as the papers count, each by its own rule",
    "floats": "as the papers count, in float operations",
}
Trace = dict[str, Any]
Axis = dict[str, Any]
Figure = dict[str, Any]


@dataclass(frozen=True)
class Plot:
    """Figures of one kind, each by what is chosen of every choice, with `|` between.

    choices: by name, what can be chosen and how it is called.
    """

    name: str
    title: str
    choices: dict[str, dict[str, str]]
    figures: dict[str, Figure]


def accuracy_against_compute(records: Records) -> Plot:
    """Every table's networks: accuracy on a data set against MACs or parameters by a rule."""
    figures: dict[str, Figure] = {}
    for data in PLOTTED:
        for what in AXES:
            entries = pareto.entries(what, data, records)
            for rule in RULES:
                if shown := _at(entries, rule):
                    figures[f"{data}|{what}|{rule}"] = pareto_figure(shown, data, what, rule)
    held = {key.partition("|")[0] for key in figures}
    titles = {name: dataset.title for name, dataset in PLOTTED.items() if name in held}
    choices = {"data set": titles, "axis": AXES, "rule": RULES}
    return Plot("pareto", "Accuracy against compute", choices, figures)


def _at(entries: list[Entry], rule: str) -> list[tuple[float, Entry]]:
    """Entries that have a compute by a rule, each with it."""
    if rule == "true":
        return [(entry.true, entry) for entry in entries if entry.true is not None]
    return [
        (entry.printed, entry)
        for entry in entries
        if entry.printed is not None and entry.floats == (rule == "floats")
    ]


def pareto_figure(shown: list[tuple[float, Entry]], data: str, what: str, rule: str) -> Figure:
    """Marks by family of networks, and one front per task and split."""
    metric = column(PLOTTED[data].column).title
    traces = [
        _marks(family, [pair for pair in shown if pair[1].family == family], metric, what, rule)
        for family in LOOKS
        if any(entry.family == family for _, entry in shown)
    ]
    for index, name in enumerate(sorted({ground(entry) for _, entry in shown})):
        points = [Point("", x, entry.y) for x, entry in shown if ground(entry) == name]
        traces.append(_front(name, front_of(points), DASHES[index % len(DASHES)]))
    unit = pareto.NAMES[what][1]
    name = "float operations" if rule == "floats" else AXES[what]
    how = "measured, rule true" if rule == "true" else "as reported"
    x_axis = {"type": "log", "title": {"text": f"{name} ({unit}), {how}"}}
    return _figure(traces, x_axis, {"title": {"text": f"{metric}, as reported"}})


def _marks(
    family: str, members: list[tuple[float, Entry]], metric: str, what: str, rule: str
) -> Trace:
    """The networks of a family, in its colour and with its mark; open where measured."""
    look = look_of(family)
    symbol = SYMBOLS[look.marker] + ("-open" if rule == "true" else "")
    return {
        "name": escape(family),
        "mode": "markers",
        "x": [_short(x) for x, _ in members],
        "y": [entry.y for _, entry in members],
        "text": [_hover(entry, metric, what) for _, entry in members],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"symbol": symbol, "color": look.colour, "size": 9},
    }


def _front(name: str, points: list[Point], dash: str) -> Trace:
    return {
        "name": f"front, {escape(name)}",
        "mode": "lines",
        "x": [_short(point.x) for point in points],
        "y": [point.y for point in points],
        "hoverinfo": "skip",
        "line": {"dash": dash, "width": 1.2, "color": GREY},
    }


def _figure(traces: list[Trace], x_axis: Axis, y_axis: Axis) -> Figure:
    return {"data": traces, "layout": {"xaxis": x_axis, "yaxis": y_axis}}


def _short(value: float) -> float:
    """Without the last digits of floats, which say nothing and may differ."""
    return float(f"{value:.6g}")


def _hover(entry: Entry, metric: str, what: str) -> str:
    """Network, table, accuracy, compute by both rules, and what to know of it."""
    unit = pareto.NAMES[what][1]
    name = "float operations" if entry.floats else AXES[what]
    texts = [
        f"<b>{escape(entry.label)}</b>",
        escape(source(entry.table)),
        f"{escape(metric)} {entry.y:g}, reported",
    ]
    if entry.printed is not None:
        texts.append(f"{name} {entry.printed:.4g} {unit}, reported, rule {escape(entry.rule)}")
    if entry.true is not None:
        texts.append(f"{AXES[what]} {entry.true:.4g} {unit}, measured, rule true")
    return "<br>".join([*texts, *([escape(entry.remark)] if entry.remark else [])])


def ground(entry: Entry) -> str:
    """Task and split: entries of one may share a front."""
    return GROUNDS.get(entry.task, PERSON)


def source(table_id: str) -> str:
    """A table's id, with its paper and its number there."""
    table = catalog.find(table_id, PaperTable)
    assert isinstance(table, PaperTable)
    paper = PAPERS[table.paper].alone if table.paper in PAPERS else table.paper
    return f"{table.id} ({paper}, {table.number})"


POINTS = (
    "network",
    "table",
    "task and split",
    "data set",
    "accuracy (%), reported",
    "compute (G), reported",
    "rule",
    "MACs (G), rule true, measured",
    "remark",
)


def points(records: Records) -> list[tuple[Entry, str, tuple[str, ...]]]:
    """What the plot shows, for a table: each entry, its data set, and its texts under `POINTS`."""
    return [
        (entry, data, _texts(entry, data))
        for data in PLOTTED
        for entry in pareto.entries("macs", data, records)
    ]


def _texts(entry: Entry, data: str) -> tuple[str, ...]:
    printed = "" if entry.printed is None else f"{entry.printed:.4g}"
    return (
        entry.label,
        entry.table,
        ground(entry),
        data,
        f"{entry.y:g}",
        f"{printed} (float operations)" if entry.floats and printed else printed,
        entry.rule if printed else "",
        "" if entry.true is None else f"{entry.true:.4g}",
        entry.remark,
    )


def learning(records: Records) -> Plot:
    """What every network scored while it learned by a reduced profile: a figure a family and score,
    a line a seed."""
    traces: dict[str, list[Trace]] = {}
    for _, found in reduced.scores(records):
        for value, (title, scale) in reduced.VALUES.items():
            held = traces.setdefault(f"{found.record.family}: {title}", [])
            held += _learned(found, value, scale, len({trace["legendgroup"] for trace in held}))
    x_axis = {"title": {"text": "training images"}, "rangemode": "tozero"}
    figures = {
        name: _figure(lines, x_axis, {"title": {"text": f"{name} (%)"}, "rangemode": "tozero"})
        for name, lines in sorted(traces.items())
        if lines
    }
    return Plot(
        "learning",
        "While the networks learned",
        {"score": {name: name for name in figures}},
        figures,
    )


def _learned(found: Found, value: str, scale: float, index: int) -> Iterator[Trace]:
    """The lines of a network's seeds, in one colour."""
    name = _network(found.record.key)
    for seed, record in found.seeds.items():
        curve = record.provenance.get("curve") or []
        seen = [look for look in curve if value in look and "images" in look]
        if seen:
            colour = [*LOOKS.values()][index % len(LOOKS)].colour
            symbol = [*SYMBOLS.values()][index % len(SYMBOLS)]
            yield {
                "name": escape(name),
                "mode": "lines+markers",
                "legendgroup": escape(name),
                "showlegend": seed == min(found.seeds),
                "x": [look["images"] for look in seen],
                "y": [_short(scale * look[value]) for look in seen],
                "line": {"color": colour, "width": 1.2},
                "marker": {"symbol": symbol, "color": colour, "size": 6},
                "hovertemplate": f"<b>{escape(name)}</b>, seed {seed}<br>"
                "%{x} images: %{y:.1f} %<extra></extra>",
            }


def _network(key: str) -> str:
    """Network and profile of a record's key."""
    network, _, conditions = key.partition(" ")[2].partition(" data=")
    profile = next((word[8:] for word in conditions.split() if word.startswith("profile=")), "")
    return f"{network}, {profile}"


def grid_of_points(rows: list[tuple[str, ...]]) -> Grid:
    """The texts of `points` as a table."""
    return Grid(POINTS, tuple(rows), title="The points of the plot")
