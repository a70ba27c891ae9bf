"""Downloads known weight files: resumed and checked by the code that downloads data sets."""

from pathlib import Path

from filelock import FileLock, Timeout

from repro.data.fetch import digests, download
from repro.errors import MissingError, ReproError
from repro.weights import known
from repro.weights.known import Known


def fetch(name: str, folder: Path) -> list[str]:
    """The `weights fetch` command: get a known file and compare its hash; lines that say what was
    done.

    Raises UsageError for an unknown name, MissingError where no command can get it, where the
    server refuses, where $REPRO_OFFLINE is set and where the hash differs (the file is removed
    then), ReproError when the disk is full.
    """
    wanted = known.find(name)
    path = folder / wanted.file
    if not path.exists():
        _get(wanted, path)
        done = f"{path}: downloaded"
    else:
        done = f"{path}: already there"
    told = _checked(wanted, path)
    model = wanted.models[0]
    return [
        f"{done}, {told}",
        f"next: repro weights import {model} {path} --out {model}.safetensors",
    ]


def _get(wanted: Known, path: Path) -> None:
    others = f"repro weights list {wanted.models[0]}"
    if wanted.link == "gone":
        raise MissingError(f"the link of {wanted.name} is gone: {wanted.said}", others)
    if not wanted.url:
        by_hand = f"save it as '{path}' in a browser, then: repro weights import {wanted.models[0]} '{path}' --out FILE"
        raise MissingError(
            f"no command can download {wanted.name}: {wanted.said}; see {wanted.source}", by_hand
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / ".fetch.lock", timeout=0):
            download(wanted.url, path)
    except Timeout:
        raise ReproError(
            f"another download into '{path.parent}' is running", "wait for it to end"
        ) from None
    except OSError as fault:
        raise ReproError(
            f"cannot write to '{path.parent}': {fault.strerror}", "choose a writable --out DIR"
        ) from None


def _checked(wanted: Known, path: Path) -> str:
    """How far the file is known to be the right one."""
    sha256 = digests(path)["sha256"]
    if not wanted.sha256:
        return f"unverified, no hash is known; sha256 {sha256}"
    if not wanted.is_of(sha256):
        path.unlink()
        raise MissingError(
            f"'{path}' has the wrong hash: sha256 {sha256}, expected {wanted.sha256}; it was "
            f"removed",
            f"repro weights fetch {wanted.name} downloads it anew; the published file may have "
            f"been replaced",
        )
    part = "" if len(wanted.sha256) == 64 else " in its first 8 digits, which the publisher gives"
    return f"sha256 {sha256} as expected{part}"
