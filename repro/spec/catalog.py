"""The spec files: found by listing two folders, each loaded by path, ids unique."""

import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from repro.errors import SpecError, unknown
from repro.places import root
from repro.spec.ablation import Ablation
from repro.spec.claim import Claims
from repro.spec.figure import Figure
from repro.spec.table import PaperTable

KINDS: dict[str, type[Any]] = {
    "TABLE": PaperTable,
    "FIGURE": Figure,
    "ABLATION": Ablation,
    "CLAIMS": Claims,
}
Spec = PaperTable | Figure | Ablation | Claims


def id_of(path: Path) -> str:
    """`efficienthrnet_3.py` holds `efficienthrnet-3`."""
    return path.stem.replace("_", "-")


def load(path: Path) -> Spec:
    """The one literal of a spec file; raises SpecError naming the file."""
    module_spec = importlib.util.spec_from_file_location(f"_spec_{path.stem}", path)
    if module_spec is None or module_spec.loader is None:
        raise SpecError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except SpecError as fault:
        raise SpecError(f"{path}: {fault.message}", fault.hint) from fault
    except Exception as fault:  # a spec file is Python and may raise anything; name the file
        raise SpecError(f"{path}: {type(fault).__name__}: {fault}") from fault
    values = [(getattr(module, name, None), kind) for name, kind in KINDS.items()]
    literals = [value for value, kind in values if isinstance(value, kind)]
    if len(literals) != 1:
        raise SpecError(f"{path}: must assign exactly one of {', '.join(KINDS)}")
    spec: Spec = literals[0]
    if spec.id != id_of(path):
        raise SpecError(f"{path}: its id is '{spec.id}', its file name says '{id_of(path)}'")
    return spec


@cache
def specs() -> dict[str, Spec]:
    """Every spec by id, in the order of the ids."""
    loaded: dict[str, tuple[Spec, Path]] = {}
    for folder in ("paper_tables", "ablations"):
        for path in sorted((root() / folder).glob("[a-z]*.py")):
            spec = load(path)
            if spec.id in loaded:
                raise SpecError(f"id '{spec.id}' stands in both {loaded[spec.id][1]} and {path}")
            loaded[spec.id] = (spec, path)
    tables = {name: spec for name, (spec, _) in loaded.items() if isinstance(spec, PaperTable)}
    joined = {name: _joined(spec, path, tables) for name, (spec, path) in loaded.items()}
    return {name: joined[name] for name in sorted(loaded, key=_in_order)}


def _joined(spec: Spec, path: Path, tables: Mapping[str, PaperTable]) -> Spec:
    """An ablation with the rows that it takes from tables; everything else as it is."""
    if not isinstance(spec, Ablation):
        return spec
    try:
        return spec.join(tables)
    except SpecError as fault:
        raise SpecError(f"{path}: {fault.message}", fault.hint) from fault


def _in_order(name: str) -> tuple[str, bool, int]:
    """Sorts the tables of a paper by number, then its figures."""
    stem, _, last = name.rpartition("-")
    digits = last.lstrip("f")
    return (stem, last.startswith("f"), int(digits)) if digits.isdigit() else (name, False, 0)


def tables() -> list[PaperTable]:
    """Every table, in the order of the ids."""
    return [spec for spec in specs().values() if isinstance(spec, PaperTable)]


def ablations() -> list[Ablation]:
    """Every ablation, in the order of the ids and joined with the tables."""
    return [spec for spec in specs().values() if isinstance(spec, Ablation)]


def figures() -> list[Figure]:
    """Every figure, in the order of the ids."""
    return [spec for spec in specs().values() if isinstance(spec, Figure)]


def claims() -> list[Claims]:
    """The claims, one group per paper."""
    return [spec for spec in specs().values() if isinstance(spec, Claims)]


def find(name: str, kind: type[Any] | None = None) -> Spec:
    """The spec called `name`; raises UsageError with the nearest names."""
    candidates = {
        key: spec for key, spec in specs().items() if kind is None or isinstance(spec, kind)
    }
    if name not in candidates:
        nouns = {PaperTable: "table", Figure: "figure", Ablation: "ablation"}
        raise unknown(nouns.get(kind, "id") if kind else "id", name, candidates, "repro list")
    return candidates[name]
