"""The search of LitePose (arXiv 2205.01271, sections 3.4 and 5.2) from start to finish: pre-training
on heatmaps, the super-net, then candidates with its weights, scored on pictures kept from both."""

import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, redirect_stderr
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor, nn

from repro.console import talk
from repro.counting import trace as counting
from repro.data.datasets import DATA_SETS
from repro.data.part import Part, some
from repro.errors import UsageError
from repro.evaluate.evaluate import evaluate
from repro.measure.accuracy import as_trained, shape_of
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.search_trace import (
    WEIGHTS,
    Outcome,
    SearchWish,
    TimeOverError,
    Trace,
    devices,
    finish,
)
from repro.models import zoo
from repro.people.sample import Samples
from repro.people.skeletons import CROWDPOSE, Skeleton
from repro.record import provenance
from repro.record.record import Record
from repro.search.costs import Cost, LatencyTable, Limit, count_of, latency_of
from repro.search.evolution import Within, evolve, random_search
from repro.search.space import Genes, LitePoseSpace, drawn, named_space
from repro.search.supernet import AnySize, SuperNet, measure_norms, resized
from repro.spec.protocols import BOTTOM_UP
from repro.spec.run import Run, digest_of
from repro.spec.searches import LITEPOSE_PRETRAIN, SUPERNETS
from repro.spec.settings import Profile, Recipe, changed, differing
from repro.spec.versions import versions
from repro.tasks.all import TASKS
from repro.tasks.task import TrainingPart, Truth
from repro.timing import spaces
from repro.train import distributed, loop
from repro.train.batches import Prepared
from repro.train.checkpoint import content_hash, load_weights, save_weights
from repro.train.schedules import schedule
from repro.train.training import Training, Where

DATA = "crowdpose-test"
JOINTS = len(CROWDPOSE)
NO_LIMIT = Limit("macs", float("inf"))
SCORE = "AP on pictures kept from training"


@dataclass(frozen=True)
class Ground:
    """What a search of LitePose trains and scores on.

    learnt: pictures that are trained on. held, truth: those that candidates are scored on. sides: px
    of the nominal sides.
    """

    learnt: Samples
    held: Part
    truth: Truth
    skeleton: Skeleton
    sides: Mapping[int, int]

    @classmethod
    def open(cls, wish: SearchWish, space: LitePoseSpace, place: Place) -> "Ground":
        """The training set in two parts. Raises MissingError when the data are not there."""
        run = Run(space.model, max(space.sides), {}, DATA, BOTTOM_UP, SUPERNETS[wish.space])
        profile = wish.profile.of(run.recipe)
        opened = open_pictures(run, profile, "train", task="bottom-up", place=place)
        held, truth = some(opened.dataset, opened.annotations, wish.effort.score_images)
        rest = Part(opened.dataset, range(len(held), len(opened.dataset)))
        sides = {
            side: min(shape_of(replace(run, size=(side, side)), profile)) for side in space.sides
        }
        return cls(rest, held, truth, opened.skeleton, sides)

    @property
    def side(self) -> int:
        """The largest, at which pictures are prepared."""
        return max(self.sides.values())


@dataclass(frozen=True)
class Search:
    """A search of LitePose with its super-net trained: what may be drawn, and how it is scored."""

    wish: SearchWish
    space: LitePoseSpace
    within: Within
    score: "_Scorer"

    @classmethod
    def open(cls, wish: SearchWish, place: Place) -> "Search":
        """Train the super-net, unless that is done already. Raises UsageError for a limit that
        nothing keeps, before anything is trained."""
        space = _space(wish)
        cost = _cost(wish, space)
        if wish.cost == "latency":  # the table has one size
            space = replace(space, sides=(min(spaces.SPACES["litepose"].size),))
        within = Within(space.choices, cost, wish.limit or NO_LIMIT)
        trace = Trace.open(wish)
        ground = Ground.open(wish, space, place)
        supernet = trained(wish, space, ground, place)
        device = provenance.choose_device(place.device)
        scorer = _Scorer(wish, ground, supernet.to(device), device, trace, cost)
        return cls(wish, space, within, scorer)

    def run(self) -> Genes:
        """The best architecture: by evolution, or the best of as many drawn at random."""
        plan = self.wish.effort.evolution
        if self.wish.method == "random":
            return random_search(self.within, plan.candidates, self.score, seed=self.wish.seed)
        return evolve(self.within, plan, self.score, seed=self.wish.seed)


def search(wish: SearchWish, place: Place) -> Record:
    """Search the super-net; the record of what was found.

    Method "random" draws as many candidates as the evolution would, by the same limit, weights and
    pictures.
    """
    asked = Search.open(wish, place)
    try:
        genes = asked.run()
    except TimeOverError:
        trace = asked.score.trace
        if not trace.tried:
            raise UsageError(
                "the time was over before a candidate was scored", "--budget"
            ) from None
        genes = tuple(trace.best["genes"])
        talk(f"the time is over after {len(trace.tried)} candidates; the same command goes on")
    return _finish(wish, asked.space, genes, asked.score, place)


def _space(wish: SearchWish) -> LitePoseSpace:
    space = named_space(wish.space)
    assert isinstance(space, LitePoseSpace)  # `search_command.wish` refuses others
    return space


def _cost(wish: SearchWish, space: LitePoseSpace) -> Cost:
    if wish.cost != "latency":
        kind = wish.limit.kind if wish.limit else "macs"
        return count_of(space, kind, wish.rule, JOINTS)
    assert wish.table is not None
    table = LatencyTable.read(wish.table, "litepose", devices())
    return latency_of(space, table, JOINTS)


# --- the super-net --------------------------------------------------------------------------------


def trained(wish: SearchWish, space: LitePoseSpace, ground: Ground, place: Place) -> SuperNet:
    """The super-net, trained once for all searches of the same space, profile and seed."""
    effort = wish.effort
    heat = _recipe(LITEPOSE_PRETRAIN, wish.profile)
    heat = changed(heat, {"loss_weights": (1.0, 0.0, 0.0), "late_weights": ()})
    provenance.seed_everything(wish.seed)
    first = zoo.build(space.model, joints=JOINTS)
    talk(f"pre-training {space.model} on heatmaps")
    start = _train(
        first, TASKS["bottom-up"], heat, wish, ground, place, steps=effort.pretrain_steps
    )
    supernet = SuperNet(space, joints=JOINTS, sides=ground.sides)
    load_weights(supernet.largest, start.weights)
    recipe = changed(_recipe(SUPERNETS[wish.space], wish.profile), {"still": False})
    talk(f"training the super-net {wish.space}")
    _train(
        supernet,
        AnySize(),
        recipe,
        wish,
        ground,
        place,
        steps=effort.steps,
        info={"space": wish.space, "sides": sorted(ground.sides.items()), "start": start.sha256},
    )
    return supernet


def supernet_weights(
    space: str, profile: Profile, seed: int, place: Place
) -> tuple[dict[str, Tensor], str]:
    """The weights of a space's largest network in its trained super-net, and their hash: what its
    sub-networks are fine-tuned from."""
    wish = SearchWish("litepose", space, profile, place.runs, seed=seed)
    found = _space(wish)
    supernet = trained(wish, found, Ground.open(wish, found, place), place)
    weights = {name: value.clone() for name, value in supernet.largest.state_dict().items()}
    return weights, content_hash(weights)


def supernet_macs(space: str, profile: Profile) -> float:
    """Multiply-adds of training a super-net: three forward passes per picture, of sub-networks as
    they are drawn on average."""
    asked = SearchWish("litepose", space, profile, Path())
    found, recipe = _space(asked), SUPERNETS[space]
    run = Run(found.model, max(found.sides), {}, DATA, BOTTOM_UP, recipe)
    factor = (min(shape_of(run, profile.of(recipe))) / max(found.sides)) ** 2
    cost, rng = count_of(found, "macs", "true", JOINTS), np.random.default_rng(0)
    mean = float(np.mean([cost(drawn(found, rng)) for _ in range(100)]))
    largest = cost(tuple(values[0] for values in found.choices))
    images = DATA_SETS[DATA].training_samples["bottom-up"]
    passes = [
        (steps * profile.of(one).applied(one).batch or one.epochs * images) * macs
        for one, steps, macs in (
            (LITEPOSE_PRETRAIN, asked.effort.pretrain_steps, largest),
            (recipe, asked.effort.steps, mean),
        )
    ]
    return 3.0 * factor * sum(passes)


def _recipe(recipe: Recipe, profile: Profile) -> Recipe:
    return profile.of(recipe).applied(recipe)


def _train(
    model: nn.Module,
    task: TrainingPart[Any, Any, Any],
    recipe: Recipe,
    wish: SearchWish,
    ground: Ground,
    place: Place,
    *,
    steps: int,
    info: Mapping[str, object] = {},
) -> loop.TrainResult:
    """One training of the suite's own loop, in a folder named after its settings."""
    profile = replace(wish.profile.of(recipe), steps=steps, points=0)
    training = Training(
        model, task, ground.skeleton, recipe, profile, ground.side, wish.seed, {**info}
    )
    digest = digest_of(
        differing(recipe), differing(profile), wish.seed, ground.side, len(ground.held), info,
        versions("litepose", "training", "search"),
    )  # fmt: skip
    folder = place.runs / f"search-{digest}"
    where = Where(provenance.choose_device(place.device), folder, place.workers)
    folder.parent.mkdir(parents=True, exist_ok=True)
    alone = FileLock(f"{folder}.lock") if distributed.rank() == 0 else nullcontext()
    with alone:  # several fine-tunings may want the same super-net at the same time
        return loop.train(training, ground.learnt, where)


# --- candidates -----------------------------------------------------------------------------------


class _Scorer:
    """The score of an architecture with the super-net's weights: from the trace, or tested and kept
    there."""

    def __init__(
        self,
        wish: SearchWish,
        ground: Ground,
        supernet: SuperNet,
        device: torch.device,
        trace: Trace,
        cost: Cost,
    ) -> None:
        self.wish, self.ground, self.supernet = wish, ground, supernet
        self.device, self.trace, self.cost = device, trace, cost
        self.known = trace.scores
        self.pictures = list(_pictures(wish, ground, supernet)) if wish.norms else []

    def __call__(self, genes: Genes) -> float:
        if genes not in self.known:
            self.trace.check_time()
            began = time.perf_counter()
            score = self.test(genes)
            seconds = time.perf_counter() - began
            self.trace.add(genes, cost=self.cost(genes), score=score, seconds=seconds)
            self.known[genes] = score
            talk(f"{len(self.known)}: {' '.join(map(str, genes))}: AP {score:.4f}, {seconds:.1f} s")
        return self.known[genes]

    def network(self, genes: Genes) -> nn.Module:
        """The sub-network, with norms of its own where the wish asks for them."""
        network, side = self.supernet.extract(genes).to(self.device), self._side(genes)
        if self.pictures:
            measure_norms(network, (resized(one, side).to(self.device) for one in self.pictures))
        return network

    def test(self, genes: Genes) -> float:
        """AP on the held pictures."""
        recipe = SUPERNETS[self.wish.space]
        run = Run(self.supernet.space.model, genes[-1], {}, DATA, BOTTOM_UP, recipe)
        with redirect_stderr(StringIO()):  # a bar for every candidate would hide the search's lines
            tested = evaluate(
                self.network(genes),
                self.ground.held,
                self.ground.truth,
                skeleton=self.ground.skeleton,
                protocol=as_trained(BOTTOM_UP, run, self.wish.profile.of(recipe)),
                nominal=self._side(genes),
                device=self.device,
            )
        return float(tested.values.get("AP", 0.0))

    def _side(self, genes: Genes) -> int:
        return self.ground.sides[int(genes[-1])]


def _pictures(wish: SearchWish, ground: Ground, supernet: SuperNet) -> Iterator[Tensor]:
    """Batches of training pictures at the largest side, for the batch norms."""
    recipe = _recipe(SUPERNETS[wish.space], wish.profile)
    profile = replace(wish.profile.of(recipe), steps=0)
    training = Training(
        supernet, AnySize(), ground.skeleton, recipe, profile, ground.side, wish.seed
    )
    plan = schedule(recipe, profile, images=len(ground.learnt), seed=wish.seed)
    supernet.eval()
    prepared = Prepared.of(training, ground.learnt, plan)
    seen = 0
    for step in plan.from_step(0):
        if seen >= wish.effort.norm_images:
            return
        seen += len(step.images)
        yield prepared.batch(step).images


def _finish(
    wish: SearchWish, space: LitePoseSpace, genes: Genes, score: _Scorer, place: Place
) -> Record:
    """Weights, architecture and record of what was found."""
    run = replace(space.run(genes, JOINTS), dataset=DATA, protocol=BOTTOM_UP)
    network = score.network(genes)
    info = {"model": run.model, "changes": dict(run.changes), "joints": JOINTS, "step": 0}
    save_weights(wish.out / WEIGHTS, network, info)
    counted = counting.count(network, run.shape, wish.rule)
    if wish.cost != "latency" and (wish.limit or NO_LIMIT).kind == "macs":
        assert counted.macs == score.cost(genes), "the cost is not the built network's"
    outcome = Outcome(
        run,
        {"params": counted.params, "macs": counted.macs},
        (SCORE, score(genes)),
        score.cost(genes),
        len(score.known),
        wish.effort.evolution.candidates,
        {"images": len(score.ground.held), "genes": list(genes)},
    )
    return finish(wish, score.trace.tried, outcome, place)
