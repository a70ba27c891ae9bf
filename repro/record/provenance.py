"""Where a number was measured: code, versions, device, threads; and how its randomness was
fixed."""

import os
import platform
import random
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from repro import places
from repro.errors import ReproError, unknown

MEASURING = ("repro", "paper_tables", "ablations", "pyproject.toml", "constraints.txt")
"""Files that can change a number; others, such as rendered results, do not make the tree dirty."""

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "opencv-python-headless",
    "pycocotools",
    "faster-coco-eval",
    "safetensors",
)


def _git(*arguments: str) -> str | None:
    folder = places.checkout()
    if folder is None or not (folder / ".git").exists():
        return None  # a wheel may lie inside a checkout of something else
    command = ["git", "-C", str(folder), *arguments]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout.strip() if process.returncode == 0 else None


@cache
def commit() -> str:
    """Full hash of the checked-out commit; outside a git checkout the package's version."""
    return _git("rev-parse", "HEAD") or f"unknown, repro {_version('repro')}"


@cache
def dirty() -> bool | None:
    """True when a file that can change a number differs from the commit; None outside a git
    checkout."""
    status = _git("status", "--porcelain", "--", *MEASURING)
    return None if status is None else bool(status)


@cache
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on; "absent" if not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def choose_device(name: str = "auto") -> torch.device:
    """Turn "auto", "cpu", "cuda" or "cuda:N" into a device. Raises UsageError for others,
    ReproError without CUDA."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda") or (index and not index.isdecimal()):
        raise unknown("device", name, ("auto", "cpu", "cuda"))
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise ReproError(
            f"device '{name}' is not there: {torch.cuda.device_count()} CUDA devices found",
            "--device cpu",
        )
    return torch.device(name)


def device_name(device: torch.device | str) -> str:
    """Marketing name of the card, or of the processor for every other device."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch and switch off the search for fast, varying kernels.

    On the CPU everything is the same bit for bit, given the same versions and number of threads. On
    CUDA the same numbers are drawn, but some kernels add in varying order, so the last digits
    differ.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)  # libraries that still draw from the global generator
    torch.manual_seed(seed)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True


def provenance(device: torch.device | str, *, dtype: torch.dtype = torch.float32) -> dict[str, Any]:
    """Everything about the place of a measurement that a record keeps (plain values)."""
    return {
        "commit": commit(),
        "dirty": dirty(),
        "versions": dict(package_versions()),
        "device": torch.device(device).type,
        "device_name": device_name(device),
        "threads": torch.get_num_threads(),
        "cpus": os.cpu_count(),
        "dtype": str(dtype).removeprefix("torch."),
        "platform": platform.platform(),
    }


def code_provenance() -> dict[str, Any]:
    """What of `provenance` matters where nothing is computed: for counts, and for failures."""
    versions = {name: package_versions()[name] for name in ("torch", "torchvision")}
    return {"commit": commit(), "dirty": dirty(), "versions": versions}
