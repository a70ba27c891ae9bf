"""Networks that another back end than torch computes, from exported files or exported on the
way."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from repro.errors import MissingError, UsageError, unknown
from repro.export import files
from repro.export.description import Description
from repro.export.network import ExportedNetwork
from repro.spec.run import Run

Built = tuple[nn.Module, dict[str, Any]]
BACKENDS = tuple(files.FORMATS)


def through_file(
    network: nn.Module, told: Description, form: str, **options: Any
) -> ExportedNetwork:
    """A network exported, checked against itself and opened again; the file is gone afterwards.

    options: of the format's `load`. Raises CheckError where the answers differ, ReproError without
    the package.
    """
    with tempfile.TemporaryDirectory(prefix="repro-") as folder:
        path = Path(folder) / f"{told.model}{files.FORMATS[form].ending}"
        files.write(path, form, network, told)
        files.check(network, path, told)
        return files.load(path, **options)


def network_for(
    run: Run,
    weights: Path,
    backend: str,
    *,
    build: Callable[[], Built],
    describe: Callable[[Built], Description],
) -> Built:
    """A run's network computed by a back end, and the facts of its weights.

    weights: a file exported for that back end, else weights, which `build` loads and which are
    exported on the way. Raises UsageError for an unknown back end or a file for another,
    MissingError for a file of another model.
    """
    if backend not in BACKENDS:
        raise unknown("back end", backend, BACKENDS)
    form = files.format_of(weights)
    if not form:
        built = build()
        return through_file(built[0], describe(built), backend), built[1]
    if form != backend:
        raise UsageError(
            f"'{weights.name}' is a file for back end {form}, not for {backend}",
            f"--backend {form}",
        )
    network = files.load(weights)
    held = network.description
    made = Run(str(held["model"]), run.size, held["changes"])
    if made.network != run.network:
        raise MissingError(
            f"'{weights}' was made from {made.network}, not from {run.network}",
            "repro list --models",
        )
    return network, {"model": run.model, "sha256": held["weights"]}
