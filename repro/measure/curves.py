"""What a network scores while it learns: tested a few times on some pictures, and kept beside its
weights."""

import json
from pathlib import Path

from torch import nn

from repro.data.part import some
from repro.data.synth.once import is_drawn
from repro.errors import MissingError
from repro.evaluate import evaluate as evaluation
from repro.files import Finite, read_json, write_atomically
from repro.measure.accuracy import as_trained, shape_of
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.usual import nominal_size, protocol_for
from repro.pose.measures import NEAR
from repro.record import provenance
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.train import distributed
from repro.train.loop import Watch

CURVE = "curve.json"
POINT_IMAGES = 100
WATCHED = (
    "PCKh@0.5",
    "PCKh@0.1",
    "AP",
    "AP50",
    NEAR,
    "grouped right",
    "pairs apart",
    "pull",
    "push",
    "top1",
    "error px",
)


def watcher(run: Run, profile: Profile, *, task: str, place: Place, folder: Path) -> Watch | None:
    """Tests the network a few times while it learns, and keeps what it scores; None where nobody
    asks."""
    if not profile.points or not is_drawn(profile) or distributed.rank():
        return None
    opened = open_pictures(run, profile, "val", task=task, place=place)
    # not the run's: other protocols test this training too
    protocol = protocol_for(run.model, opened.skeleton)
    protocol = as_trained(protocol, run, profile)
    part, truth = some(opened.dataset, opened.annotations, POINT_IMAGES)
    nominal = nominal_size(protocol.task, shape_of(run, profile))
    device = provenance.choose_device(place.device)

    def watch(model: nn.Module, done: int) -> None:
        tested = evaluation.evaluate(
            model,
            part,
            truth,
            skeleton=opened.skeleton,
            protocol=protocol,
            nominal=nominal,
            device=device,
        )
        scores = {name: round(tested.values[name], 4) for name in WATCHED if name in tested.values}
        images = done * profile.batch
        before = [point for point in read_curve(folder) if point["images"] < images]
        write_atomically(folder / CURVE, json.dumps([*before, {"images": images, **scores}]) + "\n")

    return watch


def read_curve(folder: Path) -> list[dict[str, float]]:
    """What a network scored while it learned, on `POINT_IMAGES` pictures of the test set.

    Raises MissingError for a damaged file.
    """
    path, hint = folder / CURVE, "remove it: only the picture of the learning is lost"
    points: list[dict[str, float]] = []
    if path.exists():
        points = read_json(path, "learning curve", hint=hint, kind=list[dict[str, Finite]])
    if not all("images" in point for point in points):
        raise MissingError(
            f"the learning curve '{path}' has a point without its number of images", hint
        )
    return points
