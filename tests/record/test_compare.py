"""`repro compare`: two folders or commits of records, their signed differences, and what is refused."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from repro import places
from repro.cli.main import main
from repro.record.compare import Difference, differences
from repro.record.record import Record
from repro.record.store import Store

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


def record(key: str, status: str = "ok", **values: float | str) -> Record:
    return Record(key, "d", "litepose", values, status=status)  # type: ignore[arg-type]


def by_key(*records: Record) -> dict[str, Record]:
    return {one.key: one for one in records}


def test_only_what_differs_is_listed_with_its_sign() -> None:
    first = by_key(record("count a", macs=200, params=7), record("count b", macs=1))
    second = by_key(record("count a", macs=190, params=7), record("count c", macs=1))
    found = differences(first, second)
    assert [(one.key, one.name, one.step, one.percent) for one in found] == [
        ("count a", "macs", -10, -5.0),
        ("count b", "", None, None),
        ("count c", "", None, None),
    ]


@pytest.mark.parametrize(
    ("difference", "above"),
    [
        (Difference("k", "AP", 0.5, 0.51), False),  # 2 percent, and not more
        (Difference("k", "AP", 0.5, 0.489), True),
        (Difference("k", "AP", 0, 0.1), True),
        (Difference("k", "AP", None, 0.1), True),
        (Difference("k", "widths", "32, 64", "32, 60"), True),
        (Difference("k", "status", "ok", "failed"), True),
        (Difference("k", "", None, "recorded"), False),
    ],
)
def test_what_is_above_a_threshold_of_two_percent(difference: Difference, above: bool) -> None:
    assert difference.above(2.0 + 1e-9) == above  # 1e-9: 0.51 - 0.5 is not exact


def test_a_failure_is_a_difference_of_its_own() -> None:
    found = differences(by_key(record("count a", macs=1)), by_key(record("count a", "failed")))
    assert found == [Difference("count a", "status", "ok", "failed")]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    for name, macs in (("one", 200), ("other", 202)):
        Store(tmp_path / name / "records").merge([record("count litepose_s", macs=macs)])
    # with and without `records` at its end
    return str(tmp_path / "one"), str(tmp_path / "other" / "records")


def test_two_folders_and_a_threshold(folders: tuple[str, str]) -> None:
    result = run(*folders, "--format", "csv", "--threshold", "1.5")
    assert result.exit_code == 0, result.output
    (line,) = csv.DictReader(io.StringIO(result.stdout))
    assert (line["record"], line["difference"], line["percent"]) == ("count litepose_s", "+2", "+1")
    result = run(*folders, "--threshold", "0.5")
    assert result.exit_code == 3
    assert (
        "1 values differ by more than 0.5 %, the first is count litepose_s, macs" in result.stderr
    )


@needs_git
def test_the_checked_out_records_against_their_commit() -> None:
    result = run("HEAD", str(places.root() / "results"), "--format", "csv")
    if not (places.root() / ".git").exists():
        pytest.skip("this is no git checkout")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("record,value,HEAD,")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("no-such-commit", "results"),
            2,
            "'no-such-commit' is neither a folder of records nor a commit",
        ),
        (("--", "--all", "results"), 2, "'--all' is neither a folder of records nor a commit"),
        (("", "results"), 2, "'' is neither a folder of records nor a commit"),
        (("results", "results/records"), 2, "are the same: nothing to compare"),
        (("empty", "results"), 4, "'empty' holds no records"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    arguments: tuple[str, ...],
    code: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Store(tmp_path / "results" / "records").merge([record("count litepose_s", macs=1)])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    fault, *rest = result.stderr.strip().splitlines()
    assert fault.startswith("error: ") and message in fault
    assert [line[:8] for line in rest] == ["  next: "]


@needs_git
def test_records_that_cannot_be_read_name_their_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "results" / "records"
    held.mkdir(parents=True)
    (held / "count-litepose.json").write_text("[{")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "spoilt"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    results = str(places.root() / "results")
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    result = run("HEAD", results)
    assert result.exit_code == 1
    assert "commit 'HEAD': results/records/count-litepose.json, line 1" in result.stderr
