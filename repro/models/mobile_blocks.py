"""Blocks that the mobile families share: inverted bottlenecks and their trunk.

No class has "Conv" in its name: the `hrnet` counting
rule adds up every module whose class name holds it.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from repro.models.convs import Act, conv_bn

BlockRow = tuple[int, int, int, int]
"""Width, expansion, kernel and stride of one `InvertedBottleneck`."""


def stage_rows(codes: str, width: int, stride: int) -> list[BlockRow | None]:
    """The blocks of a stage from "73 36 -": kernel and expansion each, or the identity; the first
    has the stride."""
    return [
        None if code == "-" else (width, int(code[1]), int(code[0]), 1 if index else stride)
        for index, code in enumerate(codes.split())
    ]


class InvertedBottleneck(nn.Module):
    """MobileNetV2's block: expand 1x1, depthwise k x k, linear 1x1, plus the input at stride 1 and
    equal width.

    (B, w_in, H, W) to (B, width, H / stride, W / stride). Expansion 1 leaves the first convolution
    out.
    """

    def __init__(self, w_in: int, row: BlockRow, *, act: Act, eps: float = 1e-5) -> None:
        super().__init__()
        width, expansion, kernel, stride = row
        inner = w_in * expansion
        self.expand = conv_bn(w_in, inner, 1, act=act, eps=eps) if expansion != 1 else nn.Identity()
        self.depthwise = conv_bn(
            inner, inner, kernel, stride=stride, groups=inner, act=act, eps=eps
        )
        self.project = conv_bn(inner, width, 1, act=None, eps=eps)
        self.residual = stride == 1 and w_in == width

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class MobileTrunk(nn.Module):
    """Stem (conv 3x3 of stride 2, depthwise 3x3, linear 1x1) and stages of inverted bottlenecks.

    (B, 3, H, W) to the stem's output at 1/2 and every stage's; `widths` holds their channels.
    `stem` gives the widths of the first convolution and of the output; a block row of None is an
    identity block.
    """

    def __init__(
        self,
        stem: tuple[int, int],
        stages: Sequence[Sequence[BlockRow | None]],
        *,
        act: Act,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        first, width = stem
        self.stem = nn.Sequential(
            OrderedDict(
                first=conv_bn(3, first, 3, stride=2, act=act, eps=eps),
                depthwise=conv_bn(first, first, 3, groups=first, act=act, eps=eps),
                project=conv_bn(first, width, 1, act=None, eps=eps),
            )
        )
        self.widths = [width]
        self.stages = nn.ModuleList()
        for rows in stages:
            stage = nn.Sequential()
            for row in rows:
                stage.append(
                    nn.Identity()
                    if row is None
                    else InvertedBottleneck(width, row, act=act, eps=eps)
                )
                width = width if row is None else row[0]
            self.stages.append(stage)
            self.widths.append(width)

    def forward(self, images: Tensor) -> list[Tensor]:
        features = [self.stem(images)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return features
