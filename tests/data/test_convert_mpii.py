"""MPII's own file to the files that are read here (`repro data convert-mpii`), and checks of whole
families."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scipy.io import loadmat, savemat
from test_arrays import nested

from repro.cli.main import main
from repro.data import mpii
from repro.data.check import check
from repro.data.datasets import PUBLIC
from repro.errors import MissingError

PICTURES = {"1.jpg": 2, "2.jpg": 1, "3.jpg": 3}  # training people of each


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(main, ["data", *(str(one) for one in arguments)])


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], mpii.Converted]:
    """Reading in a process of its own, which one test does; the others read here, and save a second
    each."""
    theirs = mpii._converted_apart
    monkeypatch.setattr(mpii, "_converted_apart", mpii.convert)
    return theirs


pytestmark = pytest.mark.usefixtures("apart")


def test_a_file_that_ends_the_process_of_its_reader_is_one_fault(
    apart: Callable[[Path], mpii.Converted], official: Path, tmp_path: Path
) -> None:
    assert apart(official) == mpii.convert(official)
    (tmp_path / "deep.mat").write_bytes(nested(50_000, b"RELEASE"))
    with pytest.raises(
        MissingError, match=r"deep.mat' cannot be read as MATLAB's: .* killed by signal"
    ):
        apart(tmp_path / "deep.mat")


def rect(x: float, points: int) -> dict[str, Any]:
    joints = [
        {"id": number, "x": x + number, "y": 6.0, "is_visible": 1} for number in range(points)
    ]
    place = {"scale": 1.5, "objpos": {"x": x, "y": 50}}
    return {"x1": 1, "y1": 2, "x2": 7, "y2": 10, "annopoints": {"point": joints}, **place}


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """Three training pictures and one of the test set; one person has no joints."""
    people = {
        name: [rect(10.0 * number, 16) for number in range(1, 1 + count)]
        for name, count in PICTURES.items()
    }
    people["2.jpg"].append({**rect(90.0, 0), "annopoints": np.zeros((0, 0))})
    people["4.jpg"] = [rect(5.0, 16)]
    pictures = [{"image": {"name": name}, "annorect": own} for name, own in people.items()]
    path = tmp_path / "data" / "mpii" / mpii.OFFICIAL
    path.parent.mkdir(parents=True)
    savemat(
        path,
        {"RELEASE": {"annolist": np.array(pictures, object), "img_train": np.array([1, 1, 1, 0])}},
    )
    return path


def test_the_parts_are_written_and_read(official: Path, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("2.jpg\n3.jpg\n")
    out = tmp_path / "annot"
    result = run("convert-mpii", official, "--valid", tmp_path / "names.txt", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{out}/train.json: 2 people\n{out}/valid.json: 4 people\nleft out: 1 people without "
        f"joints\n"
    )
    assert [one["image"] for one in mpii.read_people(out / "train.json")] == ["1.jpg", "1.jpg"]
    assert len(mpii.read_people(out / "valid.json")) == 4
    truth = loadmat(out / mpii.TRUTH)
    assert truth["pos_gt_src"].shape == (16, 2, 4) and truth["headboxes_src"].shape == (2, 2, 4)


def test_the_joints_that_another_file_lacks_are_named(official: Path, tmp_path: Path) -> None:
    people = [one for one in mpii.convert(official).people if one["image"] == "3.jpg"]
    for one in people[:2]:
        one["joints_vis"][0] = 0
    mpii.write_split(tmp_path / "hrnet", "valid", people)
    valid = tmp_path / "hrnet" / "valid.json"
    result = run("convert-mpii", official, "--valid", valid, "--out", tmp_path / "annot")
    assert result.stdout.endswith(
        f"left out: 1 people without joints\njoints '{valid}' lacks: right_ankle 2\n"
    )


def test_without_names_all_go_to_one_file_that_no_test_reads(
    official: Path, tmp_path: Path
) -> None:
    result = run("convert-mpii", official, "--out", tmp_path / "annot")
    assert result.stdout.startswith(f"{tmp_path}/annot/trainval.json: 6 people\n")
    assert [path.name for path in (tmp_path / "annot").iterdir()] == ["trainval.json"]


def test_nothing_is_overwritten(official: Path, tmp_path: Path) -> None:
    (tmp_path / "annot").mkdir()
    (tmp_path / "annot" / mpii.TRUTH).write_text("mine")
    (tmp_path / "names.txt").write_text("2.jpg")
    result = run(
        "convert-mpii", official, "--valid", tmp_path / "names.txt", "--out", tmp_path / "annot"
    )
    assert result.exit_code == 2 and "gt_valid.mat' is there already" in result.stderr
    assert [path.name for path in (tmp_path / "annot").iterdir()] == [mpii.TRUTH]


def faulty(tmp_path: Path, content: dict[str, Any]) -> Path:
    savemat(tmp_path / "faulty.mat", content)
    return tmp_path / "faulty.mat"


def test_files_of_another_kind(official: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mat").write_text("no MATLAB")
    (tmp_path / "names.txt").write_text("9.jpg")
    picture = {"image": {"name": "1.jpg"}, "annorect": [{**rect(1.0, 2), "x1": np.zeros((0, 0))}]}
    damaged = {"annolist": np.array([picture, picture], object), "img_train": np.array([1, 1])}
    cases: list[tuple[tuple[Any, ...], str]] = [
        ((tmp_path / "none.mat",), "no file"),
        ((tmp_path / "text.mat",), "damaged"),
        ((official, "--valid", tmp_path / "names.txt"), "names all or none of the pictures"),
        ((official, "--valid", tmp_path / "none.txt"), "cannot read the names"),
        ((official, "--valid", tmp_path / "none.json"), "cannot read the annotations"),
        ((faulty(tmp_path, {"other": 1}),), "no RELEASE.annolist"),
    ]
    for arguments, message in cases:
        refused(run("convert-mpii", *arguments, "--out", tmp_path / "annot"), message)
    for release in (
        damaged,
        {**damaged, "img_train": np.array([1])},
        {"annolist": damaged["annolist"]},
    ):
        path = faulty(tmp_path, {"RELEASE": release})
        refused(
            run("convert-mpii", path, "--out", tmp_path / "annot"),
            "not in the form of MPII's release",
        )
    path = faulty(tmp_path, {"RELEASE": {**damaged, "img_train": np.array([0, 0])}})
    refused(run("convert-mpii", path, "--out", tmp_path / "annot"), "no training person")
    assert not (tmp_path / "annot").exists()


def refused(result: Result, message: str) -> None:
    assert result.exit_code == 4 and result.stdout == ""
    first, *rest = result.stderr.splitlines()
    assert first.startswith("error: ") and message in first
    assert len(rest) <= 1


def test_the_check_names_the_command_where_only_the_official_file_is_there(official: Path) -> None:
    data = official.parents[1]
    result = run("check", "mpii-val", "--data", data)
    made = f"repro data convert-mpii {official} --valid NAMES --out {data}/mpii/annot"
    assert result.exit_code == 4 and f"  next: {made} (NAMES: a text file" in result.stderr
    official.unlink()
    assert "convert-mpii" not in run("check", "mpii-val", "--data", data).output


# --- families -------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["coco", "crowdpose", "mpii", "imagenet", "cifar100"])
def test_a_family_is_all_its_parts(family: str, tmp_path: Path) -> None:
    parts = [name for name in PUBLIC if name.startswith(family)]
    own = [
        (f"{name}, {line.what}", line.state)
        for name in parts
        for line in check(name, tmp_path).lines
    ]
    assert [(line.what, line.state) for line in check(family, tmp_path).lines] == own
    assert len(parts) >= 2


def test_a_family_is_checked_by_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "mpii" / "annot"
    folder.mkdir(parents=True)
    (folder / "train.json").write_text(json.dumps([]))
    result = run("check", "mpii", "--data", tmp_path)
    assert result.exit_code == 4
    assert "error: mpii is not whole: mpii-train, train damaged; " in result.stderr
    assert "; mpii-val, valid missing; " in result.stderr
