"""Hostile servers and archives for `repro data fetch`: an end in seconds, one line, nothing half in
place. Slow."""

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from where import CHECKOUT

pytestmark = pytest.mark.slow

LIMIT = 30.0  # seconds; the fetch itself gives up after 2 without an answer
FETCH = (
    "import json, sys; from repro.data import datasets, fetch; from repro.data.datasets import *; "
    "one = json.loads(sys.argv[1]); fetch.PAUSE, fetch.TIMEOUT = 0.1, 2.0; datasets.PUBLIC['evil'] "
    "= DataSet('evil', 'coco', (Part('annotations', ('annotations/a.json',), "
    "archive=Archive(one['url'], {'annotations/a.json': 'annotations/a.json', 'images/': 'images'}, "
    "one['size'], one['digest'])),), 'its page', 'none'); from repro.cli.main import main; "
    "main(['data', 'fetch', 'evil', '--data', 'data'])"
)
Serve = Callable[[socket.socket, int], None]


def zipped(extra: tuple[tuple[str, str], ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (("annotations/a.json", "{}"), ("images/1.txt", "x"), *extra):
            archive.writestr(name, body)
    return out.getvalue()


def tarred(name: str, kind: bytes, link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for own in ("annotations/a.json", "images/1.txt"):
            archive.addfile(tarfile.TarInfo(own))
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return out.getvalue()


def encrypted() -> bytes:
    raw = bytearray(zipped())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[bytes(raw).find(mark) + place] |= 1
    return bytes(raw)


def without_pictures() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("annotations/a.json", "{}")
    return out.getvalue()


def answer(body: bytes, *headers: str, status: str = "200 OK", length: str | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    lines += [] if length == "" else [f"Content-Length: {len(body) if length is None else length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def plain(*answers: bytes) -> Serve:
    return lambda connection, number: connection.sendall(answers[min(number, len(answers)) - 1])


def endless(head: bytes, drop: bytes, pause: float = 0.0) -> Serve:
    def serve(connection: socket.socket, _: int) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(drop)
            time.sleep(pause)

    return serve


BODY = zipped()
WHOLE = str(len(BODY))
REDIRECT = "302 Found"
GOOD = {
    "as it should be": plain(answer(BODY)),
    "no length": plain(answer(BODY, length="")),
    "length of letters": plain(answer(BODY, length="abc")),
    "length of other digits": plain(answer(BODY, length="\xb2\xb3")),
    "another version meanwhile": plain(
        answer(BODY[:20], 'ETag: "1"', length=WHOLE), answer(BODY, 'ETag: "2"')
    ),
    "an odd version": plain(answer(BODY[:20], "ETag: \xe9\x01", length=WHOLE), answer(BODY)),
}
BAD = {
    "length of 5000 digits": plain(answer(BODY, length="9" * 5000)),
    "length too small": plain(answer(BODY, length="10")),
    "length too great": plain(answer(BODY, length=str(len(BODY) + 9))),
    "range of 5000 digits": plain(
        answer(BODY[:20], length=WHOLE),
        answer(BODY[20:], f"Content-Range: bytes 20-99/{'9' * 5000}", status="206 P"),
    ),
    "a part nobody asked for": plain(answer(BODY, status="206 Partial Content")),
    "to a broken address": plain(answer(b"", "Location: http://[::1", status=REDIRECT)),
    "to a file": plain(answer(b"", "Location: file:///etc/passwd", status=REDIRECT)),
    "to itself": plain(answer(b"", "Location: /again.zip", status=REDIRECT)),
    "a status in colours": plain(answer(b"", status="999 x\x1b[31mred")),
    "garbage": plain(bytes(range(128, 256)) * 4),
    "silence": lambda connection, _: time.sleep(60),
    "drop by drop": endless(answer(b"", length="1000"), b"x", 0.2),
    "headers drop by drop": endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.3),
    "a page": plain(answer(b"<html>sign in</html>")),
    "nothing": plain(answer(b"")),
    "an encrypted zip": plain(answer(encrypted())),
    "a zip without a member": plain(answer(without_pictures())),
    "a link to an absent member": plain(
        answer(tarred("images/hard", tarfile.LNKTYPE, "images/none"))
    ),
    "a link outside": plain(answer(tarred("images/out", tarfile.SYMTYPE, "/etc"))),
    "a device": plain(answer(tarred("images/null", tarfile.CHRTYPE))),
    "a cut zip": plain(answer(BODY[: len(BODY) // 2])),
}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that answers every connection as the test's `serve` says."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def run() -> None:
        number = 0
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            number += 1
            threading.Thread(target=one, args=(connection, number), daemon=True).start()

    def one(connection: socket.socket, number: int) -> None:
        with connection:
            try:
                connection.settimeout(5)
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                request.param(connection, number)
            except OSError:
                pass

    thread = threading.Thread(target=run)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/file.zip"
    over.set()
    thread.join()
    listening.close()


def fetch(
    address: str, folder: Path, *, size: int = 0, digest: str = ""
) -> tuple[int, list[str], list[str]]:
    """Exit code, lines on stderr, and the files left; fails where it does not end."""
    facts = json.dumps({"url": address, "size": size, "digest": digest})
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "no_proxy": "*"}
    done = subprocess.run(
        [sys.executable, "-c", FETCH, facts],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    base = folder / "data" / "evil"
    return (
        done.returncode,
        done.stderr.splitlines(),
        sorted(str(one.relative_to(base)) for one in base.rglob("*")),
    )


@pytest.mark.parametrize("server", GOOD.values(), ids=GOOD, indirect=True)
def test_what_is_whole_is_taken(server: str, tmp_path: Path) -> None:
    code, _, left = fetch(server, tmp_path)
    assert code == 0 and {"annotations/a.json", "images/1.txt"} <= set(left)


@pytest.mark.parametrize("server", BAD.values(), ids=BAD, indirect=True)
def test_what_is_not_is_one_line_and_nothing_in_place(server: str, tmp_path: Path) -> None:
    code, told, left = fetch(server, tmp_path)
    assert code in (1, 4)
    faults = [number for number, line in enumerate(told) if line.startswith("error: ")]
    assert (
        len(faults) == 1
        and told[faults[0] + 1].startswith("  next: ")
        and len(told) == faults[0] + 2
    )
    assert not any("\x1b" in line or "Traceback" in line for line in told)
    assert not any(one.startswith(("annotations", "images")) or "unpacking" in one for one in left)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data"]


@pytest.mark.parametrize(
    "server", [endless(answer(b"", length=""), b"x" * 65536)], ids=["endless"], indirect=True
)
def test_a_file_of_known_size_takes_no_more_of_the_disk(server: str, tmp_path: Path) -> None:
    digest = "md5:" + hashlib.md5(BODY).hexdigest()
    code, told, left = fetch(server, tmp_path, size=len(BODY), digest=digest)
    assert code == 4 and any("sends more than the" in line for line in told)
    assert left == [".fetch.lock"]
