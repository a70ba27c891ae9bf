"""A measured number with everything needed to trust it, and its JSON form."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from repro.errors import RecordError

SCHEMA = 1
Status = Literal["ok", "failed"]


@dataclass(frozen=True)
class Record:
    """One measurement.

    key: what was measured. digest: hash of every setting that could change it. family: model family, names the file.
    values: numbers by name (plain units: parameters, MACs, fractions); texts in a record of kind facts.
    samples: all samples of a repeated measurement. labels: what a reader must see in the cell, such as
    the data set and the profile.
    provenance: commit, versions, device, hashes, seconds. A failed measurement has status "failed" and `error`.
    """

    key: str
    digest: str
    family: str
    values: Mapping[str, float | str]
    labels: Mapping[str, str] = field(default_factory=dict)
    samples: tuple[float, ...] = ()
    status: Status = "ok"
    error: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def kind(self) -> str:
        """First word of the key: count, facts, time or evaluate."""
        return self.key.split(" ", 1)[0]

    def same_measurement(self, other: "Record") -> bool:
        """True when another record says the same, whenever and wherever it was made."""

        def says(record: Record) -> tuple[object, ...]:
            return record.key, record.digest, dict(record.values), record.status, record.error

        return says(self) == says(other)


def to_json(record: Record) -> dict[str, Any]:
    """Plain values in field order; empty fields are left out."""
    return {name: value for name, value in asdict(record).items() if value not in ({}, (), "")}


def from_json(body: Any, where: str) -> Record:
    """The inverse of `to_json`; raises RecordError naming `where` (file, or file and entry)."""
    if not isinstance(body, dict):
        raise RecordError(f"{where}: a record must be a JSON object")
    if body.get("schema") != SCHEMA:
        raise RecordError(f"{where}: unknown record schema {body.get('schema')!r}; this version reads {SCHEMA}")
    unknown = set(body) - set(Record.__dataclass_fields__)
    missing = {"key", "digest", "family"} - set(body)
    if unknown or missing:
        raise RecordError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    if body.get("status", "ok") not in get_args(Status):
        raise RecordError(f"{where}: unknown status {body['status']!r}")
    return Record(**{"values": {}, **body, "samples": tuple(body.get("samples", ()))})


def dump(records: list[Record]) -> str:
    """Records sorted by key as JSON text, the same bytes for the same records."""
    ordered = sorted(records, key=lambda record: record.key)
    return json.dumps([to_json(record) for record in ordered], indent=1, sort_keys=True, ensure_ascii=False) + "\n"
