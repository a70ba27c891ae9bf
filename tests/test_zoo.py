"""Models by name: switches of the right type, and hints that can be run."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from repro import tally, zoo
from repro.cli import main
from repro.errors import UsageError
from repro.grid import PAGE, Grid
from repro.tally import grid

PACKAGE = Path(__file__).parents[1] / "repro"


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("efficienthrnet_h0", {"joints": "abc"}, "joints is 'abc', but efficienthrnet_h0 wants int"),
        ("efficienthrnet_h0", {"joints": 2.5}, "joints is 2.5"),
        ("efficienthrnet_h0", {"joints": True}, "joints is True"),
        ("lpn_50", {"joints": "abc"}, "joints is 'abc'"),
        ("litepose_super", {"width": "abc"}, "width is 'abc'"),
        ("efficientpose_nas_a", {"deconv_widths": 7}, "deconv_widths is 7"),
    ],
)
def test_a_switch_of_the_wrong_type_is_one_clear_line(name: str, changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        zoo.check(name, changes)


def test_right_types_pass() -> None:
    zoo.check("litepose_super", {"width": 1, "kernel": 5, "fusion": False})
    zoo.check("efficientpose_nas_a", {"deconv_widths": [96, 96]})
    zoo.check("higherhrnet_w32", {"deconvs": None, "blocks": ((1, 4), (1, 1, 4), (1, 1, 1, 4))})


def test_every_hint_names_a_command_that_exists() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for words in {tuple(found.split()) for found in re.findall(r'(?:"|: )repro ((?:[a-z][a-z-]* ?)+)', text)}:
        command: click.Command | None = main
        for word in words:
            if not isinstance(command, click.Group):
                break
            command = command.commands.get(word)
            assert command is not None, f"no command: repro {' '.join(words)}"


def test_by_module_and_explain_go_together() -> None:
    found = grid("litepose_xs", None, {}, rule="hrnet", by_module=True, explain=True)
    assert found.headings[0] == "module"
    assert found.notes[0].startswith("rule: hrnet")
    with pytest.raises(UsageError, match="--part goes with neither"):
        grid("litepose_xs", None, {}, by_module=True, part="stem")


def test_an_explanation_in_a_pipe_is_a_page_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "weights times output positions of every convolution, without bias; " * 12
    told = Grid(("rule", "what it counts"), (("hrnet", words),), notes=(words,))
    monkeypatch.setattr(tally, "grid", lambda *_, **__: told)
    result = CliRunner().invoke(main, ["count", "litepose_xs", "--explain"])
    assert result.exit_code == 0
    assert 60 < max(map(len, result.stdout.splitlines())) <= PAGE
