"""The pictures that a run is trained and tested on: a data set, or drawn people in its place."""

from repro.data.coco import Split
from repro.data.open import NAMES, Opened, open_split
from repro.data.synth.once import draw_once, is_drawn
from repro.measure.accuracy import How, data_of, shape_of
from repro.measure.place import Place
from repro.people.skeletons import COCO
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.tasks.all import TASKS


def open_pictures(run: Run, how: How, split: Split, *, task: str, place: Place) -> Opened:
    """The training or the test part, one person at a time where the task sees people so; drawn
    first where it must be.

    Raises MissingError when the data are not there.
    """
    name = data_of(run, how)
    if isinstance(how, Profile) and is_drawn(how):
        side = how.picture or max(shape_of(run, how))
        name = str(draw_once(how, side, place.runs, form=_form(run.dataset)))
    return open_split(name, split, place.data, people=TASKS[task].by_person)


def _form(dataset: str) -> str:
    """The skeleton of the drawn data set that stands in for a real one."""
    return NAMES[dataset].skeleton.name if dataset in NAMES else COCO.name
