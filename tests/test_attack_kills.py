"""Commands killed at any moment: what they leave is whole, and the same command goes on to the same
end. Slow."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attack import COUNT, SEED
from where import CHECKOUT

pytestmark = pytest.mark.slow

Whole = tuple[str, dict[str, str], float]
TRAIN = (
    "from dataclasses import replace; from repro.train import loop; train = loop.train; loop.train "
    "= lambda training, dataset, where, **more: train(training, dataset, replace(where, "
    "save_steps=1), **more); from repro.cli.main import main; main(prog_name='repro')"
)
COMMANDS = {
    "make": [
        "-m",
        "repro",
        "data",
        "make",
        "synthpose-mpii",
        "--train",
        "60",
        "--val",
        "30",
        "--size",
        "64",
        "--out",
        "d/x",
    ],
    "train": [
        "-c",
        TRAIN,
        "train",
        "mobilenetv2_slim",
        "--profile",
        "smoke",
        "--device",
        "cpu",
        "--runs",
        "runs",
        "--steps",
        "8",
        "--batch",
        "2",
    ],
}
ENDS = ["KILL", "KILL", "KILL", "TERM", "INT", "INT twice", "KILL at a temporary file"]


def start(name: str, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *COMMANDS[name]],
            cwd=folder,
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def state(folder: Path) -> dict[str, str]:
    """Every file with a hash of its content."""
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files
    }


def living(session: int) -> list[int]:
    found = []
    for one in Path("/proc").iterdir():
        try:
            fields = (
                (one / "stat").read_text().rpartition(")")[2].split() if one.name.isdigit() else []
            )
        except OSError:
            continue
        if fields and int(fields[3]) == session and fields[0] != "Z":
            found.append(int(one.name))
    return found


def strike(process: subprocess.Popen[bytes], folder: Path, end: str, after: float) -> None:
    """End a command as `end` says, `after` seconds after its start or once a temporary file is
    there."""
    until = time.monotonic() + after
    while process.poll() is None and time.monotonic() < until:
        if end.endswith("file") and any(folder.rglob(".*.unfinished")):
            break
        time.sleep(0.002)
    if process.poll() is not None:
        return
    if end.startswith("KILL"):
        for one in [process.pid, *living(process.pid)]:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
    else:
        process.send_signal(signal.SIGTERM if end == "TERM" else signal.SIGINT)
        if end == "INT twice":
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)


@pytest.fixture(scope="module", params=sorted(COMMANDS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """A command, what it leaves when nobody disturbs it, and its seconds."""
    folder = tmp_path_factory.mktemp(request.param) / "whole"
    began = time.monotonic()
    assert start(request.param, folder).wait(300) == 0
    return request.param, state(folder), time.monotonic() - began


@pytest.mark.parametrize("number", range(max(2, COUNT // 25)))
def test_a_killed_command_goes_on_to_the_same_end(
    whole: Whole, number: int, tmp_path: Path
) -> None:
    name, expected, seconds = whole
    rng = random.Random(f"{SEED} {name} {number}")
    end, folder = rng.choice(ENDS), tmp_path / "struck"
    process = start(name, folder)
    strike(process, folder, end, rng.uniform(0.2, 0.95) * seconds)
    process.wait(60)
    limit = time.monotonic() + 10
    while living(process.pid) and time.monotonic() < limit:
        time.sleep(0.05)
    assert living(process.pid) == [], f"processes go on after {end}"
    log = folder.parent / f"{folder.name}.log"
    assert "Traceback" not in log.read_text(), f"{end}: {log.read_text()[-500:]}"
    if name == "make" and (folder / "d" / "x").exists():
        assert state(folder) == expected, f"half a data set under its name after {end}"
        return
    assert start(name, folder).wait(300) == 0, log.read_text()[-500:]
    assert state(folder) == expected, f"after {end}"
