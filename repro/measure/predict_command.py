"""The `predict` command."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repro.console import talk
from repro.data.coco import read_image
from repro.data.coco_people import people_of
from repro.errors import UsageError
from repro.evaluate.evaluate import predict as predict_picture
from repro.evaluate.evaluate import tester
from repro.evaluate.overlay import overlay
from repro.measure import deploy
from repro.measure.accuracy import as_learnt
from repro.measure.usual import joints_of, nominal_size, protocol_for
from repro.models import zoo
from repro.models.architecture import named
from repro.people.sample import Person
from repro.people.skeletons import SKELETONS, Skeleton
from repro.pose.decode import tested_size
from repro.record import provenance
from repro.spec.run import Run, Size
from repro.spec.settings import Protocol
from repro.tasks.all import TASKS


@dataclass(frozen=True)
class PredictWish:
    """Whom to find in which pictures.

    box: x, y, width, height in px of the one person; boxes: a file of a detector's; without either
    the whole picture counts as one person to a network that sees one. size: None for the model's
    own. backend: what computes the network, "" for torch.
    """

    model: str
    images: Sequence[Path]
    weights: Path
    out: Path
    size: Size | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    box: Sequence[float] | None = None
    boxes: Path | None = None
    backend: str = ""
    device: str = "auto"


def predict(wish: PredictWish) -> list[Path]:
    """Paths of the overlay pictures and JSON files written.

    Raises UsageError for two pictures of one stem, whose files would overwrite each other, for a
    classifier, and for boxes that are none or that the network has no use for.
    """
    wish = replace(wish, **named(wish.model, wish.size, wish.changes)._asdict())
    device = deploy.device_for(wish.backend, wish.device)
    check_stems(wish.images)
    shape, skeleton = wish.size or zoo.info(wish.model).size, _skeleton(wish)
    protocol, chosen = protocol_for(wish.model, skeleton), provenance.choose_device(device)
    nominal = nominal_size(protocol.task, shape)
    # all or none: a picture that cannot be read or taken leaves no files of the others
    for path in wish.images:
        height, width, _ = read_image(path).shape
        if isinstance(nominal, int):
            tested_size(height, width, nominal, protocol.scales)
    people = _people_of(wish, protocol)
    network, info = deploy.build(Run(wish.model, shape, wish.changes), wish.weights, wish.backend)
    protocol = as_learnt(protocol, info)
    ready = tester(network, skeleton=skeleton, protocol=protocol, nominal=nominal, device=chosen)
    done = [
        predict_picture(ready, path, out=wish.out, draw=overlay, people=people[path])
        for path in wish.images
    ]
    return [path for prediction in done for path in (prediction.picture, prediction.data)]


def _skeleton(wish: PredictWish) -> Skeleton:
    joints = joints_of(wish.model, wish.changes)
    skeleton = {len(known): known for known in SKELETONS.values()}.get(joints)
    if skeleton is None:
        raise UsageError(
            f"{wish.model} has {joints} joints, which nobody can draw", "repro list --models"
        )
    return skeleton


def _people_of(wish: PredictWish, protocol: Protocol) -> dict[Path, list[Person]]:
    """Where the people of each picture are, empty where nobody says so. Raises UsageError,
    MissingError."""
    model, by_person = wish.model, TASKS[protocol.task].by_person
    if (wish.box or wish.boxes) and not by_person:
        raise UsageError(f"{model} finds people by itself", "leave out --box and --boxes")
    if by_person and not (wish.box or wish.boxes):
        talk(
            f"{model} sees one person: the whole picture counts as one; --box X Y W H or --boxes "
            f"FILE say where it is"
        )
    return people_of(wish.images, wish.box, wish.boxes)


def check_stems(images: Sequence[Path]) -> None:
    """Raise UsageError when two pictures would write the same files."""
    paths: dict[str, Path] = {}
    for path in images:
        if path.stem in paths:
            raise UsageError(
                f"'{paths[path.stem]}' and '{path}' would both write {path.stem}.pose.json",
                "predict them apart",
            )
        paths[path.stem] = path
