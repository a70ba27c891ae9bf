"""SimpleBaseline: a ResNet and three transposed convolutions (Xiao, Wu, Wei, ECCV 2018, section 2).

A row of EfficientPose-NAS tables 2, 4 and 5. The printed cost there counts a transposed convolution
at its output size, four times too much.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from repro.models.checks import check_network
from repro.models.convs import init_convs, init_normal
from repro.models.maps import Maps
from repro.models.upstream import match_keys
from repro.models.vision import models


def _doubling(inputs: int, outputs: int) -> nn.Sequential:
    """Transposed convolution (4x4, stride 2, no bias), batch norm, ReLU: twice the height and
    width."""
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class SimpleBaseline(nn.Module):
    """images (B, 3, H, W) -> one set of heatmaps (B, joints, H/4, W/4)."""

    stride = 32

    def __init__(self, blocks: tuple[int, int, int, int], *, joints: int) -> None:
        super().__init__()
        body = models.resnet.ResNet(models.resnet.Bottleneck, list(blocks), num_classes=1)
        self.stem = nn.Sequential(body.conv1, body.bn1, body.relu, body.maxpool)
        self.stage1, self.stage2 = body.layer1, body.layer2
        self.stage3, self.stage4 = body.layer3, body.layer4
        self.upsampling = nn.Sequential(
            _doubling(2048, 256), _doubling(256, 256), _doubling(256, 256)
        )
        self.score = nn.Conv2d(256, joints, 1)
        for added in (self.upsampling, self.score):  # the ResNet keeps torchvision's start
            init_convs(added, init_normal)

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps; H and W multiples of 32."""
        x = self.stage2(self.stage1(self.stem(images)))
        x = self.stage4(self.stage3(x))
        return Maps(heatmaps=(self.score(self.upsampling(x)),))


# bottlenecks per stage: He et al., CVPR 2016, table 1
VARIANTS: dict[str, tuple[int, int, int, int]] = {
    "simplebaseline_r50": (3, 4, 6, 3),  # EfficientPose-NAS tables 2, 4, 5
    "simplebaseline_r101": (3, 4, 23, 3),  # EfficientPose-NAS tables 2, 4, 5
    "simplebaseline_r152": (3, 8, 36, 3),  # EfficientPose-NAS tables 2, 4, 5
}


def build(variant: str, *, joints: int = 17) -> SimpleBaseline:
    """The network called `variant`; UsageError for an unknown name or no joints."""
    check_network(variant, VARIANTS, joints)
    return SimpleBaseline(VARIANTS[variant], joints=joints)


def official_key(key: str) -> str:
    """What microsoft/human-pose-estimation.pytorch calls the entry `key` of our state dict;
    torchvision its ResNet."""
    key = (
        key.replace("stem.0.", "conv1.")
        .replace("stem.1.", "bn1.")
        .replace("score.", "final_layer.")
    )
    key = re.sub(r"^stage(\d)\.", r"layer\1.", key)
    return re.sub(
        r"^upsampling\.(\d)\.(\d)\.", lambda m: f"deconv_layers.{3 * int(m[1]) + int(m[2])}.", key
    )


def from_upstream(
    variant: str, state_dict: Mapping[str, Tensor], *, joints: int | None = None
) -> dict[str, Tensor]:
    """Weights of microsoft/human-pose-estimation.pytorch with its PyTorch-style ResNet under our
    keys.

    Strict both ways; `joints` is read from the last layer when absent. Its Caffe-style ResNets have
    the same names and shapes, but their stride elsewhere: nothing in such a file tells. Raises
    `MissingError` where keys or shapes do not fit, `UsageError` as `build`.
    """
    if joints is None:
        last = state_dict.get("final_layer.weight")
        joints = 17 if last is None else len(last)
    with torch.device("meta"):
        net = build(variant, joints=joints)
    return match_keys(net.state_dict(), state_dict, official_key, model=variant)
