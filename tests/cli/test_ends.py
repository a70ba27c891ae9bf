"""Every way a command can end: one line, a next step and an exit code, whatever came between."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from where import CHECKOUT, TESTS

from repro import console, processes
from repro.cli.main import Commands, main
from repro.errors import MissingError, ReproError, UsageError, explained
from repro.grid import WRITERS, Grid


def program(
    code: str = "", *arguments: str, env: dict[str, str] | None = None, **options: Any
) -> Any:
    """`repro` in a process of its own, after `code`."""
    text = f"{textwrap.dedent(code)}\nfrom repro.cli.main import main\nmain(prog_name='repro')"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **(env or {})}
    command = [sys.executable, "-c", text, *arguments]
    return subprocess.Popen(
        command, env=environment, text=True, **{"stderr": subprocess.PIPE, **options}
    )


def failing(fault: BaseException) -> Result:
    """A command that raises."""

    def raises() -> None:
        raise fault

    command = click.Command("fails", callback=raises)
    main.add_command(command)
    try:
        return CliRunner().invoke(main, ["fails"])
    finally:
        del main.commands["fails"]


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (ReproError("the disk is full"), 1, "the disk is full"),
        (MemoryError("3 GB"), 1, "not enough memory: 3 GB"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 5"),
            1,
            "not enough memory",
        ),
        (RecursionError(), 1, "nested too deeply"),
        (
            OSError(28, "No space left on device", "x"),
            1,
            "the system refuses 'x': No space left on device",
        ),
        (ImportError("libx.so"), 1, "a package cannot be loaded: libx.so"),
        (ValueError("two\nlines"), 1, "the program met ValueError: two lines (test_ends.py, line"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(3), 3, ""),
        (SystemExit(143), 143, ""),
        (BrokenPipeError(32, "Broken pipe"), 1, ""),
    ],
)
def test_whatever_a_command_raises_is_one_line_and_a_code(
    fault: BaseException, code: int, message: str
) -> None:
    result = failing(fault)
    assert result.exit_code == code
    lines = result.stderr.splitlines()
    if message:
        assert len(lines) == 2 and message in lines[0]
        assert lines[0].startswith("error: ") and lines[1].startswith("  next: ")
    assert "Traceback" not in result.stderr


def test_a_fault_of_the_program_keeps_its_traceback_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REPRO_DEBUG", "1")
    assert isinstance(failing(ValueError("bug")).exception, ValueError)
    assert failing(MissingError("absent")).exit_code == 4


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (["table", "litepose-1", "--jobs", "x"], "repro table --help"),
        (["data", "make", "nothing"], "repro data make --help"),
        (["figure", "efficienthrnet-f1", "--out", ""], "repro figure --help"),
        (["nix"], "repro --help"),
        (
            ["figure", "efficienthrnet-f1", "--x", "macs"],
            "repro figure pareto --x macs --data coco-val",
        ),
        (["data", "show", "synthpose-coco", "--out", "a.gif"], "--out sheet.png"),
    ],
)
def test_a_usage_fault_names_the_help_of_its_command(arguments: list[str], next_step: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    fault, hint = result.stderr.splitlines()
    assert fault.startswith("error: ") and hint == f"  next: {next_step}"


def test_every_fault_has_a_next_step_of_its_own_or_the_usual_one() -> None:
    kinds = [ReproError, *ReproError.__subclasses__()]
    assert len(kinds) == 6 and all(kind("x").hint and kind("x", "y").hint == "y" for kind in kinds)
    assert explained(UsageError("x", "y")).hint == "y"


def test_text_from_outside_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "a\x1b[31m\nb\u202e\ud800\x9b\r"
    console.complain(MissingError(evil, evil))
    console.talk(evil)
    console.say(evil)
    out, err = capsys.readouterr()
    assert out == "a\\x1b[31m\nb\\u202e\\ud800\\x9b\\r\n"
    assert err.splitlines()[:2] == [
        "error: a\\x1b[31m b\\u202e\\ud800\\x9b\\r",
        "  next: a\\x1b[31m b\\u202e\\ud800\\x9b\\r",
    ]
    console.complain(MissingError("x" * 10_000))
    assert len(capsys.readouterr().err.splitlines()[0]) < 1100


NASTY = "a|b \\input{x} <script>y</script> [l](javascript:1) ~ {} \x1b[31m\nz"


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_names_from_files_are_inert_in_every_form(form: str) -> None:
    text = WRITERS[form](Grid(("name", NASTY), ((NASTY, "1"),), title=NASTY, notes=(NASTY,)))
    assert "\x1b" not in text
    if form == "latex":
        assert "\\input{" not in text and r"\textbackslash{}input\{x\}" in text
    if form == "md":
        assert "<script" not in text and "[l](" not in text and len(text.splitlines()) >= 3
        assert {line.count("|") - line.count("\\|") for line in text.splitlines()[:3]} == {3}


def test_a_sign_of_less_stays_one_in_markdown() -> None:
    assert "| < 5 |" in WRITERS["md"](Grid(("a",), (("< 5",),)))


# --- streams and the environment ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("redirect", "code", "told"),
    [
        (">&-", 1, "standard output is closed"),
        (">/dev/full", 1, "No space left on device"),
        ("2>&-", 0, ""),
        ("<&-", 0, ""),
        (">/dev/full 2>&-", 1, ""),
        (">/dev/full 2>/dev/full", 1, ""),
    ],
)
def test_streams_that_cannot_be_written(redirect: str, code: int, told: str) -> None:
    command = f"'{sys.executable}' -m repro list --format csv {redirect}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert told in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == (2 if told else 0)


def test_a_reader_that_has_seen_enough_is_no_noise() -> None:
    command = f"'{sys.executable}' -m repro list | head -1"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("env", "arguments", "code", "told"),
    [
        (
            {"MPLBACKEND": "nonsense"},
            ["score", "coco", "absent", "absent"],
            4,
            "cannot read the ground truth",
        ),
        ({"REPRO_ROOT": "/etc/passwd"}, ["list"], 1, "is no checkout of repro"),
        (
            {"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
            ["list"],
            0,
            "",
        ),
    ],
)
def test_strange_environments(
    env: dict[str, str], arguments: list[str], code: int, told: str
) -> None:
    started = program("", *arguments, env=env, stdout=subprocess.PIPE)
    _, err = started.communicate(timeout=60)
    assert started.returncode == code and told in err and "Traceback" not in err


def test_the_doctor_sees_a_root_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from repro.cli import doctor
    from repro.spec import catalog

    monkeypatch.setenv("REPRO_ROOT", "/etc/passwd")
    monkeypatch.setattr(catalog, "specs", catalog.specs.__wrapped__)
    state, text = doctor._try(doctor._records)
    assert state == "fault" and "is no checkout of repro" in text
    fault = doctor._fault([("torch", "fault", "broken", "make setup")])
    assert fault is not None and (fault.exit_code, fault.hint) == (1, "make setup")
    assert doctor._fault([]) is None


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    run = f"cd '{tmp_path}/gone'; rmdir ../gone; PYTHONPATH='{CHECKOUT}' '{sys.executable}' -m repro count litepose_xs"
    done = subprocess.run(["/bin/sh", "-c", run], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: the current folder is no longer there\n  next: ")


# --- signals --------------------------------------------------------------------------------------

WAITS = """
import time, click
from repro import files
from repro.cli.main import main
from pathlib import Path

@click.command()
def waits():
    with files.whole_folder(Path("out")):
        Path("begun").write_text("")
        try:
            time.sleep(60)
        finally:
            time.sleep({after})

main.add_command(waits)
"""


def begun(started: Any, folder: Path) -> None:
    while not (folder / "begun").exists():
        assert started.poll() is None
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_puts_everything_away(tmp_path: Path, number: int, code: int) -> None:
    started = program(WAITS.format(after=0), "waits", cwd=tmp_path, preexec_fn=_hears)
    begun(started, tmp_path)
    started.send_signal(number)
    _, err = started.communicate(timeout=30)
    assert started.returncode == code and "Traceback" not in err
    assert [one.name for one in tmp_path.iterdir()] == ["begun"]


def _hears() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):  # a CI may have switched them off
        signal.signal(number, signal.SIG_DFL)


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    started = program(WAITS.format(after=60), "waits", cwd=tmp_path, preexec_fn=_hears)
    begun(started, tmp_path)
    started.send_signal(signal.SIGINT)
    time.sleep(0.3)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=10)
    assert started.returncode == 130 and "Traceback" not in err


def test_signals_are_heard_only_while_a_command_runs() -> None:
    before = [signal.getsignal(number) for number in processes.ENDS]
    CliRunner().invoke(main, ["list"])
    assert [signal.getsignal(number) for number in processes.ENDS] == before


def test_a_signal_that_is_switched_off_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with processes.listening():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    "start", ["in_processes(sleep, ['a', 'b'], count=2)", "in_order(sleep, ['a', 'b'], count=2)"]
)
def test_no_process_outlives_a_killed_one(tmp_path: Path, start: str) -> None:
    code = f"""
        import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(TESTS)!r}]
        from test_ends import sleep
        from repro.processes import in_order, in_processes
        list({start})
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    started = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}
    )
    while len(children := [int(one.name) for one in tmp_path.glob("[0-9]*")]) < 2:
        assert started.poll() is None
        time.sleep(0.02)
    started.kill()
    started.wait()
    end = time.monotonic() + 10
    while time.monotonic() < end and any(map(_lives, children)):
        time.sleep(0.05)
    assert not any(map(_lives, children))


def sleep(_: str) -> None:
    Path(str(os.getpid())).write_text("")
    time.sleep(60)


def _lives(number: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_a_fault_in_a_process_of_a_sweep_is_one_line() -> None:
    found = dict(processes.in_processes(_breaks, ["a"], count=1))
    assert isinstance(found["a"], ReproError)
    assert found["a"].message.startswith(
        "a process that helps this one met ValueError: too many values (test_ends.py"
    )


def _breaks(_: str) -> None:
    raise ValueError("too many\nvalues")


def test_the_help_of_every_command_is_reached_by_its_path() -> None:
    assert Commands._path(main, ["data", "make", "x"]) == "repro data make"
    assert Commands._path(main, ["--format", "x"]) == "repro"
