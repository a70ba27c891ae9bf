"""Files: read once into checked values, written whole or not at all, and what killed writers leave
is removed."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from repro import files
from repro.data import mpii
from repro.errors import MissingError, ReproError
from repro.files import (
    Finite,
    parse_json,
    read_bytes,
    read_json,
    whole_folder,
    write_atomically,
    write_together,
)

HINT = "look at it"


def read(path: Path, kind: Any = Any) -> Any:
    return read_json(path, "annotations", hint=HINT, kind=kind)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "Expecting value"),
        (b'{"a": 1,\n "a": 2}', "'a' stands twice in one object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'["\xff"]', "not UTF-8 text: line 1 column 3"),
        ("[1]".encode("utf-16"), "not UTF-8 text"),
        (b"[" + b"9" * 5000 + b"]", "digits"),
        (b"[1] [2]", "Extra data"),
    ],
)
def test_what_is_no_json_is_told_with_its_line(tmp_path: Path, raw: bytes, told: str) -> None:
    (tmp_path / "a.json").write_bytes(raw)
    with pytest.raises(MissingError, match="are not complete JSON: the file is damaged") as fault:
        read(tmp_path / "a.json")
    assert told in fault.value.message and fault.value.hint == HINT


def test_a_mark_of_byte_order_is_no_fault_and_nan_is_read_as_such() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]
    assert str(parse_json(b"[NaN, -Infinity]")) == "[nan, -inf]"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([{"a": "x"}], r"expected a number, found a text, at \[0\].a"),
        ([{"a": float("nan")}], "expected a number >= -1e"),
        ([{"a": 10**400}], "number out of range"),
        ([{"a": "\ud800"}], "half a character"),
        ([{}], "missing required field 'a'"),
        ({"a": 1}, "expected a list, found an object"),
    ],
)
def test_values_of_another_type_are_told_with_their_place(
    tmp_path: Path, content: Any, told: str
) -> None:
    from typing import TypedDict

    class Entry(TypedDict):
        a: Finite

    (tmp_path / "a.json").write_bytes(json.dumps(content).encode("utf-8", "surrogatepass"))
    with pytest.raises(MissingError, match=told):
        read(tmp_path / "a.json", list[Entry])


@pytest.mark.parametrize("name", ["absent", ".", "x" * 300, "a\x00b", "\ud800"])
def test_what_cannot_be_read_is_one_fault(tmp_path: Path, name: str) -> None:
    with pytest.raises(MissingError, match="cannot read the annotations"):
        read(tmp_path / name)


def test_devices_and_endless_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="it is a device, not a file"):
        read_bytes("/dev/zero", "annotations", most=10, hint=HINT)
    (tmp_path / "long").write_bytes(bytes(11))
    with pytest.raises(MissingError, match="; at most"):
        read_bytes(tmp_path / "long", "annotations", most=10, hint=HINT)
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(["/bin/sh", "-c", f"printf '[1]' > '{tmp_path}/pipe'"])
    assert read(tmp_path / "pipe") == [1]  # as bash's <(...) gives
    writer.wait()


def test_several_files_appear_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a").write_text("old")
    with pytest.raises(ReproError, match=r"cannot write .*folder: it is a folder"):
        write_together({tmp_path / "a": "new", tmp_path / "folder": "new"})
    assert (tmp_path / "a").read_text() == "old"
    write_together({tmp_path / "a": "new", tmp_path / "b": b"new"})
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b", "folder"]
    assert oct((tmp_path / "a").stat().st_mode & 0o777) == oct(0o666 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("target", ["/dev/full", "/dev/null"])
def test_a_device_is_never_written_over(target: str) -> None:
    """As root, a rename would put a file in its place."""
    for write in (
        lambda: write_atomically(Path(target), "x"),
        lambda: files.check_writable(Path(target)),
    ):
        with pytest.raises(ReproError, match="it is no file but a device"):
            write()
    assert Path(target).is_char_device()


def test_a_name_as_long_as_the_disk_allows(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("ü" * 127), "x")
    with pytest.raises(ReproError, match="File name too long"):
        write_atomically(tmp_path / ("x" * 256), "x")
    with (
        pytest.raises(ReproError, match="File name too long"),
        whole_folder(tmp_path / ("x" * 256)),
    ):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["ü" * 127]


KILLED = """
import os, signal, sys
from pathlib import Path
from repro import files
folder = Path(sys.argv[1])
with files._unfinished(folder / "a.json"), files.whole_folder(folder / "set") as part:
    (part / "picture.jpg").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_later_run_removes_what_a_killed_one_left_and_nothing_else(tmp_path: Path) -> None:
    """Not what a living process is writing, and no file that only looks alike."""
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob(".*.unfinished"))) == 2
    (tmp_path / ".mine.unfinished").write_text("kept")
    with whole_folder(tmp_path / "other") as living, files._unfinished(tmp_path / "b") as (part, _):
        subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from pathlib import Path; from repro.files import "
                "write_atomically;write_atomically(Path(sys.argv[1]) / 'c', 'x')",
                str(tmp_path),
            ],
            check=True,
        )
        left = sorted(one.name for one in tmp_path.iterdir())
        assert left == sorted([".mine.unfinished", "c", living.name, part.name])


def test_a_leftover_is_told_by_the_lock_of_its_owner(tmp_path: Path) -> None:
    name = tmp_path / ".a.1-0123abcd.unfinished"
    name.write_text("x")
    with name.open() as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        files.clear_leftovers(tmp_path)
        assert name.exists()
    files._NEXT.clear()
    files.clear_leftovers(tmp_path)
    assert not name.exists()
    (tmp_path / "elsewhere").mkdir()
    name.symlink_to(tmp_path / "elsewhere")  # never follows a link
    files._NEXT.clear()
    files.clear_leftovers(tmp_path)
    assert (tmp_path / "elsewhere").exists()


def test_the_same_people_make_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SciPy writes the time into the header."""
    import time

    from scipy.io import loadmat

    one = {
        "image": "1.jpg",
        "center": [5.0, 5.0],
        "scale": 1.0,
        "joints": [[1.0, 2.0]] * 16,
        "joints_vis": [1] * 16,
        "head_box": [1.0, 2.0, 3.0, 4.0],
    }
    mpii.write_split(tmp_path / "a", "valid", [one])
    monkeypatch.setattr(time, "asctime", lambda *_: "Thu Jan  1 00:00:00 1970")
    mpii.write_split(tmp_path / "b", "valid", [one])
    assert (tmp_path / "a" / mpii.TRUTH).read_bytes() == (tmp_path / "b" / mpii.TRUTH).read_bytes()
    assert loadmat(tmp_path / "a" / mpii.TRUTH)["headboxes_src"].shape == (2, 2, 1)
