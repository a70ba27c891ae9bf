"""Every part of the code has a number in its records' digests, and what the part gives changes only
with the number."""

import json
from collections.abc import Mapping

import parts
import pytest

from repro.errors import SpecError
from repro.models import zoo
from repro.spec.settings import Profile, Protocol, Recipe, values
from repro.spec.versions import VERSIONS, versions

STORED = json.loads(parts.STORED.read_text(encoding="utf-8"))
# of the stored value; sums over many floats differ by processor: a trained network's after some
# steps the most
TOLERANCES = {"counting": 0.0, "memory": 0.0, "facts": 0.0, "training": 1e-2}
OTHERWISE = 1e-3


@pytest.mark.parametrize("part", VERSIONS)
def test_a_part_that_gives_something_else_has_another_number(part: str) -> None:
    stored, gives = STORED[part], parts.PARTS[part]()
    assert stored["version"] == VERSIONS[part], f"the number of {part} was raised: make parts"
    expected = pytest.approx(stored["gives"], rel=TOLERANCES.get(part, OTHERWISE), abs=1e-9)
    assert gives == expected, (
        f"{part} gives something else: raise its number in spec/versions.py, make parts"
    )


def test_a_part_without_a_number_is_a_fault() -> None:
    with pytest.raises(SpecError, match="the part 'litepoze' of the code has no version"):
        versions("litepoze")
    families = {one.module for one in zoo.MODELS.values()}
    assert families == set(zoo.FAMILIES) <= set(VERSIONS)
    assert set(parts.PARTS) == set(VERSIONS)


# a field at its default is in no digest: whoever changes a default raises the number of what reads
# it
READERS: Mapping[type, str] = {Protocol: "evaluation", Recipe: "training", Profile: "training"}


@pytest.mark.parametrize("settings", READERS, ids=lambda one: one.__name__)
def test_defaults_change_only_with_the_number_of_what_reads_them(settings: type) -> None:
    made = settings("a", "b") if settings is Recipe else settings("a")
    defaults = json.loads(json.dumps(values(made)))
    stored = STORED[READERS[settings]]["defaults"][settings.__name__]
    changed = {
        name: (stored[name], defaults.get(name))
        for name in stored
        if stored[name] != defaults.get(name)
    }
    assert not changed, (
        f"raise the number of {READERS[settings]} in repro/spec/versions.py, then make parts"
    )
