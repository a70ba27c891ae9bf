"""Accuracy as reported against the latency of our own device, a row of panels per task and test
split: eager on the left, by the other back end on the right. Never imports torch.

An accuracy stands at the time of the network and the size that it was tested with, or not at all.
"""

from dataclasses import replace

from repro.charts.looks import LOOKS
from repro.charts.page import Chart
from repro.charts.pareto import TASKS, Ground, grounds, limits, points, rim
from repro.charts.scatter import Scatter
from repro.data.datasets import PLOTTED
from repro.errors import MissingError
from repro.measure.latencies import WAYS, measured_ms
from repro.record.found import Records
from repro.spec.columns import column

FEW = 3  # networks that make a panel


def chart(records: Records, *, data: str = "", task: str = "") -> Chart:
    """Two panels a ground that has a few timed networks. Raises MissingError where there is
    none."""
    found = [
        panel
        for ground in grounds("macs", data, task, records)
        for how in WAYS
        if (panel := _panel(ground, how, records))
    ]
    if not found:
        raise MissingError(
            "no latency of the networks is recorded that tables print accuracies of",
            "repro time --of all-models --backend eager --backend openvino --record",
        )
    whose = TASKS[task] if task else PLOTTED[data].title if data else "All tables"
    return Chart(
        f"{whose}: accuracy against latency",
        tuple(
            replace(panel, title=f"{chr(ord('a') + index)}) {panel.title}")
            for index, panel in enumerate(found)
        ),
        columns=2,
        note=f"Accuracies as reported; latency of one picture on {_devices(records)}, fp32, median. "
        "Networks whose tested size was not timed are left out.",
    )


def _panel(ground: Ground, how: str, records: Records) -> Scatter | None:
    shown = [
        replace(entry, true=ms, printed=None)
        for entry in ground.entries
        if entry.at and (ms := measured_ms(entry.at, how, records)) is not None
    ]
    if len({entry.true for entry in shown}) < FEW:
        return None
    groups = tuple(family for family in LOOKS if family in {entry.family for entry in shown})
    return Scatter(
        f"latency (ms), measured, {how}",
        f"{column(PLOTTED[ground.data].column).value} (%), as reported",
        points(shown, groups, measured=True),
        groups,
        fronts=(tuple(range(len(groups))),),
        title=f"{ground.name}, {ground.seen}",
        log_x=True,
        measured=True,
        x_range=limits(entry.true for entry in shown),
        y_range=rim([entry.y for entry in shown]),
    )


def _devices(records: Records) -> str:
    """The devices of all records of latency, by name."""
    timed = (one for key, one in records.items() if key.startswith("time "))
    return " and ".join(sorted({one.labels.get("device", "") for one in timed}))
