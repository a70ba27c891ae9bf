"""Exported files of every format: written, checked against the network by running both, opened
again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repro.errors import CheckError, UsageError, unknown
from repro.export import onnx, openvino, torchscript
from repro.export.description import Description
from repro.export.network import ExportedNetwork
from repro.export.signature import tensors

TOLERANCE = 1e-3
"""Largest difference of an output, as a share of the output's largest value: sums are added up in
another order."""


@dataclass(frozen=True)
class Format:
    """write(path, network, images, description); load(path, **options); ending: of its files."""

    write: Callable[[Path, nn.Module, Tensor, Description], None]
    load: Callable[..., ExportedNetwork]
    ending: str
    opset: int = 0


FORMATS: dict[str, Format] = {
    "onnx": Format(onnx.write, onnx.load, ".onnx", onnx.OPSET),
    "openvino": Format(openvino.write, openvino.load, ".xml"),
    "torchscript": Format(torchscript.write, torchscript.load, ".ts"),
}


def format_of(path: Path) -> str:
    """The format of an exported file by its ending, "" for any other file, such as weights."""
    return next((name for name, one in FORMATS.items() if path.suffix == one.ending), "")


def load(path: Path, **options: Any) -> ExportedNetwork:
    """An exported file as a network. options: of the format's `load`. Raises UsageError,
    MissingError."""
    name = format_of(path)
    if not name:
        endings = [one.ending for one in FORMATS.values()]
        raise UsageError(
            f"'{path.name}' is no exported network", f"known endings: {', '.join(endings)}"
        )
    return FORMATS[name].load(path, **options)


def write(path: Path, form: str, network: nn.Module, told: Description) -> None:
    """Write a network as a file of a format. Raises UsageError for an unknown format or another
    ending than its own."""
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    chosen = FORMATS[form]
    if path.suffix != chosen.ending:
        raise UsageError(
            f"'{path.name}' does not end in {chosen.ending}", f"--out {path.stem}{chosen.ending}"
        )
    network.eval()
    chosen.write(path, network, pictures(told.size, told.batch), replace(told, opset=chosen.opset))


def pictures(size: tuple[int, int], batch: int = 1) -> Tensor:
    """(batch, 3, *size) of normal noise, the same each time."""
    return torch.randn(batch, 3, *size, generator=torch.Generator().manual_seed(0))


@dataclass(frozen=True)
class Difference:
    """largest: absolute difference over all outputs. relative: the largest as a share of its
    output's largest value."""

    largest: float
    relative: float


def difference(network: nn.Module, other: nn.Module, images: Tensor) -> Difference:
    """How far two networks' answers to the same pictures lie apart; infinite where one of them is
    not finite."""
    with torch.inference_mode():
        pairs = list(zip(tensors(network(images)), tensors(other(images)), strict=True))
    apart = [(one.float() - two.float()).abs().max().item() for one, two in pairs]
    scale = [one.float().abs().max().item() for one, _ in pairs]
    shares = [gap / most if most else gap for gap, most in zip(apart, scale, strict=True)]
    worst, share = max(apart), max(shares)
    finite = all(
        bool(torch.isfinite(one).all() and torch.isfinite(two).all()) for one, two in pairs
    )
    return Difference(worst, share) if finite else Difference(float("inf"), float("inf"))


def check(
    network: nn.Module, path: Path, told: Description, *, tolerance: float = TOLERANCE
) -> Difference:
    """Run the network and its file on the same noise, with free sizes also on another height and
    width.

    Returns the larger difference. Raises CheckError above the tolerance.
    """
    height, width = told.size
    sizes = [told.size, (height + told.multiple, width + 2 * told.multiple)][: 1 + told.free]
    other = load(path)
    found = [difference(network, other, pictures(size, told.batch)) for size in sizes]
    worst = max(found, key=lambda one: one.relative)
    if not worst.relative <= tolerance:
        raise CheckError(
            f"'{path}' gives another answer than {told.model}: the largest difference is "
            f"{worst.largest:.3g}, "
            f"{worst.relative:.3g} of the largest value; at most {tolerance:g}",
            "do not use the file; --tolerance sets the limit",
        )
    return worst
