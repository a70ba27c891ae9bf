"""A run's network, and the file of its weights."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from repro.errors import MissingError
from repro.measure.accuracy import Weights
from repro.models import zoo
from repro.spec.run import Run
from repro.train import checkpoint

SUFFIXES = (".safetensors", ".pth", ".pt", ".npz")


def weights_for(path: Path, model: str) -> Weights | None:
    """The weight file of a model: `path` itself, or `path/MODEL.*`; None when the folder or file is
    of others."""
    if path.is_dir():
        path = next(
            (
                path / f"{model}{suffix}"
                for suffix in SUFFIXES
                if (path / f"{model}{suffix}").exists()
            ),
            path,
        )
        if path.is_dir():
            return None
    known = checkpoint.identify(path)
    return Weights(path, known.sha256) if known.model in ("", model) else None


def trained_changes(run: Run) -> dict[str, Any]:
    """Keywords of the network that is trained for a run: with the heads that only the loss
    reads."""
    return {**zoo.info(run.model).family.trained_with, **run.changes}


def build_for(run: Run, weights: Path) -> tuple[nn.Module, dict[str, Any]]:
    """A run's network with weights from a file of ours or of the original authors, and the file's
    facts.

    Raises MissingError for weights of another model.
    """
    file = checkpoint.read_weights(weights)
    model = zoo.build(run.model, **(_filled_changes(run, file.info) if file.info else run.changes))
    info = checkpoint.fill(
        model, file, convert=partial(zoo.from_upstream, run.model, **run.changes)
    )
    made_for = info.get("model")
    if made_for and made_for != run.model:
        raise MissingError(
            f"{weights} holds weights of {made_for}, not of {run.model}", "repro list --models"
        )
    return model, info


def _filled_changes(run: Run, info: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of the network that a file of ours fills: imported ones may lack the heads that only
    the loss reads."""
    told = info.get("changes", {})
    lacking = {name: told[name] for name in zoo.info(run.model).family.trained_with if name in told}
    return {**trained_changes(run), **lacking}
