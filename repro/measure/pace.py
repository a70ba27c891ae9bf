"""An estimate of how fast one core, or a graphics card, trains under a profile: multiply-adds a
second, for each family.

A family is timed once; then its rate is read from a file.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repro.counting import trace
from repro.errors import ReproError
from repro.files import write_atomically
from repro.models import zoo
from repro.record import provenance
from repro.spec.settings import Profile
from repro.timing.backends import processor_threads
from repro.train import precision

BATCH = 8
SIDE = 128  # px, or the next that the family takes
STEPS = 2
FILE = "pace.json"


def pace(device: torch.device, profile: Profile, runs: Path) -> Callable[[str], float]:
    """The rate of a family as a profile computes it, kept in `runs`/pace.json for this device and
    this torch."""
    order = "channels last" if profile.channels_last else "channels first"
    name = provenance.device_name(device)
    where = f"{name}, {profile.precision}, {order}, torch {torch.__version__}"

    def of(family: str) -> float:
        rates = _rates_in(runs / FILE)
        if family not in rates.get(where, {}):
            rates.setdefault(where, {})[family] = _time(family, profile, device)
            with suppress(ReproError):  # where it cannot be written, it is timed again
                write_atomically(runs / FILE, json.dumps(rates, indent=1) + "\n")
        return rates[where][family]

    return of


def _rates_in(path: Path) -> dict[str, dict[str, float]]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(where): {str(family): float(rate) for family, rate in of.items()}
            for where, of in body.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # a damaged file is no fault: the families are timed again


def _time(family: str, profile: Profile, device: torch.device) -> float:
    """Multiply-adds a second of training the family's first network: forward and twice as much
    backward."""
    name = next(name for name, info in zoo.MODELS.items() if info.module == family)
    multiple = zoo.FAMILIES[family].multiple
    side = -(-SIDE // multiple) * multiple
    model = zoo.build(name).to(device).train()
    precision.arrange(model, profile, device)
    network = precision.network(model, profile, device)
    images = torch.rand(BATCH, 3, side, side, device=device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    with processor_threads(1):
        for step in range(STEPS + 1):
            if step == 1:  # step 0 warms up
                start = time.perf_counter()
            optimizer.zero_grad()
            means = torch.stack([values.mean() for values in _tensors(network(images))])
            means.sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    seconds = (time.perf_counter() - start) / STEPS
    return 3.0 * BATCH * trace.count(zoo.build_empty(name), (side, side)).macs / seconds


def _tensors(output: Any) -> list[Tensor]:
    """All tensors that a network returns: one, or several groups of them."""
    if isinstance(output, Tensor):
        return [output]
    return [tensor for tensors in output for tensor in tensors]
