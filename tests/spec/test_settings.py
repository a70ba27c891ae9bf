"""Settings are nested by task, and told apart by one flat list of names that the digests of records
are made of."""

from dataclasses import fields, is_dataclass

import pytest

from repro.spec import recipes
from repro.spec.profiles import MINI
from repro.spec.recipes import EFFICIENTHRNET, EFFICIENTPOSE
from repro.spec.settings import Recipe, changed, differing, values

RECIPES = [one for one in vars(recipes).values() if isinstance(one, Recipe)]


def test_every_name_stands_for_one_field():
    plain = Recipe("a", "b")
    nested = [one.name for one in fields(plain) if is_dataclass(getattr(plain, one.name))]
    inner = [one.name for name in nested for one in fields(getattr(plain, name))]
    assert nested == ["bottom_up", "crop", "three_pass", "classification"]
    assert len(values(plain)) == len(fields(plain)) - len(nested) + len(inner)


def test_what_differs_is_told_by_flat_names():
    assert differing(EFFICIENTPOSE)["limb_width"] == 1.0
    assert not any(
        is_dataclass(value) for recipe in RECIPES for value in differing(recipe).values()
    )


def test_a_value_is_changed_wherever_its_field_stands():
    new = changed(EFFICIENTPOSE, {"rate": 0.1, "gauss": 2.0, "margin": 2.0})
    assert (new.rate, new.three_pass.gauss, new.crop.margin) == (0.1, 2.0, 2.0)
    assert (new.three_pass.limb_width, EFFICIENTPOSE.three_pass.gauss) == (1.0, 1.0)
    with pytest.raises(TypeError, match="gaus"):
        changed(EFFICIENTPOSE, {"gaus": 1.0})


def test_a_profile_replaces_fields_of_the_task_too():
    assert MINI.of(EFFICIENTPOSE).applied(EFFICIENTPOSE).three_pass.sigmas == (0.05,)
    assert changed(EFFICIENTHRNET, {}) == EFFICIENTHRNET


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_sets_nothing_that_only_other_tasks_read(recipe):
    own = {
        "bottom-up": {"bottom_up"},
        "three-pass": {"three_pass", "crop"},
        "classification": {"classification"},
    }
    foreign = {"bottom_up", "crop", "three_pass", "classification"} - own.get(recipe.task, {"crop"})
    plain = Recipe("a", "b")
    assert [name for name in foreign if getattr(recipe, name) != getattr(plain, name)] == []
