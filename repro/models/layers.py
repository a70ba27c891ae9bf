"""Blocks that two or more families share: plain convolutions, HRNet's stages and head, EfficientNet's blocks.

No class here but `MBConv` has "Conv" in its name: the `hrnet` counting rule adds up every module whose class
name holds it, and EfficientHRNet's printed parameters depend on that (each block is counted twice).
"""

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from repro.errors import MissingError, UsageError
from repro.maps import Maps
from repro.models.checks import check_joints

Act = Callable[[], nn.Module]
Depths = Callable[[float], int]

# --- convolutions -----------------------------------------------------------------------------------------------

relu: Act = partial(nn.ReLU, inplace=True)
relu6: Act = partial(nn.ReLU6, inplace=True)


def conv(w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1, bias: bool = False) -> nn.Conv2d:
    """k x k convolution, (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W / stride)); padding is k // 2.

    Raises `UsageError` for an even k, which no symmetric padding can centre.
    """
    if k % 2 == 0:
        raise UsageError(f"a {k}x{k} convolution cannot be padded evenly; kernels must be odd")
    return nn.Conv2d(w_in, w_out, k, stride=stride, padding=k // 2, groups=groups, bias=bias)


def conv_bn(
    w_in: int,
    w_out: int,
    k: int,
    *,
    stride: int = 1,
    groups: int = 1,
    bias: bool = False,
    act: Act | None = relu,
    eps: float = 1e-5,
) -> nn.Sequential:
    """Convolution, batch norm and activation (`act=None`: none) under the names `conv`, `norm`, `act`."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv"] = conv(w_in, w_out, k, stride=stride, groups=groups, bias=bias)
    layers["norm"] = nn.BatchNorm2d(w_out, eps=eps)
    if act is not None:
        layers["act"] = act()
    return nn.Sequential(layers)


def init_convs(module: nn.Module, init: Callable[[Tensor], object]) -> None:
    """Starts all (transposed) convolutions: weights by `init`, biases 0; torch itself starts batch norms at 1 and 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            init(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


init_normal: Callable[[Tensor], object] = partial(nn.init.normal_, std=0.001)  # HRNet's code
init_fan_out: Callable[[Tensor], object] = partial(nn.init.kaiming_normal_, mode="fan_out")  # EfficientNet's code


# --- HRNet: residual blocks and stages of parallel branches -------------------------------------------------------


class BasicBlock(nn.Module):
    """conv 3x3, conv 3x3, add the input, ReLU; (B, width, H, W) to the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv_bn(width, width, 3)
        self.second = conv_bn(width, width, 3, act=None)
        self.act = relu()

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        y: Tensor = self.act(self.second(self.first(x)) + x)
        return y


class Bottleneck(nn.Module):
    """conv 1x1, 3x3, 1x1, add the (projected) input, ReLU; (B, w_in, H, W) to (B, 4 width, H, W)."""

    def __init__(self, w_in: int, width: int) -> None:
        super().__init__()
        w_out = 4 * width
        self.first = conv_bn(w_in, width, 1)
        self.second = conv_bn(width, width, 3)
        self.third = conv_bn(width, w_out, 1, act=None)
        self.shortcut = conv_bn(w_in, w_out, 1, act=None) if w_in != w_out else nn.Identity()
        self.act = relu()

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        y: Tensor = self.act(self.third(self.second(self.first(x))) + self.shortcut(x))
        return y


def branch(width: int, blocks: int) -> nn.Sequential:
    """`blocks` basic blocks; for 0 one conv 3x3 with ReLU6, as LitePose's code has it in gradual shrinking."""
    if blocks == 0:
        return conv_bn(width, width, 3, act=relu6)
    return nn.Sequential(*(BasicBlock(width) for _ in range(blocks)))


def exchange(source: int, target: int, widths: Sequence[int]) -> nn.Module:
    """Path from branch `source` to branch `target`: conv 1x1 and nearest upsampling, or strided 3x3 convolutions."""
    w_in, w_out = widths[source], widths[target]
    if source == target:
        return nn.Identity()
    if source > target:
        path = conv_bn(w_in, w_out, 1, act=None)
        path.add_module("up", nn.Upsample(scale_factor=float(2 ** (source - target)), mode="nearest"))
        return path
    steps = [conv_bn(w_in, w_in, 3, stride=2) for _ in range(target - source - 1)]
    return nn.Sequential(*steps, conv_bn(w_in, w_out, 3, stride=2, act=None))


class FusionModule(nn.Module):
    """Parallel branches, then every output is the ReLU of the sum over all branches (HRNet's exchange unit).

    A list of (B, widths[i], H / 2^i, W / 2^i) to the same list, or to its first entry alone when `outputs` is 1.
    """

    def __init__(self, widths: Sequence[int], blocks: Sequence[int], outputs: int) -> None:
        super().__init__()
        count = len(widths)
        self.branches = nn.ModuleList(branch(width, n) for width, n in zip(widths, blocks, strict=True))
        self.fuse = nn.ModuleList(
            nn.ModuleList(exchange(source, target, widths) for source in range(count)) for target in range(outputs)
        )
        self.act = relu()

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Shapes as the class says."""
        maps = [part(x) for part, x in zip(self.branches, features, strict=True)]
        return [self.act(self._sum(paths, maps)) for paths in self.fuse]

    @staticmethod
    def _sum(paths: nn.Module, maps: Sequence[Tensor]) -> Tensor:
        assert isinstance(paths, nn.ModuleList)
        total: Tensor = paths[0](maps[0])
        for path, x in zip(list(paths)[1:], maps[1:], strict=True):
            total = total + path(x)
        return total


def fusion_stage(widths: Sequence[int], blocks: Sequence[int], modules: int, *, single: bool = False) -> nn.Sequential:
    """`modules` fusion modules in a row; with `single` the last one gives the high-resolution output only."""
    outputs = [len(widths)] * (modules - 1) + [1 if single else len(widths)]
    return nn.Sequential(*(FusionModule(widths, blocks, n) for n in outputs))


# --- HigherHRNet's head -------------------------------------------------------------------------------------------

TAGS = {"none": 0, "first": 1, "both": 2}  # number of outputs, from the coarsest, that carry tags


class HeatmapPyramid(nn.Module):
    """1x1 heads on the features and after each deconvolution module (HigherHRNet, arXiv 1908.10357, 3.3).

    (B, width, h, w) to Maps with heatmaps (B, joints, 2^i h, 2^i w) for i = 0 .. deconvs and tags of the same shapes
    for the outputs that carry them. A deconvolution module is a transposed conv 4x4 of stride 2 and `blocks` basic
    blocks; with `concat` it also sees the maps predicted before it.
    """

    def __init__(
        self, width: int, joints: int, *, tags: str, deconvs: int, deconv_width: int, blocks: int, concat: bool
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
        """Shapes as the class says."""
        outputs = [self.heads[0](x)]
        for deconv, head in zip(self.deconvs, list(self.heads)[1:], strict=True):
            x = deconv(torch.cat((x, outputs[-1]), 1) if self.concat else x)
            outputs.append(head(x))
        k = self.joints
        return Maps(tuple(y[:, :k] for y in outputs), tuple(y[:, k:] for y in outputs if y.shape[1] > k))


def deconv_module(w_in: int, w_out: int, blocks: int) -> nn.Sequential:
    """Transposed conv 4x4 of stride 2, batch norm, ReLU, then `blocks` basic blocks: twice the height and width."""
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
        raise UsageError(f"tags '{tags}' needs two outputs, deconvs={deconvs} gives one", "use tags='first'")


# --- EfficientNet -------------------------------------------------------------------------------------------------

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
    """width * factor to the nearest multiple of `step`, one more when that loses over 10 % (EfficientNet's rule)."""
    wanted = width * factor
    rounded = max(step, int(wanted + step / 2) // step * step)
    return rounded + step if rounded < 0.9 * wanted else rounded


def conv_swish(w_in: int, w_out: int, k: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, batch norm, swish; (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W / stride)).

    Of the k - stride rows and columns of padding the larger half is at the end. With stride 2 there is one more, which
    only odd sizes read: rounding down there would miss the multiply-adds of EfficientHRNet's Table 2 at 170 px.
    """
    start, end = (k - stride) // 2, (k - stride + 1) // 2 + stride - 1
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    if start != end:
        parts["pad"] = nn.ZeroPad2d((start, end, start, end))
    inside = start if start == end else 0
    parts["conv"] = nn.Conv2d(w_in, w_out, k, stride=stride, padding=inside, groups=groups, bias=False)
    parts["norm"], parts["act"] = nn.BatchNorm2d(w_out), nn.SiLU()
    return nn.Sequential(parts)


class SqueezeExcite(nn.Module):
    """Scales each channel by a gate computed from the channel means; (B, width, H, W) to the same shape."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.reduce = conv(width, hidden, 1, bias=True)
        self.expand = conv(hidden, width, 1, bias=True)
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        mean = nn.functional.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.expand(self.act(self.reduce(mean))))


class MBConv(nn.Module):
    """conv 1x1 to `expand` times the width, depthwise k x k, squeeze-and-excitation, conv 1x1; residual where it fits.

    (B, w_in, H, W) to (B, w_out, ceil(H / stride), ceil(W / stride)). The gate's hidden width is a quarter of w_in. In
    training a residual branch is dropped per image with probability `drop` (EfficientHRNet's code: 0.2 everywhere).
    """

    def __init__(self, w_in: int, w_out: int, k: int, *, stride: int = 1, expand: int = 6, drop: float = 0.2) -> None:
        super().__init__()
        inner = w_in * expand
        self.expand = conv_swish(w_in, inner, 1) if expand != 1 else nn.Identity()
        self.depthwise = conv_swish(inner, inner, k, stride=stride, groups=inner)
        self.gate = SqueezeExcite(inner, max(1, w_in // 4))
        self.project = conv_bn(inner, w_out, 1, act=None)
        self.residual = stride == 1 and w_in == w_out
        self.drop = drop

    def forward(self, x: Tensor) -> Tensor:
        """Shapes as the class says."""
        y: Tensor = self.project(self.gate(self.depthwise(self.expand(x))))
        return x + self._dropped(y) if self.residual else y

    def _dropped(self, y: Tensor) -> Tensor:
        if not self.training or self.drop == 0:
            return y
        keep = 1 - self.drop
        return y * (torch.rand(y.shape[0], 1, 1, 1, device=y.device, dtype=y.dtype) < keep) / keep


class EfficientNetBackbone(nn.Module):
    """EfficientNet's stem and seven stages, all widths and depths scaled by the two factors.

    Widths go to multiples of 8, depths are rounded up, unless `step` and `depths` say otherwise. (B, 3, H, W) to
    the outputs of stages 2, 3, 5 and 7: `widths[i]` channels at 1/4, 1/8, 1/16 and 1/32.
    """

    TAPS = (2, 3, 5, 7)

    def __init__(self, width_factor: float, depth_factor: float, *, step: int = 8, depths: Depths = math.ceil) -> None:
        super().__init__()
        width = scale_width(EFFICIENTNET_STEM, width_factor, step)
        self.stem = conv_swish(3, width, 3, stride=2)
        self.stages = nn.ModuleDict()
        widths = []
        for number, (expand, base, blocks, stride, k) in enumerate(EFFICIENTNET_STAGES, 1):
            w_out, stage = scale_width(base, width_factor, step), nn.Sequential()
            for _ in range(max(1, depths(blocks * depth_factor))):
                stage.append(MBConv(width, w_out, k, stride=stride, expand=expand))
                stride, width = 1, w_out
            self.stages[str(number)] = stage
            widths.append(width)
        self.widths = tuple(widths[number - 1] for number in self.TAPS)
        init_convs(self, init_fan_out)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Shapes as the class says."""
        x, taps = self.stem(images), list[Tensor]()
        for number, stage in enumerate(self.stages.values(), 1):
            x = stage(x)
            if number in self.TAPS:
                taps.append(x)
        return taps


# --- key names of the original authors ----------------------------------------------------------------------------

Renames = Sequence[tuple[str, str | Callable[[re.Match[str]], str]]]  # arguments of re.sub

HRNET_RENAMES: Renames = (
    (r"\.first\.conv\.", ".conv1."),
    (r"\.first\.norm\.", ".bn1."),
    (r"\.second\.conv\.", ".conv2."),
    (r"\.second\.norm\.", ".bn2."),
    (r"\.fuse\.", ".fuse_layers."),
    (r"^head\.heads\.", "final_layers."),
    (r"^head\.deconvs\.(\d+)\.up\.", r"deconv_layers.\1.0."),
    (r"^head\.deconvs\.(\d+)\.blocks\.(\d+)", lambda m: f"deconv_layers.{m[1]}.{int(m[2]) + 1}.0"),
)


def hrnet_key(key: str, renames: Renames = ()) -> str:
    """The original name of our key: `renames` and HRNet's patterns in turn, then conv -> 0 and norm -> 1."""
    for pattern, replacement in (*renames, *HRNET_RENAMES):
        key = re.sub(pattern, replacement, key)
    return key.replace(".conv.", ".0.").replace(".norm.", ".1.")


def efficientnet_key(key: str, backbone: EfficientNetBackbone) -> str:
    """The original name of a key below `backbone.`: a flat list `features` of the stem and all blocks."""
    key = re.sub(r"^backbone\.stem\.", "features.0.", key)
    if found := re.match(r"^backbone\.stages\.(\d+)\.(\d+)\.", key):
        stage, block = int(found[1]), int(found[2])
        flat = 1 + block + sum(len(list(backbone.stages[str(n)].children())) for n in range(1, stage))
        shift = 0 if stage == 1 else 1  # the first stage does not expand
        key = f"features.{flat}.conv.{key[found.end() :]}"
        key = key.replace(".expand.conv", ".0.conv").replace(".expand.norm", ".0.norm")
        key = key.replace(".depthwise", f".{shift}").replace(".gate.reduce", f".{shift + 1}.se.1")
        key = key.replace(".gate.expand", f".{shift + 1}.se.3")
        key = key.replace(".project.conv", f".{shift + 2}").replace(".project.norm", f".{shift + 3}")
    return re.sub(r"\.conv\.(weight)$", r".1.\1", key).replace(".norm.", ".2.")


def match_keys(
    own: Mapping[str, Tensor], upstream: Mapping[str, Tensor], official: Callable[[str], str], *, model: str
) -> dict[str, Tensor]:
    """The tensors of `upstream` under our keys, strict both ways; `official` gives the original name of our key.

    Raises `MissingError` naming keys that are absent, left over or of another shape. `num_batches_tracked`, which
    old checkpoints lack, becomes 0.
    """
    result: dict[str, Tensor] = {}
    missing, shapes = [], []
    for key, ours in own.items():
        name = official(key)
        found = upstream.get(name)
        if found is None and key.endswith("num_batches_tracked"):
            found = torch.zeros((), dtype=torch.int64)
        if found is None:
            missing.append(name)
        elif found.shape != ours.shape:
            shapes.append(f"{name} {tuple(found.shape)} instead of {tuple(ours.shape)}")
        else:
            result[key] = found
    left = sorted(set(upstream) - {official(key) for key in own})
    faults = {"missing": missing, "left over": left, "other shape": shapes}
    if any(faults.values()):
        texts = [f"{what} ({len(keys)}): {', '.join(keys[:5])}" for what, keys in faults.items() if keys]
        raise MissingError(f"the weights are not of {model}; {'; '.join(texts)}", "repro list --models")
    return result
