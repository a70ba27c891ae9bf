"""Architecture files stand for a model wherever a command takes one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from repro.cli.main import main
from repro.errors import MissingError, UsageError
from repro.measure.timings import runs_of
from repro.models import architecture, zoo
from repro.models.architecture import Architecture, named

WIDTHS = {"joints": 14, "stem": 16, "stages": (16, 32, 48, 80), "deconvs": (16, 24, 24)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "found.json"
    Architecture("litepose_super", WIDTHS, (256, 256), {"seed": 0}).write(path)
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_what_is_read_is_what_was_written(file: Path) -> None:
    assert architecture.read(file) == Architecture(
        "litepose_super", WIDTHS, (256, 256), {"seed": 0}
    )
    assert named(str(file), None, {"joints": 17}).changes == {**WIDTHS, "joints": 17}
    assert named(str(file), (512, 512), {}).shape == (512, 512)
    assert named("litepose_xs", None, {}).shape == (256, 256)


def test_count_says_of_a_file_what_it_says_of_the_same_network(file: Path) -> None:
    rule = ("--rule", "ptflops", "--format", "json")
    found = run("count", file, *rule)
    wanted = run("count", "litepose_xs", "--set", "joints=14", *rule)
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout) == json.loads(wanted.stdout)


def test_a_file_is_trained_tested_exported_and_timed(file: Path, tmp_path: Path) -> None:
    place = ("--runs", tmp_path / "runs", "--device", "cpu")
    trained = run("train", file, "--profile", "smoke", "--steps", 2, *place)
    assert trained.exit_code == 0, trained.output
    weights = trained.stdout.strip().splitlines()[-1]
    data = next((tmp_path / "runs" / "data").glob("synthpose-easy*"))
    tested = run("evaluate", file, "--weights", weights, "--dataset", data, "--size", 64, 64)
    assert tested.exit_code == 0, tested.output
    out = tmp_path / "a.ts"
    options = ("--format", "torchscript", "--weights", weights, "--out", out, "--size", 64, 64)
    exported = run("export", file, *options)
    assert exported.exit_code == 0 and out.exists(), exported.output
    assert runs_of([str(file)])[0].changes == WIDTHS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "litepose_xss"}, "unknown model 'litepose_xss'"),
        ({"changes": {"stagez": [1]}}, "unknown switch of litepose_super 'stagez'"),
        ({"changes": {"stages": [16, 32]}}, "stages is (16, 32); there must be 4"),
        (
            {"model": "efficientpose_nas_a", "changes": {"blocks": ["36", "39", "36", "36"]}},
            "unknown operation '39'",
        ),
        (
            {"model": "efficientpose_nas_a", "changes": {"blocks": ["36", "-", "36", "36"]}},
            "the first block of a stage cannot be left out",
        ),
    ],
)
def test_what_is_not_known_is_one_line_that_names_the_file(
    file: Path, changes: dict[str, Any], message: str
) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    with pytest.raises(UsageError, match=re.escape(f"the architecture '{file}': {message}")):
        architecture.read(file)
    assert run("count", file).exit_code == 2


def test_other_files_are_refused(tmp_path: Path) -> None:
    assert run("count", tmp_path / "absent.json").exit_code == 4
    path = tmp_path / "other.json"
    path.write_text('{"kind": "x", "model": "a", "changes": {}, "size": [1, 1]}')
    with pytest.raises(MissingError, match="is a file of kind 'x', not architecture"):
        architecture.read(path)
    path.write_text('{"kind": "architecture"}')
    with pytest.raises(MissingError, match="object missing required field 'model'"):
        architecture.read(path)


def test_searched_blocks_are_the_published_network() -> None:
    blocks = zoo.family("efficientpose_nas_c").VARIANTS["efficientpose_nas_c"].blocks
    own = zoo.build_empty("efficientpose_nas_b", blocks=blocks).state_dict()
    published = zoo.build_empty("efficientpose_nas_c").state_dict()
    assert {k: v.shape for k, v in own.items()} == {k: v.shape for k, v in published.items()}
