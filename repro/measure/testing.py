"""Testing a network, with everything that a record keeps of how its scores came about."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from torch import nn

from repro.data.open import Opened
from repro.evaluate.evaluate import Evaluation, evaluate
from repro.record import provenance
from repro.spec.run import Size
from repro.spec.settings import Protocol


def test(
    model: nn.Module,
    opened: Opened,
    protocol: Protocol,
    *,
    nominal: int | Size,
    device: str,
    decoders: int = 0,
) -> tuple[Evaluation, dict[str, object]]:
    """Scores of a network on a data set by a protocol, and their provenance as plain values.

    Arguments are as of `evaluate.evaluate`; device: "auto", "cpu" or "cuda".
    """
    chosen = provenance.choose_device(device)
    tested = evaluate(
        model,
        opened.dataset,
        opened.annotations,
        skeleton=opened.skeleton,
        protocol=protocol,
        nominal=nominal,
        device=chosen,
        decoders=decoders,
    )
    sizes = {"{}x{}".format(*size): images for size, images in sorted(tested.tested_sizes.items())}
    proof: dict[str, object] = {
        **provenance.provenance(chosen),
        "data": opened.name,
        "images": tested.images,
        "nominal_size": nominal,
        "tested_sizes": sizes,
        "protocol": asdict(protocol),
        "annotations": " ".join(_file_hash(path) for path in opened.sources),
        **({"note": opened.note} if opened.note else {}),
        **({"without_case": list(tested.without_case)} if tested.without_case else {}),
        "seconds_per_part": {part: round(value, 2) for part, value in tested.seconds.items()},
    }
    return tested, proof


def _file_hash(path: Path) -> str:
    """SHA-256 of a file, or of the names below a folder of classes."""
    if path.is_dir():
        names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
