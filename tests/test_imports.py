"""The level table of the house: a module imports only from lower levels, and light commands stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "repro"
LIGHT = ("cv2", "matplotlib", "pandas", "scipy", "torch", "torchvision")
LIGHT_MODULES = [
    "accuracy", "catalog", "claims", "claim_report", "columns", "console", "describe", "errors", "grid", "ground",
    "figures", "pareto", "pose.measures", "pose.metrics", "pose.skeletons", "recipes", "record", "render", "report",
    "spec", "store", "verdict", "versions", "charts", "plots", "cli",
]  # fmt: skip


def modules() -> list[str]:
    paths = [path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*.py") if path.stem != "__init__"]
    return sorted(".".join(path.parts) for path in paths)


def imported(module: str) -> set[str]:
    tree = ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "repro":
            base = (node.module or "").removeprefix("repro").removeprefix(".")
            names = {f"{base}.{alias.name}".removeprefix(".") for alias in node.names}
            found |= {name for name in names if name in modules()} or {base}
    return found - {""}


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
    "command", [["list"], ["list", "--models"], ["show", "efficienthrnet-3"], ["status"], ["claims"]]
)
def test_light_commands_leave_torch_unloaded(command: list[str]) -> None:
    run = f"main({command!r}, standalone_mode=False)"
    code = f"import sys; from repro.cli import main; {run}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
