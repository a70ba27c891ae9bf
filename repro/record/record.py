"""A measured number with everything needed to trust it, and its JSON form."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict, get_args

import msgspec

from repro import limits
from repro.errors import MissingError, RecordError
from repro.files import Finite, Number, converted, parse_json, read_bytes

SCHEMA = 1
Status = Literal["ok", "failed"]
# part of a file's name, never of a path
Name = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.-]*\Z")]


@dataclass(frozen=True)
class Record:
    """One measurement.

    key: what was measured. digest: hash of every setting that could change it.
    family: of the network; it is part of the file's name.
    values: numbers by name (plain units: parameters, MACs, fractions), or texts for kind facts.
    labels: what a reader must see in the cell, such as the data set and the profile.
    samples: all samples of a repeated measurement.
    status: "ok", or "failed" with a text in `error`.
    provenance: commit, versions, device, hashes, seconds.
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
        """First word of the key: count, facts, memory, time or evaluate."""
        return self.key.split(" ", 1)[0]

    def same_measurement(self, other: "Record") -> bool:
        """True when another record says the same, whenever and wherever it was made."""

        def says(record: Record) -> tuple[object, ...]:
            return record.key, record.digest, dict(record.values), record.status, record.error

        return says(self) == says(other)


class _Proof(TypedDict, total=False):
    """Entries of a record's provenance that the code reads; all others are only printed."""

    images: Number
    seconds: Finite
    tested_sizes: dict[str, Number]
    curve: list[dict[str, Finite]]


class _Body(TypedDict, total=False):
    """The fields of a record in a file."""

    key: Annotated[str, msgspec.Meta(pattern=r"\A[^/\\\x00-\x20][^/\\\x00-\x1f]*\Z")]
    digest: Name
    family: Name
    values: dict[str, Number | Finite | str]
    labels: dict[str, str]
    samples: list[Finite]
    error: str
    provenance: _Proof


def to_json(record: Record) -> dict[str, Any]:
    """Plain values in field order; empty fields are left out."""
    return {name: value for name, value in asdict(record).items() if value not in ({}, (), "")}


def from_json(body: Any, where: str) -> Record:
    """The inverse of `to_json`; raises RecordError naming `where` (file, or file and entry)."""
    if not isinstance(body, dict):
        raise RecordError(f"{where}: a record must be a JSON object")
    if body.get("schema") != SCHEMA:
        raise RecordError(
            f"{where}: unknown record schema {body.get('schema')!r}; this version reads {SCHEMA}"
        )
    unknown = set(body) - set(Record.__dataclass_fields__)
    missing = {"key", "digest", "family"} - set(body)
    if unknown or missing:
        raise RecordError(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    if body.get("status", "ok") not in get_args(Status):
        raise RecordError(f"{where}: unknown status {body['status']!r}")
    try:
        converted(body, _Body)
    except ValueError as fault:
        raise RecordError(f"{where}: {fault}") from None
    if not body["key"].startswith("facts ") and str in map(type, body.get("values", {}).values()):
        raise RecordError(
            f"{where}: a text among the values, which only records of kind facts hold"
        )
    return Record(**{"values": {}, **body, "samples": tuple(body.get("samples", ()))})


def dump(records: list[Record]) -> str:
    """Records sorted by key as JSON text, the same bytes for the same records."""
    ordered = sorted(records, key=lambda record: record.key)
    return (
        json.dumps(
            [to_json(record) for record in ordered], indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n"
    )


def parsed(path: Path, hint: str) -> Any:
    """The JSON of a record file; raises RecordError, with the line, for one that cannot be read."""
    try:
        return parse_json(read_bytes(path, "records", most=limits.JSON_BYTES, hint=hint))
    except MissingError as fault:
        raise RecordError(fault.message, hint) from None
    except json.JSONDecodeError as fault:
        raise RecordError(
            f"{path}, line {fault.lineno}: not valid JSON ({fault.msg})", hint
        ) from None
