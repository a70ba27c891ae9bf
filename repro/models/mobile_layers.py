"""Blocks that the mobile families share: inverted bottlenecks, their trunk, EfficientPose-NAS's slim head.

As in `layers`, whose convolutions these are made of, no class has "Conv" in its name: the `hrnet` counting
rule adds up every module whose class name holds it.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.maps import Maps
from repro.models.checks import check_joints
from repro.models.layers import Act, conv, conv_bn, relu

BlockRow = tuple[int, int, int, int]
"""Width, expansion, kernel and stride of one `InvertedBottleneck`."""


def stage_rows(codes: str, width: int, stride: int) -> list[BlockRow | None]:
    """The blocks of a stage from "73 36 -": kernel and expansion each, or the identity; the first has the stride."""
    return [
        None if code == "-" else (width, int(code[1]), int(code[0]), 1 if index else stride)
        for index, code in enumerate(codes.split())
    ]


class InvertedBottleneck(nn.Module):
    """MobileNetV2's block: expand 1x1, depthwise k x k, linear 1x1, plus the input at stride 1 and equal width.

    (B, w_in, H, W) to (B, width, H / stride, W / stride). Expansion 1 leaves the first convolution out.
    """

    def __init__(self, w_in: int, row: BlockRow, *, act: Act, eps: float = 1e-5) -> None:
        super().__init__()
        width, expansion, kernel, stride = row
        inner = w_in * expansion
        self.expand = conv_bn(w_in, inner, 1, act=act, eps=eps) if expansion != 1 else nn.Identity()
        self.depthwise = conv_bn(inner, inner, kernel, stride=stride, groups=inner, act=act, eps=eps)
        self.project = conv_bn(inner, width, 1, act=None, eps=eps)
        self.residual = stride == 1 and w_in == width

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class MobileTrunk(nn.Module):
    """Stem (conv 3x3 of stride 2, depthwise 3x3, linear 1x1) and stages of inverted bottlenecks.

    (B, 3, H, W) to the stem's output at 1/2 and every stage's; `widths` holds their channels. `stem` gives the
    widths of the first convolution and of the output; a block row of None is an identity block.
    """

    def __init__(
        self, stem: tuple[int, int], stages: Sequence[Sequence[BlockRow | None]], *, act: Act, eps: float = 1e-5
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
                stage.append(nn.Identity() if row is None else InvertedBottleneck(width, row, act=act, eps=eps))
                width = width if row is None else row[0]
            self.stages.append(stage)
            self.widths.append(width)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Shapes as the class says."""
        features = [self.stem(images)]
        for stage in self.stages:
            features.append(stage(features[-1]))
        return features


# --- EfficientPose-NAS's head (arXiv 2012.07086) ------------------------------------------------------------------


def upsample(w_in: int, width: int, *, groups: int = 1) -> nn.Sequential:
    """Transposed conv 4x4 of stride 2, batch norm, ReLU: twice the height and width."""
    up = nn.ConvTranspose2d(w_in, width, 4, stride=2, padding=1, groups=groups, bias=False)
    return nn.Sequential(OrderedDict(up=up, norm=nn.BatchNorm2d(width), act=relu()))


def upsample_mbv1(w_in: int, width: int) -> nn.Sequential:
    """Table 8 "MBV1 style": the transposed convolution depthwise, then 1x1."""
    depthwise = upsample(w_in, w_in, groups=w_in)
    return nn.Sequential(OrderedDict(depthwise=depthwise, project=conv_bn(w_in, width, 1)))


def upsample_mbv2(w_in: int, width: int) -> nn.Sequential:
    """Table 8 "MBV2 style": 1x1 to six times the width, depthwise transposed convolution, linear 1x1.

    The paper prints neither the factor nor the kernel; six and 4 give its 600 MFLOPs (4 and 4 551, 6 and 3 587).
    """
    inner = 6 * w_in
    depthwise = upsample(inner, inner, groups=inner)
    project = conv_bn(inner, width, 1, act=None)
    return nn.Sequential(OrderedDict(expand=conv_bn(w_in, inner, 1), depthwise=depthwise, project=project))


DECONV_STYLES = {"plain": upsample, "mbv1": upsample_mbv1, "mbv2": upsample_mbv2}


class SlimHead(nn.Module):
    """Two narrow transposed convolutions, spatial information correction, 1x1 with bias (Sec. 3.4).

    (B, w_in, h, w) to (B, joints, 4h, 4w). `sic`: the depthwise 3x3 that corrects what the transposed
    convolutions leave, with a ReLU and no norm.
    """

    def __init__(
        self, w_in: int, joints: int, *, widths: Sequence[int] = (64, 32), style: str = "plain", sic: bool = True
    ) -> None:
        super().__init__()
        make = DECONV_STYLES[style]
        self.deconvs = nn.Sequential(make(w_in, widths[0]), make(widths[0], widths[1]))
        depthwise = conv(widths[1], widths[1], 3, groups=widths[1])
        self.correction = nn.Sequential(OrderedDict(depthwise=depthwise, act=relu())) if sic else nn.Identity()
        self.final = conv(widths[1], joints, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        y: Tensor = self.final(self.correction(self.deconvs(x)))
        return y


class SlimPose(nn.Module):
    """A backbone whose last output is at 1/16, and the slim head: (B, 3, H, W) to heatmaps (B, joints, H/4, W/4)."""

    stride = 16

    def __init__(self, backbone: nn.Module, head: SlimHead) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, images: Tensor) -> Maps:
        """Shapes as the class says."""
        return Maps((self.head(self.backbone(images)[-1]),))


def check_slim_switches(joints: int, deconv_widths: Sequence[int], deconv_style: str) -> None:
    """Raises `UsageError` for a head that cannot be built."""
    check_joints(joints)
    if len(deconv_widths) != 2 or min(deconv_widths) <= 0:
        raise UsageError(f"deconv_widths is {tuple(deconv_widths)}; the head has two widths above 0, as in (64, 32)")
    if deconv_style not in DECONV_STYLES:
        raise unknown("deconv_style", deconv_style, DECONV_STYLES)


def official_slim_key(key: str) -> str:
    """The name that the public EfficientPose code gives to tensor `key` of a `SlimHead` with plain deconvolutions."""
    module, leaf = key.rsplit(".", 1)
    parts = module.split(".")
    if parts[0] == "deconvs":
        return f"deconv_layers.{3 * int(parts[1]) + (parts[2] == 'norm')}.{leaf}"
    return f"final.{2 if parts[0] == 'final' else 0}.{leaf}"
