"""The order of the rooms: a folder imports only from folders above it, and light commands stay
light."""

import ast
import subprocess
import sys
from functools import cache

import pytest
from where import CHECKOUT

import repro

PACKAGE = CHECKOUT / "repro"
ROOMS = (
    "people",
    "spec",
    "models",
    "counting",
    "data",
    "data.synth",
    "pose",
    "tasks",
    "train",
    "evaluate",
    "weights",
    "export",
    "timing",
    "search",
    "record",
    "measure",
    "claims",
    "charts",
    "report",
    "report.html",
    "benchmarks",
    "cli",
)
"""Folders of repro/ in their order. What lies in repro/ itself comes before them all, but for the
command's entry."""
ENTRY = "__main__"
LIGHT = ("cv2", "matplotlib", "pandas", "scipy", "torch", "torchvision")
LIGHT_MODULES = [
    "charts.figures",
    "charts.page",
    "charts.pareto",
    "claims.judge",
    "claims.language",
    "cli.main",
    "console",
    "data.datasets",
    "errors",
    "evaluate.overlay",
    "grid",
    "measure.accuracy",
    "people.skeletons",
    "pose.measures",
    "pose.metrics",
    "record.record",
    "record.store",
    "record.verdict",
    "report.all_models",
    "report.describe",
    "report.first_page",
    "report.html.sections",
    "report.html.site",
    "report.results",
    "report.tables",
    "spec.catalog",
    "spec.columns",
    "spec.recipes",
    "spec.table",
    "spec.versions",
]


@cache
def modules() -> list[str]:
    paths = [
        path.relative_to(PACKAGE).with_suffix("")
        for path in PACKAGE.rglob("*.py")
        if path.stem != "__init__"
    ]
    return sorted(".".join(path.parts) for path in paths)


@cache
def imported(module: str) -> set[str]:
    tree = ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "repro":
            base = (node.module or "").removeprefix("repro").removeprefix(".")
            names = {f"{base}.{alias.name}".removeprefix(".") for alias in node.names}
            found |= {name for name in names if name in modules()} or {base}
    return found - {""}


def room(module: str) -> str:
    """The folder of a module, "" for one in repro/ itself."""
    return module.rpartition(".")[0]


def test_every_folder_is_a_room() -> None:
    assert {room(module) for module in modules()} - {""} == set(ROOMS)


@pytest.mark.parametrize("module", modules())
def test_a_room_imports_only_from_rooms_above_it(module: str) -> None:
    order = ["", *ROOMS] if module != ENTRY else [*ROOMS, ""]
    own = order.index(room(module))
    below = {
        name for name in imported(module) if name in modules() and order.index(room(name)) > own
    }
    assert not below, f"{module} imports from rooms below its own: {', '.join(sorted(below))}"


def test_no_two_modules_import_each_other() -> None:
    waiting = {module: imported(module) & set(modules()) for module in modules()}
    while free := [module for module, needs in waiting.items() if not needs & set(waiting)]:
        for module in free:
            del waiting[module]
    assert sorted(waiting) == []


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_light_modules_load_nothing_heavy(module: str) -> None:
    code = f"import sys, repro.{module}; print(sorted(set(sys.modules) & {set(LIGHT)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command",
    [["list"], ["list", "--models"], ["show", "efficienthrnet-3"], ["status"], ["claims"]],
)
def test_light_commands_leave_torch_unloaded(command: list[str]) -> None:
    run = f"main({command!r}, standalone_mode=False)"
    code = f"import sys; from repro.cli.main import main; {run}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_no_room_hides_a_public_name() -> None:
    """A folder called `count` would take the place of the function as soon as it is imported."""
    assert not set(repro.__all__) & {*ROOMS, *(module for module in modules() if "." not in module)}
    assert all(callable(getattr(repro, name)) for name in repro.__all__)
