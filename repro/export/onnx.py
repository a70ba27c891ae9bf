"""ONNX files: written by torch's tracing exporter, run by ONNX Runtime.

The networks have no branches that depend on their input, so one trace is the whole network; torch's
newer exporter gives the same graphs in ten times the time (two minutes for HigherHRNet-W32 with
free sizes).
"""

import tempfile
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
from repro.export.packages import package
from repro.export.signature import INPUT, Flat
from repro.files import write_atomically

OPSET = 18


def graph(network: nn.Module, images: Tensor, names: Sequence[str], *, free: bool) -> bytes:
    """An ONNX model in bytes. images: (B, 3, H, W) to trace with; free: other heights and widths
    will work too."""
    sides = {2: "height", 3: "width"}
    axes = (
        {INPUT: sides, **{name: {2: f"{name}_height", 3: f"{name}_width"} for name in names}}
        if free
        else None
    )
    with tempfile.TemporaryDirectory(prefix="repro-") as folder, warnings.catch_warnings():
        path = Path(folder) / "network.onnx"
        # that sides become constants, which they may: the check runs two sizes
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Flat(network).eval(),
            (images,),
            path,
            input_names=[INPUT],
            output_names=list(names),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        return path.read_bytes()


def write(path: Path, network: nn.Module, images: Tensor, told: Description) -> None:
    """Write an ONNX file with its description. Raises ReproError without the package or where it
    cannot be written."""
    onnx = package("onnx", "an ONNX file")
    model = onnx.load_from_string(graph(network, images, tuple(told.outputs), free=told.free))
    onnx.helper.set_model_props(model, {description.ENTRY: told.to_json()})
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


class OnnxNetwork(ExportedNetwork):
    """An ONNX model run by ONNX Runtime on the processor. threads: 0 for as many as it likes."""

    def __init__(self, body: bytes, told: dict[str, Any], *, threads: int = 0) -> None:
        super().__init__(told)
        runtime = package("onnxruntime", "running an ONNX file")
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3  # errors only
        self._session = runtime.InferenceSession(body, options, providers=["CPUExecutionProvider"])

    def compute(self, images: Tensor) -> Sequence[Tensor]:
        """(B, 3, H, W) -> the tensors of the answer, in the order of their names."""
        found = self._session.run(list(self.names), {INPUT: images.contiguous().numpy()})
        return [torch.from_numpy(one) for one in found]


def load(path: Path, *, threads: int = 0) -> OnnxNetwork:
    """An ONNX file of ours as a network. Raises MissingError for one that is damaged or not
    ours."""
    onnx = package("onnx", "an ONNX file")
    try:
        body = path.read_bytes()
        model = onnx.load_from_string(body)
    except Exception as fault:  # protobuf's own classes
        raise MissingError(
            f"'{path}' cannot be read as ONNX: "
            f"{str(fault).splitlines()[0] if str(fault) else type(fault).__name__}",
            "repro export MODEL --format onnx --weights W --out FILE",
        ) from None
    entries = {one.key: one.value for one in model.metadata_props}
    return OnnxNetwork(
        body, description.read(entries.get(description.ENTRY, ""), path), threads=threads
    )
