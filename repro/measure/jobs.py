"""Training, testing and drawing one model: what the commands `train`, `evaluate`, `predict` and `table --run` share."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from torch import nn

from repro.console import talk
from repro.counting import trace
from repro.data.coco import Split, read_image
from repro.data.coco_people import people_of
from repro.data.datasets import DATA_SETS, usual_test
from repro.data.open import NAMES, Opened, open_split
from repro.data.part import some
from repro.data.synth.once import draw_once, is_drawn
from repro.errors import MissingError, UsageError
from repro.evaluate import evaluate as evaluation
from repro.evaluate.overlay import overlay
from repro.files import Finite, check_writable, read_json, write_atomically
from repro.grid import Grid
from repro.measure.accuracy import How, Weights, as_trained, data_of, shape_of, training_digest
from repro.models import zoo
from repro.people.sample import Person
from repro.people.skeletons import COCO, MPII, SKELETONS, Skeleton
from repro.pose.decode import tested_size
from repro.pose.measures import NEAR
from repro.record import provenance
from repro.spec.profiles import named_profile
from repro.spec.protocols import BOTTOM_UP, BOTTOM_UP_MULTI_SCALE, PROTOCOLS, TOP_DOWN, TOP_DOWN_DETECTOR
from repro.spec.run import Run
from repro.spec.settings import Profile, Protocol, Recipe
from repro.tasks.bottom_up import TASKS
from repro.tasks.task import Size
from repro.train import checkpoint, distributed, loop

CURVE = "curve.json"
POINT_IMAGES = 100
MOST_MARGIN = 100.0  # boxes; beyond it a person is less than a pixel of the network's input
WATCHED = ("PCKh@0.5", "PCKh@0.1", "AP", "AP50", NEAR, "grouped right", "pairs apart", "pull", "push", "top1")
SUFFIXES = (".safetensors", ".pth", ".pt", ".npz")


@dataclass(frozen=True)
class Place:
    """Where things are: data sets, checkpoints and logs, the device; workers: processes that prepare pictures."""

    data: Path
    runs: Path
    device: str = "auto"
    workers: int = 0


def weights_for(path: Path, model: str) -> Weights | None:
    """The weight file of a model: `path` itself, or `path/MODEL.*`; None when the folder or file is of others."""
    if path.is_dir():
        path = next((path / f"{model}{suffix}" for suffix in SUFFIXES if (path / f"{model}{suffix}").exists()), path)
        if path.is_dir():
            return None
    known = checkpoint.identify(path)
    return Weights(path, known.sha256) if known.model in ("", model) else None


def cost(run: Run, how: How) -> float:
    """Multiply-adds of the training a run needs: three forward passes per image (forward, two backward)."""
    if isinstance(how, Weights) or run.recipe is None:
        return 0.0
    samples = DATA_SETS[run.dataset].training_samples if run.dataset in DATA_SETS else {}
    images = how.steps * how.applied(run.recipe).batch or run.recipe.epochs * samples.get(run.recipe.task, 0)
    return 3.0 * images * trace.count(zoo.build_empty(run.model, **run.changes), shape_of(run, how)).macs


def score(run: Run, how: How, *, seed: int, place: Place) -> tuple[dict[str, float], dict[str, Any]]:
    """Values and provenance of one accuracy: train by a profile, or load weights, then test by the run's protocol."""
    start = time.perf_counter()
    weights = how.path if isinstance(how, Weights) else train_run(run, how, seed=seed, place=place).weights
    model, info = build_for(run, weights)
    protocol = _protocol(run, how)
    size = shape_of(run, how)
    opened = _open(run, how, "val", task=protocol.task, place=place)
    found, proof = test(model, opened, protocol, nominal=_nominal(protocol.task, size), device=place.device)
    facts = {"seed": seed, "weights": info["sha256"], "seconds": round(time.perf_counter() - start, 1)}
    if isinstance(how, Profile):
        facts["trained"] = loop.computed(how)
        facts["curve"] = read_curve(weights.parent)
        facts["curve_images"] = POINT_IMAGES
    return dict(found.values), {**proof, **facts}


def _nominal(task: str, size: Size) -> int | Size:
    """Bottom-up networks see pictures of any shape, and are named for their short side."""
    return min(size) if task == "bottom-up" else size


def _protocol(run: Run, how: How) -> Protocol:
    if run.protocol is None:
        raise UsageError(f"{run.model} names no test protocol", "repro list --models")
    return as_trained(run.protocol, run, how)


def test(
    model: nn.Module, opened: Opened, protocol: Protocol, *, nominal: int | Size, device: str, decoders: int = 0
) -> tuple[evaluation.Evaluation, dict[str, Any]]:
    """Scores of a network on a data set by a protocol, and everything a record keeps of how they came about."""
    chosen = provenance.choose_device(device)
    found = evaluation.evaluate(
        model, opened.dataset, opened.annotations, skeleton=opened.skeleton, protocol=protocol, nominal=nominal,
        device=chosen, decoders=decoders,
    )  # fmt: skip
    sizes = {"{}x{}".format(*size): images for size, images in sorted(found.tested_sizes.items())}
    proof = {
        **provenance.provenance(chosen), "data": opened.name, "images": found.images, "nominal_size": nominal,
        "tested_sizes": sizes, "protocol": asdict(protocol),
        "annotations": " ".join(_file_hash(path) for path in opened.sources),
        **({"note": opened.note} if opened.note else {}),
        **({"without_case": list(found.without_case)} if found.without_case else {}),
        "seconds_per_part": {part: round(value, 2) for part, value in found.seconds.items()},
    }  # fmt: skip
    return found, proof


def _file_hash(path: Path) -> str:
    """SHA-256 of a file, or of the names below a folder of classes."""
    if path.is_dir():
        names = sorted(str(one.relative_to(path)) for one in path.rglob("*") if one.is_file())
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _trained_changes(run: Run) -> dict[str, Any]:
    """Keywords of the network a run trains: with the heads that only the loss reads."""
    return {**zoo.info(run.model).family.trained_with, **run.changes}


def build_for(run: Run, weights: Path) -> tuple[nn.Module, dict[str, Any]]:
    """A run's network with weights from a file of ours or of the original authors, and the file's facts."""
    file = checkpoint.read_weights(weights)
    model = zoo.build(run.model, **(_filled_changes(run, file.info) if file.info else run.changes))
    info = checkpoint.fill(model, file, convert=partial(zoo.from_upstream, run.model, **run.changes))
    made_for = info.get("model")
    if made_for and made_for != run.model:
        raise MissingError(f"{weights} holds weights of {made_for}, not of {run.model}", "repro list --models")
    return model, info


def _filled_changes(run: Run, info: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of the network that a file of ours fills: imported ones may lack the heads that only the loss reads."""
    told = info.get("changes", {})
    lacking = {name: told[name] for name in zoo.info(run.model).family.trained_with if name in told}
    return {**_trained_changes(run), **lacking}


def _open(run: Run, how: How, split: Split, *, task: str, place: Place) -> Opened:
    people = TASKS[task].by_person
    name = data_of(run, how)
    if isinstance(how, Profile) and is_drawn(how):
        side = how.picture or max(shape_of(run, how))
        name = str(draw_once(how, side, place.runs, form=_form(run.dataset)))
    return open_split(name, split, place.data, people=people)


def _form(dataset: str) -> str:
    """The skeleton of the drawn data set that stands in for a real one."""
    return NAMES[dataset].skeleton.name if dataset in NAMES else COCO.name


def train_run(run: Run, how: Profile, *, seed: int, place: Place) -> loop.TrainResult:
    """Train a run's network; a finished training of the same settings is only loaded.

    Raises UsageError for a run without recipe, MissingError when the data are not there.
    """
    if run.recipe is None:
        raise UsageError(f"{run.model} has no recipe to train by", "repro list --models")
    opened = _open(run, how, "train", task=run.recipe.task, place=place)
    provenance.seed_everything(seed)
    folder = train_folder(run, how, seed=seed, place=place)
    folder.parent.mkdir(parents=True, exist_ok=True)
    size = _nominal(run.recipe.task, shape_of(run, how))
    alone = FileLock(f"{folder}.lock") if distributed.rank() == 0 else nullcontext()
    with alone:  # two protocols of one table may want the same training at the same time
        return loop.train(
            zoo.build(run.model, **_trained_changes(run)), opened.dataset, task=TASKS[run.recipe.task],
            skeleton=opened.skeleton, recipe=how.applied(run.recipe), profile=how, size=size,
            seed=seed, device=provenance.choose_device(place.device), out=folder,
            info={"model": run.model, "changes": dict(run.changes)}, workers=place.workers,
            watch=_watch(run, how, task=run.recipe.task, place=place, folder=folder),
        )  # fmt: skip


def _watch(run: Run, how: Profile, *, task: str, place: Place, folder: Path) -> loop.Watch | None:
    """Tests the network a few times while it learns, and keeps what it scores; None where nobody asks."""
    if not how.points or not is_drawn(how) or distributed.rank():
        return None
    opened = _open(run, how, "val", task=task, place=place)
    protocol = protocol_for(run.model, opened.skeleton)  # not the run's: other protocols test this training too
    protocol = as_trained(protocol, run, how)
    part = some(opened.dataset, opened.annotations, POINT_IMAGES)
    nominal, path = _nominal(protocol.task, shape_of(run, how)), folder / CURVE
    device = provenance.choose_device(place.device)

    def watch(model: nn.Module, done: int) -> None:
        found = evaluation.evaluate(
            model, *part, skeleton=opened.skeleton, protocol=protocol, nominal=nominal, device=device
        )
        values = {name: round(found.values[name], 4) for name in WATCHED if name in found.values}
        kept = [one for one in read_curve(folder) if one["images"] < done * how.batch]
        write_atomically(path, json.dumps([*kept, {"images": done * how.batch, **values}]) + "\n")

    return watch


def read_curve(folder: Path) -> list[dict[str, float]]:
    """What a network scored while it learned, on `POINT_IMAGES` pictures of the test set."""
    path, hint = folder / CURVE, "remove it: only the picture of the learning is lost"
    found: list[dict[str, float]] = []
    if path.exists():
        found = read_json(path, "learning curve", hint=hint, kind=list[dict[str, Finite]])
    if not all("images" in one for one in found):
        raise MissingError(f"the learning curve '{path}' has a point without its number of images", hint)
    return found


def train_folder(run: Run, how: Profile, *, seed: int, place: Place) -> Path:
    """Where a run is trained."""
    return place.runs / f"train-{training_digest(run, how, seed)}"


def train(model: str, size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any) -> Path:
    """The `train` command: path of the weights. Raises UsageError for a model that no recipe of ours trains."""
    dataset = how["dataset"] if how["dataset"] in NAMES else usual_test(_joints(model, changes))
    recipe = recipe_for(model, dataset)
    base = named_profile(how["profile"]).of(recipe)
    named = ("dataset", "steps", "batch", "micro_batch", "precision", "channels_last", "compile")
    given = {name: how[name] for name in named if how[name]}
    if size:
        given |= {"size": 0, "scale": 0.0}  # the run's own
    profile = replace(base, name=f"{base.name}-changed", **given) if given else base
    protocol = protocol_for(model, NAMES[dataset].skeleton)
    run = Run(model, size or zoo.info(model).size, changes, dataset, protocol, recipe)
    place = Place(how["data"], how["runs"], how["device"], how["workers"])
    return train_run(run, profile, seed=how["seed"], place=place).weights


def recipe_for(model: str, dataset: str) -> Recipe:
    """The recipe a model is trained by on a data set. Raises UsageError where no paper gives one."""
    recipe = zoo.info(model).recipe(NAMES[dataset].form if dataset in NAMES else "coco")
    if recipe is None:
        known = ", ".join(name for name, family in zoo.FAMILIES.items() if family.recipes)
        raise UsageError(f"{model} has no recipe yet", f"models with one are of {known}")
    return recipe


def protocol_for(model: str, skeleton: Skeleton) -> Protocol:
    """The protocol a model is tested by: its family's, or its task's on such people."""
    info = zoo.info(model)
    found = info.family.protocol or PROTOCOLS[info.task]
    if found.task in ("single-person", "top-down"):
        return PROTOCOLS["single-person" if skeleton.name == MPII.name else "top-down"]
    return found


def _joints(model: str, changes: Mapping[str, Any]) -> int:
    zoo.check(model, changes)
    return int(changes.get("joints", zoo.info(model).joints))


def _tested(model: str, changes: Mapping[str, Any], how: Mapping[str, Any]) -> tuple[Opened, Protocol]:
    """The data set and the protocol of an `evaluate` command."""
    name = how["dataset"] or usual_test(_joints(model, changes))
    info = zoo.info(model)
    by_person = info.task in ("single-person", "top-down")
    opened = open_split(name, "val", how["data"], people=by_person, boxes=how["boxes"])
    protocol = protocol_for(model, opened.skeleton)
    if protocol is BOTTOM_UP and how["multi_scale"]:
        protocol = BOTTOM_UP_MULTI_SCALE
    if protocol is TOP_DOWN and how["boxes"]:
        protocol = TOP_DOWN_DETECTOR
    if how["multi_scale"] and protocol is not BOTTOM_UP_MULTI_SCALE:
        raise UsageError(f"protocol {protocol.name} of {model} tests at one scale", "leave out --multi-scale")
    margin = protocol.margin if how["margin"] is None else how["margin"]
    if not 0 <= margin <= MOST_MARGIN or (margin != protocol.margin and not by_person):
        raise UsageError(
            f"margin {margin} does not fit {model}", "1.25 for networks that see one person, 0 for no crop"
        )
    return opened, replace(protocol, flip=protocol.flip and not how["no_flip"], margin=margin)


def evaluate(
    model: str, size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any
) -> tuple[dict[str, Any], Grid]:
    """The `evaluate` command: scores of given weights with protocol and tested sizes, as values and as text.

    build: gives a run's network and its facts from the file of weights; default: `build_for`.
    """
    if how["predictions"]:
        check_writable(how["predictions"])
    shape = size or zoo.info(model).size
    opened, protocol = _tested(model, changes, how)
    network, info = how.get("build", build_for)(Run(model, shape, changes), how["weights"])
    nominal = _nominal(protocol.task, shape)
    helpers, device = how.get("decoders", 0), how["device"]
    found, proof = test(network, opened, protocol, nominal=nominal, device=device, decoders=helpers)
    if how["predictions"]:
        write_atomically(how["predictions"], json.dumps(_told(found.predictions, opened, protocol)) + "\n")
    sizes = ", ".join(f"{size} ({images})" for size, images in proof["tested_sizes"].items())
    crop = f", margin {protocol.margin:g}" if TASKS[protocol.task].by_person else ""
    notes = (
        f"{opened.name}, {found.images} {'people' if crop else 'images'}, weights {info['sha256'][:12]}, "
        f"protocol {protocol.name}, flip {'on' if protocol.flip else 'off'}, scales {list(protocol.scales)}{crop}",
        *([opened.note] if opened.note else []),
        f"nominal size {nominal if isinstance(nominal, int) else '{}x{}'.format(*nominal)}, "
        f"tested sizes (images): {sizes}",
        "seconds: " + ", ".join(f"{part} {value}" for part, value in proof["seconds_per_part"].items()),
        *([f"without a case in these pictures: {', '.join(found.without_case)}"] if found.without_case else []),
    )
    rows = tuple((name, f"{value:.6f}") for name, value in found.values.items())
    grid = Grid(("metric", "value"), rows, title=f"{model} on {opened.name}", notes=notes)
    return {"values": dict(found.values), "provenance": {**proof, "weights": info["sha256"]}}, grid


def _told(predictions: list[dict[str, Any]], opened: Opened, protocol: Protocol) -> list[dict[str, Any]]:
    """Predictions with what `repro score` must add to their pixels, where the ground truth is MPII's."""
    if opened.annotations.suffix != ".mat":
        return predictions
    return [{**one, "offset": protocol.offset} for one in predictions]


def predict(
    model: str, images: Sequence[Path], size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any
) -> list[Path]:
    """The `predict` command: paths of the overlay pictures and JSON files written.

    Networks that see one person are shown the given `box` (x, y, width, height) or those of the file `boxes`, else the
    whole picture. build: as of `evaluate`. Raises UsageError for two pictures of one stem, whose files would overwrite
    each other, for a classifier, and for boxes that are none or that the network has no use for.
    """
    check_stems(images)
    shape, joints = size or zoo.info(model).size, _joints(model, changes)
    skeleton = {len(one): one for one in SKELETONS.values()}.get(joints)
    if skeleton is None:
        raise UsageError(f"{model} has {joints} joints, which nobody can draw", "repro list --models")
    protocol, device = protocol_for(model, skeleton), provenance.choose_device(how["device"])
    nominal = _nominal(protocol.task, shape)
    for path in images:  # all or none: a picture that cannot be read or taken leaves no files of the others
        height, width, _ = read_image(path).shape
        if isinstance(nominal, int):
            tested_size(height, width, nominal, protocol.scales)
    people = _people_of(model, images, protocol, box=how["box"], boxes=how["boxes"])
    network, _ = how.get("build", build_for)(Run(model, shape, changes), how["weights"])
    ready = evaluation.tester(network, skeleton=skeleton, protocol=protocol, nominal=nominal, device=device)
    found = [evaluation.predict(ready, path, out=how["out"], draw=overlay, people=people[path]) for path in images]
    return [path for one in found for path in (one.picture, one.data)]


def _people_of(
    model: str, images: Sequence[Path], protocol: Protocol, *, box: Sequence[float] | None, boxes: Path | None
) -> dict[Path, list[Person]]:
    """Where the people of each picture are, empty where nobody says so. Raises UsageError, MissingError."""
    by_person = TASKS[protocol.task].by_person
    if (box or boxes) and not by_person:
        raise UsageError(f"{model} finds people by itself", "leave out --box and --boxes")
    if by_person and not (box or boxes):
        talk(f"{model} sees one person: the whole picture counts as one; --box X Y W H or --boxes FILE say where it is")
    return people_of(images, box, boxes)


def check_stems(images: Sequence[Path]) -> None:
    """Raise UsageError when two pictures would write the same files."""
    seen: dict[str, Path] = {}
    for path in images:
        if path.stem in seen:
            raise UsageError(
                f"'{seen[path.stem]}' and '{path}' would both write {path.stem}.pose.json", "predict them apart"
            )
        seen[path.stem] = path
