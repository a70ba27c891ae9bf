"""Parameters and multiply-adds of a network, from the operators that its forward pass really ran.

One forward on the meta device (shapes only, no arithmetic, no weights) is recorded operator by
operator; a rule of `repro.spec.counting_rules` then says what each costs. Counting what ran, not
what a list of layers suggests, keeps the numbers right when a layer runs twice, not at all, or at
another size; the papers differ by rule, never by trace.
"""

import copy
import inspect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from repro.errors import UsageError, unknown
from repro.spec.counting_rules import KIND_OF, RULES, Operator

__all__ = [
    "RULES",
    "Count",
    "Explanation",
    "Trace",
    "by_module",
    "check_size",
    "count",
    "count_all",
    "explain",
    "trace",
]


@dataclass(frozen=True, slots=True)
class Count:
    """What a rule counts in a network or in one submodule.

    params: parameters, a plain number.
    macs: operations, a plain number in `unit`: MACs, or FLOPs under rule `flop2`.
    """

    params: int
    macs: int
    rule: str
    unit: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule beside `true`: its text, its count, and what makes the difference.

    difference: operations above (or below) `true`. causes: the same by cause ("bias" or a kind of
    operator), largest first; they add up to `difference`. params_difference: parameters above
    `true`.
    """

    count: Count
    says: str
    difference: int
    causes: dict[str, int]
    params_difference: int


@dataclass(frozen=True, slots=True)
class Trace:
    """One forward pass: its operators in order, and the path of every module call but the network's
    own."""

    operators: tuple[Operator, ...]
    calls: tuple[str, ...]


def count(model: nn.Module, size: tuple[int, int], rule: str = "true", *, part: str = "") -> Count:
    """Parameters and operations of one image, in evaluation mode, under a rule of `RULES`.

    size: (height, width) of the input, a multiple of the network's `stride`. part: dotted path of a
    submodule, to count only what lies and runs inside it. The network is not touched; it may be on
    the meta device. Raises `UsageError` for an unknown rule or part or a size the network cannot
    take, `ReproError` for an operator the rule does not know.
    """
    _check(model, rule, part)
    return _count(model, trace(model, size), rule, part)


def count_all(
    model: nn.Module, size: tuple[int, int], *, rules: Iterable[str] = RULES, part: str = ""
) -> dict[str, Count]:
    """`count` under several rules, from one forward pass."""
    rules = tuple(rules)
    for rule in rules:
        _check(model, rule, part)
    ran = trace(model, size)
    return {rule: _count(model, ran, rule, part) for rule in rules}


def by_module(
    model: nn.Module, size: tuple[int, int], rule: str = "true", *, depth: int = 1
) -> dict[str, Count]:
    """`count` split over the submodules `depth` levels down, in the order the network holds them.

    What the network holds or runs outside of them is listed under the nearest path above, "" for
    the network itself; submodules without parameters and operations are left out. The counts add up
    to `count`.
    """
    _check(model, rule, "")
    if depth < 1:
        raise UsageError(f"depth is {depth}, but must be at least 1")
    ran = trace(model, size)
    params, macs = Counter[str](), Counter[str]()
    for path, amount in _parameters(model, ran, rule):
        params[_cut(path, depth)] += amount
    for op in ran.operators:
        macs[_cut(op.module, depth)] += RULES[rule](op)
    paths = [path for path, _ in model.named_modules() if params[path] or macs[path]]
    return {path: Count(params[path], macs[path], rule, _unit(rule)) for path in paths}


def explain(model: nn.Module, size: tuple[int, int]) -> list[Explanation]:
    """Every rule, what it counts and by how much and why it differs from `true`."""
    ran = trace(model, size)
    true = _count(model, ran, "true", "")
    return [_explain(_count(model, ran, rule, ""), true, ran) for rule in RULES]


def trace(model: nn.Module, size: tuple[int, int]) -> Trace:
    """The forward pass of one image of `size` (height, width), run by a copy on the meta device in
    evaluation mode."""
    check_size(model, size)
    # Inference mode keeps operators whole (adaptive_avg_pool2d stays apart from mean), and asks for
    # tensors made in it.
    with torch.inference_mode():
        shadow = _on_meta(model).eval()
        with _Recorder(shadow) as recorder:
            shadow(torch.empty(1, 3, *size, device="meta"))
    return Trace(tuple(recorder.operators), tuple(recorder.calls))


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records the operators run while it is active, with the path of the module that runs them."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operators: list[Operator] = []
        self.calls: list[str] = []
        self._running = [""]
        for path, module in list(model.named_modules())[1:]:
            module.register_forward_pre_hook(lambda _module, _args, path=path: self._enter(path))
            module.register_forward_hook(lambda _module, _args, _output: self._leave())

    def _enter(self, path: str) -> None:
        self.calls.append(path)
        self._running.append(path)

    def _leave(self) -> None:
        self._running.pop()

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = _name(func)
        if name not in KIND_OF:
            with self:  # composed of other operators? then count those
                output = func.decompose(*args, **kwargs)
            if output is not NotImplemented:
                return output
        output = func(*args, **kwargs)
        arguments = dict(zip((a.name for a in func._schema.arguments), args, strict=False)) | kwargs
        tensors = [value for value in arguments.values() if isinstance(value, Tensor)]
        self.operators.append(
            Operator(
                name=name,
                module=self._running[-1],
                inputs=tuple(tuple(tensor.shape) for tensor in tensors),
                output=_shape(output),
                bias=arguments.get("bias") is not None,
                window=prod(arguments.get("kernel_size", ())),
            )
        )
        return output


def _name(func: OpOverload) -> str:
    name = func.overloadpacket.__name__
    return name.removesuffix("_") if func.namespace == "aten" else f"{func.namespace}::{name}"


def _shape(output: object) -> tuple[int, ...]:
    if isinstance(output, (tuple, list)) and output:
        return _shape(output[0])
    return tuple(output.shape) if isinstance(output, Tensor) else ()


def _on_meta(model: nn.Module) -> nn.Module:
    """A copy of `model` whose parameters and buffers have shapes but no values; nothing is read or
    allocated."""
    shadows: dict[int, Any] = {}
    for tensor in (*model.parameters(), *model.buffers()):
        empty = torch.empty_like(tensor, device="meta")
        shadows[id(tensor)] = (
            nn.Parameter(empty, requires_grad=False) if isinstance(tensor, nn.Parameter) else empty
        )
    return copy.deepcopy(model, shadows)


def _count(model: nn.Module, ran: Trace, rule: str, part: str) -> Count:
    cost = RULES[rule]
    return Count(
        params=sum(amount for path, amount in _parameters(model, ran, rule) if _inside(path, part)),
        macs=sum(cost(op) for op in ran.operators if _inside(op.module, part)),
        rule=rule,
        unit=_unit(rule),
    )


def _parameters(model: nn.Module, ran: Trace, rule: str) -> Iterator[tuple[str, int]]:
    """Pairs (module path, parameters) that add up to what `rule` prints."""
    if rule == "hrnet":
        yield from _parameters_of_summary(model, ran)
        return
    for name, parameter in model.named_parameters():
        if rule == "ptflops" and not parameter.requires_grad:
            continue  # the tool leaves frozen parameters out
        yield name.rpartition(".")[0], parameter.numel()
    if rule == "flop2":
        for name, buffer in model.named_buffers():
            path, _, last = name.rpartition(".")
            if last in ("running_mean", "running_var"):
                yield path, buffer.numel()


def _parameters_of_summary(model: nn.Module, ran: Trace) -> Iterator[tuple[str, int]]:
    """As the HRNet model summary: every call of a module named like a layer adds all it holds,
    nested ones again."""
    for path in ran.calls:
        module = model.get_submodule(path)
        if isinstance(module, (nn.Sequential, nn.ModuleList)):
            continue
        if any(word in type(module).__name__ for word in ("Conv", "BatchNorm", "Linear")):
            yield path, sum(parameter.numel() for parameter in module.parameters())


def _explain(counted: Count, true: Count, ran: Trace) -> Explanation:
    causes = Counter[str]()
    for op in ran.operators:
        multiplies = RULES["true"](op) > 0
        plain = replace(op, bias=False) if multiplies else op
        causes["bias"] += RULES[counted.rule](op) - RULES[counted.rule](plain)
        causes[op.kind] += RULES[counted.rule](plain) - RULES["true"](op)
    return Explanation(
        count=counted,
        says=inspect.getdoc(RULES[counted.rule]) or "",
        difference=counted.macs - true.macs,
        causes=dict(
            sorted(((k, v) for k, v in causes.items() if v), key=lambda item: -abs(item[1]))
        ),
        params_difference=counted.params - true.params,
    )


def _unit(rule: str) -> str:
    return "FLOPs" if rule == "flop2" else "MACs"


def _inside(path: str, part: str) -> bool:
    return not part or path == part or path.startswith(part + ".")


def _cut(path: str, depth: int) -> str:
    return ".".join(path.split(".")[:depth])


def _check(model: nn.Module, rule: str, part: str) -> None:
    if rule not in RULES:
        raise unknown("counting rule", rule, RULES)
    paths = {path for path, _ in model.named_modules()}
    if part not in paths:
        raise unknown("part", part, paths - {""})


def check_size(model: nn.Module, size: tuple[int, int]) -> None:
    """Raises `UsageError` for a size that is no (height, width) above 0 or off the network's
    `stride`."""
    if not isinstance(size, (tuple, list)) or [type(side) for side in size] != [int, int]:
        raise UsageError(
            f"the size is {size!r}, but must be height and width in whole pixels",
            "for example (256, 192)",
        )
    height, width = size
    if height < 1 or width < 1:
        raise UsageError(f"the size is {height}x{width}, but height and width must be positive")
    stride = getattr(model, "stride", 1)
    if isinstance(stride, int) and (height % stride or width % stride):
        near = " ".join(str(max(stride, round(side / stride) * stride)) for side in size)
        raise UsageError(
            f"the size is {height}x{width}, but height and width must be multiples of {stride}",
            f"nearest: {near}",
        )
