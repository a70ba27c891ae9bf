"""Files: read once, at the border, into checked values; written whole or not at all."""

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from repro import limits
from repro.errors import MissingError, ReproError

T = TypeVar("T")

WRITABLE = "choose a writable directory with free space"
FAR = 1e30  # no quantity in a file is larger: numbers beyond it, infinity and NaN are faults
Finite = Annotated[float, msgspec.Meta(ge=-FAR, le=FAR)]
Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
MISFITS = (KeyError, TypeError, AttributeError, ValueError, OverflowError, IndexError)
"""What code that expects other content of a file raises."""

# --- reading --------------------------------------------------------------------------------------


def read_bytes(path: str | Path, what: str, *, most: int, hint: str) -> bytes:
    """The content of a file of at most `most` bytes; `what` it is stands in the fault.

    Raises MissingError when it cannot be read, and for more bytes, which are not read.
    """
    try:
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            if not (stat.S_ISREG(about.st_mode) or stat.S_ISFIFO(about.st_mode)):
                raise OSError(0, "it is a device, not a file")
            raw = (
                _pour(file.read, most)
                if not about.st_size
                else file.read()
                if about.st_size <= most
                else b""
            )
    except (OSError, ValueError) as fault:  # ValueError: a name that no file can have
        raise MissingError(
            f"cannot read the {what} '{path}': {getattr(fault, 'strerror', '') or fault}", hint
        ) from None
    size = max(about.st_size, len(raw))
    if size > most:
        text = f"the {what} '{path}' would take {size / 1e9:.1f} GB; at most {most / 1e9:.1f} GB are read"
        raise MissingError(text, hint)
    return raw


def _pour(read: Callable[[int], bytes], most: int) -> bytes:
    """A pipe or a system file, which tell no size, up to a little more than `most` bytes."""
    poured = bytearray()
    while len(poured) <= most and (chunk := read(1 << 20)):
        poured += chunk
    return bytes(poured)


def parse_json(raw: bytes) -> Any:
    """JSON text in UTF-8 as plain values; NaN and infinity, which many programs write, come as
    such.

    Raises json.JSONDecodeError, with the line, for everything else: other alphabets, names that
    stand twice in an object, and what is nested or long beyond reason.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = raw[: fault.start].decode(errors="replace")
        raise json.JSONDecodeError("not UTF-8 text", before, len(before)) from None
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", "", 0) from None
    except json.JSONDecodeError:
        raise
    except ValueError as fault:
        raise json.JSONDecodeError(str(fault).split(";")[0], "", 0) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"'{next(name for name in names if names.count(name) > 1)}' stands twice in one object"
        )
    return members


def read_json(path: str | Path, what: str, *, hint: str, kind: type[T] | Any = Any) -> Any:
    """The content of a JSON file as values of the type `kind`. Raises MissingError naming file,
    line or place."""
    raw = read_bytes(path, what, most=limits.JSON_BYTES, hint=hint)
    try:
        content = parse_json(raw)
    except json.JSONDecodeError as fault:
        verb = "are" if what.endswith("s") else "is"
        text = f"cannot read the {what}: '{path}' {verb} not complete JSON: the file is damaged, {fault}"
        raise MissingError(text, hint) from None
    return content if kind is Any else typed(content, kind, f"the {what} '{path}'", hint=hint)


def typed(content: Any, kind: type[T] | Any, where: str, *, hint: str) -> Any:
    """`converted`, with MissingError that tells, after `where`, what is wrong at which place."""
    try:
        return converted(content, kind)
    except ValueError as fault:
        raise MissingError(f"{where}: {fault}", hint) from None


def converted(content: Any, kind: type[T] | Any) -> Any:
    """Plain values as `kind`: numbers in range, lists of the right length, only entries of `kind`.

    Raises ValueError that says what does not fit, as in: expected a number, found a list, at
    annotations[3].bbox[0].
    """
    try:
        return msgspec.convert(content, kind)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeError:
        raise ValueError("a text holds half a character") from None
    except msgspec.ValidationError as fault:
        text = str(fault).replace("`$.", "`$")
        text = re.sub("`([a-z]+)`", lambda match: _KINDS.get(match[1], f"'{match[1]}'"), text)
        text = text.replace(" - at `$", ", at ").replace(", got ", ", found ").replace("`", "")
        raise ValueError(text[:1].lower() + text[1:]) from None


_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "array": "a list",
    "object": "an object",
    "bool": "true or false",
    "null": "nothing",
}

# --- writing --------------------------------------------------------------------------------------

_LEFT = re.compile(r"\..*\.\d+-[0-9a-f]{8}\.unfinished")  # .NAME.PROCESS-RANDOM.unfinished


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write beside `path` and rename, so that a reader never sees half a file. Raises ReproError
    when it cannot."""
    write_together({path: content})


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """Write several files, all or none. Raises ReproError, naming the one that cannot be
    written."""
    path = Path()
    with contextlib.ExitStack() as stack:
        try:
            drafts = []
            for path, content in contents.items():
                drafts.append((stack.enter_context(_unfinished(path)), path))
                _fill(*drafts[-1][0], content.encode() if isinstance(content, str) else content)
            for (draft, _), path in drafts:
                os.replace(draft, path)
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", "") or fault
            raise ReproError(f"cannot write {path}: {reason}", WRITABLE) from fault


def _fill(draft: Path, handle: int, content: bytes) -> None:
    with open(handle, "wb", closefd=False) as out:
        out.write(content)
        out.flush()
        os.fsync(handle)


@contextlib.contextmanager
def _unfinished(path: Path) -> Iterator[tuple[Path, int]]:
    """A new file beside `path` and its handle; gone afterwards unless it was renamed."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise OSError(
            0, "it is a folder" if path.is_dir() else "it is no file but a device or a pipe"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, handle = _claim(path, _make_file)
    try:
        yield draft, handle
    finally:
        os.close(handle)
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A new folder beside `out` that takes its name at the end, and leaves nothing behind when
    anything fails.

    Raises ReproError when `out` holds something already or cannot be written.
    """
    draft, handle = None, -1
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ReproError(
                f"'{out}' exists and is not empty", "choose another folder, or delete it first"
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        draft, handle = _claim(out, _make_folder)
        yield draft
        os.replace(draft, out)
    except OSError as fault:
        reason = fault.strerror or fault
        raise ReproError(
            f"cannot write '{out}': {reason}", "free some space or choose another folder"
        ) from None
    finally:
        if draft is not None:
            os.close(handle)
            shutil.rmtree(draft, ignore_errors=True)


def _make_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)


def _make_folder(path: Path) -> int:
    path.mkdir()
    return os.open(path, os.O_RDONLY)


def _claim(path: Path, make: Callable[[Path], int]) -> tuple[Path, int]:
    """A new file or folder beside `path`, made by `make`, and its handle.

    It is locked as long as this process lives, which tells it from what a killed process has left.
    """
    clear_leftovers(path.parent)
    while True:
        name = os.fsdecode(os.fsencode(path.name)[:100])
        draft = path.parent / f".{name}.{os.getpid()}-{secrets.token_hex(4)}.unfinished"
        handle = make(draft)
        with contextlib.suppress(OSError):  # some network disks have no locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if draft.exists():  # else another process took it for a leftover before the lock
            return draft, handle
        os.close(handle)


# when a folder is looked through again, so that this takes no more than 2 % of the time
_NEXT: dict[Path, float] = {}


def clear_leftovers(folder: Path) -> None:
    """Remove what other processes, killed while they wrote, have left in a folder."""
    began = time.monotonic()
    if began < _NEXT.get(folder, 0.0):
        return
    with contextlib.suppress(OSError):
        for entry in [entry for entry in os.scandir(folder) if _LEFT.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                remove = shutil.rmtree if entry.is_dir(follow_symlinks=False) else os.unlink
                _remove_unowned(Path(entry.path), remove)
    _NEXT[folder] = 51 * time.monotonic() - 50 * began


def _remove_unowned(path: Path, remove: Callable[[Path], None]) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails where the owner lives
        remove(path)
    finally:
        os.close(handle)


def check_writable(path: Path) -> None:
    """Raise ReproError now where `write_atomically` would later; for files that end a long run."""
    try:
        with _unfinished(path):
            pass
    except (OSError, ValueError) as fault:
        raise ReproError(
            f"cannot write {path}: {getattr(fault, 'strerror', '') or fault}", WRITABLE
        ) from fault
