"""LPN, a lightweight SimpleBaseline (Zhang, Tang, Wu, 2019, arXiv:1911.10346, section 3).

A ResNet of narrow bottlenecks (expansion 1, depthwise 3x3, global context), its last stage at
stride 1, and two grouped transposed convolutions. Rows of EfficientPose-NAS tables 4 and 5.
`from_upstream` is left out: no original key layout is on record.
"""

import math

import torch
from torch import Tensor, nn

from repro.models.checks import check_network
from repro.models.convs import init_convs, init_normal
from repro.models.maps import Maps


class GlobalContext(nn.Module):
    """Attention-weighted mean over all positions, squeezed and added to each (Cao et al., 2019,
    GCNet).

    The mean is a matrix product of C x HW multiply-adds beside the convolutions' own.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = max(channels // 16, 16)
        self.mask = nn.Conv2d(channels, 1, 1)
        self.transform = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1),
            nn.LayerNorm([squeezed, 1, 1]),
            nn.ReLU(inplace=True),
            nn.Conv2d(squeezed, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, h, w) -> the same shape."""
        weights = self.mask(x).flatten(2).softmax(dim=2)
        context = torch.matmul(x.flatten(2), weights.transpose(1, 2)).unsqueeze(3)
        added: Tensor = x + self.transform(context)
        return added


class LightBottleneck(nn.Module):
    """1x1, depthwise 3x3, 1x1, global context, shortcut (section 3.1)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.reduce_norm = nn.BatchNorm2d(outputs)
        self.depthwise = nn.Conv2d(
            outputs, outputs, 3, stride, padding=1, groups=outputs, bias=False
        )
        self.depthwise_norm = nn.BatchNorm2d(outputs)
        self.expand = nn.Conv2d(outputs, outputs, 1, bias=False)
        self.expand_norm = nn.BatchNorm2d(outputs)
        self.context = GlobalContext(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, h, w) -> (B, outputs, h/stride, w/stride)."""
        y = self.reduce_norm(self.reduce(x)).relu()
        y = self.depthwise_norm(self.depthwise(y)).relu()
        y = self.context(self.expand_norm(self.expand(y)))
        total: Tensor = y + self.shortcut(x)
        return total.relu()


def _stage(inputs: int, outputs: int, blocks: int, *, stride: int) -> nn.Sequential:
    first = LightBottleneck(inputs, outputs, stride)
    return nn.Sequential(first, *(LightBottleneck(outputs, outputs, 1) for _ in range(blocks - 1)))


def _doubling(inputs: int, outputs: int) -> nn.Sequential:
    """Grouped transposed convolution (4x4, stride 2), then a dense 1x1: twice the height and
    width."""
    groups = math.gcd(inputs, outputs)
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class LPN(nn.Module):
    """images (B, 3, H, W) -> one set of heatmaps (B, joints, H/4, W/4)."""

    stride = 16

    def __init__(self, blocks: tuple[int, int, int, int], *, joints: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.stage1 = _stage(64, 64, blocks[0], stride=1)
        self.stage2 = _stage(64, 128, blocks[1], stride=2)
        self.stage3 = _stage(128, 256, blocks[2], stride=2)
        self.stage4 = _stage(256, 512, blocks[3], stride=1)
        self.upsampling = nn.Sequential(_doubling(512, 256), _doubling(256, 256))
        self.score = nn.Conv2d(256, joints, 1)
        init_convs(self, init_normal)  # as the original

    def forward(self, images: Tensor) -> Maps:
        """(B, 3, H, W) -> Maps; H and W multiples of 16."""
        x = self.stage2(self.stage1(self.stem(images)))
        x = self.stage4(self.stage3(x))
        return Maps(heatmaps=(self.score(self.upsampling(x)),))


# blocks per stage, as the ResNet of that depth
VARIANTS: dict[str, tuple[int, int, int, int]] = {
    "lpn_50": (3, 4, 6, 3),  # EfficientPose-NAS tables 4, 5
    "lpn_101": (3, 4, 23, 3),  # EfficientPose-NAS tables 4, 5
    "lpn_152": (3, 8, 36, 3),  # EfficientPose-NAS tables 4, 5
}


def build(variant: str, *, joints: int = 17) -> LPN:
    """The network called `variant`; UsageError for an unknown name or no joints."""
    check_network(variant, VARIANTS, joints)
    return LPN(VARIANTS[variant], joints=joints)
