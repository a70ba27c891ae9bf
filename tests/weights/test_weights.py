"""Weights of others: what is known of them, how they come, how they are taken in, and what is
refused.

goldens/foreign_layouts.json.gz holds the names and shapes of networks that mmpose 0.29.0 and 1.3.2
and timm 1.0.31 build, by package and network; torchvision is installed and asked itself.
"""

import gzip
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import types
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from torch import Tensor, nn
from where import GOLDENS, SHARED, arrays

from repro.cli.main import main
from repro.data import fetch as downloads
from repro.errors import MissingError
from repro.models import litepose, vision, zoo
from repro.train import checkpoint
from repro.weights import backbones, known, layouts, pickled
from repro.weights.known import Known
from repro.weights.nearest import nearest

RELEASED, PHOTOS = SHARED / "weights" / "efficientpose", SHARED / "data" / "real" / "mpii_val_300"
FOREIGN = json.loads(gzip.decompress((GOLDENS / "foreign_layouts.json.gz").read_bytes()))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def filled(layout: Mapping[str, list[int]]) -> dict[str, Tensor]:
    """Empty tensors of a layout, which costs nothing."""
    return {name: torch.empty(shape, device="meta") for name, shape in layout.items()}


def authors_xs(**changes: int) -> dict[str, Tensor]:
    """LitePose-XS under its authors' names, each tensor with values of its own."""
    torch.manual_seed(1)
    return {
        litepose.official_key(key): value
        for key, value in zoo.build("litepose_xs", **changes).state_dict().items()
    }


# --- what is known --------------------------------------------------------------------------------


def test_every_known_file_says_what_it_is() -> None:
    files = known.files()
    assert len({one.name for one in files}) == len(files) > 50
    for one in files:
        assert one.models and set(one.models) <= set(zoo.MODELS)
        assert re.fullmatch(r"([0-9a-f]{8}|[0-9a-f]{64})?", one.sha256)
        assert one.source.startswith("https://") and one.licence and one.said
        # an address that a command can ask, or none
        assert bool(one.url) == (one.link == "untried")
        assert len(one.sha256) != 8 or f"-{one.sha256}" in one.file
        assert one.layout in ("authors", "mmpose", "torchvision", "timm", "")


def test_the_list_names_every_model_and_says_when_nothing_is_known() -> None:
    rows = known.grid().rows
    assert {row[0] for row in rows} == set(zoo.MODELS)
    assert next(row for row in rows if row[0] == "shrink_c1")[2] == "none known"
    gone = next(row for row in rows if row[1] == "litepose_s_crowdpose")
    assert "gone" in gone and any("issues 41" in text for text in gone)
    done = run("weights", "list", "hrnet_w32", "--format", "json")
    assert {one["name"] for one in json.loads(done.stdout)} >= {
        "mmpose_hrnet_w32",
        "timm_hrnet_w32",
    }
    assert run("weights", "list", "hrnet_w33").exit_code == 2


def test_the_list_loads_no_torch() -> None:
    call = "main(['weights', 'list'], standalone_mode=False)"
    code = f"import sys; from repro.cli.main import main; {call}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


# --- layouts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FOREIGN if name.startswith("mmpose")])
def test_networks_of_mmpose_are_read_to_the_last_tensor(name: str) -> None:
    package, version, model = name.split()
    found = layouts.read(model, filled(FOREIGN[name]), {})
    assert found is not None
    assert found.layout == f"{package} {version[0]}.x"
    assert set(found.tensors) == set(zoo.build_empty(model).state_dict())


@pytest.mark.parametrize("wrapper", ["module.", "1.", "module.1."])
def test_what_trainers_put_before_all_names_is_left_out(wrapper: str) -> None:
    names = authors_xs()
    assert (
        layouts.unwrapped({f"{wrapper}{name}": value for name, value in names.items()}).keys()
        == names.keys()
    )


@pytest.mark.parametrize(
    "model", ["litepose_xs", "shrink_c4", "efficientpose_rt", "cpm", "lpn_50", "mobilenetv2_slim"]
)
def test_the_number_of_joints_is_read_from_the_shapes(model: str) -> None:
    own = zoo.build_empty(model, joints=14).state_dict()
    found = layouts.read(model, own, {})
    assert found is not None and (found.layout, found.changes["joints"]) == ("this suite", 14)


def test_the_number_of_classes_is_read_from_the_shapes() -> None:
    found = layouts.read(
        "efficientnet_b_4", zoo.build_empty("efficientnet_b_4", classes=100).state_dict(), {}
    )
    assert found is not None and found.changes == {"classes": 100}


@pytest.mark.slow
def test_the_nearest_network_is_told_by_shapes_alone() -> None:
    renamed = {
        f"x{n}": value
        for n, value in enumerate(zoo.build_empty("litepose_s", joints=14).state_dict().values())
    }
    assert nearest(renamed).model == "litepose_s"
    assert nearest(filled(FOREIGN["mmpose 0.29.0 higherhrnet_w32"])).model == "higherhrnet_w32"


# --- import ---------------------------------------------------------------------------------------


def test_an_authors_checkpoint_becomes_one_safetensors_file(tmp_path: Path) -> None:
    wrapped = {f"module.{name}": value for name, value in authors_xs(joints=14).items()}
    torch.save({"epoch": 3, "state_dict": wrapped}, tmp_path / "xs.pth.tar")
    done = run(
        "weights",
        "import",
        "litepose_xs",
        tmp_path / "xs.pth.tar",
        "--out",
        tmp_path / "xs.safetensors",
    )
    assert done.exit_code == 0, done.output
    assert "litepose_xs joints=14" in done.stdout and "not a known file" in done.stdout
    network = zoo.build("litepose_xs", joints=14)
    info = checkpoint.load_weights(network, tmp_path / "xs.safetensors")
    assert (
        info["model"] == "litepose_xs"
        and info["changes"] == {"joints": 14}
        and info["layout"] == "authors"
    )
    assert list(info["sources"]) == ["xs.pth.tar"]
    for key, value in network.state_dict().items():
        assert torch.equal(value, wrapped[f"module.{litepose.official_key(key)}"])
    seen = run(
        "weights",
        "verify",
        tmp_path / "xs.safetensors",
        tmp_path / "xs.pth.tar",
        "--format",
        "json",
    )
    ours, theirs = json.loads(seen.stdout)
    assert ours["is"] == "ours litepose_xs joints=14" and theirs["is"].startswith(
        "nearest litepose_xs ("
    )


def test_parts_of_one_network_are_put_together(tmp_path: Path) -> None:
    names = authors_xs()
    halves = [dict(list(names.items())[:100]), dict(list(names.items())[100:])]
    for number, half in enumerate(halves):
        np.savez(
            tmp_path / f"{number}.npz", **{name: value.numpy() for name, value in half.items()}
        )
    out = tmp_path / "xs.safetensors"
    done = run(
        "weights", "import", "litepose_xs", tmp_path / "0.npz", tmp_path / "1.npz", "--out", out
    )
    assert done.exit_code == 0, done.output
    twice = run(
        "weights", "import", "litepose_xs", tmp_path / "0.npz", tmp_path / "0.npz", "--out", out
    )
    assert twice.exit_code == 4 and "which another file holds too" in twice.stderr


def test_a_file_of_another_network_names_the_nearest(tmp_path: Path) -> None:
    torch.save(authors_xs(), tmp_path / "xs.pth")
    done = run(
        "weights", "import", "litepose_s", tmp_path / "xs.pth", "--out", tmp_path / "s.safetensors"
    )
    assert (done.exit_code, done.stdout) == (4, "")
    assert re.search(
        r"xs.pth' is not of litepose_s: nearest is litepose_xs \(\d+ of \d+ tensors alike",
        done.stderr,
    )
    assert not (tmp_path / "s.safetensors").exists()


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    names = authors_xs()
    names["first.0.1.bias"][0] = float("nan")
    torch.save(names, tmp_path / "xs.pth")
    out = tmp_path / "xs.safetensors"
    for asked in (
        ("import", "litepose_xs", tmp_path / "xs.pth", "--out", out),
        ("verify", tmp_path / "xs.pth"),
    ):
        done = run("weights", *asked)
        assert done.exit_code == 4 and "holds NaN or infinite values" in done.stderr
    assert not out.exists()


def test_a_damaged_file_is_told_by_verify(tmp_path: Path) -> None:
    path = tmp_path / "xs.safetensors"
    checkpoint.save_weights(path, zoo.build("litepose_xs"), {"model": "litepose_xs"})
    assert run("weights", "verify", path).exit_code == 0
    raw = bytearray(path.read_bytes())
    raw[-5] ^= 1
    path.write_bytes(raw)
    done = run("weights", "verify", path)
    assert (
        done.exit_code == 4 and "its content does not match the hash written with it" in done.stderr
    )


# --- pickles --------------------------------------------------------------------------------------


class Evil:
    """Runs a command where it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.marker}'",)


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[nn.Module]]:
    """The class that the authors' pickles name, as long as the test runs."""

    class KitModel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
            self.deep = nn.Sequential(nn.Conv2d(4, 2, 1), nn.ReLU())

    KitModel.__module__, KitModel.__qualname__ = "MainModel", "KitModel"
    module = types.ModuleType("MainModel")
    module.KitModel = KitModel  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "MainModel", module)
    yield KitModel


# of KitModel, which is made here
NO_SOURCE = pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")


@NO_SOURCE
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "as before torch 1.6"])
def test_a_pickled_network_of_plain_layers_is_read_without_its_class(
    kit: type[nn.Module], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    network = kit()
    torch.save(network, tmp_path / "net", _use_new_zipfile_serialization=zipped)
    monkeypatch.delitem(sys.modules, "MainModel")
    found = pickled.read(tmp_path / "net")
    assert found.keys() == network.state_dict().keys()
    assert all(torch.equal(found[name], value) for name, value in network.state_dict().items())


@NO_SOURCE
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(
    kit: type[nn.Module], tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    inside = kit()
    inside.extra = Evil(marker)  # type: ignore[assignment]
    for number, content in enumerate([Evil(marker), {"state_dict": Evil(marker)}, inside]):
        for zipped in (True, False):
            path = tmp_path / f"{number}{zipped}.pth"
            torch.save(content, path, _use_new_zipfile_serialization=zipped)
            done = run(
                "weights", "import", "litepose_xs", path, "--out", tmp_path / "a.safetensors"
            )
            assert done.exit_code == 4 and "wants to run code when opened" in done.stderr
    assert not marker.exists() and not (tmp_path / "a.safetensors").exists()


@NO_SOURCE
def test_a_network_of_an_unknown_class_is_refused(kit: type[nn.Module], tmp_path: Path) -> None:
    kit.__qualname__ = kit.__name__ = "Other"
    sys.modules["MainModel"].Other = kit  # type: ignore[attr-defined]
    torch.save(kit(), tmp_path / "net")
    with pytest.raises(
        MissingError, match=r"wants to run code when opened \(MainModel.Other\); refused"
    ):
        pickled.read(tmp_path / "net")


@NO_SOURCE
def test_spoilt_pickles_are_read_or_refused_in_one_line(
    kit: type[nn.Module], tmp_path: Path
) -> None:
    torch.save(kit(), tmp_path / "whole", _use_new_zipfile_serialization=False)
    raw, draws, ends = (tmp_path / "whole").read_bytes(), random.Random(0), set[str]()
    for number in range(60):
        spoilt = bytearray(raw if number % 4 else raw[: draws.randrange(len(raw))])
        for _ in range(draws.choice((1, 1, 3, 20))):
            spoilt[draws.randrange(len(spoilt))] = draws.randrange(256)
        (tmp_path / "net").write_bytes(spoilt)
        try:
            pickled.read(tmp_path / "net")
            ends.add("read")
        except MissingError as fault:
            assert "\n" not in fault.message
            ends.add("refused")
    assert ends == {"read", "refused"}


# --- backbones ------------------------------------------------------------------------------------


def test_a_resnet_of_torchvision_gives_the_same_features(tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = vision.models.resnet50(weights=None).eval()
    torch.save(theirs.state_dict(), tmp_path / "resnet50.pth")
    out = tmp_path / "start.safetensors"
    done = run("weights", "import", "simplebaseline_r50", tmp_path / "resnet50.pth", "--out", out)
    assert done.exit_code == 0, done.output
    assert "the backbone alone, 265 of 338 tensors: a start for a training" in done.stdout
    (seen,) = json.loads(run("weights", "verify", out, "--format", "json").stdout)
    assert (seen["is"], seen["tensors"]) == ("ours, a backbone of simplebaseline_r50", "265")
    ours = zoo.build("simplebaseline_r50").eval()
    assert backbones.fill(ours, out)["model"] == "simplebaseline_r50"
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        whole = nn.Sequential(
            theirs.conv1, theirs.bn1, theirs.relu, theirs.maxpool, theirs.layer1, theirs.layer2
        )
        assert torch.equal(whole(images), ours.stage2(ours.stage1(ours.stem(images))))
    with pytest.raises(MissingError, match="is a backbone to start a training from, not weights"):
        checkpoint.load_weights(ours, out)
    with pytest.raises(
        MissingError, match="is a backbone of simplebaseline_r50, not of this network"
    ):
        backbones.fill(zoo.build("litepose_xs"), out)


def test_a_mobilenet_of_torchvision_gives_the_same_features() -> None:
    theirs = vision.models.mobilenet_v2(weights=None).eval()
    start = backbones.read("mobilenetv2_slim", theirs.state_dict(), {})
    assert start is not None and start.layout == "MobileNetV2 of torchvision"
    ours = zoo.build("mobilenetv2_slim").eval()
    ours.load_state_dict(start.tensors, strict=False)
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():  # up to the 96 wide stage; the next has stride 1 here
        # float32 rounding
        assert torch.allclose(theirs.features[:14](images), ours.backbone(images)[4], atol=1e-6)


def test_a_block_of_torchvisions_efficientnet_gives_the_same_features() -> None:
    theirs = vision.models.efficientnet_b0(weights=None).eval()
    for model in ("efficientnet_b0", "efficienthrnet_h0"):
        start = backbones.read(model, theirs.state_dict(), {})
        assert (
            start is not None
            and start.layout == "EfficientNet-B0 of torchvision"
            and "moved by a pixel" in start.note
        )
    ours = zoo.build("efficientnet_b0").eval()
    start = backbones.read("efficientnet_b0", theirs.state_dict(), {})
    assert start is not None
    ours.load_state_dict(start.tensors, strict=False)
    x = torch.randn(1, 40, 16, 16)
    with torch.no_grad():  # stride 1: padding is the same
        # float32 rounding
        assert torch.allclose(theirs.features[3][1](x), ours.backbone.stages["3"][1](x), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "models"),
    [
        ("timm 1.0.31 efficientnet_b0", ["efficientnet_b0", "efficienthrnet_h0"]),
        ("timm 1.0.31 mobilenetv2_100", ["mobilenetv2_slim"]),
        ("timm 1.0.31 hrnet_w32", ["hrnet_w32", "higherhrnet_w32"]),
        ("timm 1.0.31 resnet50", ["simplebaseline_r50", "resnet50_slim"]),
    ],
)
def test_backbones_of_timm_fill_every_tensor_of_ours(name: str, models: list[str]) -> None:
    for model in models:
        start = backbones.read(model, filled(FOREIGN[name]), {})
        assert start is not None
        own = {
            key
            for key in zoo.build_empty(model).state_dict()
            if not key.endswith("num_batches_tracked")
        }
        left = own - set(start.tensors)
        body = (
            "backbone." if any(key.startswith("backbone.") for key in own) else ("stem.", "stage")
        )
        assert not [key for key in left if key.startswith(body)]
        assert len(set(start.tensors)) == len(start.tensors) > 100


def test_timm_and_torchvision_name_the_same_tensors() -> None:
    """Both tables of EfficientNet-B0 lead from our tensors to tensors of the same shapes, for every
    one of ours."""
    theirs = backbones.read(
        "efficientnet_b0", vision.models.efficientnet_b0(weights=None).state_dict(), {}
    )
    timms = backbones.read("efficientnet_b0", filled(FOREIGN["timm 1.0.31 efficientnet_b0"]), {})
    assert theirs is not None and timms is not None
    assert {k: v.shape for k, v in theirs.tensors.items()} == {
        k: v.shape for k, v in timms.tensors.items()
    }


# --- fetch ----------------------------------------------------------------------------------------

BODY = b"weights " * 50_000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append(self.headers.get("Range", ""))
        if self.path != "/here":
            self.send_error(404)
            return
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        self.wfile.write(BODY[start:])

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Server(ThreadingHTTPServer):
    """Has one file, /here."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on loopback whose file is known as `here`, and others that are not to be had."""
    monkeypatch.setattr(downloads, "PAUSE", 0.0)
    monkeypatch.setattr(
        urllib.request, "_opener", urllib.request.build_opener(urllib.request.ProxyHandler({}))
    )
    monkeypatch.delenv("REPRO_OFFLINE", raising=False)
    box = Server()
    address = f"http://127.0.0.1:{box.server_address[1]}"
    sha256 = hashlib.sha256(BODY).hexdigest()
    here = Known(
        "here",
        ["litepose_xs"],
        "xs.pth",
        "https://page",
        "MIT",
        "COCO",
        "authors",
        "network",
        "untried",
        "said",
        f"{address}/here",
        sha256,
    )
    made = [
        here,
        replace(here, name="part", sha256=sha256[:8]),
        replace(here, name="unknown", sha256=""),
        replace(here, name="wrong", sha256="0" * 64),
        replace(here, name="moved", url=f"{address}/moved"),
        replace(here, name="gone", link="gone", url="", said="'File not found' by issue 41"),
        replace(here, name="page", link="page", url="", said="a shared folder"),
    ]
    monkeypatch.setattr(known, "files", lambda: made)
    thread = threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield box
    box.shutdown()
    thread.join()
    box.server_close()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("here", "as expected"),
        ("part", "as expected in its first 8 digits"),
        ("unknown", "unverified, no hash is known; sha256"),
    ],
)
def test_a_known_file_is_fetched_and_checked(
    server: Server, tmp_path: Path, name: str, told: str
) -> None:
    done = run("weights", "fetch", name, "--out", tmp_path / "w")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "w" / "xs.pth").read_bytes() == BODY
    assert told in done.stdout and "next: repro weights import litepose_xs" in done.stdout
    again = run("weights", "fetch", name, "--out", tmp_path / "w")
    assert "already there" in again.stdout and len(server.asked) == 1


def test_a_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    (tmp_path / "xs.pth.part").write_bytes(BODY[:1000])
    assert run("weights", "fetch", "here", "--out", tmp_path).exit_code == 0
    assert server.asked == ["bytes=1000-"] and (tmp_path / "xs.pth").read_bytes() == BODY


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "gone",
            "the link of gone is gone: 'File not found' by issue 41",
            "repro weights list litepose_xs",
        ),
        (
            "page",
            "no command can download page: a shared folder; see https://page",
            "in a browser, then: repro weights",
        ),
        ("moved", "the server answers 404", "the address may have changed"),
        ("wrong", "has the wrong hash", "downloads it anew"),
        ("her", "unknown weight file 'her'; did you mean here", "repro weights list"),
    ],
)
def test_what_cannot_be_had_is_one_line(
    server: Server, tmp_path: Path, name: str, message: str, hint: str
) -> None:
    done = run("weights", "fetch", name, "--out", tmp_path)
    assert done.exit_code == (2 if name == "her" else 4)
    fault, following = done.stderr.strip().splitlines()[-2:]
    assert fault.startswith("error: ") and message in fault and hint in following
    assert not (tmp_path / "xs.pth").exists()


def test_nothing_is_downloaded_offline(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_OFFLINE", "1")
    done = run("weights", "fetch", "here", "--out", tmp_path)
    assert done.exit_code == 4 and "REPRO_OFFLINE is set, so http://127.0.0.1" in done.stderr
    assert server.asked == []


# --- the authors' released networks ---------------------------------------------------------------

HAS_RELEASED = pytest.mark.skipif(
    not (RELEASED.is_dir() and PHOTOS.is_dir()), reason=f"no released weights at {SHARED}"
)


@pytest.mark.data
@HAS_RELEASED
@pytest.mark.parametrize("variant", ["RT", "I"])
def test_released_files_go_the_whole_way(tmp_path: Path, variant: str) -> None:
    """The authors' own pickle: imported without running it, tested, exported; PCKh equal to the
    printed digit."""
    pytest.importorskip("onnxruntime", reason="pip install 'repro[export]'", exc_type=ImportError)
    model, weights = f"efficientpose_{variant.lower()}", tmp_path / "w.safetensors"
    done = run("weights", "import", model, RELEASED / f"EfficientPose{variant}", "--out", weights)
    assert done.exit_code == 0, done.output
    assert f"known as {model}" in " ".join(done.stdout.split())
    plain = arrays(RELEASED / f"{variant}.state_dict.npz")
    found = pickled.read(RELEASED / f"EfficientPose{variant}")
    assert set(found) == set(plain) and all(
        np.array_equal(found[name].numpy(), plain[name]) for name in found
    )
    made = run(
        "export", model, "--format", "onnx", "--weights", weights, "--out", tmp_path / "w.onnx"
    )
    assert made.exit_code == 0, made.output
    asked = ("evaluate", model, "--dataset", PHOTOS, "--format", "json")
    ways = ((), ("--backend", "onnx"))
    files = (weights, tmp_path / "w.onnx")
    scores = [run(*asked, "--weights", path, *way) for path, way in zip(files, ways, strict=True)]
    values = [json.loads(one.stdout)["values"] for one in scores]
    assert values[0] == values[1] and values[0]["PCKh@0.5"] > 85
    quick = (
        "--backend",
        "eager",
        "--backend",
        "onnxruntime",
        "--interleave",
        "--rounds",
        7,
        "--seconds",
        1,
    )
    timed = run("time", model, "--weights", weights, *quick, "--format", "json")
    assert timed.exit_code == 0, timed.output
    assert {one["weights"] for one in json.loads(timed.stdout)} == {
        checkpoint.read_info(weights)["sha256"]
    }


@pytest.mark.data
@HAS_RELEASED
def test_released_heads_of_earlier_passes_are_added(tmp_path: Path) -> None:
    parts = (RELEASED / "RT.state_dict.npz", RELEASED / "RT.intermediate_heads.npz")
    done = run("weights", "import", "efficientpose_rt", *parts, "--out", tmp_path / "w.safetensors")
    assert done.exit_code == 0, done.output
    assert "side_outputs=True" in done.stdout
