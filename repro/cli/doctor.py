"""Is the installation whole? One line per thing, and what to do where it is not."""

import importlib
from collections.abc import Callable
from pathlib import Path

from repro import places
from repro.errors import ReproError
from repro.grid import Grid
from repro.record.store import Store
from repro.spec import catalog


def _version(name: str) -> str:
    module = importlib.import_module(name)
    return str(getattr(module, "__version__", "installed"))


def _torchvision() -> str:
    from repro.models.vision import torchvision

    return str(torchvision.__version__)


def _device() -> str:
    from repro.record.provenance import choose_device, device_name

    return device_name(choose_device("auto"))


def _records() -> str:
    folder = places.committed()
    return f"{len(Store(folder).load())} records, {len(catalog.specs())} specs of {places.root()}"


CHECKS: dict[str, tuple[Callable[[], str], str]] = {
    "torch": (lambda: _version("torch"), "make setup"),
    "torchvision": (_torchvision, "make setup"),
    "numpy": (lambda: _version("numpy"), "make setup"),
    "opencv": (lambda: _version("cv2"), "make setup"),
    "faster-coco-eval": (lambda: _version("faster_coco_eval"), "make setup"),
    "pycocotools": (lambda: _version("pycocotools"), "make setup"),
    "device": (_device, "CPU is enough for counts, scores and smoke runs"),
    "specs and records": (_records, "git status, in a checkout of repro"),
}
OPTIONAL: dict[str, tuple[Callable[[], str], str]] = {
    "xtcocotools": (
        lambda: _version("xtcocotools"),
        "only a cross-check: pip install --no-build-isolation --no-binary xtcocotools xtcocotools",
    ),
}


def _try(check: Callable[[], str]) -> tuple[str, str]:
    try:
        return "ok", check()
    except ReproError as fault:
        return "fault", fault.message
    except (
        Exception
    ) as fault:  # a broken package may raise anything; the doctor's work is to say so
        return "fault", f"{type(fault).__name__}: {fault}"


def _row(name: str, check: Callable[[], str], advice: str) -> tuple[str, str, str, str]:
    state, text = _try(check)
    return name, state, text, "" if state == "ok" else advice


def _data(folder: Path) -> tuple[str, str, str, str]:
    if not folder.is_dir():
        return "data", "absent", str(folder), "only needed for real data: --data DIR or REPRO_DATA"
    folders = ", ".join(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))
    return "data", "ok", folders or "empty", ""


def examine(data: Path) -> tuple[Grid, ReproError | None]:
    """One row per check, and the fault where something needed is not whole."""
    rows = [_row(name, check, advice) for name, (check, advice) in CHECKS.items()]
    broken = [row for row in rows if row[1] != "ok"]
    rows += [_row(name, check, advice) for name, (check, advice) in OPTIONAL.items()]
    return Grid(("what", "state", "found", "what to do"), (*rows, _data(data))), _fault(broken)


def _fault(broken: list[tuple[str, str, str, str]]) -> ReproError | None:
    names = ", ".join(name for name, *_ in broken)
    return ReproError(f"the installation is not whole: {names}", broken[0][3]) if broken else None
