"""LitePose's trunk as a classifier, for the half of Fig. 7 that asks whether classes need large
kernels too.

LitePose, arXiv 2205.01271, section 3.4: the paper names neither the classifier's head nor its data.
Here: mean over the picture and one linear layer, on the trunk of "0.5 LitePose" (Table 3).
"""

from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.convs import relu6
from repro.models.efficientnet_blocks import scale_width
from repro.models.mobile_blocks import BlockRow, MobileTrunk

FIRST_WIDTH, STEM = 32, 24
WIDTHS = (32, 64, 96, 160)  # of the super-net's four stages
BLOCKS = (6, 8, 10, 10)
STRIDES = (2, 2, 2, 1)
EXPANSION = 6
KERNELS = (3, 5, 7, 9)  # Fig. 7
VARIANTS = ("litepose_classifier",)


class LitePoseClassifier(nn.Module):
    """Trunk, mean over the picture and one linear layer.

    images: (B, 3, H, W), sides multiples of 16. Returns logits (B, classes).
    """

    stride = 16

    def __init__(self, trunk: MobileTrunk, classes: int) -> None:
        super().__init__()
        self.backbone = trunk
        self.classifier = nn.Linear(trunk.widths[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.backbone(images)[-1].mean((2, 3)))
        return logits


def build(
    variant: str, *, classes: int = 1000, kernel: int = 7, width: float = 0.5
) -> LitePoseClassifier:
    """The classifier for `classes` classes.

    kernel: of all blocks' depthwise convolutions. width: factor on all widths but the first
    convolution's. Raises `UsageError` for an unknown variant and for numbers out of range.
    """
    if variant not in VARIANTS:
        raise unknown("model", variant, VARIANTS)
    if kernel not in KERNELS:
        raise UsageError(f"kernel is {kernel}; known: {', '.join(map(str, KERNELS))}")
    if classes <= 0 or width <= 0:
        raise UsageError(f"classes is {classes} and width {width}; both must be above 0")
    stages: list[list[BlockRow]] = [
        [
            (scale_width(stage, width), EXPANSION, kernel, 1 if block else stride)
            for block in range(blocks)
        ]
        for stage, blocks, stride in zip(WIDTHS, BLOCKS, STRIDES, strict=True)
    ]
    stem = (FIRST_WIDTH, scale_width(STEM, width))
    return LitePoseClassifier(MobileTrunk(stem, stages, act=relu6), classes)
