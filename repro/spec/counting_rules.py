"""The counting rules of the five papers and their tools, each a pure function of one operator.

A rule answers one question: how much does this operator cost? The answers are multiply-adds (MACs),
but for `flop2`, which gives float operations. Every rule names what it counts as nothing; an
operator that it does not name is an error. What an operator is, and how the operators of a network
are found, is said in `repro.counting.trace`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from repro.errors import ReproError

Shape = tuple[int, ...]
Rule = Callable[["Operator"], int]

# what the rules tell apart -> the operators of PyTorch (aten) it covers; in-place twins count the
# same
KINDS = {
    "convolution": "conv1d conv2d conv3d",
    "transposed convolution": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "linear": "linear",
    "matrix product": "matmul mm bmm",
    "batch norm": "batch_norm",
    "layer norm": "layer_norm",
    "ReLU": "relu relu6 hardtanh leaky_relu elu gelu",
    "PReLU": "prelu",
    "exponential": "sigmoid tanh exp",
    "swish": "silu hardswish",
    "softmax": "softmax",
    "multiplication": "mul div pow",
    "addition": "add sub rsub neg",
    "mean": "mean",
    "adaptive average pooling": "adaptive_avg_pool2d",
    "average pooling": "avg_pool2d",
    "max pooling": "max_pool2d",
    "nearest upsampling": "upsample_nearest2d",
    "bilinear upsampling": "upsample_bilinear2d",
    "layout": (
        "alias arange cat chunk clone contiguous copy detach dropout empty expand expand_as flatten "
        "flip full index narrow numpy_T ones pad permute pixel_shuffle repeat reshape select slice "
        "split split_with_sizes squeeze stack t to transpose unflatten unsqueeze view zeros"
    ),
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator that a forward pass ran.

    name: its name in PyTorch without overload and in-place mark, `conv2d`.
    module: dotted path of the innermost module that ran it, "" for the network itself.
    inputs: shapes of its tensors in order; of a convolution the image and the weights come first.
    output: shape of its first result.
    bias: a bias is added; for a normalisation: it scales and shifts.
    window: elements under a pooling window.
    """

    name: str
    module: str
    inputs: tuple[Shape, ...]
    output: Shape
    bias: bool = False
    window: int = 1

    @property
    def kind(self) -> str:
        """The key of `KINDS` it falls under, "" for none."""
        return KIND_OF.get(self.name, "")

    @property
    def elements(self) -> int:
        """Elements of the result."""
        return prod(self.output)

    @property
    def elements_in(self) -> int:
        """Elements of the first input."""
        return prod(self.inputs[0])

    @property
    def biases(self) -> int:
        """Additions of a bias: one per element of the result, none without a bias."""
        return self.elements if self.bias else 0

    @property
    def macs(self) -> int:
        """Multiply-adds of a convolution (a transposed one at its input positions), linear layer or
        matrix product."""
        if self.kind == "transposed convolution":
            return prod(self.inputs[1]) * self.inputs[0][0] * prod(self.inputs[0][2:])
        return self.macs_at_output

    @property
    def macs_at_output(self) -> int:
        """As `macs`, with the weights of a transposed convolution taken at every output
        position."""
        if self.kind in ("linear", "matrix product"):
            return self.elements * self.inputs[0][-1]
        return prod(self.inputs[1]) * self.output[0] * prod(self.output[2:])


def true(op: Operator) -> int:
    """What the arithmetic costs: multiply-adds of convolutions, linear layers and matrix products,
    nothing else.

    A transposed convolution is taken at its input positions. Half of what PyTorch's own counter
    reports.
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear" | "matrix product":
            return op.macs
        case "batch norm" | "layer norm" | "ReLU" | "PReLU" | "exponential" | "swish" | "softmax":
            return 0
        case "adaptive average pooling" | "average pooling" | "max pooling" | "mean":
            return 0
        case "nearest upsampling" | "bilinear upsampling":
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "true")


def hrnet(op: Operator) -> int:
    """The HRNet papers' model summary: weights x output positions of convolutions and linear
    layers, no bias.

    A stride-2 transposed convolution comes out four times too high. Its parameters are those of
    every module that ran and whose class name holds Conv, BatchNorm or Linear, nested ones again.
    Printed by HigherHRNet and EfficientHRNet, and, divided by 2^30 instead of 1e9, by
    EfficientPose-NAS, SimpleBaseline and LPN.
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear":
            return op.macs_at_output
        case "matrix product" | "batch norm" | "layer norm" | "ReLU" | "PReLU":
            return 0
        case "exponential" | "swish" | "softmax":
            return 0
        case "adaptive average pooling" | "average pooling" | "max pooling" | "mean":
            return 0
        case "nearest upsampling" | "bilinear upsampling":
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "hrnet")


def ptflops(op: Operator) -> int:
    """The tool ptflops 0.6.9: multiply-adds and biases, a transposed convolution at its output
    positions.

    Besides 2 per element of a batch norm (1 without scale and shift), 1 per element of a ReLU of
    any sort, 1 per upsampled element, 1 per element that enters a pooling. Printed by LitePose.
    """
    match op.kind:
        case "convolution" | "transposed convolution":
            return op.macs_at_output + op.biases
        case "linear":  # the bias once, however many rows
            return op.macs + (op.output[-1] if op.bias else 0)
        case "batch norm":
            return op.elements_in * (2 if op.bias else 1)
        case "ReLU" | "PReLU" | "nearest upsampling" | "bilinear upsampling":
            return op.elements
        case "adaptive average pooling" | "average pooling" | "max pooling":
            return op.elements_in
        case "matrix product" | "layer norm" | "exponential" | "swish" | "softmax" | "mean":
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "ptflops")


def nas(op: Operator) -> int:
    """The second counter of EfficientPose-NAS: multiply-adds and biases, nothing else.

    A transposed convolution is taken at its output positions. Fits the paper's Proxyless rows (its
    other rows are `hrnet` divided by 2^30).
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear":
            return op.macs_at_output + op.biases
        case "matrix product" | "batch norm" | "layer norm" | "ReLU" | "PReLU":
            return 0
        case "exponential" | "swish" | "softmax":
            return 0
        case "adaptive average pooling" | "average pooling" | "max pooling" | "mean":
            return 0
        case "nearest upsampling" | "bilinear upsampling":
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "nas")


def flop2(op: Operator) -> int:
    """Float operations as TensorFlow's profiler counts them: 2 per multiply-add, 1 per bias,
    product and sum.

    A transposed convolution is taken at its input positions. A Swish is 1 per element (its product;
    exponentials are free), a PReLU 3 (negation, product, sum), a softmax 5, a mean 1 per element
    that enters it, a pooling the size of its window per element. ReLU, normalisation and upsampling
    are free: the profiler has no statistic for them. Its parameters include the running statistics
    of batch norms. Printed by EfficientPose (Groos).
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear" | "matrix product":
            return 2 * op.macs + op.biases
        case "swish" | "multiplication" | "addition":
            return op.elements
        case "PReLU":
            return 3 * op.elements
        case "softmax":
            return 5 * op.elements
        case "mean" | "adaptive average pooling":
            return op.elements_in
        case "average pooling" | "max pooling":
            return op.window * op.elements
        case (
            "batch norm"
            | "layer norm"
            | "ReLU"
            | "exponential"
            | "nearest upsampling"
            | "bilinear upsampling"
            | "layout"
        ):
            return 0
    raise _unknown(op, "flop2")


def fvcore(op: Operator) -> int:
    """The tool fvcore 0.1.5: multiply-adds without bias, a transposed convolution at its input
    positions.

    Besides 2 per element of a batch norm (1 without scale and shift), 5 of a layer norm (4
    without), 1 per element of a nearest and 4 of a bilinear upsampling, 1 per element that enters
    an adaptive average pooling. It only warns about additions, products and activations, and so
    misses them.
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear" | "matrix product":
            return op.macs
        case "batch norm":
            return op.elements_in * (2 if op.bias else 1)
        case "layer norm":
            return op.elements_in * (5 if op.bias else 4)
        case "nearest upsampling":
            return op.elements
        case "bilinear upsampling":
            return 4 * op.elements
        case "adaptive average pooling":
            return op.elements_in
        case (
            "ReLU"
            | "PReLU"
            | "exponential"
            | "swish"
            | "softmax"
            | "average pooling"
            | "max pooling"
            | "mean"
        ):
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "fvcore")


def thop(op: Operator) -> int:
    """The tool thop 0.1.1: multiply-adds without bias, a transposed convolution at its output
    positions.

    Besides 4 per element of a batch or layer norm (2 without scale and shift), 1 per element of a
    PReLU, of an average pooling and of a nearest upsampling, 11 of a bilinear one, 3 per element
    less 1 per row of a softmax; an adaptive average pooling 1 per element that enters and leaves
    it. Other activations are free.
    """
    match op.kind:
        case "convolution" | "transposed convolution" | "linear":
            return op.macs_at_output
        case "batch norm" | "layer norm":
            return op.elements_in * (4 if op.bias else 2)
        case "PReLU" | "average pooling" | "nearest upsampling":
            return op.elements
        case "bilinear upsampling":
            return 11 * op.elements
        case "softmax":
            return 3 * op.elements - op.elements // op.output[-1]
        case "adaptive average pooling":
            return op.elements_in + op.elements
        case "matrix product" | "ReLU" | "exponential" | "swish" | "max pooling" | "mean":
            return 0
        case "multiplication" | "addition" | "layout":
            return 0
    raise _unknown(op, "thop")


RULES: dict[str, Rule] = {
    "true": true,
    "hrnet": hrnet,
    "ptflops": ptflops,
    "nas": nas,
    "flop2": flop2,
    "fvcore": fvcore,
    "thop": thop,
}


def _unknown(op: Operator, rule: str) -> ReproError:
    where = f"module '{op.module}'" if op.module else "the network itself"
    return ReproError(
        f"counting rule '{rule}' does not know the operator '{op.name}' that {where} ran",
        "say in repro/counting/rules.py what it costs: give it a place in KINDS",
    )
