"""Tab completion: click's own scripts, and what they are told to offer."""

import os

import pytest
from click.testing import CliRunner

from repro.cli.main import main
from repro.models.zoo import MODELS


def completed(*words: str) -> list[str]:
    """What is offered for the last of some words after `repro`."""
    env = {
        "_REPRO_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["repro", *words]),
        "COMP_CWORD": str(len(words)),
    }
    result = CliRunner().invoke(main, [], env=env, prog_name="repro")
    return [line.partition(",")[2] for line in result.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # click asks the shell itself for its version, and only warns where there is none
    monkeypatch.setenv("PATH", os.defpath)
    env = {"_REPRO_COMPLETE": f"{shell}_source"}
    result = CliRunner().invoke(main, [], env=env, prog_name="repro")
    assert "_REPRO_COMPLETE" in result.stdout
    assert f"{shell}_complete" in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ta",), ["table"]),
        (("table", "efficientpose-nas-8"), ["efficientpose-nas-8"]),
        (("ablation", "ker"), ["kernel-size"]),
        (("ablation", "litepose-"), []),  # tables are no ablations
        (("figure", "litepose-f1"), ["litepose-f1"]),
        (("why", "litepose-s"), ["litepose-shrink"]),
        (("claims", "higher"), ["higherhrnet"]),
        (("status", "--format", "la"), ["latex"]),
        (("count", "litepose_x"), ["litepose_xs"]),
        (("count", ""), list(MODELS)),
    ],
)
def test_names_are_completed(words: tuple[str, ...], expected: list[str]) -> None:
    assert completed(*words) == expected
