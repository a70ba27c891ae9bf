"""Weights and training states on disk: safetensors with one JSON entry, written whole or not at
all.

Nothing is ever unpickled into code: foreign `.pt` files are read with `weights_only=True`.
"""

import hashlib
import io
import json
import os
import pickle
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as parse_safetensors
from safetensors.torch import save as to_safetensors
from torch import Tensor, nn

from repro import limits
from repro.errors import MissingError
from repro.files import MISFITS, Number, parse_json, read_bytes, typed, write_atomically

Tensors = Mapping[str, Tensor]
Convert = Callable[[Tensors], Tensors]

# the one metadata entry: with several, their order and so the bytes of the file would vary
ENTRY = "repro"
CONTAINERS = ("state_dict", "model_state_dict", "model", "net", "network")
COUNTERS = ("num_batches_tracked",)  # older torch saved none
PROFILER_LEFTOVERS = ("total_ops", "total_params")  # thop writes them into the model it counts
PLAIN = (
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.float64,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
)
DEEPEST = 8  # containers in each other; trainers use one or two
AGAIN = "copy or download the file again, or train: repro train MODEL"


def content_hash(tensors: Tensors) -> str:
    """SHA-256 over names, types, shapes and values, whatever file format they stand in."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def write_tensors(path: Path, tensors: Tensors, info: Mapping[str, Any]) -> str:
    """Write tensors and plain values; the file appears whole or not at all. Returns the content
    hash.

    Raises ReproError when the directory is full or read-only.
    """
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    sha256 = content_hash(own)
    body = json.dumps({**info, "sha256": sha256}, sort_keys=True)
    write_atomically(path, to_safetensors(own, metadata={ENTRY: body}))
    return sha256


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and plain values of a safetensors file; the values are empty when we did not write
    it.

    Raises MissingError for a missing, truncated or altered file.
    """
    raw = _bytes(path)
    try:
        tensors = parse_safetensors(raw)
    except (SafetensorError, ValueError, KeyError, TypeError) as fault:
        raise MissingError(
            f"{path} is damaged or cut short ({_first_line(fault)})", AGAIN
        ) from fault
    _check_plain(path, tensors)
    info = read_info(path)
    if info and content_hash(tensors) != info.get("sha256"):
        raise MissingError(
            f"{path} is damaged: its content does not match the hash written with it", AGAIN
        )
    return tensors, info


def read_info(path: Path) -> dict[str, Any]:
    """The plain values of a safetensors file, empty when we did not write it. Raises
    MissingError."""
    try:
        with safe_open(str(path), framework="pt") as file:
            body = parse_json((file.metadata() or {}).get(ENTRY, "{}").encode())
    except (SafetensorError, OSError, ValueError) as fault:
        raise MissingError(
            f"{path} is missing, damaged or cut short ({_first_line(fault)})", AGAIN
        ) from fault
    if not isinstance(body, dict):
        return {}
    typed(body, _Info, f"{path} is damaged: what it says of itself", hint=AGAIN)
    return body


class _Info(TypedDict, total=False):
    """What is read of the plain values in our files."""

    kind: str
    sha256: str
    model: str
    changes: dict[str, Any]
    joints: Number
    step: Number
    settings: dict[str, Any]
    scaler: dict[str, Any]


def save_weights(path: Path, model: nn.Module, info: Mapping[str, Any]) -> str:
    """Write a network's weights; returns their SHA-256.

    info: plain values, by convention model (zoo name), changes, joints, recipe, profile, step.
    Raises ReproError.
    """
    return write_tensors(path, model.state_dict(), {**info, "kind": "weights"})


def load_weights(
    model: nn.Module, path: str | Path, *, convert: Convert | None = None
) -> dict[str, Any]:
    """Fill `model` from our safetensors, a torch `.pt`/`.pth`, or a `.npz`; returns the file's info
    with its sha256.

    convert: the family's `from_upstream` with the variant filled in, used when the names are not
    ours. Raises MissingError when the file is missing, damaged, not finite, or of another model or
    joint count.
    """
    return fill(model, read_weights(Path(path)), convert=convert)


def fill(model: nn.Module, file: "WeightFile", *, convert: Convert | None = None) -> dict[str, Any]:
    """`load_weights` from a file that has been read."""
    path, tensors, info = file
    _check_plain(path, tensors)
    if not info and convert is not None and not _same_names(tensors, model.state_dict()):
        tensors = dict(convert(tensors))
    _check_fit(path, tensors, model.state_dict(), info)
    _check_finite(path, tensors)
    model.load_state_dict(tensors, strict=False)  # strict but for the counters, see _check_fit
    return {**info, "sha256": info.get("sha256") or content_hash(tensors)}


class WeightFile(NamedTuple):
    """A weight file that has been read. info: empty when it is not ours."""

    path: Path
    tensors: dict[str, Tensor]
    info: dict[str, Any]


class Identity(NamedTuple):
    """What a weight file is. model: "" where it does not say. sha256: of its content."""

    model: str
    sha256: str


def identify(path: Path) -> Identity:
    """The model and the hash of a weight file: of ours from its header alone, of others read and
    hashed once."""
    changed = path.stat() if path.exists() else None
    return _identify(path, (changed.st_mtime_ns, changed.st_size) if changed else ())


@lru_cache(maxsize=256)
def _identify(path: Path, _state: tuple[int, ...]) -> Identity:
    with suppress(MissingError):
        info = read_info(path)
        if info.get("kind") == "weights" and info.get("sha256"):
            return Identity(str(info.get("model", "")), str(info["sha256"]))
    tensors = read_weights(path).tensors
    _check_plain(path, tensors)
    return Identity("", content_hash(tensors))


def read_weights(path: Path) -> WeightFile:
    """Named tensors of any weight file, and its info when it is ours. Raises MissingError."""
    raw = _bytes(path)
    if raw[:2] == b"PK" and any(name.endswith(".npy") for name in _members(path)):
        return WeightFile(path, _from_npz(path), {})
    if len(raw) > 8 and raw[8:9] == b"{":  # 8 bytes of header length, then JSON
        tensors, info = read_tensors(path)
        if info and info.get("kind") != "weights":
            what = (
                "a backbone to start a training from"
                if info.get("kind") == "start"
                else "a training state"
            )
            raise MissingError(
                f"{path} is {what}, not weights", "finish the training, or name other weights"
            )
        return WeightFile(path, tensors, info)
    return WeightFile(path, _from_torch(path, raw), {})


def _bytes(path: Path) -> bytes:
    if not os.path.lexists(path):
        raise MissingError(f"no file {path}", "name an existing file, or train: repro train MODEL")
    return read_bytes(path, "weights", most=limits.WEIGHT_BYTES, hint="name a readable weight file")


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, *MISFITS, NotImplementedError) as fault:
        raise MissingError(
            f"{path} is damaged or cut short ({_first_line(fault)})", AGAIN
        ) from fault


def _from_npz(path: Path) -> dict[str, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            inflated = sum(one.file_size for one in arrays.zip.infolist())
            if inflated > limits.WEIGHT_BYTES:
                raise ValueError(f"{inflated / 1e9:.1f} GB when unpacked")
            return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    except (
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        SyntaxError,
        *MISFITS,
    ) as fault:
        raise MissingError(
            f"{path} is damaged or holds no plain arrays ({_first_line(fault)})", AGAIN
        ) from fault


def _from_torch(path: Path, raw: bytes) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch remarks on old pickle protocols
            body = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as fault:
        wanted = re.search(r"GLOBAL ([\w.]+)", str(fault))
        what = (
            f"wants to run code when opened ({wanted[1]}); refused"
            if wanted
            else "is no plain weight file; refused"
        )
        hint = "save its state_dict alone, with plain tensors, by torch.save or as safetensors"
        raise MissingError(f"{path} {what}", hint) from fault
    except MemoryError:
        raise
    except Exception as fault:  # a damaged file raises nearly anything
        raise MissingError(
            f"{path} is damaged, cut short or no weight file ({_first_line(fault)})", AGAIN
        ) from fault
    return _named_tensors(path, body)


def _named_tensors(path: Path, body: Any) -> dict[str, Tensor]:
    """The tensors of a state_dict, or of the container that trainers wrap around one."""
    inner = body
    for _ in range(DEEPEST):  # a container may hold itself
        held = [
            name
            for name in CONTAINERS
            if isinstance(inner, Mapping) and isinstance(inner.get(name), Mapping)
        ]
        inner = inner[held[0]] if held else inner
    if not isinstance(inner, Mapping):
        raise MissingError(
            f"{path} holds a {type(inner).__name__}, not named tensors",
            "save the network's state_dict",
        )
    tensors = {str(name): value for name, value in inner.items() if isinstance(value, Tensor)}
    if not tensors:
        raise MissingError(f"{path} holds no tensors", "save the network's state_dict")
    if all(name.startswith("module.") for name in tensors):  # DataParallel
        tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    return {
        name: value
        for name, value in tensors.items()
        if name.rsplit(".", 1)[-1] not in PROFILER_LEFTOVERS
    }


def _check_plain(path: Path, tensors: Tensors) -> None:
    """Raise MissingError for tensors whose values cannot be read as plain numbers, or that are
    larger than any file."""
    for name, one in tensors.items():
        if (
            one.dtype not in PLAIN
            or one.layout != torch.strided
            or one.device.type != "cpu"
            or one.is_quantized
        ):
            kind = f"{one.dtype}".removeprefix("torch.")
            what = f"{kind}, {one.layout}".replace("torch.", "") + f", on {one.device.type}"
            raise MissingError(
                f"{path}: {name} holds no plain numbers ({what})", "save it as float32 or float16"
            )
    size = sum(one.numel() * one.element_size() for one in tensors.values())
    if size > limits.WEIGHT_BYTES:
        raise MissingError(
            f"{path} holds tensors of {size / 1e9:.1f} GB, which are not read", AGAIN
        )


def check_values(path: Path, tensors: Tensors) -> None:
    """Raise MissingError for tensors that hold anything but plain, finite numbers."""
    _check_plain(path, tensors)
    _check_finite(path, tensors)


def _names(tensors: Tensors) -> set[str]:
    return {name for name in tensors if name.rsplit(".", 1)[-1] not in COUNTERS}


def _same_names(first: Tensors, second: Tensors) -> bool:
    return _names(first) == _names(second)


def _check_fit(path: Path, given: Tensors, wanted: Tensors, info: Mapping[str, Any]) -> None:
    faults = [f"{name} is absent" for name in sorted(_names(wanted) - set(given))]
    faults += [f"{name} is not part of the model" for name in sorted(_names(given) - set(wanted))]
    for name in sorted(set(given) & set(wanted)):
        ours, theirs = tuple(wanted[name].shape), tuple(given[name].shape)
        if ours != theirs:
            faults.append(f"{name} has shape {theirs}, the model wants {ours}")
    if faults:
        told = f", which is {title(info)}" if info else ""
        more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
        hint = "build the model the file was made for, or name other weights"
        if not info and not _names(given) & set(wanted):
            hint = (
                "names of the original authors? load_weights(..., "
                "convert=functools.partial(repro.from_upstream, NAME))"
            )
        raise MissingError(
            f"{path}{told}, does not fit the model: {'; '.join(faults[:3])}{more}", hint
        )


def title(info: Mapping[str, Any]) -> str:
    """The network that a file of ours says it is of."""
    changes = info.get("changes") or {}
    words = [
        str(info.get("model", "an unnamed model")),
        *(f"{name}={value}" for name, value in sorted(changes.items())),
    ]
    if info.get("joints") and "joints" not in changes:
        words.append(f"joints={info['joints']}")
    return " ".join(words)


def _check_finite(path: Path, tensors: Tensors) -> None:
    for name in sorted(tensors):
        if tensors[name].is_floating_point() and not bool(torch.isfinite(tensors[name]).all()):
            raise MissingError(
                f"{path}: {name} holds NaN or infinite values",
                "the training diverged; use earlier weights",
            )


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0][:120]


# --- training state -------------------------------------------------------------------------------


def save_state(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, info: Mapping[str, Any]
) -> None:
    """Write all a training needs to go on: weights, the optimiser's tensors and `info` (plain
    values, the step among them). Random numbers need no state: training derives them from (seed,
    step). Raises ReproError."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        for name, value in values.items():
            tensors[f"optimizer.{index}.{name}"] = torch.as_tensor(value)
    write_tensors(path, tensors, {**info, "kind": "state"})


def load_state(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Put a training back to where `save_state` saw it; returns its `info`. Raises MissingError."""
    tensors, info = read_tensors(path)
    if info.get("kind") != "state":
        raise MissingError(f"{path} is not a training state", "remove it to start anew")
    weights = {
        name.removeprefix("model."): value
        for name, value in tensors.items()
        if name.startswith("model.")
    }
    _check_fit(path, weights, model.state_dict(), info)
    model.load_state_dict(weights)
    state: dict[int, dict[str, Tensor]] = {}
    try:
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, index, entry = name.split(".", 2)
                state.setdefault(int(index), {})[entry] = value
        optimizer.load_state_dict(
            {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
        )
        return {**info, "step": info["step"]}
    except MISFITS as fault:
        raise MissingError(
            f"{path} is damaged: no state of this training ({_first_line(fault)})", AGAIN
        ) from None
