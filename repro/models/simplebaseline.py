"""SimpleBaseline: a ResNet and three transposed convolutions (Xiao, Wu, Wei, ECCV 2018, section 2).

A row of EfficientPose-NAS tables 2, 4 and 5. The printed cost there counts a transposed convolution
at its output size, four times too much. `from_upstream` is left out: no original key layout is on record.
"""

from torch import Tensor, nn

from repro.maps import Maps
from repro.models.checks import check_network
from repro.models.convs import init_convs, init_normal
from repro.vision import models


def _doubling(inputs: int, outputs: int) -> nn.Sequential:
    """Transposed convolution (4x4, stride 2, no bias), batch norm, ReLU: twice the height and width."""
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
        self.upsampling = nn.Sequential(_doubling(2048, 256), _doubling(256, 256), _doubling(256, 256))
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
