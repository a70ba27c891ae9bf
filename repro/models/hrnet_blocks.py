"""What HRNet's descendants share: residual blocks, stages of parallel branches, HigherHRNet's head.

No class has "Conv" in its name: the `hrnet` counting rule adds up every module whose class name
holds it.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from repro.errors import UsageError
from repro.models.checks import check_joints
from repro.models.convs import conv, conv_bn, relu, relu6
from repro.models.maps import Maps


class BasicBlock(nn.Module):
    """conv 3x3, conv 3x3, add the input, ReLU; (B, width, H, W) to the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv_bn(width, width, 3)
        self.second = conv_bn(width, width, 3, act=None)
        self.act = relu()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.second(self.first(x)) + x)
        return y


class Bottleneck(nn.Module):
    """conv 1x1, 3x3, 1x1, add the (projected) input, ReLU; (B, w_in, H, W) to (B, 4 width, H,
    W)."""

    def __init__(self, w_in: int, width: int) -> None:
        super().__init__()
        w_out = 4 * width
        self.first = conv_bn(w_in, width, 1)
        self.second = conv_bn(width, width, 3)
        self.third = conv_bn(width, w_out, 1, act=None)
        self.shortcut = conv_bn(w_in, w_out, 1, act=None) if w_in != w_out else nn.Identity()
        self.act = relu()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.third(self.second(self.first(x))) + self.shortcut(x))
        return y


def branch(width: int, blocks: int) -> nn.Sequential:
    """`blocks` basic blocks; for 0 one conv 3x3 with ReLU6, as LitePose's code has it in gradual
    shrinking."""
    if blocks == 0:
        return conv_bn(width, width, 3, act=relu6)
    return nn.Sequential(*(BasicBlock(width) for _ in range(blocks)))


def exchange(source: int, target: int, widths: Sequence[int]) -> nn.Module:
    """Path from branch `source` to branch `target`: conv 1x1 and nearest upsampling, or strided 3x3
    convolutions."""
    w_in, w_out = widths[source], widths[target]
    if source == target:
        return nn.Identity()
    if source > target:
        path = conv_bn(w_in, w_out, 1, act=None)
        path.add_module(
            "up", nn.Upsample(scale_factor=float(2 ** (source - target)), mode="nearest")
        )
        return path
    steps = [conv_bn(w_in, w_in, 3, stride=2) for _ in range(target - source - 1)]
    return nn.Sequential(*steps, conv_bn(w_in, w_out, 3, stride=2, act=None))


class FusionModule(nn.Module):
    """Parallel branches, then every output is the ReLU of the sum over all branches (HRNet's
    exchange unit).

    A list of (B, widths[i], H / 2^i, W / 2^i) to the same list, or to its first entry alone when
    `outputs` is 1.
    """

    def __init__(self, widths: Sequence[int], blocks: Sequence[int], outputs: int) -> None:
        super().__init__()
        count = len(widths)
        self.branches = nn.ModuleList(
            branch(width, n) for width, n in zip(widths, blocks, strict=True)
        )
        self.fuse = nn.ModuleList(
            nn.ModuleList(exchange(source, target, widths) for source in range(count))
            for target in range(outputs)
        )
        self.act = relu()

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        maps = [part(x) for part, x in zip(self.branches, features, strict=True)]
        return [self.act(self._sum(paths, maps)) for paths in self.fuse]

    @staticmethod
    def _sum(paths: nn.Module, maps: Sequence[Tensor]) -> Tensor:
        assert isinstance(paths, nn.ModuleList)
        total: Tensor = paths[0](maps[0])
        for path, x in zip(list(paths)[1:], maps[1:], strict=True):
            total = total + path(x)
        return total


def fusion_stage(
    widths: Sequence[int], blocks: Sequence[int], modules: int, *, single: bool = False
) -> nn.Sequential:
    """`modules` fusion modules in a row; with `single` the last one gives the high-resolution
    output only."""
    outputs = [len(widths)] * (modules - 1) + [1 if single else len(widths)]
    return nn.Sequential(*(FusionModule(widths, blocks, n) for n in outputs))


# --- HigherHRNet's head ---------------------------------------------------------------------------

TAGS = {"none": 0, "first": 1, "both": 2}  # number of outputs, from the coarsest, that carry tags


class HeatmapPyramid(nn.Module):
    """1x1 heads on the features and after each deconvolution module (HigherHRNet, arXiv 1908.10357,
    3.3).

    (B, width, h, w) to Maps with heatmaps (B, joints, 2^i h, 2^i w) for i = 0 .. deconvs and tags
    of the same shapes for the outputs that carry them. A deconvolution module is a transposed conv
    4x4 of stride 2 and `blocks` basic blocks; with `concat` it also sees the maps predicted before
    it.
    """

    def __init__(
        self,
        width: int,
        joints: int,
        *,
        tags: str,
        deconvs: int,
        deconv_width: int,
        blocks: int,
        concat: bool,
    ) -> None:
        super().__init__()
        self.joints = joints
        self.concat = concat
        self.heads = nn.ModuleList()
        self.deconvs = nn.ModuleList()
        maps = [joints * (2 if i < TAGS[tags] else 1) for i in range(deconvs + 1)]
        self.heads.append(conv(width, maps[0], 1, bias=True))
        for i in range(deconvs):
            self.deconvs.append(deconv_module(width + maps[i] * concat, deconv_width, blocks))
            self.heads.append(conv(deconv_width, maps[i + 1], 1, bias=True))
            width = deconv_width

    def forward(self, x: Tensor) -> Maps:
        outputs = [self.heads[0](x)]
        for deconv, head in zip(self.deconvs, list(self.heads)[1:], strict=True):
            x = deconv(torch.cat((x, outputs[-1]), 1) if self.concat else x)
            outputs.append(head(x))
        k = self.joints
        return Maps(
            tuple(y[:, :k] for y in outputs), tuple(y[:, k:] for y in outputs if y.shape[1] > k)
        )


def deconv_module(w_in: int, w_out: int, blocks: int) -> nn.Sequential:
    """Transposed conv 4x4 of stride 2, batch norm, ReLU, then `blocks` basic blocks: twice the
    height and width."""
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["conv"] = nn.ConvTranspose2d(w_in, w_out, 4, stride=2, padding=1, bias=False)
    parts["norm"] = nn.BatchNorm2d(w_out)
    parts["act"] = relu()
    refine = nn.Sequential(*(BasicBlock(w_out) for _ in range(blocks)))
    return nn.Sequential(OrderedDict(up=nn.Sequential(parts), blocks=refine))


def check_switches(joints: int, tags: str, deconvs: int = 1) -> None:
    """Raises `UsageError` for a number of joints or a placement of tags that no head can have."""
    check_joints(joints)
    if tags not in TAGS:
        raise UsageError(f"tags is '{tags}'; known: {', '.join(TAGS)}")
    if TAGS[tags] > deconvs + 1:
        raise UsageError(
            f"tags '{tags}' needs two outputs, deconvs={deconvs} gives one", "use tags='first'"
        )
