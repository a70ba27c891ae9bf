"""EfficientPose: scalable single-person pose estimation (Groos, Ramampiaro and Ihlen).

Two shortened EfficientNets, a high-level one on the image and a low-level one on its half, give
cross-resolution features at 1/8 of the input. One pass of Mobile DenseNets predicts part-affinity
fields (the skeleton), two more predict keypoints, and three bilinear transposed convolutions bring
the last maps back to the size of the input (paper, section 3.1 and Fig. 2; sizes in Table 2).
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repro.errors import UsageError, unknown
from repro.models.convs import Act
from repro.models.efficientnet_blocks import MBConv, SqueezeExcite
from repro.models.maps import Maps
from repro.models.upstream import match_keys

LIMB_CHANNELS = 28  # 14 limbs, x and y (section 3.1; seen in the released networks)
BETA = 1.25  # of E-swish (section 3.1)


class ESwish(nn.Module):
    """1.25 x sigmoid(x): swish made steeper (section 3.1)."""

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element; the shape stays."""
        return BETA * F.silu(x)


class SameConv2d(nn.Conv2d):
    """Convolution without bias, padded as TensorFlow's SAME: at stride 2 the odd pixel goes right
    and below."""

    def __init__(self, w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1) -> None:
        padding = k // 2 if stride == 1 else 0
        super().__init__(w_in, w_out, k, stride=stride, padding=padding, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, w_in, h, w) -> (B, w_out, ceil(h / stride), ceil(w / stride))."""
        if self.stride[0] > 1:
            x = F.pad(x, (*self._edges(x.shape[-1]), *self._edges(x.shape[-2])))
        return super().forward(x)

    def _edges(self, length: int) -> tuple[int, int]:
        stride, kernel = self.stride[0], self.kernel_size[0]
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        return total // 2, total - total // 2


class ConvNorm(nn.Module):
    """Convolution, batch norm (eps 1e-3 as in TensorFlow), activation; shapes as of
    `SameConv2d`."""

    def __init__(
        self, w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1, act: nn.Module
    ) -> None:
        super().__init__()
        self.conv = SameConv2d(w_in, w_out, k, stride=stride, groups=groups)
        self.norm = nn.BatchNorm2d(w_out, eps=1e-3, momentum=0.01)
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.act(self.norm(self.conv(x)))
        return out


class MeanGate(SqueezeExcite):
    """A gate on plain means, as in the released code: rule `fvcore` counts poolings, no means."""

    def means(self, x: Tensor) -> Tensor:
        """The mean of each channel, (B, width, 1, 1)."""
        return x.mean((2, 3), keepdim=True)


def _block(
    w_in: int,
    w_out: int,
    inner: int,
    *,
    k: int,
    stride: int,
    hidden: int,
    act: Act,
    residual: bool = False,
) -> MBConv:
    """EfficientNet's block with the padding and the batch norm of TensorFlow (Fig. 3)."""
    return MBConv(
        ConvNorm(w_in, inner, 1, act=act()) if inner != w_in else nn.Identity(),
        ConvNorm(inner, inner, k, stride=stride, groups=inner, act=act()),
        MeanGate(inner, hidden, act=act),
        ConvNorm(inner, w_out, 1, act=nn.Identity()),
        residual=residual,
    )


def _backbone_layers(
    w_in: int, w_out: int, repeats: int, *, k: int, stride: int, expansion: int
) -> list[MBConv]:
    """Layers of one block: the first changes width and stride, the others add their input."""
    layers = []
    for index in range(repeats):
        layers.append(
            _block(
                w_in,
                w_out,
                w_in * expansion,
                k=k,
                stride=stride,
                hidden=w_in // 4,
                act=nn.SiLU,
                residual=index > 0,
            )
        )
        w_in, stride = w_out, 1
    return layers


class Backbone(nn.Sequential):
    """Stem and blocks 1 to 3 of an EfficientNet; (B, 3, H, W) -> (B, channels, H / 8, W / 8) (Table
    1).

    The low-level one halves its input by 2x2 averages and has blocks 1 and 2 only. It ends at the
    projection of its last layer: the released networks leave that layer's residual addition out.
    """

    def __init__(self, name: str, *, low: bool = False) -> None:
        super().__init__()
        if low:
            self.halve = nn.AvgPool2d(2)
        w_in, blocks = BACKBONES[name]
        self.stem = ConvNorm(3, w_in, 3, stride=2, act=nn.SiLU())
        for index in range(2 if low else 3):
            k, stride, expansion = ((3, 1, 1), (3, 2, 6), (5, 2, 6))[index]
            w_out, repeats = blocks[index]
            layers = _backbone_layers(w_in, w_out, repeats, k=k, stride=stride, expansion=expansion)
            self.add_module(f"block{index + 1}", nn.Sequential(*layers))
            w_in = w_out
        self.channels = w_in
        if low:
            layers[-1].residual = False

    def known_as(self) -> tuple[str, str]:
        """The smallest EfficientNet of Table 1 that starts as these layers do, and the blocks taken
        from it."""
        stages: Any = [module for module in self.children() if isinstance(module, nn.Sequential)]
        rows = tuple((stage[-1].project.conv.out_channels, len(stage)) for stage in stages)
        key = (self.stem.conv.out_channels, rows)
        fits = [
            name for name, (width, full) in BACKBONES.items() if (width, full[: len(rows)]) == key
        ]
        return fits[0].upper(), f"1-{len(rows)}"


def _e_mbconv(w_in: int, width: int) -> MBConv:
    return _block(w_in, width, 6 * width, k=5, stride=1, hidden=width // 4, act=ESwish)


class MobileDenseNet(nn.Module):
    """MD(C): three E-MBConv6 of width C; the output holds all three, newest first."""

    def __init__(self, w_in: int, width: int) -> None:
        super().__init__()
        self.first = _e_mbconv(w_in, width)
        self.second = _e_mbconv(width, width)
        self.third = _e_mbconv(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, w_in, h, w) -> (B, 3 C, h, w)."""
        first = self.first(x)
        dense = torch.cat((self.second(first), first), 1)
        return torch.cat((self.third(dense), dense), 1)


class DetectionPass(nn.Module):
    """Mobile DenseNets, all but the first with a skip, and the 1x1 head of the pass where there is
    one."""

    def __init__(self, w_in: int, width: int, depth: int, *, maps: int) -> None:
        super().__init__()
        self.densenets = nn.ModuleList(
            MobileDenseNet(3 * width if i else w_in, width) for i in range(depth)
        )
        self.head = nn.Conv2d(3 * width, maps, 1) if maps else None

    def forward(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """(B, w_in, h, w) -> features (B, 3 C, h, w) for the next pass, and () or ((B, maps, h,
        w),)."""
        for index, densenet in enumerate(self.densenets):
            x = densenet(x) + x if index else densenet(x)
        return x, () if self.head is None else (self.head(x),)


class EfficientPose(nn.Module):
    """The whole network; what one pass hands to the next are its features, not its maps.

    With `skeleton=False` the cross-resolution features stand in for the missing skeleton features,
    so that the first keypoint pass receives them twice: only this gives the printed size of Table
    7.
    """

    stride = 8

    def __init__(
        self,
        variant: "Variant",
        *,
        joints: int,
        cross_resolution: bool,
        skeleton: bool,
        passes: int,
        upscaling: bool,
        side_outputs: bool,
    ) -> None:
        super().__init__()
        self.joints, self.side_outputs = joints, side_outputs
        self.high = Backbone(variant.high)
        self.low = Backbone(variant.low, low=True) if variant.low and cross_resolution else None
        width, depth = variant.width, variant.depth
        shared = self.high.channels + (self.low.channels if self.low else 0)
        limbs = LIMB_CHANNELS if side_outputs else 0
        self.skeleton = DetectionPass(shared, width, depth, maps=limbs) if skeleton else None
        self.keypoints = nn.ModuleList()
        for index in range(passes):
            before = 3 * width if skeleton or index else shared
            maps = joints if side_outputs or index == passes - 1 else 0
            self.keypoints.append(DetectionPass(before + shared, width, depth, maps=maps))
        doublings = [
            nn.ConvTranspose2d(joints, joints, 4, stride=2, padding=1) for _ in range(3 * upscaling)
        ]
        self.upscaling = nn.Sequential(*doublings) if upscaling else None
        _initialise(self)

    def forward(self, images: Tensor) -> Maps:
        """images: (B, 3, H, W) normalised, H and W multiples of 8.

        heatmaps: (B, joints, H/8, W/8) of the keypoint passes that have a head, then (B, joints, H,
        W) upscaled. limbs: one (B, 28, H/8, W/8) with `side_outputs` and `skeleton`, else empty.
        """
        shared = self.high(images)
        if self.low is not None:
            shared = torch.cat((shared, self.low(images)), 1)
        features, limbs = (shared, ()) if self.skeleton is None else self.skeleton(shared)
        heatmaps: tuple[Tensor, ...] = ()
        for detect in self.keypoints:
            features, maps = detect(torch.cat((features, shared), 1))
            heatmaps += maps
        if self.upscaling is not None:
            heatmaps += (self.upscaling(heatmaps[-1]),)
        return Maps(heatmaps, limbs=limbs)

    @property
    def facts(self) -> dict[str, str]:
        """Backbones with their blocks, width and number of the Mobile DenseNets of a pass, as Table
        2 prints them."""
        high, low = self.high.known_as(), self.low.known_as() if self.low else ("", "")
        densenets: Any = cast(DetectionPass, self.keypoints[-1]).densenets
        return {
            "high_backbone": high[0],
            "high_blocks": high[1],
            "low_backbone": low[0],
            "low_blocks": low[1],
            "md_width": str(densenets[-1].third.project.conv.out_channels),
            "md_count": str(len(densenets)),
        }


def _bilinear(channels: int) -> Tensor:
    """(channels, channels, 4, 4): bilinear interpolation on the diagonal, zero elsewhere."""
    line = torch.tensor([0.25, 0.75, 0.75, 0.25], device="cpu")
    kernel = line[:, None] * line
    return torch.eye(channels, device="cpu")[:, :, None, None] * kernel


@torch.no_grad()
def _initialise(network: EfficientPose) -> None:
    """As recorded in the released Keras files: backbone He by fan-out, the rest Glorot uniform,
    biases zero.

    The upscaling is bilinear and frozen: the released networks are exactly that after training.
    """
    for name, module in network.named_modules():
        if not isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            continue
        if module.bias is not None:
            module.bias.zero_()
        if isinstance(module, nn.ConvTranspose2d):
            module.requires_grad_(False)
            module.weight.copy_(_bilinear(network.joints))
        elif name.startswith(("high.", "low.")):
            fan_out = module.kernel_size[0] ** 2 * module.out_channels // module.groups
            nn.init.normal_(module.weight, std=(2 / fan_out) ** 0.5)
        else:
            nn.init.xavier_uniform_(module.weight)


class Variant(NamedTuple):
    """Side of the input in pixels, backbones, width C and number D of the Mobile DenseNets in a
    pass."""

    side: int
    high: str
    low: str | None
    width: int
    depth: int


# stem width; (width, layers) of blocks 1 to 3; Table 1, rebuilt from the released networks
BACKBONES = {
    "b0": (32, ((16, 1), (24, 2), (40, 2))),
    "b1": (32, ((16, 2), (24, 3), (40, 3))),
    "b2": (32, ((16, 2), (24, 3), (48, 3))),
    "b3": (40, ((24, 2), (32, 3), (48, 3))),
    "b4": (48, ((24, 2), (32, 4), (56, 4))),
    "b5": (48, ((24, 3), (40, 5), (64, 5))),
    "b7": (64, ((32, 4), (48, 7), (80, 7))),
}

VARIANTS = {
    "efficientpose_rt": Variant(224, "b0", None, width=40, depth=1),  # Table 2
    "efficientpose_i": Variant(256, "b2", "b0", width=48, depth=1),  # Table 2
    "efficientpose_ii": Variant(368, "b4", "b0", width=56, depth=2),  # Table 2
    # Table 2; equation 3 would give depth 2
    "efficientpose_iii": Variant(480, "b5", "b1", width=64, depth=3),
    "efficientpose_iv": Variant(600, "b7", "b3", width=80, depth=4),  # Table 2
}


def build(
    variant: str,
    *,
    joints: int = 16,
    cross_resolution: bool = True,
    skeleton: bool = True,
    passes: int = 2,
    upscaling: bool = True,
    side_outputs: bool = False,
) -> EfficientPose:
    """A network of Table 2 with random weights; the default is the printed inference network.

    cross_resolution: low-level features (Table 6; variant RT has none). skeleton: a skeleton pass
    (Table 7). passes: keypoint passes, 1 to 3 (Table 8). upscaling: full-size heatmaps (Table 9).
    side_outputs: heads on the passes before the last, for training on them; the printed sizes leave
    these out, except for Table 9 without upscaling.

    Raises UsageError for an unknown variant, joints < 1 or passes outside 1..3.
    """
    if variant not in VARIANTS:
        raise unknown("EfficientPose variant", variant, VARIANTS)
    if joints < 1:
        raise UsageError(f"{variant} needs at least one joint, not {joints}")
    if passes not in (1, 2, 3):
        raise UsageError(f"{variant} has 1, 2 or 3 keypoint passes, not {passes}")
    return EfficientPose(
        VARIANTS[variant],
        joints=joints,
        cross_resolution=cross_resolution,
        skeleton=skeleton,
        passes=passes,
        upscaling=upscaling,
        side_outputs=side_outputs,
    )


_FINAL_HEAD = re.compile(r"pass\d_detection\d_confs_convolution\.weight")
_SIDE_HEAD = re.compile(r"pass\d_(skeleton_pafs|detection\d_confs)\.weight")
_NORM = "FusedBatchNorm_1"
_NAMES = {  # ours -> the authors' in a backbone, in a detection pass, and the kind that ends both
    "stem.conv": ("conv", "", "convolution"),
    "stem.norm": ("bn", "", _NORM),
    "expand.conv": ("expand_conv", "conv1", "convolution"),
    "expand.norm": ("expand_bn", "conv1_bn", _NORM),
    "depthwise.conv": ("dwconv", "dconv1", "depthwise"),
    "depthwise.norm": ("bn", "dconv1_bn", _NORM),
    "gate.reduce": ("se_reduce", "se_se_squeeze_conv", "convolution"),
    "gate.expand": ("se_expand", "se_se_excite_conv", "convolution"),
    "project.conv": ("project_conv", "conv2", "convolution"),
    "project.norm": ("project_bn", "conv2_bn", _NORM),
}
_MBCONVS = {"first": "mbconv1", "second": "mbconv2", "third": "mbconv3"}


def _upstream_key(key: str, passes: int) -> str:
    """The authors' name of our `key` in a network of `passes` keypoint passes."""
    names = key.split(".")
    top, module, leaf = names[0], names[-2], names[-1]
    index = int(names[1]) + 1 if top == "keypoints" else 0
    stage = f"detection{index}" if index else "skeleton"
    if module == "head":
        end = "pafs" if not index else "confs_convolution" if index == passes else "confs"
        return f"pass{index + 1}_{stage}_{end}.{leaf}"
    backbone, detection, kind = _NAMES[f"{names[-3]}.{module}"]
    if top in ("high", "low"):
        block = "stem" if names[1] == "stem" else names[1] + "abcdefg"[int(names[2])]
        return f"{block}_{backbone}_{'res1' if top == 'high' else 'res2'}_{kind}.{leaf}"
    densenet, mbconv = names[-5:-3]
    return f"pass{index + 1}_block{int(densenet) + 1}_{_MBCONVS[mbconv]}_{stage}_{detection}_{kind}.{leaf}"


def from_upstream(
    variant: str, state_dict: Mapping[str, Tensor], **changes: Any
) -> dict[str, Tensor]:
    """Weights in the authors' layout -> weights of `build(variant, **changes)`.

    The layout is that of the released PyTorch files, to which the heads of the earlier passes may
    be added under `pass1_skeleton_pafs.*` and `pass2_detection1_confs.*`. Where `changes` do not
    say, `joints` is read from the final head and `side_outputs` is true when such heads are there.
    The upscaling has no stored weights.

    Raises MissingError for keys that are missing, left over or of another shape.
    """
    finals = [tensor for key, tensor in state_dict.items() if _FINAL_HEAD.fullmatch(key)]
    if finals:
        changes.setdefault("joints", finals[0].shape[0])
    changes.setdefault("side_outputs", any(_SIDE_HEAD.fullmatch(key) for key in state_dict))
    with torch.device("meta"):
        network = build(variant, **changes)
    ours, passes = network.state_dict(), len(network.keypoints)
    fixed = {key: ours.pop(key) for key in list(ours) if key.startswith("upscaling.")}
    converted = match_keys(ours, state_dict, lambda key: _upstream_key(key, passes), model=variant)
    for key in fixed:
        weight = key.endswith("weight")
        converted[key] = _bilinear(network.joints) if weight else torch.zeros(network.joints)
    return converted
