"""Downloads public data sets: resumed, checked, unpacked whole or not at all.

A download grows in NAME.part and is renamed when its length is right; its checksum is compared before anything is
unpacked, and the archive is removed once its files are in place. `hashes.json` beside the data holds the SHA-256 of
every file ever fetched, so that a file without a published checksum is compared with its own first download.
"""

import hashlib
import http.client
import json
import os
import re
import shutil
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from repro.console import talk, track
from repro.data.registry import DATA_SETS, Archive, DataSet, Part
from repro.errors import MissingError, ReproError, unknown
from repro.store import write_atomically

HASHES = "hashes.json"
CHUNK = 1 << 20  # bytes; progress counts in MiB
TRIES = 3  # broken connections in a row without a byte gained
PAUSE = 2.0  # seconds before the next try
TIMEOUT = 60.0  # seconds without an answer
AGAIN = "run the same command again: it goes on where it stopped"
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError)  # before OSError


class _BrokenError(Exception):
    """The connection failed; another try may do better."""


# --- one file over HTTP -----------------------------------------------------------------------------------------------


def download(url: str, path: Path, *, size: int = 0) -> None:
    """Get `url` as `path`, going on with an earlier NAME.part where the server allows it.

    size: bytes the file must have, 0 when not known. Raises MissingError when the server refuses or keeps breaking
    off (what has come stays for the next time), ReproError when the disk is full or not writable.
    """
    part = path.with_name(f"{path.name}.part")
    best, failures = _length(part), 0
    while True:
        try:
            _receive(url, part, size)
            break
        except _BrokenError as fault:
            came = _length(part)
            best, failures = max(best, came), 0 if came > best else failures + 1
            if failures >= TRIES:
                raise MissingError(f"cannot download {url}: {fault} ({came} bytes are here)", AGAIN) from None
            time.sleep(PAUSE)
    os.replace(part, path)
    _tag(part).unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(part: Path) -> Path:
    """Where the server's name for the version being downloaded is kept: a resumed file must not mix two."""
    return part.with_name(f"{part.name}.version")


def _receive(url: str, part: Path, size: int) -> None:
    """One connection; returns when `part` is complete."""
    start = _length(part)
    if size and start == size:
        return
    response = _ask(url, part, start)
    if response is None:
        return
    with response:
        start, total = _extent(response, part, start)
        if size and total and total != size:
            raise MissingError(f"{url} has {total} bytes, {size} are expected", "the published file was replaced")
        _check_space(part.parent, total - start)
        _write(response, part, start, total=total or size)
    if (total or size) and _length(part) != (total or size):
        raise _BrokenError("the connection was closed early")


def _ask(url: str, part: Path, start: int) -> http.client.HTTPResponse | None:
    """The server's answer; None when it says that the part is already the whole file."""
    headers = {"User-Agent": "repro", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if _tag(part).exists():
            headers["If-Range"] = _tag(part).read_text(encoding="utf-8")
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as fault:
        with fault:
            if fault.code == 416 and start:  # nothing beyond the part
                if fault.headers.get("Content-Range", "").endswith(f"/{start}"):
                    return None
                part.unlink()
                raise _BrokenError("the part on disk does not belong to this file") from None
            if fault.code >= 500 or fault.code in (408, 429):
                raise _BrokenError(f"the server answers {fault.code} {fault.reason}") from None
            raise MissingError(
                f"cannot download {url}: the server answers {fault.code} {fault.reason}", "the address may have changed"
            ) from None
    except (OSError, http.client.HTTPException) as fault:
        raise _BrokenError(str(getattr(fault, "reason", fault)) or type(fault).__name__) from None
    assert isinstance(answer, http.client.HTTPResponse)
    return answer


def _extent(response: http.client.HTTPResponse, part: Path, start: int) -> tuple[int, int]:
    """Where the answer begins and how long the whole file is, 0 when the server does not say."""
    if response.status != 206:  # the whole file: no ranges here, or another version by now
        version = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        _tag(part).unlink(missing_ok=True)
        if version and not version.startswith("W/"):
            _tag(part).write_text(version, encoding="utf-8")
        return 0, int(response.headers.get("Content-Length") or 0)
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != start:
        part.unlink()
        raise _BrokenError("the server sent another range than asked for")
    return start, int(found[2])


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ReproError(
            f"not enough space in '{folder}': {needed / 1e9:.1f} GB needed, {free / 1e9:.1f} GB free",
            "make room, or name another folder with --data DIR",
        )


def _write(response: http.client.HTTPResponse, part: Path, start: int, *, total: int) -> None:
    chunks = -(-(total - start) // CHUNK) if total else None
    try:
        with part.open("ab" if start else "wb") as out:
            for chunk in track(_chunks(response), f"{part.stem}, MiB", total=chunks):
                out.write(chunk)
    except OSError as fault:
        raise ReproError(
            f"cannot write '{part}': {fault.strerror}", f"make room or choose another --data DIR, then {AGAIN}"
        ) from None


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            chunk = response.read(CHUNK)
        except (OSError, http.client.HTTPException) as fault:
            raise _BrokenError(str(fault) or type(fault).__name__) from None
        if not chunk:
            return
        yield chunk


# --- checksums --------------------------------------------------------------------------------------------------------


def digests(path: Path) -> dict[str, str]:
    """The file's "md5" and "sha256", read once."""
    sums = {"md5": hashlib.md5(usedforsecurity=False), "sha256": hashlib.sha256()}
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        for chunk in track(chunks, f"checking {path.name}, MiB", total=-(-path.stat().st_size // CHUNK)):
            for one in sums.values():
                one.update(chunk)
    return {name: one.hexdigest() for name, one in sums.items()}


def read_hashes(base: Path) -> dict[str, dict[str, Any]]:
    """What `hashes.json` of a data set's folder holds, by path; raises MissingError when it is damaged."""
    path = base / HASHES
    try:
        content = json.loads(path.read_bytes()) if path.exists() else {}
    except (OSError, ValueError) as fault:
        raise MissingError(f"'{path}' is damaged: {fault}", "remove it: the files count as unverified then") from None
    if not isinstance(content, dict) or not all(isinstance(one, dict) for one in content.values()):
        raise MissingError(f"'{path}' is damaged: no hashes by path", "remove it: the files count as unverified then")
    return content


def record_hash(base: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Keep a file's facts in `hashes.json`."""
    found = {**read_hashes(base), name: dict(facts)}
    write_atomically(base / HASHES, json.dumps(found, indent=1, sort_keys=True) + "\n")


def _verify(path: Path, archive: Archive, base: Path) -> None:
    """Compare with the published sum, or with the first download; a wrong file is removed. Raises MissingError."""
    found = digests(path)
    kind, _, published = archive.digest.partition(":")
    first = read_hashes(base).get(archive.name, {}).get("sha256", "")
    if published and found[kind] != published:
        path.unlink()
        raise MissingError(
            f"{archive.name} has the wrong checksum: {kind} {found[kind]}, published is {published}; it was removed",
            "run the same command again: it downloads the file anew",
        )
    if not published and first and found["sha256"] != first:
        path.unlink()
        raise MissingError(
            f"{archive.name} differs from its first download: sha256 {found['sha256']}, was {first}; it was removed",
            f"if the new file is right, remove the entry {archive.name} of '{base / HASHES}' and run this again",
        )
    if not published:
        talk(f"{archive.name}: unverified, no checksum is published; sha256 {found['sha256']} recorded")
    facts = {"sha256": found["sha256"], "bytes": path.stat().st_size, "url": archive.url, "published": archive.digest}
    record_hash(base, archive.name, facts)


# --- unpacking --------------------------------------------------------------------------------------------------------


def unpack(path: Path, takes: Mapping[str, str], base: Path) -> None:
    """Put the wanted members of a zip or tar below `base`: into a hidden folder first, moved when all are whole.

    Raises MissingError for a damaged archive, which is removed, and ReproError when the disk is full.
    """
    staging = base / f".{path.name}.unpacking"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _extract(path, takes, staging)
        for source, target in takes.items():
            if not (staging / source).exists():
                raise MissingError(f"the archive '{path}' has no {source}", "it is another archive than expected")
            _move(staging / source, base / target)
    except DAMAGED as fault:
        raise _damaged(path, fault) from None
    except OSError as fault:
        if fault.errno is None:  # gzip's own faults are OSErrors without a number
            raise _damaged(path, fault) from None
        raise ReproError(f"cannot unpack '{path}' into '{base}': {fault.strerror}", "make room, then run this again") \
            from None  # fmt: skip
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _damaged(path: Path, fault: Exception) -> MissingError:
    path.unlink(missing_ok=True)
    return MissingError(f"the archive '{path}' is damaged and was removed: {fault}", "run the same command again")


def _extract(path: Path, takes: Mapping[str, str], staging: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if _wanted(one.filename, takes)]
            for member in track(members, f"unpacking {path.name}"):
                archive.extract(member, staging)  # checks the CRC; never leaves `staging`
    else:
        with tarfile.open(path) as packed:
            for one in track(packed, f"unpacking {path.name}"):
                if _wanted(one.name, takes):
                    packed.extract(one, staging, filter="data")


def _wanted(name: str, takes: Mapping[str, str]) -> bool:
    return any(name.startswith(one) if one.endswith("/") else name == one for one in takes)


def _move(source: Path, target: Path) -> None:
    """Rename a file or a folder into place; into a folder that is there already, file by file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and target.is_dir():
        for one in sorted(source.iterdir()):
            _move(one, target / one.name)
    else:
        os.replace(source, target)


# --- a data set -------------------------------------------------------------------------------------------------------


def is_there(part: Part, dataset: DataSet, data: Path) -> bool:
    """Whether a part is in place: the file, or a folder with as many entries as it should have."""
    found = dataset.find(part, data)
    if found is None:
        return False
    if not part.files or dataset.kind == "imagenet":  # its pictures lie in class folders, which `check` counts
        return True
    with os.scandir(found[1]) as entries:
        return sum(1 for _ in entries) >= part.files


def by_hand(part: Part, dataset: DataSet, data: Path) -> str:
    """What to do for a part that no command downloads."""
    base = data / dataset.folder
    joined = " and ".join(str(base / one) for one in part.joined)
    made = f" (repro data fetch makes it from {joined})" if joined else ""
    get = part.get or (f"get and unpack {part.archive.url}" if part.archive else "get it")
    return f"{get}, so that it lies at {base / part.paths[0]}{'/' if part.files else ''}{made}"


def fetch(name: str, data: Path) -> list[str]:
    """Download what is missing of a data set; a line for each part. `name` is one of the registry's.

    Raises UsageError for an unknown name, MissingError when something must be fetched by hand or cannot be had, and
    ReproError when the disk is full.
    """
    if name not in DATA_SETS:
        raise unknown("data set to fetch", name, DATA_SETS, "repro data make synthetic-coco draws one")
    dataset = DATA_SETS[name]
    base = data / dataset.folder
    if not base.is_dir() and not any(part.archive for part in dataset.parts):
        raise _todo(dataset, data)
    try:
        base.mkdir(parents=True, exist_ok=True)
        with FileLock(base / ".fetch.lock", timeout=0):
            return _fetch(dataset, data)
    except Timeout:
        raise ReproError(f"another download into '{base}' is running", "wait for it to end") from None
    except OSError as fault:
        raise ReproError(f"cannot write to '{base}': {fault.strerror}", "choose a writable --data DIR") from None


def _todo(dataset: DataSet, data: Path) -> MissingError:
    lacking = [part for part in dataset.parts if not is_there(part, dataset, data)]
    names = " and ".join(part.what for part in lacking)
    steps = [by_hand(part, dataset, data) for part in lacking]
    return MissingError(
        f"no command can download {names} of {dataset.folder}: see {dataset.page}", "; then ".join(steps)
    )


def _fetch(dataset: DataSet, data: Path) -> list[str]:
    base, lines = data / dataset.folder, []
    for part in dataset.parts:
        there = is_there(part, dataset, data)
        if not there and part.archive:
            _get(part.archive, base)
        elif not there and part.joined and all((base / one).is_file() for one in part.joined):
            _join([base / one for one in part.joined], base / part.paths[0])
        found = dataset.find(part, data)
        if found is not None:
            lines.append(f"{part.what}: {'already at' if there else 'now at'} {found[1]}")
    _record_files(dataset, data)
    if not all(is_there(part, dataset, data) for part in dataset.parts):
        raise _todo(dataset, data)
    return lines


def _get(archive: Archive, base: Path) -> None:
    path = base / archive.name
    if not path.exists():
        download(archive.url, path, size=archive.size)
    _verify(path, archive, base)
    unpack(path, archive.takes, base)
    for target in archive.takes.values():
        if (base / target).is_file():
            facts = {"sha256": digests(base / target)["sha256"], "url": archive.url, "published": archive.digest}
            record_hash(base, target, facts)
    path.unlink()


def _record_files(dataset: DataSet, data: Path) -> None:
    """Keep the hash of each single file seen for the first time, also of those put there by hand."""
    for part in dataset.parts:
        found = None if part.files else dataset.find(part, data)
        if found is not None:
            base, path = found
            name = path.relative_to(base).as_posix()
            if name not in read_hashes(base):
                record_hash(base, name, {"sha256": digests(path)["sha256"], "url": "", "published": part.digest})


def _join(sources: list[Path], target: Path) -> None:
    """Write the sum of COCO-format files; raises MissingError when one is damaged or ids occur twice."""
    try:
        contents = [json.loads(path.read_bytes()) for path in sources]
        whole = dict(contents[0])
        for key in ("images", "annotations"):
            whole[key] = [one for content in contents for one in content[key]]
            if len({one["id"] for one in whole[key]}) < len(whole[key]):
                raise ValueError(f"ids of {key} occur twice")
    except (OSError, ValueError, KeyError, TypeError) as fault:
        names = " and ".join(path.name for path in sources)
        raise MissingError(f"cannot join {names}: {fault!r}", "get the files again") from None
    write_atomically(target, json.dumps(whole, separators=(",", ":")) + "\n")
