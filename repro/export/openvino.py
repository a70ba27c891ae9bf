"""OpenVINO files: the ONNX model read by OpenVINO, written as FILE.xml with its weights in
FILE.bin."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from repro.errors import MissingError
from repro.export import description, onnx
from repro.export.description import Description
from repro.export.network import ExportedNetwork
from repro.export.packages import package
from repro.files import check_writable

PRECISIONS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}


def converted(body: bytes) -> Any:
    """An ONNX model in bytes as OpenVINO's."""
    return package("openvino", "OpenVINO").Core().read_model(body, b"")


def write(path: Path, network: nn.Module, images: Tensor, told: Description) -> None:
    """Write FILE.xml and FILE.bin with full precision and the description. Raises ReproError as
    `onnx.write`."""
    openvino = package("openvino", "an OpenVINO file")
    model = converted(onnx.graph(network, images, tuple(told.outputs), free=told.free))
    model.set_rt_info(told.to_json(), [description.ENTRY])
    for part in (path, path.with_suffix(".bin")):
        check_writable(part)
    openvino.save_model(model, str(path), compress_to_fp16=False)


class OpenVinoNetwork(ExportedNetwork):
    """An OpenVINO model compiled for the processor.

    threads: 0 for as many as it likes. precision: of its arithmetic.
    """

    def __init__(
        self, model: Any, told: dict[str, Any], *, threads: int = 0, precision: str = "fp32"
    ) -> None:
        super().__init__(told)
        # without the hint it takes bfloat16 wherever the processor has it, unasked
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": PRECISIONS[precision]}
        if threads:
            options |= {"INFERENCE_NUM_THREADS": str(threads)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = package("openvino", "OpenVINO").Core().compile_model(model, "CPU", options)
        self._request = compiled.create_infer_request()

    def compute(self, images: Tensor) -> Sequence[Tensor]:
        """(B, 3, H, W) -> the tensors of the answer, in the order of their names."""
        self._request.infer([images.contiguous().numpy()])
        return [torch.from_numpy(self._request.get_tensor(name).data.copy()) for name in self.names]


def load(path: Path, *, threads: int = 0, precision: str = "fp32") -> OpenVinoNetwork:
    """An OpenVINO file of ours as a network. Raises MissingError for one that is damaged or not
    ours."""
    openvino = package("openvino", "an OpenVINO file")
    try:
        model = openvino.Core().read_model(str(path))
    except RuntimeError as fault:
        told = str(fault).strip().splitlines()[-1]
        raise MissingError(
            f"'{path}' cannot be read by OpenVINO, which needs its .bin beside it: {told}",
            "repro export MODEL --format openvino --weights W --out FILE.xml",
        ) from None
    held = [description.ENTRY]
    told = str(model.get_rt_info(held).value) if model.has_rt_info(held) else ""
    return OpenVinoNetwork(
        model, description.read(told, path), threads=threads, precision=precision
    )
