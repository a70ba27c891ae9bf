"""Layouts of weight files: whose names the tensors have, and the same tensors under this suite's
names.

Facts of public code: mmpose 0.29 and 1.3 keep the authors' names of HRNet, HigherHRNet and
SimpleBaseline below `backbone.` and a head; HigherHRNet's half-precision training wraps the
network, which puts `1.` before every name.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn

from repro.errors import MissingError
from repro.models import zoo

WRAPPERS = ("module.", "1.", "model.")
HEADS = {"mmpose 0.x": "keypoint_head.", "mmpose 1.x": "head."}
BODY = "backbone."
OURS, AUTHORS = "this suite", "authors"


class Read(NamedTuple):
    """Tensors under our names. layout: whose names they had; changes: keywords of the network that
    they fill."""

    layout: str
    changes: dict[str, Any]
    tensors: dict[str, Tensor]


def unwrapped(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Without what trainers put before all names."""
    found = dict(tensors)
    for _ in range(3):  # a trainer may wrap a wrapped network
        for prefix in WRAPPERS:
            if found and all(name.startswith(prefix) for name in found):
                found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def _candidates(tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, dict[str, Tensor]]]:
    yield AUTHORS, dict(tensors)
    for layout, head in HEADS.items():
        if all(name.startswith((BODY, head)) for name in tensors):
            yield (
                layout,
                {
                    name.removeprefix(BODY).removeprefix(head): value
                    for name, value in tensors.items()
                },
            )


def read(model: str, tensors: Mapping[str, Tensor], changes: Mapping[str, Any]) -> Read | None:
    """The tensors as weights of a model, by the first layout that fits to the last tensor; None
    where none does.

    changes: keywords of the model's builder; the number of joints or classes is read from the
    shapes where they do not say. Raises UsageError for keywords that the builder does not know.
    """
    own = _numbered(model, tensors, changes)
    if own is not None:
        return Read(OURS, own, dict(tensors))
    for layout, candidate in _candidates(tensors):
        try:
            found = zoo.from_upstream(model, candidate, **changes) if _is_known(model) else {}
        except MissingError:
            continue
        numbered = _numbered(model, found, changes)
        if numbered is not None:
            return Read(layout, numbered, found)
    return None


def _is_known(model: str) -> bool:
    return hasattr(zoo.family(model), "from_upstream")


def _numbered(
    model: str, tensors: Mapping[str, Tensor], changes: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Keywords of the network whose tensors these are, under our names; None where it is none of
    the model's."""
    trained = zoo.info(
        model
    ).family.trained_with  # heads that a file may lack; which it is, is told either way
    for extra in ({name: zoo.switches(model)[name] for name in trained}, trained):
        asked = {**extra, **changes}
        wanted = _shapes(model, asked)
        if not set(wanted) - _counters(wanted) <= set(tensors) <= set(wanted):
            continue
        number = "joints" if "joints" in zoo.switches(model) else "classes"
        count = _count(
            {name: tuple(tensors[name].shape) for name in tensors},
            wanted,
            _default(model, number, asked),
        )
        asked = asked if count is None else {**asked, number: count}
        wanted = _shapes(model, asked)
        if all(tuple(value.shape) == wanted[name] for name, value in tensors.items()):
            return asked
    return None


def _counters(names: Mapping[str, Any]) -> set[str]:
    return {name for name in names if name.endswith("num_batches_tracked")}


def _default(model: str, number: str, asked: Mapping[str, Any]) -> int:
    return int(asked.get(number, zoo.switches(model)[number]))


def _shapes(model: str, changes: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return _shapes_of(
        model, repr(sorted(changes.items())), lambda: zoo.build_empty(model, **changes)
    )


_BUILT: dict[
    tuple[str, str], dict[str, tuple[int, ...]]
] = {}  # the largest networks take a second to build


def _shapes_of(
    model: str, changes: str, build: Callable[[], nn.Module]
) -> dict[str, tuple[int, ...]]:
    if (model, changes) not in _BUILT:
        _BUILT[model, changes] = {
            name: tuple(value.shape) for name, value in build().state_dict().items()
        }
    return _BUILT[model, changes]


def _count(
    given: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]], default: int
) -> int | None:
    """How many joints or classes tensors are made for: read from one whose first side alone
    differs."""
    for name, shape in given.items():
        other = wanted[name]
        if len(shape) == len(other) > 0 and shape[1:] == other[1:] and shape[0] != other[0]:
            per_joint, rest = divmod(other[0], default)
            return shape[0] // per_joint if per_joint and not rest else None
    return None
