"""Counting every network by every rule, against fvcore's FlopCountAnalysis alone on real tensors.

Each side is a fresh Python process, so that its time is from a cold start and its peak memory is
its own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from repro.benchmarks.measure import Samples, agree, conditions, ratio, spread
from repro.grid import Grid
from repro.measure import count
from repro.models import zoo
from repro.spec import catalog

HEAVY = ("efficientpose_iv",)  # fvcore needs 7 GB for it
THREADS = min(2, os.cpu_count() or 1)
_CHILD = "import sys; from repro.benchmarks import count; count.child(*sys.argv[1:])"


@dataclass(frozen=True)
class Finished:
    """What a child process has measured.

    counts: by network, what rule `fvcore` or the tool itself gives. seconds: of the whole process.
    peak: memory in MB.
    """

    counts: dict[str, int]
    seconds: float
    peak: float


def child(side: str, names: str = "") -> None:
    """What a child process does: count as `side` says and print the counts and the peak memory as
    JSON."""
    counts = {"ours": _ours, "fvcore": _fvcore, "printed": _printed}[side](names.split(","))
    print(json.dumps({"counts": counts, "peak": _peak()}))


def _peak() -> float:
    """Peak resident memory of this process in MB; ru_maxrss would include that of the process it
    was forked from."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _ours(names: Sequence[str]) -> dict[str, int]:
    import torch

    from repro.counting import trace

    counts = {}
    for name in names:
        with torch.device("meta"):
            model = zoo.build(name)
        counts[name] = trace.count_all(model, zoo.info(name).size)["fvcore"].macs
    return counts


def _printed(_: Sequence[str]) -> dict[str, int]:
    """Every network, size and part that a table prints."""
    from repro.counting import trace

    rows = [row for table in catalog.tables() for row in table.rows]
    runs = {
        count.key(run, ""): run
        for row in rows
        for run in (row.run, *row.runs.values())
        if run is not None
    }
    return {
        key: trace.count_all(zoo.build_empty(run.model, **run.changes), run.shape, part=run.part)[
            "fvcore"
        ].macs
        for key, run in runs.items()
    }


def _fvcore(names: Sequence[str]) -> dict[str, int]:
    import logging
    import warnings

    import torch
    from fvcore.nn import FlopCountAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    counts = {}
    for name in names:
        model = zoo.build(name).eval()
        tool = FlopCountAnalysis(model, torch.zeros(1, 3, *zoo.info(name).size))
        counts[name] = int(tool.unsupported_ops_warnings(False).tracer_warnings("none").total())
    return counts


def _process(side: str, names: Sequence[str] = ()) -> Finished:
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "MKL_NUM_THREADS": str(THREADS)}
    start = time.perf_counter()
    command = [sys.executable, "-c", _CHILD, side, ",".join(names)]
    process = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Finished(**json.loads(process.stdout), seconds=time.perf_counter() - start)


def _row(work: str, ours: Sequence[Finished], theirs: Sequence[Finished] = ()) -> tuple[str, ...]:
    times = [tuple(finished.seconds for finished in side) for side in (ours, theirs)]
    peaks = [tuple(finished.peak for finished in side) for side in (ours, theirs)]
    cells = [_pair(*times), _pair(*peaks)]
    return work, str(len(ours[0].counts)), *cells[0], *cells[1]


def _pair(ours: Samples, theirs: Samples) -> tuple[str, str, str]:
    if not theirs:
        return "", spread(ours, 1), ""
    return spread(theirs, 1), spread(ours, 1), ratio(theirs, ours)


def run(*, repeats: int = 1, models: Sequence[str] = ()) -> Grid:
    """Seconds and peak memory of whole processes; `models` narrows the comparison, default all but
    the heaviest.

    Raises UsageError for an unknown model, CheckError when our rule `fvcore` and the tool differ.
    """
    for name in models:
        zoo.info(name)
    chosen = list(models) or [name for name in zoo.MODELS if name not in HEAVY]
    theirs, ours, every, printed = [], [], [], []
    for _ in range(repeats):
        theirs.append(_process("fvcore", chosen))
        ours.append(_process("ours", chosen))
        agree("count", theirs[-1].counts == ours[-1].counts)
        if not models:
            every.append(_process("ours", list(zoo.MODELS)))
            printed.append(_process("printed"))
    rows = [_row("both", ours, theirs)]
    if not models:
        rows += [
            _row("every model at its own size", every),
            _row("every size in the tables", printed),
        ]
    headings = (
        "work",
        "networks",
        "fvcore (s)",
        "ours (s)",
        "fvcore / ours",
        "fvcore peak (MB)",
        "ours peak (MB)",
        "fvcore / ours (memory)",
    )
    left_out = (
        ""
        if models
        else f"; left out on both sides of the comparison: {', '.join(HEAVY)} (7 GB under fvcore)"
    )
    notes = (
        "ours: seven rules from one trace on the meta device; fvcore: its one count; equal where "
        "both count by its rule" + left_out,
        "whole processes from a cold start; wanted: every model in 90 s and 1500 MB on 2 cores",
        conditions(repeats, str(THREADS)),
    )
    return Grid(headings, tuple(rows), title="counting parameters and multiply-adds", notes=notes)
