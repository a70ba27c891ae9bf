"""TorchScript files: a trace, with its description as the extra file `repro`."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repro.errors import MissingError
from repro.export import description
from repro.export.description import Description
from repro.export.network import ExportedNetwork
from repro.export.signature import Flat
from repro.files import write_atomically


def write(path: Path, network: nn.Module, images: Tensor, told: Description) -> None:
    """Write a trace of the network with its description. Raises ReproError where it cannot be
    written."""
    body = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # see `onnx.graph`
        traced = torch.jit.trace(Flat(network).eval(), images, check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(traced, body, _extra_files={description.ENTRY: told.to_json()})
    write_atomically(path, body.getvalue())


class ScriptNetwork(ExportedNetwork):
    """A TorchScript file run by torch."""

    def __init__(self, script: Any, told: dict[str, Any]) -> None:
        super().__init__(told)
        self._script = script

    def compute(self, images: Tensor) -> Sequence[Tensor]:
        """(B, 3, H, W) -> the tensors of the answer, in the order of their names."""
        return tuple(self._script(images))


def load(path: Path) -> ScriptNetwork:
    """A TorchScript file of ours as a network. Raises MissingError for one that is damaged or not
    ours."""
    extra = {description.ENTRY: ""}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = torch.jit.load(str(path), map_location="cpu", _extra_files=extra)  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError, OSError) as fault:
        raise MissingError(
            f"'{path}' cannot be read as TorchScript: {str(fault).strip().splitlines()[0]}",
            "repro export MODEL --format torchscript --weights W --out FILE",
        ) from None
    told: Any = extra[description.ENTRY]
    return ScriptNetwork(
        script, description.read(told.decode() if isinstance(told, bytes) else told, path)
    )
