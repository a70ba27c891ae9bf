"""Where specs and records are found, and where new ones go: in a checkout, and from a wheel in any
folder."""

import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from where import CHECKOUT

from repro import places
from repro.cli.main import main
from repro.errors import SpecError
from repro.record.record import Record
from repro.record.store import Store
from repro.spec import catalog

ONE = Record("count litepose_s 448x448 rule=true", "d1", "litepose", {"params": 10, "macs": 20})


def test_in_a_checkout_everything_is_the_checkouts() -> None:
    assert places.checkout() == places.root() == CHECKOUT
    assert places.results() == CHECKOUT / "results"


@pytest.mark.parametrize("named", ["/etc/passwd", "/nowhere"])
def test_a_root_without_specs_is_one_clear_fault(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_ROOT", named)
    with pytest.raises(
        SpecError, match=f"'{named}' is no checkout of repro: it has no folder paper_tables"
    ):
        places.root()
    catalog.specs.cache_clear()
    try:
        result = CliRunner().invoke(main, ["doctor"])
    finally:
        catalog.specs.cache_clear()
    assert result.exit_code == 1
    assert "the installation is not whole: specs and records" in result.stderr


def test_new_records_lie_over_the_committed_ones_which_stay_as_they_are(tmp_path: Path) -> None:
    committed, own = Store(tmp_path / "a"), Store(tmp_path / "b", tmp_path / "a")
    committed.merge([ONE])
    assert own.merge([ONE]) == 0  # as committed: nothing to keep
    assert not (tmp_path / "b").exists()
    other = replace(ONE, values={"params": 11, "macs": 20})
    assert own.merge([other]) == 1
    assert own.load() == {ONE.key: other}
    assert committed.load() == {ONE.key: ONE}


def test_the_folder_of_new_records_is_named_by_option_or_variable(tmp_path: Path) -> None:
    Store(tmp_path / "records").merge(
        [replace(ONE, values={"params": 1_000_000, "macs": 9_000_000_000})]
    )
    for given in (
        {"args": ["--results", str(tmp_path)]},
        {"env": {"REPRO_RESULTS": str(tmp_path)}},
    ):
        arguments = [
            "table",
            "all-models",
            "--row",
            "litepose_s",
            "--format",
            "csv",
            *given.get("args", []),
        ]
        result = CliRunner().invoke(main, arguments, env=given.get("env"))
        assert "litepose_s,macs_g,true,,9.0" in result.stdout


def test_outside_a_checkout_new_records_go_to_a_folder_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "checkout", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert places.results() == tmp_path / "repro-results"
    monkeypatch.chdir(CHECKOUT / "tests")
    assert places.results() == CHECKOUT / "results"  # inside one
    assert places.results(tmp_path / "own") == tmp_path / "own"


def test_results_md_is_written_into_the_root_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results").mkdir()
    for name in (*places.FOLDERS, "results/records"):
        (tmp_path / name).symlink_to(CHECKOUT / name, target_is_directory=True)
    monkeypatch.setenv("REPRO_ROOT", str(tmp_path))
    catalog.specs.cache_clear()
    assert CliRunner().invoke(main, ["render", "--check"]).exit_code == 3
    catalog.specs.cache_clear()
    assert places.rendered() == tmp_path
    monkeypatch.delenv("REPRO_ROOT")
    assert places.rendered() == CHECKOUT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a wheel holds it, unpacked."""
    pytest.importorskip(
        "hatchling", reason="the wheel is built with hatchling, which is not installed"
    )
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(out / "unpacked")
    return out / "unpacked"


def in_wheel(wheel: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(wheel)}
    command = [sys.executable, "-m", "repro", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_a_wheel_knows_every_table_and_record_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    listed = in_wheel(wheel, tmp_path, "list", "--format", "csv").stdout.splitlines()
    assert [line.partition(",")[0] for line in listed[1:]] == [*catalog.specs(), "all-models"]
    table = in_wheel(wheel, tmp_path, "table", "efficienthrnet-3", "--format", "json").stdout
    assert (
        table == CliRunner().invoke(main, ["table", "efficienthrnet-3", "--format", "json"]).stdout
    )
    held = {path.name for path in (wheel / "repro/shipped/results/records").iterdir()}
    assert held == {path.name for path in places.committed().glob("*.json")}
    assert (wheel / "repro/train/depthwise.c").is_file()
    assert (wheel / "repro/report/html/templates/page.html").is_file()
    assert (wheel / "repro/report/html/static/report.js").is_file()
    told = in_wheel(wheel, tmp_path, "render")
    assert told.returncode == 2
    assert "next: repro render --out FOLDER" in told.stderr


@pytest.mark.slow
def test_a_wheel_writes_the_same_report(wheel: Path, tmp_path: Path) -> None:
    assert in_wheel(wheel, tmp_path, "render", "--out", str(tmp_path / "report")).returncode == 0
    assert (tmp_path / "report/RESULTS.md").read_bytes() == (CHECKOUT / "RESULTS.md").read_bytes()
