"""Several measurements in a row or side by side: what one fault, one kill or Ctrl-C leaves of the
others."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from where import TESTS

from repro.errors import CheckError, ReproError, UsageError
from repro.processes import in_processes


def work(item):
    """A stand-in for a training, told by its name how to end."""
    if item == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "fails":
        raise ReproError("the loss is nan", "lower the rate")
    if item.startswith("waits "):
        folder = Path(item.removeprefix("waits "))
        (folder / "begun").write_text("")
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            (folder / "saved").write_text("")
            raise
    return item.upper()


def test_a_killed_and_a_failing_process_leave_the_others_alone():
    found = dict(in_processes(work, ["a", "dies", "b", "fails", "c"], count=2))
    assert {name: found[name] for name in "abc"} == {"a": "A", "b": "B", "c": "C"}
    assert found["dies"].message == "its process was killed by signal 9"
    assert (found["fails"].message, found["fails"].hint) == ("the loss is nan", "lower the rate")


def test_ctrl_c_reaches_every_process_once_and_ends_cleanly(tmp_path):
    # CI may ignore Ctrl-C
    restore = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = (
        f"{restore}; sys.path[:0] = sys.argv[1].split(); "
        "from test_sweeps import interrupted; interrupted(sys.argv[2])"
    )
    command = [sys.executable, "-c", code, f"{Path(__file__).parent} {TESTS}", str(tmp_path)]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "begun").exists():
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGINT)
    _, told = parent.communicate(timeout=30)
    assert (parent.returncode, told) == (7, "")
    assert (tmp_path / "saved").exists()


def interrupted(folder):
    try:
        with closing(in_processes(work, [f"waits {folder}"], count=2)) as results:
            list(results)
    except KeyboardInterrupt:
        sys.exit(7)


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    """Two rows with two seeds each and a stand-in for training and testing them."""
    from repro.measure import scoring
    from repro.measure import sweep as runner
    from repro.measure.place import Place
    from repro.record.store import Store
    from repro.spec.profiles import SMOKE
    from repro.spec.protocols import BOTTOM_UP
    from repro.spec.recipes import EFFICIENTHRNET
    from repro.spec.run import Run
    from repro.spec.table import Field, PaperTable, Row

    runs = [
        Run(f"efficienthrnet_h_{n}", 384, {}, "coco-val", BOTTOM_UP, EFFICIENTHRNET) for n in (3, 4)
    ]
    rows = tuple(Row(run.model, (run.model, "1.0"), run) for run in runs)
    table = PaperTable("t-1", "p", "Table 1", "A table", (Field("model"), Field("ap")), rows)
    measured = []

    def score(run, how, *, seed, place):
        measured.append((run.model, seed))
        if (run.model, seed) == ("efficienthrnet_h_3", 1):
            raise ReproError("the loss is nan")
        return {"AP": 0.1 * seed}, {"seed": seed}

    monkeypatch.setattr(scoring, "score", score)
    store, place = Store(tmp_path / "records"), Place(tmp_path / "data", tmp_path / "runs")

    def go(held=True, force=False):
        todo = runner.plan(
            table, store.load() if held else {}, how=SMOKE, seeds=(0, 1), force=force
        )
        measured.clear()
        runner.carry_out(todo, store, place)

    return go, store, measured


def test_a_failed_job_is_reported_at_the_end_and_measured_again(sweep, capsys):
    go, store, measured = sweep
    with pytest.raises(
        CheckError, match=r"1 of 4 measurements failed: .*h_3.*seed=1: the loss is nan"
    ) as fault:
        go()
    assert fault.value.exit_code == 3
    assert "3 measured in 0 s, 0 finished before, 1 failed" in capsys.readouterr().err
    assert len(measured) == 4
    assert sorted(one.status for one in store.load().values()) == ["failed", "ok", "ok", "ok"]
    with pytest.raises(CheckError):
        go()
    assert measured == [("efficienthrnet_h_3", 1)]


def test_what_an_earlier_call_has_finished_is_only_read(sweep, capsys):
    go, store, measured = sweep
    with pytest.raises(CheckError):
        go()
    for path in store.folder.glob("*.json"):
        path.unlink()
    with pytest.raises(CheckError):
        go(held=False)
    assert measured == [("efficienthrnet_h_3", 1)]
    assert "0 measured in 0 s, 3 finished before, 1 failed" in capsys.readouterr().err
    assert len(store.load()) == 4
    with pytest.raises(CheckError):
        go(force=True)
    assert len(measured) == 4


def test_one_training_of_two_protocols_does_not_keep_two_processes_busy(tmp_path):
    from repro.measure import sweep as runner
    from repro.measure.place import Place
    from repro.measure.training import train_folder
    from repro.spec.catalog import find
    from repro.spec.profiles import SMOKE

    wanted = runner.plan(find("efficienthrnet-3"), {}, how=SMOKE).jobs
    ordered = runner._trainings_first(wanted, Place(tmp_path, tmp_path))
    folders = [
        train_folder(job.run, SMOKE, seed=0, place=Place(tmp_path, tmp_path)) for job in ordered
    ]
    trainings = len(set(folders))
    assert len(set(folders[:trainings])) == trainings < len(wanted) == len(ordered)


@pytest.mark.parametrize("text", ["", "1,,2", "a", "-1"])
def test_bad_seeds_are_a_usage_error(text):
    from repro.cli.options import parse_seeds

    with pytest.raises(UsageError, match="no list of seeds"):
        parse_seeds(text)
    assert parse_seeds("0, 2") == (0, 2)
