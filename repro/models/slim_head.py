"""EfficientPose-NAS's head (arXiv 2012.07086, section 3.4), which its searched and its compared
backbones carry."""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.checks import check_joints
from repro.models.convs import conv, conv_bn, relu
from repro.models.maps import Maps


def upsample(w_in: int, width: int, *, groups: int = 1) -> nn.Sequential:
    """Transposed conv 4x4 of stride 2, batch norm, ReLU: twice the height and width."""
    up = nn.ConvTranspose2d(w_in, width, 4, stride=2, padding=1, groups=groups, bias=False)
    return nn.Sequential(OrderedDict(up=up, norm=nn.BatchNorm2d(width), act=relu()))


def upsample_mbv1(w_in: int, width: int) -> nn.Sequential:
    """Table 8 "MBV1 style": the transposed convolution depthwise, then 1x1."""
    depthwise = upsample(w_in, w_in, groups=w_in)
    return nn.Sequential(OrderedDict(depthwise=depthwise, project=conv_bn(w_in, width, 1)))


def upsample_mbv2(w_in: int, width: int) -> nn.Sequential:
    """Table 8 "MBV2 style": 1x1 to six times the width, depthwise transposed convolution, linear
    1x1.

    The paper prints neither the factor nor the kernel; six and 4 give its 600 MFLOPs (4 and 4 551,
    6 and 3 587).
    """
    inner = 6 * w_in
    depthwise = upsample(inner, inner, groups=inner)
    project = conv_bn(inner, width, 1, act=None)
    return nn.Sequential(
        OrderedDict(expand=conv_bn(w_in, inner, 1), depthwise=depthwise, project=project)
    )


DECONV_STYLES = {"plain": upsample, "mbv1": upsample_mbv1, "mbv2": upsample_mbv2}


class SlimHead(nn.Module):
    """Two narrow transposed convolutions, spatial information correction, 1x1 with bias (Sec. 3.4).

    (B, w_in, h, w) to (B, joints, 4h, 4w). `sic`: the depthwise 3x3 that corrects what the
    transposed convolutions leave, with a ReLU and no norm.
    """

    def __init__(
        self,
        w_in: int,
        joints: int,
        *,
        widths: Sequence[int] = (64, 32),
        style: str = "plain",
        sic: bool = True,
    ) -> None:
        super().__init__()
        make = DECONV_STYLES[style]
        self.deconvs = nn.Sequential(make(w_in, widths[0]), make(widths[0], widths[1]))
        depthwise = conv(widths[1], widths[1], 3, groups=widths[1])
        self.correction = (
            nn.Sequential(OrderedDict(depthwise=depthwise, act=relu())) if sic else nn.Identity()
        )
        self.final = conv(widths[1], joints, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.final(self.correction(self.deconvs(x)))
        return y


class SlimPose(nn.Module):
    """A backbone whose last output is at 1/16, and the slim head: (B, 3, H, W) to heatmaps (B,
    joints, H/4, W/4)."""

    stride = 16

    def __init__(self, backbone: nn.Module, head: SlimHead) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head

    def forward(self, images: Tensor) -> Maps:
        return Maps((self.head(self.backbone(images)[-1]),))


def check_slim_switches(joints: int, deconv_widths: Sequence[int], deconv_style: str) -> None:
    """Raises `UsageError` for a head that cannot be built."""
    check_joints(joints)
    if len(deconv_widths) != 2 or min(deconv_widths) <= 0:
        raise UsageError(
            f"deconv_widths is {tuple(deconv_widths)}; the head has two widths above 0, as in (64, "
            f"32)"
        )
    if deconv_style not in DECONV_STYLES:
        raise unknown("deconv_style", deconv_style, DECONV_STYLES)


def official_slim_key(key: str) -> str:
    """The name that the public EfficientPose code gives to tensor `key` of a `SlimHead` with plain
    deconvolutions."""
    module, leaf = key.rsplit(".", 1)
    parts = module.split(".")
    if parts[0] == "deconvs":
        return f"deconv_layers.{3 * int(parts[1]) + (parts[2] == 'norm')}.{leaf}"
    return f"final.{2 if parts[0] == 'final' else 0}.{leaf}"
