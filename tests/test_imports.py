"""The level table of the house: a module imports only from lower levels, and light commands stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "repro"
LEVELS: dict[str, int] = {
    "errors": 0, "columns": 1, "versions": 0,
    "settings": 1, "spec": 2, "claim_spec": 2, "console": 1, "record": 1, "grid": 1, "counting_rules": 1,
    "processes": 1, "recipes": 3, "schedules": 3, "figure_spec": 3, "catalog": 4, "claims": 3, "store": 2, "verdict": 2,
    "vision": 2, "maps": 1, "pose.skeletons": 1,
    "models.checks": 1,
    "models.layers": 2, "models.mobile_layers": 3, "pose.targets": 3, "pose.losses": 3, "pose.metrics": 2,
    "pose.grouping": 2, "pose.measures": 1, "pose.scoring": 1, "pose.decode": 3, "pose.single_person": 3,
    "data.transforms": 2,
    "pose.crops": 3, "pose.task": 3, "pose.crop_tasks": 4, "pose.three_pass": 4, "pose.classification": 4,
    "models": 4, "data": 4, "data.levels": 4, "pose.tasks": 5,
    "zoo": 5, "counting": 5, "checkpoint": 5, "environment": 5, "memory": 5, "plots": 6,
    "chart_layout": 3, "chart_panels": 4, "charts": 5, "figures": 7, "pareto": 7,
    "depthwise": 4, "precision": 5, "distributed": 4, "training_log": 5, "batches": 5, "start": 5, "training": 6, "evaluation": 6,
    "inputs": 6, "tally": 6, "measure": 7,
    "render": 6, "jobs": 7, "ground": 7, "runner": 8, "claim_report": 7, "findings": 8, "reduced": 8, "report": 9,
    "describe": 8, "doctor": 8,
    "submit": 8,
    "benchmarks": 8, "benchmarks.measure": 6, "benchmarks.train": 9,
    "cli_options": 9, "cli_tables": 10, "cli_models": 10, "cli_data": 10, "cli_bench": 10, "cli": 11, "__main__": 12,
}  # fmt: skip
SAME_FOLDER = ("data",)  # readers and writers of one format may share code
LIGHT = ("cv2", "matplotlib", "pandas", "scipy", "torch", "torchvision")
LIGHT_MODULES = [
    "catalog", "claims", "claim_report", "columns", "console", "describe", "errors", "grid", "ground",
    "figures", "pareto", "pose.measures", "pose.metrics", "pose.skeletons", "recipes", "record", "render",
    "report", "spec", "store",
    "verdict", "versions", "charts", "plots", "cli",
]  # fmt: skip


def level(module: str) -> int:
    return LEVELS[module] if module in LEVELS else LEVELS[module.rpartition(".")[0]]


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


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_from_lower_levels(module: str) -> None:
    for other in imported(module):
        siblings = module.rpartition(".")[0] == other.rpartition(".")[0] and module.split(".")[0] in SAME_FOLDER
        assert siblings or level(other) < level(module), f"{module} (level {level(module)}) imports {other}"


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
