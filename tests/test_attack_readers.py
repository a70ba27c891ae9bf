"""Whatever a file from outside holds: it is read, or refused in one clear line. Inputs by
hypothesis; slow."""

import json
import warnings
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from attack import attacked, damaged, json_files, odd, one_clear_line, spoilt
from hypothesis import strategies as st
from where import CHECKOUT

import repro
from repro.charts import figures
from repro.data import archives, fetch, formats, mpii
from repro.data.coco import CocoKeypoints, read_image
from repro.data.coco_people import CocoPeople
from repro.data.layouts import read_skeleton
from repro.data.synth import faces
from repro.data.synth.crowd import SyntheticCoco
from repro.errors import ReproError
from repro.evaluate import submit
from repro.measure.cells import cells
from repro.measure.curves import read_curve
from repro.people.skeletons import COCO, CROWDPOSE
from repro.pose.coco_files import read_images
from repro.record.store import Store
from repro.report import reduced
from repro.spec import catalog
from repro.train import checkpoint
from repro.train.log import ends, read_log

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SIZE = (48, 64)


@cache
def place() -> Path:
    """A folder that goes with the process."""
    folder = TemporaryDirectory(prefix="attack-", ignore_cleanup_errors=True)
    place.keep = folder  # type: ignore[attr-defined]
    return Path(folder.name)


def written(name: str, raw: bytes) -> Path:
    path = place() / name
    path.write_bytes(raw)
    return path


@cache
def coco() -> Path:
    """A small drawn set in COCO's form."""
    from repro.data.synth.crowd import make_coco

    make_coco(place() / "coco", train=0, val=3, size=SIZE)
    return place() / "coco"


def truth() -> Any:
    return json.loads((coco() / "annotations/person_keypoints_val.json").read_text())


def found() -> Any:
    kept = [one for one in truth()["annotations"] if one["num_keypoints"]]
    return [
        {"image_id": one["image_id"], "category_id": 1, "keypoints": one["keypoints"], "score": 0.5}
        for one in kept
    ]


TRUTH, FOUND = truth(), found()
CROWD = {
    **TRUTH,
    "images": [{**one, "crowdIndex": 0.3} for one in TRUTH["images"]],
    "annotations": [{**one, "keypoints": one["keypoints"][:42]} for one in TRUTH["annotations"]],
}
PERSON = faces.mpii_person(faces.draw("synthpose-mpii", 0, size=SIZE))
PEOPLE = [PERSON, {**PERSON, "image": "000000003.jpg"}]


@attacked(json_files(TRUTH))
def test_annotations_of_coco(raw: bytes) -> None:
    path = written("coco.json", raw)
    with one_clear_line():
        dataset = CocoKeypoints(coco() / "images/val", path, skeleton=COCO, split="val")
        for index in range(len(dataset)):
            dataset[index]
    with one_clear_line():
        people = CocoPeople(coco() / "images/val", path, skeleton=COCO)
        for index in range(len(people)):
            people[index]


@attacked(json_files(TRUTH), st.sampled_from(["faster", "pycocotools"]))
def test_ground_truth_of_scores(raw: bytes, engine: str) -> None:
    with one_clear_line():
        values = repro.score(
            "coco",
            written("truth.json", raw),
            written("found.json", json.dumps(FOUND).encode()),
            engine=engine,
        )
        assert np.isfinite(list(values.values())).all()


@attacked(json_files(CROWD))
def test_ground_truth_of_crowdpose(raw: bytes) -> None:
    with one_clear_line():
        values = repro.score("crowdpose", written("crowd.json", raw), [])
        assert np.isfinite(list(values.values())).all()


@attacked(json_files(FOUND), st.sampled_from([None, "common"]))
def test_predictions(raw: bytes, images: Any) -> None:
    with one_clear_line():
        values = repro.score("coco", TRUTH, written("found.json", raw), images=images)
        assert np.isfinite(list(values.values())).all()
    with one_clear_line():
        submit.check(place() / "found.json")


@attacked(json_files([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40], "score": 0.5}] * 2))
def test_boxes_of_a_detector(raw: bytes) -> None:
    with one_clear_line():
        path = coco() / "annotations/person_keypoints_val.json"
        people = CocoPeople(
            coco() / "images/val", path, skeleton=COCO, boxes=written("boxes.json", raw)
        )
        for index in range(len(people)):
            people[index]


@attacked(json_files(PEOPLE))
def test_people_of_mpii(raw: bytes) -> None:
    folder = place() / "mpii"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    if not list((folder / "images").iterdir()):
        for one in PEOPLE:
            formats.write_picture(folder / "images" / one["image"], np.zeros((*SIZE, 3), np.uint8))
    files = mpii.Files(folder / "images", written("valid.json", raw), folder / "gt_valid.mat")
    with one_clear_line():
        people = mpii.MpiiPeople(files, present_only=True)
        for index in range(len(people)):
            people[index]


def mat(**content: Any) -> bytes:
    from scipy.io import savemat

    out = BytesIO()
    savemat(out, content)
    return out.getvalue()


GT = {
    "pos_gt_src": np.array([PERSON["joints"]] * 2).transpose(1, 2, 0),
    "headboxes_src": np.array([PERSON["head_box"]] * 2).reshape(2, 2, 2).transpose(1, 2, 0),
    "jnt_missing": 1 - np.array([PERSON["joints_vis"]] * 2, np.uint8).T,
}
CHANGES = {
    "nothing": lambda value: value,
    "nan": lambda value: value.astype(float) * np.nan,
    "cut": lambda value: value[..., :-1],
    "text": lambda _: "text",
    "cell": lambda _: np.array([1, "a"], object),
    "struct": lambda _: {"a": {"b": 1}},
    "empty": lambda _: np.zeros((0, 0)),
    "complex": lambda value: value + 1j,
    "scalar": lambda _: 7,
    "moved": lambda value: np.moveaxis(value, 0, -1),
    "huge": lambda value: value.astype(float) * 1e300,
    "true": lambda value: value > 0,
    "negative": lambda value: -value.astype(float) - 1,
}
WRONG = {"nan", "cut", "text", "cell", "struct", "empty", "complex", "scalar"}


@attacked(st.sampled_from(sorted(GT)), st.sampled_from(sorted(CHANGES)))
def test_arrays_of_mpii(name: str, change: str) -> None:
    path = written("gt_valid.mat", mat(**{**GT, name: CHANGES[change](GT[name])}))
    points = np.array([PERSON["joints"]] * 2)
    with one_clear_line():
        repro.score("mpii", path, points)
        assert change not in WRONG
    preds = written("preds.mat", mat(preds=CHANGES[change](points)))
    with one_clear_line():
        repro.score("mpii", written("good.mat", mat(**GT)), preds)
        assert change not in WRONG


@attacked(damaged(mat(**GT)), st.sampled_from([".mat", ".npy", ".h5", ".json"]))
def test_damaged_arrays(raw: bytes, suffix: str) -> None:
    good, points = written("good.mat", mat(**GT)), np.array([PERSON["joints"]] * 2)
    with one_clear_line():
        repro.score("mpii", written("bad.mat", raw), points)
    if suffix == ".npy":
        out = BytesIO()
        np.save(out, points)
        raw = out.getvalue()[: len(raw) % 300]
    with one_clear_line():
        repro.score("mpii", good, written(f"preds{suffix}", raw))


RECORDS = {
    path.name: json.loads(path.read_text())
    for path in sorted((CHECKOUT / "results/records").glob("*.json"))
}
SPECS = catalog.tables()


@attacked(
    st.sampled_from(sorted(RECORDS)).flatmap(
        lambda name: st.tuples(st.just(name), json_files(RECORDS[name]))
    )
)
def test_records(case: tuple[str, bytes]) -> None:
    name, raw = case
    with TemporaryDirectory() as folder, one_clear_line():
        Path(folder, name).write_bytes(raw)
        held = Store(Path(folder)).load()
        for spec in SPECS:
            cells(spec, held)
        list(reduced.section(held))
        for figure in catalog.figures():
            try:
                figures.chart(figure, held)
            except ReproError:
                continue
        Store(Path(folder)).merge(list(held.values()))
        assert {one.name for one in Path(folder).iterdir()} <= {name, ".lock"}


LAYOUT = 'name = "hands"\njoints = ["left_a", "right_a"]\nsigmas = [0.05, 0.05]\nflip = [1, 0]\nlimbs = [[0, 1]]\n'
VALUES = [
    "[]",
    "[nan]",
    "-1",
    '"x"',
    "[[[]]]",
    "[1e400]",
    "[99999999999999999999]",
    "{a=1}",
    "[[0, 99]]",
    "[-1, 0]",
    "1979-05-27",
    "[" * 3000,
    "[0, inf]",
    "[0.0, 0.0]",
    '["a", 1]',
]


def changed(name: str, value: str) -> bytes:
    kept = [line for line in LAYOUT.splitlines(keepends=True) if not line.startswith(name)]
    return ("".join(kept) + f"{name} = {value}\n").encode()


ENTRIES = st.sampled_from(["name", "joints", "sigmas", "flip", "limbs", "order"])


@attacked(st.one_of(damaged(LAYOUT.encode()), st.builds(changed, ENTRIES, st.sampled_from(VALUES))))
def test_skeletons(raw: bytes) -> None:
    with one_clear_line():
        skeleton = read_skeleton(written("skeleton.toml", raw))
        assert all(np.isfinite(skeleton.sigmas)) and min(skeleton.sigmas, default=1) > 0


def small() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.BatchNorm2d(2))


def weights(**info: Any) -> bytes:
    path = place() / "good.safetensors"
    checkpoint.write_tensors(
        path,
        small().state_dict(),
        {"kind": "weights", "model": "m", "changes": {"joints": 2}, **info},
    )
    return path.read_bytes()


TENSORS: dict[str, Any] = {
    "float8": lambda one: one.to(torch.float8_e4m3fn),
    "meta": lambda one: one.to("meta"),
    "complex": lambda one: one + 1j,
    "sparse": lambda one: one.to_sparse(),
    "nan": lambda one: one * float("nan"),
    "whole": lambda one: one.to(torch.int64),
    "expanded": lambda one: torch.zeros(1).expand(10**6, 10**6),
    "number": lambda _: 3,
    "itself": lambda _: "itself",
    "named": lambda one: {"\x1b[31m\n": one},
    "half": lambda one: one.half(),
}


@attacked(
    st.sampled_from(sorted(TENSORS)),
    st.sampled_from(["0.weight", "1.running_mean", "model", "state_dict"]),
    damaged(weights()),
)
def test_weights(change: str, name: str, raw: bytes) -> None:
    with one_clear_line():
        checkpoint.load_weights(small(), written("w.safetensors", raw))
    body: dict[Any, Any] = dict(small().state_dict())
    value = TENSORS[change](torch.zeros(2, 3))
    body[name] = body if value == "itself" else value
    torch.save(body, place() / "w.pth")
    with one_clear_line():
        checkpoint.load_weights(small(), place() / "w.pth")
    with one_clear_line():
        checkpoint.load_weights(
            small(), written("cut.pth", (place() / "w.pth").read_bytes()[: len(raw)])
        )


@attacked(
    spoilt(
        {
            "kind": "weights",
            "model": "m",
            "changes": {"joints": 2},
            "joints": 2,
            "step": 1,
            "settings": {},
        }
    ),
    share=0.5,
)
def test_what_weights_say_of_themselves(info: Any) -> None:
    from safetensors.torch import save

    tensors = small().state_dict()
    if isinstance(info, dict):
        info["sha256"] = checkpoint.content_hash(tensors)
    body = json.dumps(info)
    path = written(
        "said.safetensors",
        save(tensors, metadata={"repro": body.encode("utf-8", "replace").decode()}),
    )
    with one_clear_line():
        checkpoint.load_weights(torch.nn.Linear(1, 1), path)


@attacked(
    json_files({"a.zip": {"sha256": "0" * 64, "bytes": 3, "url": "", "published": ""}}),
    json_files([{"images": 5, "AP": 0.5}]),
)
def test_small_files_of_our_own(hashes: bytes, curve: bytes) -> None:
    written("hashes.json", hashes), written("curve.json", curve)
    with one_clear_line():
        fetch.read_hashes(place())
    with one_clear_line():
        read_curve(place())


@attacked(damaged(b"step,epoch,rate,total\n0,0,0.1,1.0\n1,0,0.1,0.9\n"))
def test_logs(raw: bytes) -> None:
    path = written("log.csv", raw)
    assert all(int(row["step"]) >= 0 for row in read_log(path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ends(path)


@attacked(
    st.one_of(json_files([1, 2]), json_files({"images": [{"id": 1}]}), st.binary(max_size=60))
)
def test_lists_of_images(raw: bytes) -> None:
    with one_clear_line():
        read_images(str(written("ids", raw)))


PICTURES = [
    cv2.imencode(kind, SyntheticCoco(1, size=SIZE)[0].image)[1].tobytes()
    for kind in (".jpg", ".png", ".bmp", ".webp")
]


@attacked(st.sampled_from(PICTURES).flatmap(damaged))
def test_pictures(raw: bytes) -> None:
    with one_clear_line():
        assert read_image(written("a.jpg", raw)).shape[2] == 3


def archive(kind: str, names: list[str]) -> bytes:
    import tarfile
    import zipfile

    out = BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as packed:
            for name in names:
                packed.writestr(name, "x")
    else:
        with tarfile.open(fileobj=out, mode=f"w:{kind}") as packed_tar:
            for name in names:
                info = tarfile.TarInfo(name)
                if name.endswith("link"):
                    info.type, info.linkname = tarfile.SYMTYPE, "../../../etc"
                packed_tar.addfile(info, BytesIO(b""))
    return out.getvalue()


NAMES = [
    "in/../../../owned",
    "/tmp/owned",
    "in//tmp/owned",
    "in/a\x1b[31m",
    "in/" + "n" * 300,
    "in/1/2",
    "in/link",
    "in/link/owned",
]


@attacked(
    st.builds(
        archive,
        st.sampled_from(["zip", "gz", "xz", "bz2"]),
        st.lists(st.sampled_from(["in/1", *NAMES]), max_size=4),
    ),
    st.data(),
)
def test_archives(raw: bytes, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        base = Path(folder, "a", "b")
        base.mkdir(parents=True)
        (base / "x").write_bytes(data.draw(st.one_of(st.just(raw), damaged(raw))))
        with one_clear_line():
            archives.unpack(base / "x", {"in/": "out"}, base)
        assert {one.name for one in base.iterdir()} <= {"x", "out"}
        assert not [one for one in Path(folder).rglob("*owned*") if base / "out" not in one.parents]
        links = [one for one in base.rglob("*") if one.is_symlink()]
        assert all(one.resolve().is_relative_to(base.resolve()) for one in links)


@attacked(odd)
def test_values_of_switches(value: Any) -> None:
    from repro.cli.options import parse_changes

    with one_clear_line():
        parse_changes((f"joints={value}",))


def test_crowdpose_has_fourteen_joints() -> None:
    """What CROWD above relies on."""
    assert len(CROWDPOSE) == 14
