"""How one pass through a network is computed: number format, memory order, compilation. The loss is
always fp32."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.spec.settings import Profile
from repro.train import depthwise

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

Network = Callable[[Tensor], Any]
Nested = TypeVar("Nested")


def mapped(change: Callable[[Tensor], Tensor], value: Nested) -> Nested:
    """Nested tuples and lists with every tensor changed; named tuples stay so, lists become
    tuples."""
    if isinstance(value, Tensor):
        return cast(Nested, change(value))
    assert isinstance(value, (tuple, list))
    items = [mapped(change, item) for item in value]
    return type(value)(*items) if hasattr(value, "_fields") else cast(Nested, tuple(items))


def check_precision(profile: Profile, device: torch.device) -> torch.dtype:
    """The number format of a profile; raises UsageError for one that is unknown or that the device
    does not train in.

    fp16 needs CUDA: its gradients are scaled to stay above the smallest numbers, which torch does
    there alone.
    """
    if profile.precision not in DTYPES:
        raise unknown("precision", profile.precision, DTYPES)
    if profile.precision == "fp16" and device.type != "cuda":
        raise UsageError(
            f"fp16 trains on CUDA only, and the device is '{device}'", "--precision bf16"
        )
    return DTYPES[profile.precision]


def arrange(model: nn.Module, profile: Profile, device: torch.device) -> None:
    """Put the kernels of a network into the profile's memory order, and on a processor let them be
    fast in it."""
    if profile.channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if device.type == "cpu" and not profile.compile:  # whose graphs cannot look into it
            depthwise.hasten(model)


def network(model: nn.Module, profile: Profile, device: torch.device) -> Network:
    """`model` as a function of pictures (B, 3, H, W) with fp32 answers, computed as the profile
    says."""
    dtype = check_precision(profile, device)
    run = cast(Network, torch.compile(model) if profile.compile else model)

    def answer(images: Tensor) -> Any:
        if profile.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            output = run(images)
        return mapped(Tensor.float, output) if dtype != torch.float32 else output

    return answer


def scaler(profile: Profile) -> torch.amp.GradScaler:
    """Scales the gradients of fp16; passes those of the other formats through."""
    return torch.amp.GradScaler("cuda", enabled=profile.precision == "fp16")
