"""Convolutions as all families write them, and how their weights start."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from repro.errors import UsageError

Act = Callable[[], nn.Module]

relu: Act = partial(nn.ReLU, inplace=True)
relu6: Act = partial(nn.ReLU6, inplace=True)


def conv(
    w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1, bias: bool = False
) -> nn.Conv2d:
    """k x k convolution, (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W / stride)); padding
    is k // 2.

    Raises `UsageError` for an even k, which no symmetric padding can centre.
    """
    if k % 2 == 0:
        raise UsageError(f"a {k}x{k} convolution cannot be padded evenly; kernels must be odd")
    return nn.Conv2d(w_in, w_out, k, stride=stride, padding=k // 2, groups=groups, bias=bias)


def conv_bn(
    w_in: int,
    w_out: int,
    k: int,
    *,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
    act: Act | None = relu,
    eps: float = 1e-5,
) -> nn.Sequential:
    """Convolution, batch norm and activation (`act=None`: none) under the names `conv`, `norm`,
    `act`."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv"] = conv(w_in, w_out, k, stride=stride, groups=groups, bias=bias)
    layers["norm"] = nn.BatchNorm2d(w_out, eps=eps)
    if act is not None:
        layers["act"] = act()
    return nn.Sequential(layers)


def init_convs(module: nn.Module, init: Callable[[Tensor], object]) -> None:
    """Starts all (transposed) convolutions: weights by `init`, biases 0; torch itself starts batch
    norms at 1 and 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            init(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


init_normal: Callable[[Tensor], object] = partial(nn.init.normal_, std=0.001)  # HRNet's code
# EfficientNet's code
init_fan_out: Callable[[Tensor], object] = partial(nn.init.kaiming_normal_, mode="fan_out")
