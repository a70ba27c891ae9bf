"""Training a run's network: where, at what cost, and only once for all protocols that test it."""

from contextlib import nullcontext
from pathlib import Path

from filelock import FileLock

from repro.counting import trace
from repro.data.datasets import DATA_SETS
from repro.errors import UsageError
from repro.measure.accuracy import How, Weights, run_done, shape_of, training_digest
from repro.measure.curves import watcher
from repro.measure.learning import learning_of, teacher_of
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.search_litepose import supernet_macs
from repro.measure.usual import nominal_size
from repro.models import zoo
from repro.record import provenance
from repro.spec.run import Run
from repro.spec.settings import Profile, Recipe
from repro.train import checkpoint, distributed, loop
from repro.train.training import Training, Where


def cost(run: Run, how: How) -> float:
    """Multiply-adds of the training a run needs: three forward passes per image (forward, two
    backward)."""
    run = run_done(run, how)
    if isinstance(how, Weights) or run.recipe is None:
        return 0.0
    samples = DATA_SETS[run.dataset].training_samples if run.dataset in DATA_SETS else {}
    steps = round(how.steps * run.recipe.length)
    images = steps * how.applied(run.recipe).batch or run.recipe.epochs * samples.get(
        run.recipe.task, 0
    )
    macs = trace.count(zoo.build_empty(run.model, **run.changes), shape_of(run, how)).macs
    return 3.0 * images * macs + _cost_before(run, how, run.recipe)


def _cost_before(run: Run, profile: Profile, recipe: Recipe) -> float:
    """Multiply-adds of the super-net and the teacher that a recipe asks for first. Several runs share
    them."""
    supernet, teacher = recipe.bottom_up.supernet, recipe.bottom_up.teacher
    before = supernet_macs(supernet, profile) if supernet else 0.0
    return before + (cost(teacher_of(run, teacher), profile) if teacher else 0.0)


def train_folder(run: Run, profile: Profile, *, seed: int, place: Place) -> Path:
    """Where a run is trained."""
    return place.runs / f"train-{training_digest(run, profile, seed)}"


def train_run(
    run: Run, profile: Profile, *, seed: int, place: Place, start: Path | None = None
) -> loop.TrainResult:
    """Train a run's network; a finished training of the same settings is only loaded.

    start: weights of this network to begin with, as for fine-tuning. Raises UsageError for a run
    without recipe, MissingError when the data or the weights are not there.
    """
    run = run_done(run, profile)
    if run.recipe is None:
        raise UsageError(f"{run.model} has no recipe to train by", "repro list --models")
    task = run.recipe.task
    opened = open_pictures(run, profile, "train", task=task, place=place)
    provenance.seed_everything(seed)
    folder = train_folder(run, profile, seed=seed, place=place)
    if start:
        folder = folder.with_name(f"{folder.name}-from-{checkpoint.identify(start).sha256[:12]}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    alone = FileLock(f"{folder}.lock") if distributed.rank() == 0 else nullcontext()
    recipe = profile.applied(run.recipe)
    learning = learning_of(
        run, recipe, profile, seed=seed, place=place, start=start,
        train=lambda own: train_run(own, profile, seed=seed, place=place),
    )  # fmt: skip
    with alone:  # two protocols of one table may want the same training at the same time
        training = Training(
            learning.model,
            learning.task,
            opened.skeleton,
            learning.recipe,
            profile,
            nominal_size(task, shape_of(run, profile)),
            seed,
            info={"model": run.model, "changes": dict(run.changes), **learning.info},
        )
        where = Where(provenance.choose_device(place.device), folder, place.workers)
        watch = watcher(run, profile, task=task, place=place, folder=folder)
        return loop.train(training, opened.dataset, where, watch=watch)
