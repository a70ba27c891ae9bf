"""An architecture as a file: what a search has found, which commands take in place of a model's
name.

The file names a model of the zoo, the keywords of its builder that make the architecture, the
nominal size, and where it comes from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from repro.errors import MissingError, UsageError
from repro.files import Number, read_json, typed, write_atomically
from repro.models import zoo
from repro.spec.run import Run, Size

KIND = "architecture"
HINT = "repro search --help says what writes such a file"


@dataclass(frozen=True)
class Architecture:
    """A searched network. model: of the zoo. changes: keywords of its builder. size: nominal input
    (height, width). origin: which search, by which settings, found it."""

    model: str
    changes: Mapping[str, Any]
    size: Size
    origin: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, origin: Mapping[str, Any]) -> "Architecture":
        """The network of a run."""
        return cls(run.model, run.changes, run.shape, origin)

    def write(self, path: Path) -> None:
        """Write it; raises ReproError where that cannot be done."""
        body = {
            "kind": KIND,
            "model": self.model,
            "changes": dict(self.changes),
            "size": self.size,
            "origin": dict(self.origin),
        }
        write_atomically(path, json.dumps(body, indent=1) + "\n")


class _Body(TypedDict):
    """What must stand in the file."""

    kind: str
    model: str
    changes: dict[str, Any]
    size: tuple[Number, Number]


def read(path: Path) -> Architecture:
    """The architecture of a file.

    Raises MissingError for a file that cannot be read or is of another kind, and UsageError, which
    names the file, for a model, keyword or operation that is not known.
    """
    content = read_json(path, "architecture", hint=HINT)
    body = typed(content, _Body, f"the architecture '{path}'", hint=HINT)
    if body["kind"] != KIND:
        raise MissingError(f"'{path}' is a file of kind '{body['kind']}', not {KIND}", HINT)
    # JSON has no tuples, and a list would be another text in a record's key
    changes = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in body["changes"].items()
    }
    try:
        zoo.build_empty(body["model"], **changes)
    except UsageError as fault:
        raise UsageError(f"the architecture '{path}': {fault.message}", HINT) from fault
    return Architecture(body["model"], changes, body["size"], content.get("origin") or {})


class Named(NamedTuple):
    """A model as a command was asked for it: of the zoo, with keywords of its builder. size: None
    for the model's own."""

    model: str
    size: Size | None
    changes: dict[str, Any]

    @property
    def shape(self) -> Size:
        """The nominal size, the model's own where none is asked for."""
        return self.size or zoo.info(self.model).size


def named(name: str, size: Size | None, changes: Mapping[str, Any]) -> Named:
    """The model called `name`, or that of the architecture file NAME.json, whose keywords and size
    are replaced by those that are asked for."""
    if not name.endswith(".json"):
        return Named(name, size, dict(changes))
    found = read(Path(name))
    return Named(found.model, size or found.size, {**found.changes, **changes})
