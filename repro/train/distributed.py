"""Several processes of one training, started by `torchrun --nproc-per-node N -m repro train ...`;
else process 0 of 1.

Every process sees its own part of each batch. Batch norm takes its means over all parts, so that N
processes compute what one would, apart from the order of sums and from dropout.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

import torch
from torch import Tensor, distributed, nn

from repro.errors import UsageError


def rank() -> int:
    """Number of this process, from 0; process 0 writes."""
    return (
        distributed.get_rank() if distributed.is_initialized() else int(os.environ.get("RANK", "0"))
    )


def world() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Meet the other processes that torchrun has started; yields this one's own device.

    Raises UsageError where there are more processes than graphics cards.
    """
    together, local = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("LOCAL_RANK", "0"))
    if together == 1 or distributed.is_initialized():
        yield device
        return
    if device.type == "cuda":
        here, cards = int(os.environ.get("LOCAL_WORLD_SIZE", together)), torch.cuda.device_count()
        if here > cards:
            raise UsageError(
                f"{here} processes want a device each and there are {cards}",
                f"--nproc-per-node {cards}",
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        distributed.destroy_process_group()


def check_shares(batch: int, images: int) -> None:
    """Raise UsageError where a process would be left without a picture, in a full batch or an
    epoch's last."""
    least = min(batch, images % batch or batch)
    if least < world():
        raise UsageError(
            f"{world()} processes share a batch of {least} images, of {batch} per step and "
            f"{images} in all",
            f"--nproc-per-node {least}, or another --batch",
        )


def wait() -> None:
    """Until all processes are here."""
    if world() > 1:
        distributed.barrier()


def added(values: Mapping[str, float]) -> dict[str, float]:
    """The sum of every value over all processes."""
    if world() == 1:
        return dict(values)
    device = (
        torch.device("cuda", torch.cuda.current_device())
        if distributed.get_backend() == "nccl"
        else "cpu"
    )
    total = torch.tensor(list(values.values()), dtype=torch.float64, device=device)
    distributed.all_reduce(total)
    return dict(zip(values, total.tolist(), strict=True))


class _Added(torch.autograd.Function):
    """The sum of a tensor over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        return _Added.forward(None, gradient)


class SharedNorm(nn.BatchNorm2d):
    """Batch norm over the pictures of all processes; torch's own knows graphics cards only."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) as it came, normalised."""
        if not self.training:
            return super().forward(x)
        exact, width = x.float(), x.shape[1]
        sums = torch.cat(
            [
                exact.sum((0, 2, 3)),
                exact.square().sum((0, 2, 3)),
                exact.new_tensor([x.numel() / width]),
            ]
        )
        sums = cast(Tensor, _Added.apply(sums))  # type: ignore[no-untyped-call]
        count, mean = sums[-1], sums[:width] / sums[-1]
        variance = sums[width:-1] / count - mean.square()
        with torch.no_grad():
            self._remember(mean, variance * count / (count - 1))
        scaled = (exact - mean[:, None, None]) * (variance[:, None, None] + self.eps).rsqrt()
        return torch.addcmul(self.bias[:, None, None], scaled, self.weight[:, None, None]).to(
            x.dtype
        )

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert (
            self.running_mean is not None
            and self.running_var is not None
            and self.num_batches_tracked is not None
        )
        self.num_batches_tracked += 1
        share = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


def share_norms(model: nn.Module, device: torch.device) -> None:
    """Make every batch norm of a network take its means over all processes; weights and names
    stay."""
    if world() == 1:
        return
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = (
                SharedNorm  # the tensors, hooks and every reference to it stay as they are
            )


def parallel(model: nn.Module, device: torch.device) -> nn.Module:
    """A network whose gradients are the mean over all processes after every backward pass."""
    if world() == 1:
        return model
    where = [device.index] if device.type == "cuda" else None
    # some networks have outputs that a recipe's loss does not read, and so weights without a
    # gradient
    return nn.parallel.DistributedDataParallel(model, device_ids=where, find_unused_parameters=True)


def keep_back(model: nn.Module, *, last: bool) -> AbstractContextManager[None]:
    """Inside it, gradients stay in their process unless this is the last pass of a step."""
    if last or not isinstance(model, nn.parallel.DistributedDataParallel):
        return nullcontext()
    return model.no_sync()
