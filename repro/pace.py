"""How many multiply-adds a second this machine trains with, by family: timed once, then read. An estimate."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repro import counting, environment, zoo
from repro.errors import ReproError
from repro.store import write_atomically

BATCH = 4
SIDE = 128  # px, or the next that the family takes
STEPS = 2
FILE = "pace.json"


def pace(device: torch.device, runs: Path) -> Callable[[str], float]:
    """The rate of a family, kept in `runs`/pace.json for this device, its threads and this torch."""
    where = f"{environment.device_name(device)}, {torch.get_num_threads()} threads, torch {torch.__version__}"

    def of(family: str) -> float:
        held = _held(runs / FILE)
        if family not in held.get(where, {}):
            held.setdefault(where, {})[family] = _time(family, device)
            with suppress(ReproError):  # kept nowhere, it is timed again
                write_atomically(runs / FILE, json.dumps(held, indent=1) + "\n")
        return held[where][family]

    return of


def _held(path: Path) -> dict[str, dict[str, float]]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return {str(where): {str(family): float(rate) for family, rate in of.items()} for where, of in body.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # it is only an estimate: timed again


def _time(family: str, device: torch.device) -> float:
    """Multiply-adds a second of training the family's first network: forward and twice as much backward."""
    name = next(name for name, one in zoo.MODELS.items() if one.module == family)
    multiple = zoo.FAMILIES[family].multiple
    side = -(-SIDE // multiple) * multiple
    model = zoo.build(name).to(device).train()
    images = torch.rand(BATCH, 3, side, side, device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    for step in range(STEPS + 1):
        if step == 1:  # the first one warms up
            start = time.perf_counter()
        optimizer.zero_grad()
        torch.stack([one.mean() for one in _tensors(model(images))]).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    seconds = (time.perf_counter() - start) / STEPS
    return 3.0 * BATCH * counting.count(zoo.build_empty(name), (side, side)).macs / seconds


def _tensors(output: Any) -> list[Tensor]:
    return [output] if isinstance(output, Tensor) else [one for part in output for one in part]
