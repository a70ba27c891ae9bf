"""Training, testing and drawing one model: what the commands `train`, `evaluate`, `predict` and `table --run` share."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from repro import checkpoint, counting, environment, evaluation, training, zoo
from repro.console import track
from repro.data.coco import Split
from repro.data.splits import Opened, draw_once, open_split
from repro.errors import MissingError, UsageError, unknown
from repro.grid import Grid
from repro.plots import overlay
from repro.pose.skeletons import COCO, CROWDPOSE
from repro.pose.tasks import TASKS
from repro.recipes import BOTTOM_UP, BOTTOM_UP_MULTI_SCALE, PROFILES, RECIPES
from repro.spec import Profile, Protocol, Run
from repro.store import write_atomically

How = Profile | Path
SUFFIXES = (".safetensors", ".pth", ".pt", ".npz")
COCO_TRAIN_IMAGES = 64115  # train2017 pictures with a person annotation


@dataclass(frozen=True)
class Place:
    """Where things are: data sets, checkpoints and logs, the device."""

    data: Path
    runs: Path
    device: str = "auto"


def build_empty(run: Run) -> nn.Module:
    """A run's network on the meta device: shapes only."""
    with torch.device("meta"):
        return zoo.build(run.model, **run.changes)


def weights_for(path: Path, model: str) -> Path | None:
    """The weight file of a model: `path` itself, or `path/MODEL.*`; None when the folder or file is of others."""
    if path.is_dir():
        return next((path / f"{model}{suffix}" for suffix in SUFFIXES if (path / f"{model}{suffix}").exists()), None)
    _, info = checkpoint.read_weights(path)
    return path if info.get("model", model) == model else None


def _weights_hash(path: Path) -> str:
    tensors, info = checkpoint.read_weights(path)
    return str(info.get("sha256") or checkpoint.content_hash(tensors))[:12]


def key(run: Run, how: How, seed: int) -> str:
    """Key of the accuracy record of a run."""
    if isinstance(how, Path):
        return run.evaluate_key(f"weights={_weights_hash(how)}")
    return run.evaluate_key(f"profile={how.name}", dataset=how.dataset, seed=seed)


def digest(run: Run, how: How, *, seed: int, family: str) -> str:
    """Digest of the accuracy record of a run."""
    if isinstance(how, Path):
        return run.weights_digest(_weights_hash(how), family)
    return run.evaluate_digest(how, seed, family)


def labels(run: Run, how: How) -> dict[str, str]:
    """What a reader must see beside the number."""
    if isinstance(how, Path):
        return {"weights": _weights_hash(how)}
    return {"data": how.dataset or run.dataset, "profile": how.name}


def cost(run: Run, how: How) -> str:
    """Multiply-adds of the training a run needs: three forward passes per image (forward, two backward)."""
    if isinstance(how, Path) or run.recipe is None:
        return "none"
    images = how.steps * how.batch or run.recipe.epochs * COCO_TRAIN_IMAGES
    size = (how.size, how.size) if how.size else run.shape
    return f"{3 * images * counting.count(build_empty(run), size).macs / 1e15:.3g} P MACs"


def score(run: Run, how: How, *, seed: int, place: Place) -> tuple[dict[str, float], dict[str, Any]]:
    """Values and provenance of one accuracy: train by a profile, or load weights, then test by the run's protocol."""
    start = time.perf_counter()
    weights = how if isinstance(how, Path) else train_run(run, how, seed=seed, place=place).weights
    model, info = build_for(run, weights)
    side = how.size if isinstance(how, Profile) and how.size else min(run.shape)
    opened = _open(run, how, "val", side=side, place=place)
    found, proof = test(model, opened, _protocol(run), nominal=side, device=place.device)
    facts = {"seed": seed, "weights": info["sha256"], "seconds": round(time.perf_counter() - start, 1)}
    return dict(found.values), {**proof, **facts}


def _protocol(run: Run) -> Protocol:
    if run.protocol is None:
        raise UsageError(f"{run.model} names no test protocol")
    return run.protocol


def test(
    model: nn.Module, opened: Opened, protocol: Protocol, *, nominal: int, device: str
) -> tuple[evaluation.Evaluation, dict[str, Any]]:
    """Scores of a network on a data set by a protocol, and everything a record keeps of how they came about."""
    chosen = environment.choose_device(device)
    found = evaluation.evaluate(
        model, opened.dataset, opened.annotations, skeleton=opened.skeleton, protocol=protocol, nominal=nominal,
        device=chosen,
    )  # fmt: skip
    sizes = {"{}x{}".format(*size): images for size, images in sorted(found.tested_sizes.items())}
    proof = {
        **environment.provenance(chosen), "data": opened.name, "images": found.images, "nominal_size": nominal,
        "tested_sizes": sizes, "protocol": asdict(protocol),
        "annotations": hashlib.sha256(opened.annotations.read_bytes()).hexdigest(),
        "seconds_per_part": {part: round(value, 2) for part, value in found.seconds.items()},
    }  # fmt: skip
    return found, proof


def build_for(run: Run, weights: Path) -> tuple[nn.Module, dict[str, Any]]:
    """A run's network with weights from a file of ours or of the original authors, and the file's facts."""
    model = zoo.build(run.model, **run.changes)
    info = checkpoint.load_weights(model, weights, convert=partial(zoo.from_upstream, run.model, **run.changes))
    made_for = info.get("model")
    if made_for and made_for != run.model:
        raise MissingError(f"{weights} holds weights of {made_for}, not of {run.model}", "repro list --models")
    return model, info


def _open(run: Run, how: How, split: Split, *, side: int, place: Place) -> Opened:
    if isinstance(how, Path):
        return open_split(run.dataset, split, place.data)
    drawn = how.dataset == "synthetic-coco" and how.train_images
    return open_split(str(draw_once(how, side, place.runs)) if drawn else how.dataset or run.dataset, split, place.data)


def train_run(run: Run, how: Profile, *, seed: int, place: Place) -> training.TrainResult:
    """Train a run's network; a finished training of the same settings is only loaded.

    Raises UsageError for a run without recipe, MissingError when the data are not there.
    """
    if run.recipe is None:
        raise UsageError(f"{run.model} has no recipe to train by", "repro list --models")
    side = how.size or min(run.shape)
    opened = _open(run, how, "train", side=side, place=place)
    environment.seed_everything(seed)
    once = replace(run, protocol=BOTTOM_UP)  # every protocol tests the same training
    folder = once.evaluate_digest(how, seed, zoo.info(run.model).module)
    return training.train(
        zoo.build(run.model, **run.changes), opened.dataset, task=TASKS[run.recipe.task], skeleton=opened.skeleton,
        recipe=run.recipe, profile=how, size=side, seed=seed, device=environment.choose_device(place.device),
        out=place.runs / f"train-{folder}", info={"model": run.model, "changes": dict(run.changes)},
    )  # fmt: skip


def train(model: str, size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any) -> Path:
    """The `train` command: path of the weights. Raises UsageError for a model that no recipe of ours trains."""
    base = named_profile(how["profile"])
    own = {"dataset": how["dataset"], "steps": how["steps"], "batch": how["batch"], "size": size[0] if size else 0}
    given = {name: value for name, value in own.items() if value}
    profile = replace(base, name=f"{base.name}-changed", **given) if given else base
    recipe = RECIPES.get(zoo.info(model).module)
    if recipe is None:
        raise UsageError(f"{model} has no recipe yet", f"models with one are of {', '.join(RECIPES)}")
    run = Run(model, size or zoo.info(model).size, changes, "coco-train", BOTTOM_UP, recipe)
    return train_run(run, profile, seed=how["seed"], place=Place(how["data"], how["runs"], how["device"])).weights


def named_profile(name: str) -> Profile:
    """The profile called `name`; raises UsageError."""
    if name not in PROFILES:
        raise unknown("profile", name, PROFILES)
    return PROFILES[name]


def evaluate(model: str, size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any) -> Grid:
    """The `evaluate` command: scores of given weights, with the protocol and the sizes tested."""
    shape = size or zoo.info(model).size
    protocol = replace(BOTTOM_UP_MULTI_SCALE if how["multi_scale"] else BOTTOM_UP, flip=not how["no_flip"])
    network, info = build_for(Run(model, shape, changes), how["weights"])
    opened = open_split(how["dataset"], "val", how["data"])
    found, proof = test(network, opened, protocol, nominal=min(shape), device=how["device"])
    if how["predictions"]:
        write_atomically(how["predictions"], json.dumps(found.predictions) + "\n")
    sizes = ", ".join(f"{size} ({images})" for size, images in proof["tested_sizes"].items())
    notes = (
        f"{opened.name}, {found.images} images, weights {info['sha256'][:12]}, protocol {protocol.name}, "
        f"flip {'on' if protocol.flip else 'off'}, scales {list(protocol.scales)}",
        f"nominal size {min(shape)}, tested sizes (images): {sizes}",
        "seconds: " + ", ".join(f"{part} {value}" for part, value in proof["seconds_per_part"].items()),
    )
    rows = tuple((name, f"{value:.6f}") for name, value in found.values.items())
    return Grid(("metric", "value"), rows, title=f"{model} on {opened.name}", notes=notes)


def predict(
    model: str, images: Sequence[Path], size: tuple[int, int] | None, changes: Mapping[str, Any], **how: Any
) -> list[Path]:
    """The `predict` command: paths of the overlay pictures and JSON files written."""
    shape = size or zoo.info(model).size
    network, _ = build_for(Run(model, shape, changes), how["weights"])
    skeleton = {17: COCO, 14: CROWDPOSE}[changes.get("joints", zoo.info(model).joints)]
    device = environment.choose_device(how["device"])
    ready = evaluation.tester(network, skeleton=skeleton, protocol=BOTTOM_UP, nominal=min(shape), device=device)
    found = [evaluation.predict(ready, path, out=how["out"], draw=overlay) for path in images]
    return [path for one in found for path in (one.picture, one.data)]


def check_data(name: str, folder: Path) -> Grid:
    """The `data check` command: what a split holds; every picture is opened."""
    opened = open_split(name, "val", folder)
    people = sum(len(opened.dataset[index].joints) for index in track(range(len(opened.dataset)), "reading"))
    rows = (
        ("annotations", str(opened.annotations)),
        ("sha256", hashlib.sha256(opened.annotations.read_bytes()).hexdigest()),
        ("images", str(len(opened.dataset))),
        ("people", str(people)),
        ("joints", str(len(opened.skeleton))),
    )
    return Grid(("what", "found"), rows, title=name)
