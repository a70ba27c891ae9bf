"""Gradients of large depthwise kernels on processors.

oneDNN has a fast one for 3 x 3 alone: from 5 x 5 on it takes each channel for a block of 16 (its
verbose log says `jit`, not `jit_dw`), and half of a training step of LitePose or EfficientPose goes
there. `depthwise.c` is faster (`repro bench train`); it is compiled when a training begins, where
there is a C compiler. Outputs are torch's own; gradients equal torch's but for the order of their sums,
whatever the number of threads.
"""

import ctypes
import functools
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

LANES, SIDES = 16, (5, 7, 9)  # channels at a time; of the kernels
_FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
Gradient = Callable[..., None]


@functools.cache
def library() -> Gradient | None:
    """The compiled function; None where no C compiler makes it."""
    with tempfile.TemporaryDirectory(prefix="repro-") as folder:
        path = Path(folder, "depthwise.so")
        command = ["cc", *_FLAGS, "-o", str(path), str(Path(__file__).with_suffix(".c"))]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            found = ctypes.CDLL(str(path)).depthwise_gradient
        except (OSError, subprocess.SubprocessError, AttributeError):
            return None
    pointer = ctypes.c_void_p
    found.argtypes = [*[pointer] * 4, *[ctypes.c_int] * 3, *[ctypes.c_long] * 2]
    found.restype = None
    return found


@functools.cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count)


def gradient(images: Tensor, answers: Tensor, side: int, *, stride: int, padding: int) -> Tensor:
    """Gradient (C, 1, side, side) of the kernels; images (B, C, H, W) and the gradient (B, C, h, w)
    of what came out.

    Both float32 on the processor, with 16 channels or more; needs `library()`.
    """
    run = library()
    assert run is not None
    images, answers = (
        one.contiguous(memory_format=torch.channels_last) for one in (images, answers)
    )
    result = images.new_empty(side, side, images.shape[1])
    shape = (ctypes.c_long * 6)(*images.shape, *answers.shape[2:])
    blocks, threads = -(-images.shape[1] // LANES), torch.get_num_threads()
    places = (
        images.data_ptr(),
        answers.data_ptr(),
        result.data_ptr(),
        shape,
        side,
        stride,
        padding,
    )
    if threads == 1:
        run(*places, 0, blocks)
    else:
        cuts = [blocks * part // threads for part in range(threads + 1)]
        list(
            _threads(threads).map(
                lambda first, last: run(*places, first, last), cuts[:-1], cuts[1:]
            )
        )
    return result.permute(2, 0, 1)[:, None]


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, kernels: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(images, kernels)
        ctx.stride, ctx.padding = stride, padding
        return conv2d(images, kernels, None, stride, padding, groups=len(kernels))

    @staticmethod
    def backward(ctx: Any, *answers: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        images, kernels = ctx.saved_tensors
        stride, padding = (ctx.stride,) * 2, (ctx.padding,) * 2
        below = None
        if ctx.needs_input_grad[0]:
            below, _, _ = torch.ops.aten.convolution_backward(
                answers[0],
                images,
                kernels,
                None,
                stride,
                padding,
                (1, 1),
                False,
                (0, 0),
                len(kernels),
                (True, False, False),
            )
        side = kernels.shape[-1]
        return (
            below,
            gradient(images, answers[0], side, stride=ctx.stride, padding=ctx.padding),
            None,
            None,
        )


def _suits(part: nn.Module) -> bool:
    return (
        isinstance(part, nn.Conv2d)
        and part.groups == part.in_channels == part.out_channels >= LANES
        and part.kernel_size in [(side, side) for side in SIDES]
        and part.stride[0] == part.stride[1]
        and part.padding in [(width, width) for width in range(SIDES[-1])]
        and part.dilation == (1, 1)
        and part.bias is None
    )


def hasten(model: nn.Module) -> None:
    """Let the large depthwise kernels of a network on the processor have their gradients from
    here."""
    if library() is None:
        return
    for part in filter(_suits, model.modules()):
        assert isinstance(part, nn.Conv2d)
        part._conv_forward = functools.partial(_convolve, part)  # type: ignore[method-assign]


def _convolve(part: nn.Conv2d, images: Tensor, kernels: Tensor, bias: Tensor | None) -> Tensor:
    if (
        images.dtype == torch.float32
        and torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
    ):
        found: Tensor = _Depthwise.apply(images, kernels, part.stride[0], part.padding[0])  # type: ignore[no-untyped-call]
        return found
    return conv2d(images, kernels, bias, part.stride, part.padding, groups=part.groups)
