"""Foreign weight files taken in, and weight files of any kind looked at: `weights import` and
`weights verify`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from repro.data.fetch import digests
from repro.errors import MissingError
from repro.files import check_writable
from repro.grid import Grid
from repro.models import zoo
from repro.train import checkpoint
from repro.weights import backbones, known, layouts
from repro.weights.backbones import Start
from repro.weights.layouts import Read
from repro.weights.nearest import nearest
from repro.weights.pickled import read

LISTED = "repro weights list"


def import_(model: str, paths: Sequence[Path], changes: Mapping[str, Any], *, out: Path) -> Grid:
    """The `weights import` command: foreign files of one network as one safetensors file under our
    names.

    Complete weights can be tested and exported at once; a backbone alone becomes a start for a
    training. No code of a file is run. Raises MissingError for files that are damaged, that want to
    run code, that hold NaN, or that are of another network, naming the nearest, and UsageError for
    an unknown model or keyword.
    """
    zoo.check(model, changes)
    check_writable(out)
    tensors = layouts.unwrapped(_together(paths))
    found = layouts.read(model, tensors, changes)
    sources = {path.name: digests(path)["sha256"] for path in paths}
    if found is not None:
        return _network(model, found, sources, out=out)
    start = backbones.read(model, tensors, changes)
    if start is None:
        raise MissingError(
            f"{_names(paths)} is not of {model}: nearest is {nearest(tensors)}",
            f"repro weights import {nearest(tensors).model} ..., or {LISTED} {model}",
        )
    return _start(model, start, sources, changes, out=out)


def _names(paths: Sequence[Path]) -> str:
    return " with ".join(f"'{path}'" for path in paths)


def _together(paths: Sequence[Path]) -> dict[str, Tensor]:
    """Tensors of all files. Raises MissingError when two hold one of the same name."""
    found: dict[str, Tensor] = {}
    for path in paths:
        tensors = read(path)
        twice = sorted(set(found) & set(tensors))
        if twice:
            raise MissingError(
                f"'{path}' holds {twice[0]}, which another file holds too",
                "name one file of a network",
            )
        found |= tensors
    return found


def _network(model: str, found: Read, sources: Mapping[str, str], *, out: Path) -> Grid:
    network = zoo.build(model, **found.changes)
    checkpoint.fill(network, checkpoint.WeightFile(out, dict(found.tensors), {}))
    info = {
        "model": model,
        "changes": found.changes,
        "layout": found.layout,
        "sources": dict(sources),
    }
    sha256 = checkpoint.save_weights(out, network, info)
    rows = [
        *_told(model, found.layout, found.changes, sources),
        ("holds", f"all {len(network.state_dict())} tensors"),
    ]
    return Grid(
        ("what", "value"),
        (*rows, ("written", str(out)), ("weights", sha256)),
        title=f"weights of {model}",
    )


def _start(
    model: str, start: Start, sources: Mapping[str, str], changes: Mapping[str, Any], *, out: Path
) -> Grid:
    checkpoint.check_values(out, start.tensors)
    info = {
        "kind": backbones.KIND,
        "model": model,
        "changes": dict(changes),
        "layout": start.layout,
    }
    sha256 = checkpoint.write_tensors(out, start.tensors, {**info, "sources": dict(sources)})
    rows = (
        *_told(model, start.layout, changes, sources),
        (
            "holds",
            f"the backbone alone, {len(start.tensors)} of {start.of} tensors: a start for a "
            f"training",
        ),
        ("features", start.note),
        ("written", str(out)),
        ("weights", sha256),
    )
    return Grid(("what", "value"), rows, title=f"backbone of {model}")


def _told(
    model: str, layout: str, changes: Mapping[str, Any], sources: Mapping[str, str]
) -> list[tuple[str, str]]:
    words = [f"{name}={value}" for name, value in sorted(changes.items())]
    rows = [("model", " ".join([model, *words])), ("names by", layout)]
    for name, sha256 in sources.items():
        same = known.by_hash(sha256)
        rows.append(
            (
                "from",
                f"{name}, sha256 {sha256}, "
                f"{f'known as {same.name}' if same else 'not a known file'}",
            )
        )
    return rows


# --- looking at files -----------------------------------------------------------------------------


def verify(paths: Sequence[Path]) -> Grid:
    """The `weights verify` command: what each file is, and whether its content is whole.

    Raises MissingError for a file that is damaged, that wants to run code or that holds NaN.
    """
    rows = tuple(_seen(path) for path in paths)
    notes = (
        "file: known by its SHA-256; content: the hash of the tensors, whatever file they stand in",
        "ours: the file says what it is, and its content matches the hash written with it; other "
        "files are told by the shapes of their tensors",
    )
    return Grid(
        ("path", "is", "tensors", "file", "content"), rows, title="weight files", notes=notes
    )


KINDS = {
    "weights": "ours",
    "state": "ours, a training state of",
    backbones.KIND: "ours, a backbone of",
}


def _seen(path: Path) -> tuple[str, ...]:
    info = checkpoint.read_info(path) if path.suffix == ".safetensors" else {}
    tensors = checkpoint.read_tensors(path)[0] if info else layouts.unwrapped(read(path))
    checkpoint.check_values(path, tensors)
    told = (
        f"{KINDS.get(info.get('kind', ''), 'ours')} {checkpoint.title(info)}"
        if info
        else f"nearest {nearest(tensors)}"
    )
    sha256 = digests(path)["sha256"]
    same = known.by_hash(sha256)
    file = f"{same.name}, {sha256}" if same else f"not a known file, {sha256}"
    return (str(path), told, str(len(tensors)), file, checkpoint.content_hash(tensors))
