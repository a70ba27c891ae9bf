"""Two sets of records side by side: which values differ, and by how much."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repro import places
from repro.errors import MissingError, RecordError, UsageError
from repro.record.found import Records
from repro.record.record import Record
from repro.record.store import Store

HELD = "results/records"  # of a checkout
NEXT = "repro compare HEAD results"


@dataclass(frozen=True)
class Difference:
    """One value of one record that the two sides do not share.

    name: of the value, or `status` where one side failed, or "" where one side has no such record.
    first, second: numbers or texts, None where there is none.
    """

    key: str
    name: str
    first: float | str | None
    second: float | str | None

    @property
    def step(self) -> float | None:
        """Second minus first, None where they are no numbers."""
        if isinstance(self.first, str | None) or isinstance(self.second, str | None):
            return None
        return self.second - self.first

    @property
    def percent(self) -> float | None:
        """The step in percent of the first; None where there is none or the first is zero."""
        if self.step is None or not isinstance(self.first, float | int) or not self.first:
            return None
        return 100 * self.step / abs(self.first)

    def above(self, percent: float) -> bool:
        """Whether it is more than so many percent. Texts, failures and numbers that grew from zero
        are more than any; a record that only one side has is no difference between numbers."""
        if not self.name:
            return False
        return self.percent is None or abs(self.percent) > percent


def differences(first: Records, second: Records) -> list[Difference]:
    """Every value that differs, in the order of the keys."""
    return [found for key in sorted({*first, *second}) for found in _of_key(key, first, second)]


def _of_key(key: str, first: Records, second: Records) -> Iterator[Difference]:
    one, other = first.get(key), second.get(key)
    if one is None or other is None:
        yield Difference(key, "", _present(one), _present(other))
    elif one.status != other.status:
        yield Difference(key, "status", one.status, other.status)
    else:
        for name in dict.fromkeys([*one.values, *other.values]):
            if one.values.get(name) != other.values.get(name):
                yield Difference(key, name, one.values.get(name), other.values.get(name))


def _present(record: Record | None) -> str | None:
    return None if record is None else "recorded"


# --- reading --------------------------------------------------------------------------------------


def pair(first: str, second: str) -> tuple[Records, Records]:
    """The records of two folders or commits. Raises UsageError for an unknown name and where both
    are one, MissingError where there are no records."""
    names = [_meant(first), _meant(second)]
    if names[0] == names[1]:
        raise UsageError(f"'{first}' and '{second}' are the same: nothing to compare", NEXT)
    return _load(first, names[0]), _load(second, names[1])


def _meant(name: str) -> Path | str:
    """The folder that a name stands for, or else the hash of a commit of the checkout."""
    folder = Path(name)
    if name and folder.is_dir():
        inner = folder / "records"
        return (inner if inner.is_dir() else folder).resolve()
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode:
        raise UsageError(f"'{name}' is neither a folder of records nor a commit", NEXT)
    return done.stdout.decode().strip()


def _git(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """What git says of the checkout; a failure where there is no checkout or no git."""
    command = ["git", "-C", str(places.checkout()), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return subprocess.CompletedProcess(command, 1, b"", b"")


def _load(name: str, meant: Path | str) -> Records:
    held = Store(meant).load() if isinstance(meant, Path) else _of_commit(name, meant)
    if not held:
        raise MissingError(f"'{name}' holds no records", NEXT)
    return held


def _of_commit(name: str, commit: str) -> Records:
    """The records as committed. A fault in them names the commit."""
    done = _git("archive", "--format=tar", commit, HELD)
    if done.returncode:
        raise MissingError(f"commit '{name}' holds no {HELD}", NEXT)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
            packed.extractall(folder, filter="data")
        try:
            return Store(Path(folder, HELD)).load()
        except RecordError as fault:
            told = fault.message.replace(f"{folder}/", "")
            raise RecordError(f"commit '{name}': {told}", NEXT) from None
