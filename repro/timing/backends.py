"""Ways to compute a network, each as a module that is called as the network itself is."""

import copy
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from repro.errors import CheckError, ReproError, UsageError, unknown
from repro.export import files
from repro.export.backends import through_file
from repro.export.description import Description
from repro.train.precision import DTYPES, mapped

BACKENDS = ("eager", "channels-last", "compile", "onnxruntime", "openvino")
EXPORTED = {"onnxruntime": "onnx", "openvino": "openvino"}
PACKAGES = {"onnxruntime": "onnxruntime", "openvino": "openvino"}
AGREE = {"fp32": 1e-3, "bf16": 0.2, "fp16": 0.05}
"""Largest difference from the plain network that a back end may show, as a share of an output's
largest value."""


@dataclass(frozen=True)
class Setting:
    """backend: one of BACKENDS. threads: of the processor. precision: fp32, bf16 or fp16. device:
    cpu or cuda."""

    backend: str = "eager"
    threads: int = 1
    precision: str = "fp32"
    device: str = "cpu"

    def check(self) -> None:
        """Raise UsageError for what a back end cannot do."""
        if self.backend not in BACKENDS:
            raise unknown("back end", self.backend, BACKENDS)
        if self.precision not in DTYPES:
            raise unknown("precision", self.precision, DTYPES)
        on_cpu = self.device == "cpu"
        if self.backend in EXPORTED and not on_cpu:
            raise UsageError(
                f"{self.backend} runs on the processor here, not on '{self.device}'", "--device cpu"
            )
        refused = {"onnxruntime": ("bf16", "fp16"), "openvino": ("fp16",)}.get(
            self.backend, ("fp16",) if on_cpu else ()
        )
        if self.precision in refused:
            raise UsageError(
                f"{self.backend} on '{self.device}' does not compute in {self.precision}",
                "--precision fp32",
            )


@contextmanager
def processor_threads(count: int) -> Iterator[None]:
    """torch on so many threads; what it had before is restored."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def computed(network: nn.Module, setting: Setting, told: Description) -> nn.Module:
    """A network, on the processor in fp32, as a back end computes it; the network itself stays as
    it is.

    told: what an exported file would say of it. Raises UsageError for what the back end cannot do,
    ReproError where its package or its compiler is missing.
    """
    setting.check()
    if setting.backend in EXPORTED:
        options: dict[str, Any] = {"threads": setting.threads}
        options |= {"precision": setting.precision} if setting.backend == "openvino" else {}
        return through_file(network, told, EXPORTED[setting.backend], **options)
    own = copy.deepcopy(network).eval().to(setting.device, DTYPES[setting.precision])
    if setting.backend == "eager":
        return own
    if setting.backend == "compile":
        return _compiled(own)
    return _ChannelsLast(own)


class _ChannelsLast(nn.Module):
    """A network with the colours of a pixel side by side, in its kernels and in its pictures."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.stride = getattr(network, "stride", 1)

    def forward(self, images: Tensor) -> Any:
        """The network's answer."""
        return self.network(images.contiguous(memory_format=torch.channels_last))


def _compiled(network: nn.Module) -> nn.Module:
    if (
        not any(shutil.which(name) for name in ("c++", "g++", "clang++"))
        and next(network.parameters()).device.type == "cpu"
    ):
        raise ReproError(
            "torch.compile needs a C++ compiler, and none is installed",
            "install g++, or --backend eager",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cast(nn.Module, torch.compile(network, dynamic=False))


def check_same(network: nn.Module, other: nn.Module, images: Tensor, setting: Setting) -> float:
    """How far a back end's answer lies from the network's, as a share; its time would say nothing
    for another answer.

    images: (B, 3, H, W) float32 on the processor. Raises CheckError above AGREE.
    """
    moved = images.to(
        setting.device,
        DTYPES[setting.precision] if setting.backend not in EXPORTED else torch.float32,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.compile's own
        apart = files.difference(network, _Moved(other, moved), images).relative
    limit = AGREE[setting.precision]
    if not apart <= limit:
        raise CheckError(
            f"{setting.backend} in {setting.precision} gives another answer: {apart:.2g} of the "
            f"largest value apart, "
            f"at most {limit:g}",
            "repro time MODEL --backend eager",
        )
    return apart


class _Moved(nn.Module):
    """A network asked about pictures that lie where it does; its answer on the processor."""

    def __init__(self, network: nn.Module, images: Tensor) -> None:
        super().__init__()
        self.network, self.images = network, images

    def forward(self, _: Tensor) -> Any:
        """The answer to the pictures it was made with."""
        return mapped(lambda one: one.float().cpu(), self.network(self.images))
