"""Tensors of pickled networks, read without running any code that the file names.

Older releases are whole networks written by `torch.save(network)`: a pickle that names classes and
functions, and torch's own safe reader takes none of them. Here every class of a layer stands for an
inert box that keeps what it is told, as the manual of Python's pickle has it ("Restricting
Globals"); any other name is refused.
"""

import io
import pickle
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from repro.errors import MissingError
from repro.train import checkpoint

KINDS = (
    "conv.Conv2d",
    "conv.ConvTranspose2d",
    "linear.Linear",
    "batchnorm.BatchNorm2d",
    "activation.ReLU",
    "activation.ReLU6",
    "container.Sequential",
    "container.ModuleList",
    "pooling.MaxPool2d",
)
NETWORKS = ("MainModel.KitModel",)  # EfficientPose (Groos), as converted by its authors
STORAGES = ("FloatStorage", "HalfStorage", "DoubleStorage", "LongStorage")


class Pickled:
    """Stands for an object of any class: keeps its attributes, does nothing."""

    dump_patches = False  # torch asks a network's class

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)


def _nothing(*_: Any) -> None:
    """Stands for a function of torch before 1.2, whose layers each kept its answer."""


NAMES: dict[str, Any] = {
    **dict.fromkeys([f"torch.nn.modules.{one}" for one in KINDS] + list(NETWORKS), Pickled),
    **{f"torch.{one}": getattr(torch, one) for one in STORAGES},
    "torch.nn.backends.thnn._get_thnn_function_backend": _nothing,
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "__builtin__.set": set,  # the same, in files that Python 2 could read
    "torch._utils._rebuild_tensor_v2": torch._utils._rebuild_tensor_v2,
    "torch._utils._rebuild_parameter": torch._utils._rebuild_parameter,
}


class _RefusedError(pickle.UnpicklingError):
    """A name that is none of NAMES."""


class _Reader(pickle.Unpickler):
    """Takes no other names than NAMES."""

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for. Raises _RefusedError for all others."""
        if f"{module}.{name}" not in NAMES:
            raise _RefusedError(f"{module}.{name}")
        return NAMES[f"{module}.{name}"]


def _load(file: Any, **options: Any) -> Any:
    return _Reader(file, **options).load()


def read(path: Path) -> dict[str, Tensor]:
    """Tensors by name of any weight file, networks pickled of plain layers among them. Raises
    MissingError."""
    try:
        return checkpoint.read_weights(path).tensors
    except MissingError as refused:
        if "wants to run code" not in refused.message:
            raise
        found = _network(path, refused.hint)
        if not found:
            raise
        return found


def _network(path: Path, hint: str) -> dict[str, Tensor]:
    """Tensors of a pickled network; none where it is no network of ours to read.

    Raises MissingError for a file that names anything but layers, with `hint`, and for a damaged
    one.
    """
    reader = SimpleNamespace(Unpickler=_Reader, load=_load, __name__="reader of layers")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the source of its classes cannot be compared
            raw = io.BytesIO(path.read_bytes())
            body = torch.load(raw, map_location="cpu", pickle_module=reader, weights_only=False)
    except _RefusedError as fault:
        raise MissingError(
            f"{path} wants to run code when opened ({fault}); refused", hint
        ) from None
    except Exception as fault:  # a damaged file raises nearly anything
        raise MissingError(
            f"{path} is damaged or cut short ({type(fault).__name__})", checkpoint.AGAIN
        ) from None
    return dict(_tensors(body)) if isinstance(body, Pickled) else {}


def _tensors(box: Pickled, prefix: str = "", *, depth: int = 20) -> Iterator[tuple[str, Tensor]]:
    """As `state_dict` names them, of layers in each other up to a depth: a box may hold itself."""
    for part in ("_parameters", "_buffers"):
        for name, value in _held(box, part):
            if isinstance(value, Tensor):
                yield f"{prefix}{name}", value.detach()
    for name, value in _held(box, "_modules"):
        if isinstance(value, Pickled) and depth:
            yield from _tensors(value, f"{prefix}{name}.", depth=depth - 1)


def _held(box: Pickled, part: str) -> list[tuple[str, Any]]:
    held = box.__dict__.get(part)
    return list(held.items()) if isinstance(held, Mapping) else []
