"""The `evaluate` command."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repro.data.open import Opened, open_split
from repro.errors import UsageError
from repro.evaluate.evaluate import Evaluation
from repro.files import check_writable, write_atomically
from repro.grid import Grid
from repro.measure import deploy
from repro.measure.accuracy import as_learnt
from repro.measure.testing import test
from repro.measure.usual import nominal_size, protocol_for, usual_test_set
from repro.models import zoo
from repro.models.architecture import named
from repro.spec.protocols import BOTTOM_UP, BOTTOM_UP_MULTI_SCALE, TOP_DOWN, TOP_DOWN_DETECTOR
from repro.spec.run import Run, Size
from repro.spec.settings import Protocol
from repro.tasks.all import TASKS
from repro.tasks.task import Entry

MOST_MARGIN = 100.0  # boxes; beyond it a person is less than a pixel of the network's input


@dataclass(frozen=True)
class EvaluateWish:
    """Which weights are to be tested, and how.

    size: None for the model's own. dataset: "" for the task's. boxes: of a detector, None for true
    ones. margin: None for the protocol's. predictions: file to write them to. backend: what
    computes the network, "" for torch.
    """

    model: str
    weights: Path
    data: Path
    size: Size | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    dataset: str = ""
    boxes: Path | None = None
    margin: float | None = None
    multi_scale: bool = False
    no_flip: bool = False
    predictions: Path | None = None
    decoders: int = 0
    backend: str = ""
    device: str = "auto"


def evaluate(wish: EvaluateWish) -> tuple[dict[str, object], Grid]:
    """Scores of given weights with protocol and tested sizes, as values and as text."""
    wish = replace(wish, **named(wish.model, wish.size, wish.changes)._asdict())
    device = deploy.device_for(wish.backend, wish.device)
    if wish.predictions:
        check_writable(wish.predictions)
    shape = wish.size or zoo.info(wish.model).size
    opened, protocol = _tested_on(wish)
    network, info = deploy.build(Run(wish.model, shape, wish.changes), wish.weights, wish.backend)
    protocol, nominal = as_learnt(protocol, info), nominal_size(protocol.task, shape)
    tested, proof = test(
        network, opened, protocol, nominal=nominal, device=device, decoders=wish.decoders
    )
    if wish.predictions:
        write_atomically(
            wish.predictions, json.dumps(_with_offset(tested.predictions, opened, protocol)) + "\n"
        )
    proof["weights"] = info["sha256"]
    rows = tuple((name, f"{value:.6f}") for name, value in tested.values.items())
    notes = _notes(opened, protocol, tested, nominal=nominal, weights=info["sha256"])
    grid = Grid(("metric", "value"), rows, title=f"{wish.model} on {opened.name}", notes=notes)
    return {"values": dict(tested.values), "provenance": proof}, grid


def _tested_on(wish: EvaluateWish) -> tuple[Opened, Protocol]:
    """The data set and the protocol. Raises UsageError for wishes that do not fit the model."""
    model, info = wish.model, zoo.info(wish.model)
    name = wish.dataset or usual_test_set(model, wish.changes)
    by_person = info.task in ("single-person", "top-down")
    opened = open_split(name, "val", wish.data, people=by_person, boxes=wish.boxes)
    protocol = protocol_for(model, opened.skeleton)
    if protocol is BOTTOM_UP and wish.multi_scale:
        protocol = BOTTOM_UP_MULTI_SCALE
    if protocol is TOP_DOWN and wish.boxes:
        protocol = TOP_DOWN_DETECTOR
    if wish.multi_scale and protocol is not BOTTOM_UP_MULTI_SCALE:
        raise UsageError(
            f"protocol {protocol.name} of {model} tests at one scale", "leave out --multi-scale"
        )
    margin = protocol.margin if wish.margin is None else wish.margin
    if not 0 <= margin <= MOST_MARGIN or (margin != protocol.margin and not by_person):
        raise UsageError(
            f"margin {margin} does not fit {model}",
            "1.25 for networks that see one person, 0 for no crop",
        )
    return opened, replace(protocol, flip=protocol.flip and not wish.no_flip, margin=margin)


def _notes(
    opened: Opened, protocol: Protocol, tested: Evaluation, *, nominal: int | Size, weights: str
) -> tuple[str, ...]:
    """What a reader of the scores must know."""
    sizes = ", ".join(
        "{}x{} ({})".format(*size, images) for size, images in sorted(tested.tested_sizes.items())
    )
    crop = f", margin {protocol.margin:g}" if TASKS[protocol.task].by_person else ""
    return (
        f"{opened.name}, {tested.images} {'people' if crop else 'images'}, weights {weights[:12]}, "
        f"protocol {protocol.name}, flip {'on' if protocol.flip else 'off'}, scales "
        f"{list(protocol.scales)}{crop}",
        *([opened.note] if opened.note else []),
        f"nominal size {nominal if isinstance(nominal, int) else '{}x{}'.format(*nominal)}, "
        f"tested sizes (images): {sizes}",
        "seconds: "
        + ", ".join(f"{part} {round(value, 2)}" for part, value in tested.seconds.items()),
        *(
            [f"without a case in these pictures: {', '.join(tested.without_case)}"]
            if tested.without_case
            else []
        ),
    )


def _with_offset(predictions: list[Entry], opened: Opened, protocol: Protocol) -> list[Entry]:
    """Predictions with what `repro score` must add to their pixels, where the ground truth is
    MPII's."""
    if opened.annotations.suffix != ".mat":
        return predictions
    return [{**entry, "offset": protocol.offset} for entry in predictions]
