"""EfficientNet's blocks and backbone, shared by the classifiers, EfficientHRNet and, cut short,
EfficientPose.

No class but `MBConv` has "Conv" in its name: the `hrnet` counting rule adds up every module whose
class name holds it, and EfficientHRNet's printed parameters depend on that (each block is counted
twice).
"""

import math
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

from repro.models.convs import Act, conv, conv_bn, init_convs, init_fan_out

Depths = Callable[[float], int]

EFFICIENTNET_STEM = 32
EFFICIENTNET_STAGES = (  # expansion, width, blocks, stride, kernel (arXiv 1905.11946, Table 1)
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


def scale_width(width: int, factor: float, step: int = 8) -> int:
    """width * factor to the nearest multiple of `step`, one more when that loses over 10 %
    (EfficientNet's rule)."""
    wanted = width * factor
    rounded = max(step, int(wanted + step / 2) // step * step)
    return rounded + step if rounded < 0.9 * wanted else rounded


def conv_swish(w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, batch norm, swish; (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W /
    stride)).

    Of the k - stride rows and columns of padding the larger half is at the end. With stride 2 there
    is one more, which only odd sizes read: rounding down there would miss the multiply-adds of
    EfficientHRNet's Table 2 at 170 px.
    """
    start, end = (k - stride) // 2, (k - stride + 1) // 2 + stride - 1
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    if start != end:
        parts["pad"] = nn.ZeroPad2d((start, end, start, end))
    inside = start if start == end else 0
    parts["conv"] = nn.Conv2d(
        w_in, w_out, k, stride=stride, padding=inside, groups=groups, bias=False
    )
    parts["norm"], parts["act"] = nn.BatchNorm2d(w_out), nn.SiLU()
    return nn.Sequential(parts)


class SqueezeExcite(nn.Module):
    """Scales each channel by a gate computed from the channel means; (B, width, H, W) to the same
    shape."""

    def __init__(self, width: int, hidden: int, *, act: Act = nn.SiLU) -> None:
        super().__init__()
        self.reduce = conv(width, hidden, 1, bias=True)
        self.expand = conv(hidden, width, 1, bias=True)
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.expand(self.act(self.reduce(self.means(x)))))

    def means(self, x: Tensor) -> Tensor:
        """(B, width, 1, 1): of each channel."""
        return nn.functional.adaptive_avg_pool2d(x, 1)


class MBConv(nn.Module):
    """[conv 1x1 to a larger width], depthwise convolution, squeeze-and-excitation, conv 1x1, [plus
    the input].

    (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W / stride)). In training the branch beside
    the input is dropped per image with probability `drop`.
    """

    def __init__(
        self,
        expand: nn.Module,
        depthwise: nn.Module,
        gate: SqueezeExcite,
        project: nn.Module,
        *,
        residual: bool,
        drop: float = 0.0,
    ) -> None:
        super().__init__()
        self.expand = expand
        self.depthwise = depthwise
        self.gate = gate
        self.project = project
        self.residual = residual
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.gate(self.depthwise(self.expand(x))))
        return x + self._dropped(y) if self.residual else y

    def _dropped(self, y: Tensor) -> Tensor:
        if not self.training or self.drop == 0:
            return y
        keep = 1 - self.drop
        return y * (torch.rand(y.shape[0], 1, 1, 1, device=y.device, dtype=y.dtype) < keep) / keep


def efficientnet_block(
    w_in: int, w_out: int, k: int, *, stride: int = 1, expand: int = 6, drop: float = 0.2
) -> MBConv:
    """EfficientNet's own: the gate's hidden width is a quarter of w_in, 0.2 is dropped as in
    EfficientHRNet's code."""
    inner = w_in * expand
    return MBConv(
        conv_swish(w_in, inner, 1) if expand != 1 else nn.Identity(),
        conv_swish(inner, inner, k, stride=stride, groups=inner),
        SqueezeExcite(inner, max(1, w_in // 4)),
        conv_bn(inner, w_out, 1, act=None),
        residual=stride == 1 and w_in == w_out,
        drop=drop,
    )


class EfficientNetBackbone(nn.Module):
    """EfficientNet's stem and seven stages, all widths and depths scaled by the two factors.

    Widths go to multiples of 8, depths are rounded up, unless `step` and `depths` say otherwise.
    (B, 3, H, W) to the outputs of stages 2, 3, 5 and 7: `widths[i]` channels at 1/4, 1/8, 1/16 and
    1/32.
    """

    TAPS = (2, 3, 5, 7)

    def __init__(
        self, width_factor: float, depth_factor: float, *, step: int = 8, depths: Depths = math.ceil
    ) -> None:
        super().__init__()
        width = scale_width(EFFICIENTNET_STEM, width_factor, step)
        self.stem = conv_swish(3, width, 3, stride=2)
        self.stages = nn.ModuleDict()
        widths = []
        for number, (expand, base, blocks, stride, k) in enumerate(EFFICIENTNET_STAGES, 1):
            w_out, stage = scale_width(base, width_factor, step), nn.Sequential()
            for _ in range(max(1, depths(blocks * depth_factor))):
                stage.append(efficientnet_block(width, w_out, k, stride=stride, expand=expand))
                stride, width = 1, w_out
            self.stages[str(number)] = stage
            widths.append(width)
        self.widths = tuple(widths[number - 1] for number in self.TAPS)
        init_convs(self, init_fan_out)

    def forward(self, images: Tensor) -> list[Tensor]:
        x, taps = self.stem(images), list[Tensor]()
        for number, stage in enumerate(self.stages.values(), 1):
            x = stage(x)
            if number in self.TAPS:
                taps.append(x)
        return taps
