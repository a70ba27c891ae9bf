"""Downloads public data sets: resumed, checked, unpacked whole or not at all.

A download grows in NAME.part and is renamed when its length is right; its checksum is compared
before anything is unpacked, and the archive is removed once its files are in place. `hashes.json`
beside the data holds the SHA-256 of every file ever fetched, so that a file without a published
checksum is compared with its own first download.
"""

import hashlib
import http.client
import json
import os
import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout

from repro.console import talk, track
from repro.data.archives import check_space as _check_space
from repro.data.archives import unpack
from repro.data.datasets import PUBLIC, Archive, DataSet, Part
from repro.errors import MissingError, ReproError, unknown
from repro.files import MISFITS, read_json, write_atomically

T = TypeVar("T")

HASHES = "hashes.json"
CHUNK = 1 << 20  # bytes; progress counts in MiB
TRIES = 3  # broken connections in a row that gain next to nothing
PAUSE = 2.0  # seconds before the next try
TIMEOUT = 60.0  # seconds without an answer
SLOWEST = (
    2000  # bytes a second, over TIMEOUT seconds: COCO's largest archive would take four months
)
LONGEST = 3 * 86400.0  # seconds for one file in all
MOST = 2_000_000_000  # bytes of a file whose length nobody knows
OFFLINE = "REPRO_OFFLINE"  # set to anything: nothing is downloaded
AGAIN = "run the same command again: it goes on where it stopped"
TOO_LONG = "look at the address in a browser: it may have moved"


class _BrokenError(Exception):
    """The connection failed; another try may do better."""


# --- one file over HTTP ---------------------------------------------------------------------------


def download(url: str, path: Path, *, size: int = 0) -> None:
    """Get `url` as `path`, going on with an earlier NAME.part where the server allows it.

    size: bytes the file must have, 0 when not known. Raises MissingError when the server refuses,
    keeps breaking off or is too slow (what has come stays for the next time), when it sends more
    than it should (nothing stays), and where $REPRO_OFFLINE is set; ReproError when the disk is
    full or not writable.
    """
    if os.environ.get(OFFLINE):
        raise MissingError(
            f"{OFFLINE} is set, so {url} is not downloaded", f"unset {OFFLINE}, or get it by hand"
        )
    begun = path.with_name(f"{path.name}.part")
    best, failures, end = _length(begun), 0, time.monotonic() + LONGEST
    while True:
        try:
            _receive(url, begun, size, end=end)
            break
        except _BrokenError as fault:
            came = _length(begun)
            best, failures = max(best, came), 0 if came > best + SLOWEST else failures + 1
            if failures >= TRIES or time.monotonic() > end:
                raise MissingError(
                    f"cannot download {url}: {fault} ({came} bytes are here)", AGAIN
                ) from None
            time.sleep(PAUSE)
    os.replace(begun, path)
    _tag(begun).unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(begun: Path) -> Path:
    """Where the server's name for the version being downloaded is kept: a resumed file must not mix
    two."""
    return begun.with_name(f"{begun.name}.version")


def _receive(url: str, begun: Path, size: int, *, end: float) -> None:
    """One connection, until `end` on the monotonic clock at most; returns when `begun` is
    complete."""
    start = _length(begun)
    if size and start == size:
        return
    response = _ask(url, begun, start)
    if response is None:
        return
    with response:
        start, total = _extent(response, begun, start)
        if size and total and total != size:
            raise MissingError(
                f"{url} has {total} bytes, {size} are expected", "the published file was replaced"
            )
        _check_space(begun.parent, (total or size) - start)
        _write(_chunks(response, end), begun, start, total=total or size)
    if (total or size) and _length(begun) != (total or size):
        raise _BrokenError("the connection was closed early")


def _ask(url: str, begun: Path, start: int) -> http.client.HTTPResponse | None:
    """The server's answer; None when it says that the part is already the whole file."""
    headers = {"User-Agent": "repro", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if _tag(begun).exists():
            headers["If-Range"] = _tag(begun).read_text(encoding="utf-8")
    request = urllib.request.Request(url, headers=headers)
    try:
        answer = _within(2 * TIMEOUT, lambda: urllib.request.urlopen(request, timeout=TIMEOUT))
    except urllib.error.HTTPError as fault:
        with fault:
            if fault.code == 416 and start:  # nothing is left to send
                if fault.headers.get("Content-Range", "").endswith(f"/{start}"):
                    return None
                begun.unlink()
                raise _BrokenError("the part on disk does not belong to this file") from None
            told = f"the server answers {fault.code} {fault.reason}".partition("\n")[0]
            if fault.code >= 500 or fault.code in (408, 429):
                raise _BrokenError(told) from None
            raise MissingError(
                f"cannot download {url}: {told}", "the address may have changed"
            ) from None
    except (
        OSError,
        http.client.HTTPException,
        ValueError,
    ) as fault:  # ValueError: of an address it was sent to
        raise _BrokenError(_reason(fault)) from None
    if not isinstance(answer, http.client.HTTPResponse):
        raise MissingError(
            f"cannot download {url}: the server sends elsewhere, and not by HTTP", TOO_LONG
        )
    return answer


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "reason", fault)).partition("\n")[0][:200] or type(fault).__name__


def _within(seconds: float, work: Callable[[], T]) -> T:
    """`work()` in a thread, which is left alone when it takes longer: a server may send one header
    a minute."""
    answers: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except BaseException as fault:
            answers.put((None, fault))

    threading.Thread(target=run, daemon=True).start()
    try:
        found, fault = answers.get(timeout=seconds)
    except queue.Empty:
        raise _BrokenError(f"no whole answer within {seconds:.0f} s") from None
    if fault is not None:
        raise fault
    return found  # type: ignore[return-value]


def _extent(response: http.client.HTTPResponse, begun: Path, start: int) -> tuple[int, int]:
    """Where the answer begins and how long the whole file is, 0 when the server does not say."""
    if response.status != 206:  # the whole file: no ranges here, or another version by now
        version = response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")
        _tag(begun).unlink(missing_ok=True)
        if re.fullmatch(r"[ -~]{1,200}", version) and not version.startswith("W/"):
            _tag(begun).write_text(version, encoding="utf-8")
        return 0, _told_length(response.headers.get("Content-Length", ""))
    told = response.headers.get("Content-Range", "")
    found = re.fullmatch("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})", told)
    if found is None or int(found[1]) != start or int(found[2]) <= start:
        begun.unlink(missing_ok=True)
        raise _BrokenError(f"the server sent another range than asked for ('{told[:60]}')")
    return start, int(found[2])


def _told_length(text: str) -> int:
    """Bytes by a header: 0 where it tells none, more than any disk has where it tells more than 18
    digits."""
    if not re.fullmatch("[0-9]+", text):
        return 0
    return int(text) if len(text) <= 18 else 10**18


def _write(pieces: Iterator[bytes], begun: Path, start: int, *, total: int) -> None:
    chunks, length, most = -(-(total - start) // CHUNK) if total else None, start, total or MOST
    try:
        with begun.open("ab" if start else "wb") as out:
            for chunk in track(pieces, f"{begun.stem}, MiB", total=chunks):
                length += len(chunk)
                if length > most:
                    break
                out.write(chunk)
    except OSError as fault:
        raise ReproError(
            f"cannot write '{begun}': {fault.strerror}",
            f"make room or choose another --data DIR, then {AGAIN}",
        ) from None
    if length > most:
        begun.unlink()
        raise MissingError(
            f"the server sends more than the {most} bytes that '{begun.stem}' should have", TOO_LONG
        )


def _chunks(response: http.client.HTTPResponse, end: float) -> Iterator[bytes]:
    """Pieces of about CHUNK bytes; raises MissingError for a server that sends them drop by drop,
    or beyond `end`."""
    gathered, came, since = bytearray(), 0, time.monotonic()
    while True:
        try:
            drop = response.read1(CHUNK)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            yield bytes(gathered)  # for the next try to go on from
            raise _BrokenError(_reason(fault)) from None
        gathered += drop
        came += len(drop)
        if not drop or len(gathered) >= CHUNK:
            yield bytes(gathered)
            gathered.clear()
        if not drop:
            return
        now = time.monotonic()
        if now - since > TIMEOUT:
            if came < SLOWEST * TIMEOUT or now > end:
                yield bytes(gathered)
                raise MissingError(
                    f"the server is too slow: {came} bytes in the last {TIMEOUT:.0f} s", AGAIN
                )
            came, since = 0, now


# --- checksums ------------------------------------------------------------------------------------


def digests(path: Path) -> dict[str, str]:
    """The file's "md5" and "sha256", read once."""
    sums = {"md5": hashlib.md5(usedforsecurity=False), "sha256": hashlib.sha256()}
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(CHUNK), b"")
        for chunk in track(
            chunks, f"checking {path.name}, MiB", total=-(-path.stat().st_size // CHUNK)
        ):
            for digest in sums.values():
                digest.update(chunk)
    return {name: digest.hexdigest() for name, digest in sums.items()}


def read_hashes(base: Path) -> dict[str, dict[str, Any]]:
    """What `hashes.json` of a data set's folder holds, by path; raises MissingError when it is
    damaged."""
    path, hint = base / HASHES, "remove it: the files count as unverified then"
    if not os.path.lexists(path):
        return {}
    try:
        found: dict[str, dict[str, Any]] = read_json(
            path, "hashes", hint=hint, kind=dict[str, dict[str, str | int]]
        )
    except MissingError as fault:
        raise MissingError(f"'{path}' is damaged: {fault.message}", hint) from None
    return found


def record_hash(base: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Keep a file's facts in `hashes.json`."""
    found = {**read_hashes(base), name: dict(facts)}
    write_atomically(base / HASHES, json.dumps(found, indent=1, sort_keys=True) + "\n")


def _verify(path: Path, archive: Archive, base: Path) -> None:
    """Compare with the published sum, or with the first download; a wrong file is removed. Raises
    MissingError."""
    found = digests(path)
    kind, _, published = archive.digest.partition(":")
    first = read_hashes(base).get(archive.name, {}).get("sha256", "")
    if published and found[kind] != published:
        path.unlink()
        raise MissingError(
            f"{archive.name} has the wrong checksum: {kind} {found[kind]}, published is "
            f"{published}; it was removed",
            "run the same command again: it downloads the file anew",
        )
    if not published and first and found["sha256"] != first:
        path.unlink()
        raise MissingError(
            f"{archive.name} differs from its first download: sha256 {found['sha256']}, was "
            f"{first}; it was removed",
            f"if the new file is right, remove the entry {archive.name} of '{base / HASHES}' and "
            f"run this again",
        )
    if not published:
        talk(
            f"{archive.name}: unverified, no checksum is published; sha256 {found['sha256']} "
            f"recorded"
        )
    facts = {
        "sha256": found["sha256"],
        "bytes": path.stat().st_size,
        "url": archive.url,
        "published": archive.digest,
    }
    record_hash(base, archive.name, facts)


# --- a data set -----------------------------------------------------------------------------------


def is_there(part: Part, dataset: DataSet, data: Path) -> bool:
    """Whether a part is in place: the file, or a folder with as many entries as it should have."""
    found = dataset.find(part, data)
    if found is None:
        return False
    # ImageNet's pictures lie in class folders, which `check` counts
    if not part.files or dataset.kind == "imagenet":
        return True
    with os.scandir(found[1]) as entries:
        return sum(1 for _ in entries) >= part.files


def by_hand(part: Part, dataset: DataSet, data: Path) -> str:
    """What to do for a part that no command downloads."""
    base = data / dataset.folder
    joined = " and ".join(str(base / source) for source in part.joined)
    made = f" (repro data fetch makes it from {joined})" if joined else ""
    get = part.get or (f"get and unpack {part.archive.url}" if part.archive else "get it")
    return f"{get}, so that it lies at {base / part.paths[0]}{'/' if part.files else ''}{made}"


def fetch(name: str, data: Path) -> list[str]:
    """Download what is missing of a data set; a line for each part. `name` is one of `PUBLIC`.

    Raises UsageError for an unknown name, MissingError when something must be fetched by hand or
    cannot be had, and ReproError when the disk is full.
    """
    if name not in PUBLIC:
        raise unknown("data set to fetch", name, PUBLIC, "repro data make synthetic-coco draws one")
    dataset = PUBLIC[name]
    base = data / dataset.folder
    if not base.is_dir() and not any(part.archive for part in dataset.parts):
        raise _todo(dataset, data)
    try:
        base.mkdir(parents=True, exist_ok=True)
        with FileLock(base / ".fetch.lock", timeout=0):
            return _fetch(dataset, data)
    except Timeout:
        raise ReproError(
            f"another download into '{base}' is running", "wait for it to end"
        ) from None
    except OSError as fault:
        raise ReproError(
            f"cannot write to '{base}': {fault.strerror}", "choose a writable --data DIR"
        ) from None


def _todo(dataset: DataSet, data: Path) -> MissingError:
    lacking = [part for part in dataset.parts if not is_there(part, dataset, data)]
    names = " and ".join(part.what for part in lacking)
    steps = [by_hand(part, dataset, data) for part in lacking]
    return MissingError(
        f"no command can download {names} of {dataset.folder}: see {dataset.page}",
        "; then ".join(steps),
    )


def _fetch(dataset: DataSet, data: Path) -> list[str]:
    base, lines = data / dataset.folder, []
    for part in dataset.parts:
        there = is_there(part, dataset, data)
        if not there and part.archive:
            _get(part.archive, base)
        elif not there and part.joined and all((base / source).is_file() for source in part.joined):
            _join([base / source for source in part.joined], base / part.paths[0])
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
            facts = {
                "sha256": digests(base / target)["sha256"],
                "url": archive.url,
                "published": archive.digest,
            }
            record_hash(base, target, facts)
    path.unlink()


def _record_files(dataset: DataSet, data: Path) -> None:
    """Keep the hash of each single file seen for the first time, also of those put there by
    hand."""
    for part in dataset.parts:
        found = None if part.files else dataset.find(part, data)
        if found is not None:
            base, path = found
            name = path.relative_to(base).as_posix()
            if name not in read_hashes(base):
                record_hash(
                    base,
                    name,
                    {"sha256": digests(path)["sha256"], "url": "", "published": part.digest},
                )


def _join(sources: list[Path], target: Path) -> None:
    """Write the sum of COCO-format files; raises MissingError when one is damaged or ids occur
    twice."""
    try:
        contents = [read_json(path, "annotations", hint="get the files again") for path in sources]
        whole = dict(contents[0])
        for key in ("images", "annotations"):
            whole[key] = [entry for content in contents for entry in content[key]]
            if len({entry["id"] for entry in whole[key]}) < len(whole[key]):
                raise ValueError(f"ids of {key} occur twice")
    except MISFITS as fault:
        names = " and ".join(path.name for path in sources)
        raise MissingError(f"cannot join {names}: {fault!r}", "get the files again") from None
    write_atomically(target, json.dumps(whole, separators=(",", ":")) + "\n")
