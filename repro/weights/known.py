"""Which weight files are known to exist for the networks, read from known.toml. Loads no torch."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from repro.errors import unknown
from repro.files import converted
from repro.grid import Grid
from repro.models import zoo

PATH = Path(__file__).with_name("known.toml")
LINKS = {"untried": "not tried from here", "page": "a page for browsers", "gone": "gone"}


@dataclass(frozen=True)
class Known:
    """One file; known.toml says on top what the fields mean."""

    name: str
    models: list[str]
    file: str
    source: str
    licence: str
    data: str
    layout: str
    holds: Literal["network", "backbone"]
    link: Literal["untried", "page", "gone"]
    said: str
    url: str = ""
    sha256: str = ""

    def is_of(self, sha256: str) -> bool:
        """Whether a file with this hash is the one; False where no hash is known."""
        return bool(self.sha256) and sha256.startswith(self.sha256)


def files() -> list[Known]:
    """All of known.toml."""
    found: list[Known] = converted(
        tomllib.loads(PATH.read_text(encoding="utf-8"))["file"], list[Known]
    )
    return found


def find(name: str) -> Known:
    """The file called `name`. Raises UsageError with near names."""
    known = {one.name: one for one in files()}
    if name not in known:
        raise unknown("weight file", name, known, "repro weights list")
    return known[name]


def by_hash(sha256: str) -> Known | None:
    """The known file with this hash."""
    return next((one for one in files() if one.is_of(sha256)), None)


def grid(models: Sequence[str] = ()) -> Grid:
    """The `weights list` command: what is known for some models, for all where none is named.
    Raises UsageError."""
    for model in models:
        zoo.info(model)
    rows = [row for model in models or zoo.MODELS for row in _rows(model)]
    notes = (
        "link: what it said when last tried; 'not tried from here' means that nobody asked the "
        "server",
        "sha256: of the file; eight digits where the publisher writes no more",
        "read: which names of tensors 'repro weights import' knows in it; a backbone is a start for "
        "a training",
        "pictures that were trained on have terms of their own, research alone in most cases",
    )
    headings = (
        "model",
        "name",
        "file",
        "data",
        "read",
        "holds",
        "licence",
        "link",
        "said",
        "sha256",
        "source",
    )
    return Grid(headings, tuple(rows), title="weight files that are known to exist", notes=notes)


def _rows(model: str) -> list[tuple[str, ...]]:
    known = [one for one in files() if model in one.models]
    if not known:
        return [(model, "-", "none known", *["-"] * 8)]
    return [
        (
            model,
            one.name,
            one.file,
            one.data,
            one.layout or "no",
            one.holds,
            one.licence,
            LINKS[one.link],
            one.said,
            one.sha256 or "-",
            one.url or one.source,
        )
        for one in known
    ]
