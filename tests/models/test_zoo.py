"""Models by name: switches of the right type, and hints that can be run."""

import re

import click
import pytest
from click.testing import CliRunner
from where import CHECKOUT

from repro.cli.main import main
from repro.counting import listing
from repro.counting.listing import grid
from repro.errors import UsageError
from repro.grid import PAGE, Grid
from repro.models import zoo
from repro.models.zoo import MODELS

PACKAGE = CHECKOUT / "repro"


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "efficienthrnet_h0",
            {"joints": "abc"},
            "joints is 'abc', but efficienthrnet_h0 wants int",
        ),
        ("efficienthrnet_h0", {"joints": 2.5}, "joints is 2.5"),
        ("efficienthrnet_h0", {"joints": True}, "joints is True"),
        ("lpn_50", {"joints": "abc"}, "joints is 'abc'"),
        ("litepose_super", {"width": "abc"}, "width is 'abc'"),
        ("efficientpose_nas_a", {"deconv_widths": 7}, "deconv_widths is 7"),
    ],
)
def test_a_switch_of_the_wrong_type_is_one_clear_line(
    name: str, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        zoo.check(name, changes)


def test_right_types_pass() -> None:
    zoo.check("litepose_super", {"width": 1, "kernel": 5, "fusion": False})
    zoo.check("efficientpose_nas_a", {"deconv_widths": [96, 96]})
    zoo.check("higherhrnet_w32", {"deconvs": None, "blocks": ((1, 4), (1, 1, 4), (1, 1, 1, 4))})


def test_every_hint_names_a_command_that_exists() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for words in {
        tuple(found.split()) for found in re.findall(r'(?:"|: )repro ((?:[a-z][a-z-]* ?)+)', text)
    }:
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


@pytest.mark.parametrize(
    ("model", "dataset", "recipe", "batch"),
    [
        # one person at a time, not bottom-up
        (
            "hrnet_w32",
            "coco-val",
            "efficientpose-nas-coco",
            128,
        ),
        ("hrnet_w48", "mpii-val", "efficientpose-nas-mpii", 32),
        ("higherhrnet_w32", "coco-val", "higherhrnet", 12),
        ("efficientpose_ii", "mpii-val", "efficientpose", 20),
        ("efficientpose_iii", "mpii-val", "efficientpose-iii", 10),  # section 4.1
        ("efficientpose_iv", "mpii-val", "efficientpose-iv", 5),
        ("litepose_xs", "crowdpose-test", "litepose-crowdpose", 32),
        ("efficientnet_b_4", "cifar100-test", "classification-cifar", 128),
    ],
)
def test_a_model_is_trained_by_the_recipe_of_its_task_and_size(
    model: str, dataset: str, recipe: str, batch: int
) -> None:
    from repro.measure.usual import recipe_for

    found = recipe_for(model, dataset)
    assert (found.name, found.batch) == (recipe, batch)


@pytest.mark.parametrize("name", MODELS)
def test_recipe_and_protocol_of_a_model_are_of_one_kind(name: str) -> None:
    one_person = {"single-person", "top-down", "three-pass"}
    task = MODELS[name].task
    allowed = one_person if task in one_person else {task}
    for recipe in (MODELS[name].recipes or MODELS[name].family.recipes).values():
        assert recipe.task in allowed


@pytest.mark.parametrize("table", ["efficientpose-nas-2", "efficientpose-nas-4"])
def test_every_network_of_a_table_can_be_planned_under_mini(table: str) -> None:
    from repro.measure import sweep
    from repro.measure.training import cost
    from repro.spec import catalog
    from repro.spec.profiles import MINI

    for job in sweep.plan(catalog.find(table), {}, how=MINI).jobs:
        assert cost(job.run, job.how) > 0


def test_an_explanation_in_a_pipe_is_a_page_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "weights times output positions of every convolution, without bias; " * 12
    told = Grid(("rule", "what it counts"), (("hrnet", words),), notes=(words,))
    monkeypatch.setattr(listing, "grid", lambda *_, **__: told)
    result = CliRunner().invoke(main, ["count", "litepose_xs", "--explain"])
    assert result.exit_code == 0
    assert 60 < max(map(len, result.stdout.splitlines())) <= PAGE
