"""Downloads against a server on loopback: resumed, checked, unpacked whole or not at all
(repro.data.fetch)."""

import hashlib
import io
import json
import re
import resource
import signal
import tarfile
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from repro.cli.main import main
from repro.data import fetch
from repro.data.datasets import PUBLIC, Archive, DataSet, Part
from repro.errors import MissingError, ReproError, UsageError

SIZE = 3 * fetch.CHUNK + 12345


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        box = self.server
        box.asked.append((self.headers.get("Range", ""), self.headers.get("If-Range", "")))
        if box.status != 200:
            self.answer(box.status, b"")
            return
        body, start = box.body, 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range", box.version) == box.version
        if wanted and box.ranges and same:
            start = int(wanted[1])
            if start >= len(body):
                self.answer(416, b"", ("Content-Range", f"bytes */{len(body)}"))
                return
            self.answer(
                206, body[start:], ("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            )
        else:
            self.answer(200, body)

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        box = self.server
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if box.version:
            self.send_header("ETag", box.version)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = box.cuts.pop(0) if box.cuts else len(body)
        self.wfile.write(body[:cut])
        self.close_connection = self.close_connection or cut < len(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    """body: the one file it has; cuts: bytes after which to hang up, one for each request to
    come."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = bytes(range(256)) * (SIZE // 256) + b"x" * (SIZE % 256)
        self.version, self.ranges, self.status = '"one"', True, 200
        self.cuts: list[int] = []
        self.asked: list[tuple[str, str]] = []

    def url(self, name: str = "file.zip") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetch, "PAUSE", 0.0)
    monkeypatch.setattr(
        urllib.request, "_opener", urllib.request.build_opener(urllib.request.ProxyHandler({}))
    )
    box = Server()
    thread = threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield box
    box.shutdown()
    thread.join()
    box.server_close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- one file -------------------------------------------------------------------------------------


def test_a_download_is_whole_and_leaves_nothing_beside_it(server: Server, tmp_path: Path) -> None:
    fetch.download(server.url(), tmp_path / "file.zip", size=SIZE)
    assert (tmp_path / "file.zip").read_bytes() == server.body
    assert names(tmp_path) == ["file.zip"]


@pytest.mark.parametrize("version", ['"one"', ""])
def test_a_broken_connection_is_resumed_where_it_broke(
    server: Server, tmp_path: Path, version: str
) -> None:
    server.version, server.cuts = version, [100_000, 2_000_000]
    fetch.download(server.url(), tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == server.body
    assert server.asked == [("", ""), ("bytes=100000-", version), ("bytes=2100000-", version)]


def test_a_later_run_resumes_what_an_earlier_one_left(server: Server, tmp_path: Path) -> None:
    server.cuts = [5000, 0, 0, 0]
    with pytest.raises(MissingError, match=r"closed early \(5000 bytes are here\)") as fault:
        fetch.download(server.url(), tmp_path / "file.zip", size=SIZE)
    assert "goes on where it stopped" in fault.value.hint
    assert names(tmp_path) == ["file.zip.part", "file.zip.part.version"]
    server.asked.clear()
    fetch.download(server.url(), tmp_path / "file.zip", size=SIZE)
    assert server.asked == [("bytes=5000-", '"one"')]
    assert (tmp_path / "file.zip").read_bytes() == server.body


def test_a_file_that_changed_meanwhile_starts_anew(server: Server, tmp_path: Path) -> None:
    server.cuts = [5000, 0, 0, 0]
    with pytest.raises(MissingError):
        fetch.download(server.url(), tmp_path / "file.zip")
    server.version, server.body = '"two"', b"another file"
    fetch.download(server.url(), tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == b"another file"


def test_a_server_without_ranges_sends_all_of_it_again(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [5000]
    fetch.download(server.url(), tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == server.body
    assert [asked for asked, _ in server.asked] == ["", "bytes=5000-"]


def test_a_server_without_ranges_that_always_breaks_off_is_given_up(
    server: Server, tmp_path: Path
) -> None:
    server.ranges, server.cuts = False, [5000] * 9
    with pytest.raises(MissingError, match="closed early"):
        fetch.download(server.url(), tmp_path / "file.zip")
    assert len(server.asked) == 1 + fetch.TRIES


def test_a_complete_part_is_only_renamed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.zip.part").write_bytes(server.body)
    # the length is not known: the server says 416
    fetch.download(server.url(), tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == server.body


def test_a_part_longer_than_the_file_starts_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.zip.part").write_bytes(server.body + b"more")
    fetch.download(server.url(), tmp_path / "file.zip")
    assert (tmp_path / "file.zip").read_bytes() == server.body


def test_an_absent_file_is_said_at_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(MissingError, match=r"file.zip: the server answers 404 Not Found$"):
        fetch.download(server.url(), tmp_path / "file.zip")
    assert names(tmp_path) == [] and len(server.asked) == 1


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(MissingError, match="the server answers 503"):
        fetch.download(server.url(), tmp_path / "file.zip")
    assert len(server.asked) == fetch.TRIES


def test_no_server_at_all(server: Server, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="Connection refused"):
        fetch.download("http://127.0.0.1:1/file.zip", tmp_path / "file.zip")


def test_a_file_of_another_length_is_not_downloaded(server: Server, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=f"has {SIZE} bytes, 77 are expected"):
        fetch.download(server.url(), tmp_path / "file.zip", size=77)
    assert not (tmp_path / "file.zip").exists()


def test_a_disk_that_fills_up(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.zip.part").symlink_to("/dev/full")  # every write fails with "no space left"
    with pytest.raises(
        ReproError, match=r"cannot write '.*file.zip.part': No space left on device"
    ) as fault:
        fetch.download(server.url(), tmp_path / "file.zip")
    assert fault.value.exit_code == 1 and "make room" in fault.value.hint
    assert not (tmp_path / "file.zip").exists()


def test_a_file_larger_than_the_disk_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(ReproError, match=r"not enough space in '.*': 1000000000000.0 GB needed, "):
        fetch._check_space(tmp_path, 10**21)


# --- archives -------------------------------------------------------------------------------------


def zipped(**members: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return memory.getvalue()


def tarred(**members: bytes) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return memory.getvalue()


PICTURES = {"pics__a": b"first", "pics__b": b"second" * 1000, "else__c": b"unwanted"}


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_only_what_is_wanted_is_unpacked(tmp_path: Path, pack: object) -> None:
    (tmp_path / "x").write_bytes(pack(**PICTURES))  # type: ignore[operator]
    fetch.unpack(tmp_path / "x", {"pics/": "images/pics"}, tmp_path)
    assert names(tmp_path) == ["images", "x"]
    assert names(tmp_path / "images" / "pics") == ["a", "b"]
    assert (tmp_path / "images" / "pics" / "b").read_bytes() == PICTURES["pics__b"]


def test_a_folder_already_begun_is_completed(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "own").write_bytes(b"kept")
    (tmp_path / "images" / "a").write_bytes(b"half")
    (tmp_path / "x").write_bytes(zipped(**PICTURES))
    fetch.unpack(tmp_path / "x", {"pics/": "images"}, tmp_path)
    assert {path.name: path.read_bytes()[:6] for path in (tmp_path / "images").iterdir()} == {
        "a": b"first",
        "b": b"second",
        "own": b"kept",
    }


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


NOISE = {"pics__a": b"first", "pics__b": hashlib.sha256(b"noise").digest() * 4}
DAMAGE = {
    "zip cut short": zipped(**NOISE)[:-30],
    "zip with a flipped bit": flipped(zipped(**NOISE), 80),
    "tar cut short": tarred(**NOISE)[:-30],
    "tar with a flipped bit": flipped(tarred(**NOISE), 60),
    "a page of text": b"<html>please log in</html>",
    "nothing": b"",
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_archive_is_removed_and_nothing_of_it_used(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(MissingError, match="is damaged and was removed"):
        fetch.unpack(tmp_path / "x", {"pics/": "images"}, tmp_path)
    assert names(tmp_path) == []


def encrypted() -> bytes:
    raw = bytearray(zipped(**PICTURES))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[bytes(raw).find(mark) + place] |= 1
    return bytes(raw)


def linked() -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        entry = tarfile.TarInfo("pics/hard")
        entry.type, entry.linkname = tarfile.LNKTYPE, "pics/none"
        archive.addfile(entry)
    return memory.getvalue()


@pytest.mark.parametrize("content", [encrypted(), linked()], ids=["encrypted", "a link to nothing"])
def test_an_archive_nobody_can_unpack_is_removed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(MissingError, match="is damaged and was removed") as fault:
        fetch.unpack(tmp_path / "x", {"pics/": "images"}, tmp_path)
    assert names(tmp_path) == [] and "\n" not in fault.value.message


def test_nothing_of_an_archive_that_lacks_a_member_is_used(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(zipped(ann__list=b"[1]"))
    with pytest.raises(MissingError, match=r"has no pics/ and was removed"):
        fetch.unpack(tmp_path / "x", {"ann/list": "list", "pics/": "images"}, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("12", 12),
        ("", 0),
        ("abc", 0),
        ("²³", 0),
        ("-5", 0),
        ("9" * 5000, 10**18),
        ("1" * 18, int("1" * 18)),
    ],
)
def test_lengths_as_servers_tell_them(text: str, length: int) -> None:
    assert fetch._told_length(text) == length


def test_a_server_that_sends_too_much_is_stopped_at_the_size(tmp_path: Path) -> None:
    pieces = iter(lambda: b"x" * fetch.CHUNK, None)
    with pytest.raises(MissingError, match="sends more than the 5000 bytes"):
        fetch._write(pieces, tmp_path / "a.part", 0, total=5000)
    assert names(tmp_path) == []


def test_a_server_that_sends_drop_by_drop_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drops:
        def read1(self, _: int) -> bytes:
            now[0] += 0.2
            return b"x"

    now = [0.0]
    monkeypatch.setattr(fetch.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(fetch, "TIMEOUT", 3.0)
    with pytest.raises(MissingError, match=r"too slow: .* bytes in the last 3 s"):
        list(fetch._chunks(Drops(), 1e9))  # type: ignore[arg-type]


def test_members_cannot_leave_the_folder(tmp_path: Path) -> None:
    base = tmp_path / "deep" / "base"
    base.mkdir(parents=True)
    (base / "x").write_bytes(zipped(**{"pics/../../../evil": b"out", "pics/a": b"in"}))
    fetch.unpack(base / "x", {"pics/": "images"}, base)
    assert names(tmp_path) == ["deep"] and names(tmp_path / "deep") == ["base"]


def test_a_disk_that_fills_up_while_unpacking_keeps_the_archive(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(zipped(pics__a=bytes(4_000_000)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(ReproError, match=r"cannot unpack .*: File too large") as fault:
            fetch.unpack(tmp_path / "x", {"pics/": "images"}, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert fault.value.exit_code == 1 and names(tmp_path) == ["x"]


# --- a data set -----------------------------------------------------------------------------------


def md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content).hexdigest()}"


@pytest.fixture
def tiny(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A data set of one archive with a list and two pictures."""
    server.body = zipped(ann__list=b"[1]", pics__a=b"first", pics__b=b"second")
    use(server, monkeypatch, digest=md5(server.body))
    return server


def use(
    server: Server, monkeypatch: pytest.MonkeyPatch, *, digest: str, name: str = "tiny.zip"
) -> None:
    archive = Archive(
        server.url(name), {"ann/list": "annotations/list", "pics/": "images"}, digest=digest
    )
    parts = (
        Part("annotations", ("annotations/list",), archive=archive),
        Part("pictures", ("images",), 2, archive=archive),
    )
    monkeypatch.setitem(PUBLIC, "tiny", DataSet("tiny", "coco", parts, "http://page", "free"))


def test_fetch_puts_everything_in_place_and_records_the_hashes(
    tiny: Server, tmp_path: Path
) -> None:
    lines = fetch.fetch("tiny", tmp_path)
    base = tmp_path / "tiny"
    assert lines == [
        f"annotations: now at {base}/annotations/list",
        f"pictures: already at {base}/images",
    ]
    assert names(base) == [".fetch.lock", "annotations", "hashes.json", "images"]
    kept = fetch.read_hashes(base)
    assert kept["tiny.zip"]["sha256"] == hashlib.sha256(tiny.body).hexdigest()
    assert kept["annotations/list"] == {
        "sha256": hashlib.sha256(b"[1]").hexdigest(),
        "url": tiny.url("tiny.zip"),
        "published": md5(tiny.body),
    }
    assert len(tiny.asked) == 1
    fetch.fetch("tiny", tmp_path)
    assert len(tiny.asked) == 1  # nothing is asked for twice


def test_a_missing_picture_is_fetched_again(tiny: Server, tmp_path: Path) -> None:
    fetch.fetch("tiny", tmp_path)
    (tmp_path / "tiny" / "images" / "a").unlink()
    fetch.fetch("tiny", tmp_path)
    assert names(tmp_path / "tiny" / "images") == ["a", "b"]


def test_a_wrong_checksum_removes_the_file_and_unpacks_nothing(
    tiny: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(tiny, monkeypatch, digest=md5(b"something else"))
    result = CliRunner().invoke(main, ["data", "fetch", "tiny", "--data", str(tmp_path)])
    assert result.exit_code == 4 and result.stdout == ""
    assert (
        f"wrong checksum: md5 {md5(tiny.body)[4:]}, published is {md5(b'something else')[4:]}"
        in result.stderr
    )
    assert names(tmp_path / "tiny") == [".fetch.lock"]


def test_without_a_published_sum_the_first_download_counts(
    tiny: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use(tiny, monkeypatch, digest="")
    fetch.fetch("tiny", tmp_path)
    first = hashlib.sha256(tiny.body).hexdigest()
    assert (
        f"tiny.zip: unverified, no checksum is published; sha256 {first} recorded"
        in capsys.readouterr().err
    )
    (tmp_path / "tiny" / "annotations" / "list").unlink()
    fetch.fetch("tiny", tmp_path)  # the same file again is fine
    (tmp_path / "tiny" / "annotations" / "list").unlink()
    tiny.body = zipped(ann__list=b"[2]", pics__a=b"first", pics__b=b"second")
    with pytest.raises(
        MissingError, match=f"differs from its first download: .*, was {first}; it was removed"
    ):
        fetch.fetch("tiny", tmp_path)
    assert "list" not in names(tmp_path / "tiny" / "annotations")


def test_an_archive_already_downloaded_is_used(tiny: Server, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "tiny.zip").write_bytes(tiny.body)
    fetch.fetch("tiny", tmp_path)
    assert tiny.asked == [] and names(tmp_path / "tiny" / "images") == ["a", "b"]


def test_two_downloads_at_once(tiny: Server, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    with (
        FileLock(tmp_path / "tiny" / ".fetch.lock"),
        pytest.raises(ReproError, match=r"another download .* is running"),
    ):
        fetch.fetch("tiny", tmp_path)


def test_a_damaged_record_of_hashes(tiny: Server, tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "hashes.json").write_text('{"tiny.zip": ')
    with pytest.raises(MissingError, match=r"hashes.json' is damaged"):
        fetch.fetch("tiny", tmp_path)


def test_a_folder_that_cannot_be_written(tiny: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReproError, match=r"cannot write to .*Not a directory"):
        fetch.fetch("tiny", tmp_path / "file")


def test_unknown_names() -> None:
    with pytest.raises(
        UsageError, match="unknown data set to fetch 'coco-vall'; did you mean coco-val"
    ):
        fetch.fetch("coco-vall", Path("nowhere"))


@pytest.mark.parametrize("name", ["mpii-val", "crowdpose-test", "imagenet-val"])
def test_what_is_to_be_got_by_hand(name: str, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no command can download") as fault:
        fetch.fetch(name, tmp_path)
    for part in PUBLIC[name].parts:
        assert part.get in fault.value.hint
        assert str(tmp_path / PUBLIC[name].folder / part.paths[0]) in fault.value.hint
    assert names(tmp_path) == []


def crowdpose(folder: Path, split: str, *ids: int) -> None:
    content = {
        "images": [{"id": one} for one in ids],
        "annotations": [{"id": one} for one in ids],
        "categories": [1],
    }
    (folder / f"crowdpose_{split}.json").write_text(json.dumps(content))


def test_crowdpose_trainval_is_joined_from_its_parts(tmp_path: Path) -> None:
    folder = tmp_path / "crowdpose" / "json"
    folder.mkdir(parents=True)
    crowdpose(folder, "train", 1, 2)
    crowdpose(folder, "val", 2)
    with pytest.raises(
        MissingError,
        match=r"cannot join crowdpose_train.json and crowdpose_val.json: .*occur twice",
    ):
        fetch.fetch("crowdpose-trainval", tmp_path)
    crowdpose(folder, "val", 3)
    with pytest.raises(MissingError, match="no command can download pictures of crowdpose"):
        fetch.fetch("crowdpose-trainval", tmp_path)
    whole = json.loads((folder / "crowdpose_trainval.json").read_text())
    assert [one["id"] for one in whole["images"]] == [1, 2, 3] and whole["categories"] == [1]


def test_every_public_address_is_of_the_two_known_hosts_and_has_a_sum() -> None:
    parts = [part for one in PUBLIC.values() for part in one.parts]
    archives = {part.archive.url: part.archive for part in parts if part.archive}
    assert len(archives) == 6
    for url, archive in archives.items():
        assert re.match(
            r"http://images\.cocodataset\.org/|https://www\.cs\.toronto\.edu/~kriz/", url
        )
        assert re.fullmatch(r"md5:[0-9a-f]{32}", archive.digest)
