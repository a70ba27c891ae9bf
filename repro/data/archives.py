"""Zip and tar archives from outside: the wanted members put in place whole, or none of them."""

import errno
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from repro.console import track
from repro.errors import MissingError, ReproError

# what a name or a link in an archive does to the disk, and gzip's own faults, which have no number
ITS_OWN = (
    None,
    errno.ENAMETOOLONG,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ELOOP,
    errno.ENOENT,
)


def unpack(path: Path, takes: Mapping[str, str], base: Path) -> None:
    """Put the wanted members of a zip or tar below `base`: into a hidden folder first, moved when
    all are there.

    Raises MissingError for a damaged archive and for one that lacks a member, which is removed, and
    ReproError when the disk is full.
    """
    staging = base / f".{path.name}.unpacking"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        _extract(path, takes, staging)
        for source in takes:
            if (
                not (staging / source).is_dir()
                if source.endswith("/")
                else not (staging / source).is_file()
            ):
                raise _unfit(
                    path, f"has no {source} and was removed: it is another archive than expected"
                )
        for source, target in takes.items():
            _move(staging / source, base / target)
    except (ReproError, MemoryError):
        raise
    except Exception as fault:  # a damaged archive raises nearly anything
        if isinstance(fault, OSError) and fault.errno not in ITS_OWN:
            text = f"cannot unpack '{path}' into '{base}': {fault.strerror}"
            raise ReproError(text, "make room, then run this again") from None
        reason = str(fault).partition("\n")[0]
        raise _unfit(path, f"is damaged and was removed: {reason}") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unfit(path: Path, text: str) -> MissingError:
    path.unlink(missing_ok=True)
    return MissingError(f"the archive '{path}' {text}", "run the same command again")


def _extract(path: Path, takes: Mapping[str, str], staging: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if _wanted(one.filename, takes)]
            check_space(staging.parent, sum(one.file_size for one in members))
            for member in track(members, f"unpacking {path.name}"):
                archive.extract(member, staging)  # checks the CRC; never leaves `staging`
    else:
        with tarfile.open(path) as packed:
            for one in track(_members(packed, takes), f"unpacking {path.name}"):
                check_space(staging.parent, one.size)
                packed.extract(one, staging, filter="data")


def _members(packed: tarfile.TarFile, takes: Mapping[str, str]) -> Iterator[tarfile.TarInfo]:
    for one in packed:
        if _wanted(one.name, takes):
            yield one


def _wanted(name: str, takes: Mapping[str, str]) -> bool:
    return any(name.startswith(one) if one.endswith("/") else name == one for one in takes)


def check_space(folder: Path, needed: int) -> None:
    """Raise ReproError where a disk has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise ReproError(
            f"not enough space in '{folder}': {needed / 1e9:.1f} GB needed, {free / 1e9:.1f} GB "
            f"free",
            "make room, or name another folder with --data DIR",
        )


def _move(source: Path, target: Path) -> None:
    """Rename a file or a folder into place; into a folder that is there already, file by file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and target.is_dir():
        for one in sorted(source.iterdir()):
            _move(one, target / one.name)
    else:
        os.replace(source, target)
