"""Peak activation memory of one forward pass, from the lifetimes of its tensors; nothing is
allocated."""

import weakref
from typing import Any

import torch
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from repro.errors import UsageError


def peak_bytes(model: nn.Module, size: tuple[int, int]) -> int:
    """Most bytes of activations that live at once while one image of `size` (height, width) passes,
    batch 1.

    model: on the meta device, in float32; it is put into evaluation mode. Counted: the input, which
    the caller holds to the end, and every tensor an operator returns, from that operator until
    Python drops the last reference to it, as in eager PyTorch; views share their storage and
    in-place operators add none. The operators are those of inference mode, unfused. Not counted:
    parameters and buffers, and what an operator needs inside itself (workspaces of convolutions),
    which depends on the device. Raises UsageError for a network off the meta device.
    """
    weights = [tensor.untyped_storage() for tensor in (*model.parameters(), *model.buffers())]
    if any(storage.device.type != "meta" for storage in weights):
        raise UsageError(
            "memory is measured on the meta device", "build the network under torch.device('meta')"
        )
    model.eval()
    watcher = _Watcher(weights)
    with torch.inference_mode(), watcher:
        images = torch.empty(1, 3, *size, device="meta")
        model(images)
    return watcher.peak


class _Watcher(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The bytes of what operators return while it is active, less what has been freed.

    ignored: storages that are not counted.
    """

    def __init__(self, ignored: list[torch.UntypedStorage]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak: int = 0
        self._live = 0
        self._seen = {storage._cdata for storage in ignored}

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        for value in tree_leaves(output):
            if isinstance(value, Tensor):
                self._hold(value.untyped_storage())
        return output

    def _hold(self, storage: torch.UntypedStorage) -> None:
        address = storage._cdata
        if address in self._seen:
            return
        self._seen.add(address)
        self._live += storage.nbytes()
        self.peak = max(self.peak, self._live)
        weakref.finalize(storage, self._release, address, storage.nbytes())

    def _release(self, address: int, amount: int) -> None:
        self._seen.discard(address)
        self._live -= amount
