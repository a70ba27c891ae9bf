"""Committed records: one JSON file per (kind, family, data set), merged under a lock, never
half-written."""

from collections.abc import Mapping
from pathlib import Path

from repro.errors import RecordError, ReproError
from repro.files import check_writable as check_writable
from repro.files import write_atomically as write_atomically
from repro.record.record import Record, dump, from_json, parsed


def file_of(key: str, family: str) -> str:
    """File of a record, e.g. `count-litepose.json` or `evaluate-litepose-synthetic-coco.json`."""
    kind, *words = key.split()
    data = [word[5:] for word in words if word.startswith("data=")]
    return "-".join([kind, family, *data]) + ".json"


def file_name(record: Record) -> str:
    """File of a record below results/records."""
    return file_of(record.key, record.family)


def read_file(path: Path) -> list[Record]:
    """Records of one file; raises RecordError with file and line when it is damaged."""
    body = parsed(path, f"git checkout -- {path.name} restores the committed file")
    if not isinstance(body, list):
        raise RecordError(f"{path}: a record file holds a JSON list")
    return [from_json(entry, f"{path}, entry {index}") for index, entry in enumerate(body, start=1)]


class Store:
    """Records in two folders.

    folder: where new records go; its records hide those of the same key in the other folder.
    committed: the records that came with the specs.
    """

    def __init__(self, folder: Path, committed: Path | None = None) -> None:
        self.folder = folder
        self.committed = committed

    def load(self) -> dict[str, Record]:
        """All records by key. Raises RecordError, with both files, for a key that stands twice."""
        return {**(self._load(self.committed) if self.committed else {}), **self._load(self.folder)}

    @staticmethod
    def _load(folder: Path) -> dict[str, Record]:
        loaded: dict[str, tuple[Record, Path]] = {}
        for path in sorted(folder.glob("*.json")):
            for record in read_file(path):
                if record.key in loaded:
                    raise RecordError(
                        f"record '{record.key}' stands in both {loaded[record.key][1]} and {path}"
                    )
                if file_name(record) != path.name:
                    raise RecordError(
                        f"record '{record.key}' stands in {path}, but belongs into "
                        f"{file_name(record)}"
                    )
                loaded[record.key] = (record, path)
        return {key: record for key, (record, _) in loaded.items()}

    def merge(self, records: list[Record]) -> int:
        """Merge records and return how many changed; an equal measurement changes no file."""
        elsewhere = self.committed and self.committed.resolve() != self.folder.resolve()
        committed = self._load(self.committed) if self.committed and elsewhere else {}
        records = [*_changed(records, committed).values()]
        changed = 0
        for name in sorted({file_name(record) for record in records}):
            changed += self._merge_file(
                self.folder / name, [r for r in records if file_name(r) == name]
            )
        return changed

    def _merge_file(self, path: Path, records: list[Record]) -> int:
        from filelock import FileLock, Timeout  # only writers pay for it

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.parent.parent / f".{path.parent.name}.lock", timeout=60):
                stored = {record.key: record for record in read_file(path)} if path.exists() else {}
                new = _changed(records, stored)
                if new:
                    write_atomically(path, dump([*{**stored, **new}.values()]))
        except (OSError, Timeout) as fault:
            raise ReproError(
                f"cannot write records to {path.parent}: {fault}", "make the folder writable"
            ) from fault
        return len(new)


def _changed(records: list[Record], known: Mapping[str, Record]) -> dict[str, Record]:
    """Records by key: those that are new, and those that say something else than the known ones."""
    return {r.key: r for r in records if r.key not in known or not r.same_measurement(known[r.key])}
