"""The searches of EfficientPose-NAS (arXiv 2012.07086, sections 4.1.1 and 4.4.4) from start to finish:
by gradients, and at random with the same cost. Both see the training set alone: 80 % of it trains
weights, on 20 % architectures are judged."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import torch
from torch import nn

from repro.console import talk
from repro.counting import trace as counting
from repro.data.part import Part
from repro.errors import UsageError
from repro.measure.accuracy import shape_of
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.search_trace import (
    Outcome,
    SearchWish,
    TimeOverError,
    Trace,
    devices,
    finish,
)
from repro.models import zoo
from repro.people.sample import Samples
from repro.people.skeletons import MPII, Skeleton
from repro.record import provenance
from repro.record.record import Record
from repro.search.costs import LatencyTable, Limit, Places, check_limit, counts_of, latencies_of
from repro.search.differentiable import (
    ARCHITECTURE,
    WEIGHTS,
    Alternation,
    CostAware,
    MixedPose,
    derive,
)
from repro.search.evolution import Within, random_search
from repro.search.space import BlockSpace, Genes, named_space
from repro.spec.protocols import MPII_CROP
from repro.spec.recipes import EFFICIENTPOSE_NAS_MPII
from repro.spec.run import Run, Size, digest_of
from repro.spec.searches import JOINT_EPOCHS, NAS_WEIGHTS, RANDOM_EPOCHS, SHARE, WARM_EPOCHS
from repro.spec.settings import Profile, Recipe, differing
from repro.spec.versions import versions
from repro.tasks.all import TASKS
from repro.train import loop
from repro.train.batches import Prepared
from repro.train.folder import LOG
from repro.train.log import read_log
from repro.train.schedules import Step
from repro.train.training import Training, Where

DATA = "mpii-val"
JOINTS = len(MPII)
NO_LIMIT = Limit("macs", float("inf"))
SCORE = "error on pictures kept from training"
POINTS = 40  # of the trace of a search by gradients


@dataclass(frozen=True)
class Ground:
    """The training set, and how many of its pictures the weights are trained on; the others judge."""

    pictures: Samples
    skeleton: Skeleton
    shares: tuple[int, int]
    size: Size

    @classmethod
    def open(cls, wish: SearchWish, space: BlockSpace, place: Place) -> "Ground":
        """Opened as any training's. Raises MissingError when the data are not there."""
        run = Run(space.model, space.side, {}, DATA, MPII_CROP, NAS_WEIGHTS)
        profile = wish.profile.of(run.recipe)
        opened = open_pictures(run, profile, "train", task="single-person", place=place)
        ours = round(SHARE * len(opened.dataset))
        shares = (ours, len(opened.dataset) - ours)
        return cls(opened.dataset, opened.skeleton, shares, shape_of(run, profile))


def search(wish: SearchWish, place: Place) -> Record:
    """Search by gradients, or with method "random" at random; the record of what was found.

    Raises UsageError for a limit that nothing keeps, and for a table of another space or device.
    """
    space = named_space(wish.space)
    assert isinstance(space, BlockSpace)
    costs = _costs(wish, space)
    if wish.limit:
        check_limit(space.choices, costs, wish.limit)  # refused before hours of training
    ground = Ground.open(wish, space, place)
    find = _at_random if wish.method == "random" else _by_gradients
    return find(wish, space, costs, ground, place)


def _costs(wish: SearchWish, space: BlockSpace) -> Places:
    if wish.cost == "latency":
        assert wish.table is not None
        table = LatencyTable.read(wish.table, wish.space, devices())
        return latencies_of(space, table)
    return counts_of(space, wish.limit.kind if wish.limit else "macs", wish.rule, JOINTS)


def _where(digest: str, place: Place) -> Where:
    folder = place.runs / f"search-{digest}"
    return Where(provenance.choose_device(place.device), folder, place.workers)


def _profile(wish: SearchWish, recipe: Recipe, steps: int) -> Profile:
    return replace(wish.profile.of(recipe), steps=steps, points=0)


# --- by gradients ---------------------------------------------------------------------------------


def _by_gradients(
    wish: SearchWish, space: BlockSpace, costs: Places, ground: Ground, place: Place
) -> Record:
    training = _alternation(wish, space, costs, ground)
    digest = digest_of(
        wish.settings, differing(training.recipe), differing(training.profile), ground.shares,
        versions("efficientpose_nas", "training", "search"),
    )  # fmt: skip
    where = _where(digest, place)
    talk(f"searching {wish.space} by gradients, {training.profile.steps} steps")
    done = loop.train(training, ground.pictures, where)
    network = training.network
    genes = derive(network.chances(), costs, wish.limit)
    tried = points(read_log(where.out / LOG), training.warm, training.turn)
    last = tried[-1]["error"] if tried else float("nan")
    facts = {"chances": [_rounded(place) for place in network.chances()], "genes": list(genes)}
    outcome = _outcome(
        wish, space, genes, costs, (SCORE, last), steps=done.steps, planned=done.steps, facts=facts
    )
    return finish(wish, tried, outcome, place)


def _rounded(chances: dict[str, float]) -> dict[str, float]:
    return {code: round(chance, 4) for code, chance in chances.items()}


def _alternation(wish: SearchWish, space: BlockSpace, costs: Places, ground: Ground) -> Alternation:
    mixing, recipe = wish.effort.mixing, wish.profile.of(NAS_WEIGHTS).applied(NAS_WEIGHTS)
    warm, joint, turn = mixing.warm, mixing.joint, mixing.turn
    if not joint:  # the paper's: an epoch of each in turn
        turn = (ceil(ground.shares[0] / recipe.batch), ceil(ground.shares[1] / recipe.batch))
        warm, joint = WARM_EPOCHS * turn[0], JOINT_EPOCHS * sum(turn)
    provenance.seed_everything(wish.seed)
    paths = dict(zip((WEIGHTS, ARCHITECTURE), mixing.paths, strict=True))
    return Alternation(
        MixedPose(space, costs, joints=JOINTS, paths=paths),
        CostAware(mixing.weight, mixing.tau),
        ground.skeleton,
        recipe,
        _profile(wish, recipe, warm + joint),
        ground.size,
        wish.seed,
        {"search": wish.settings},
        rate=mixing.rate,
        warm=warm,
        turn=turn,
        shares=ground.shares,
    )


def points(
    rows: Sequence[dict[str, str]], warm: int, turn: tuple[int, int]
) -> list[dict[str, float]]:
    """The trace of a search by gradients: of some stretches of its log, by the architecture's own
    steps, the mean error and expected cost, and how sure the choice is."""
    judged = [
        row
        for row in rows
        if int(row["step"]) >= warm and (int(row["step"]) - warm) % sum(turn) >= turn[0]
    ]
    stretches = [part for part in np.array_split(np.arange(len(judged)), POINTS) if len(part)]
    return [
        {
            "step": int(judged[part[-1]]["step"]),
            "error": _mean(judged, part, "heatmap"),
            "cost": _mean(judged, part, "cost"),
            "sure": _mean(judged, part, "sure"),
        }
        for part in stretches
    ]


def _mean(rows: Sequence[dict[str, str]], places: Any, name: str) -> float:
    return round(float(np.mean([float(rows[place][name]) for place in places])), 6)


def _outcome(
    wish: SearchWish,
    space: BlockSpace,
    genes: Genes,
    costs: Places,
    score: tuple[str, float],
    *,
    steps: int,
    planned: int,
    facts: dict[str, Any],
) -> Outcome:
    run = replace(
        space.run(genes, JOINTS), dataset=DATA, protocol=MPII_CROP, recipe=EFFICIENTPOSE_NAS_MPII
    )
    counted = counting.count(zoo.build_empty(run.model, **run.changes), run.shape, wish.rule)
    if wish.cost != "latency" and (wish.limit or NO_LIMIT).kind == "macs":
        assert round(costs(genes)) == counted.macs, "the cost is not the built network's"
    counts = {"params": counted.params, "macs": counted.macs}
    return Outcome(run, counts, score, costs(genes), steps, planned, facts)


# --- at random ------------------------------------------------------------------------------------


def _at_random(
    wish: SearchWish, space: BlockSpace, costs: Places, ground: Ground, place: Place
) -> Record:
    within, trace = Within(space.choices, costs, wish.limit or NO_LIMIT), Trace.open(wish)
    known, count = trace.scores, wish.effort.random
    try_ = partial(_try, wish, space, ground, place)

    def score(genes: Genes) -> float:
        if genes not in known:
            trace.check_time()
            began = time.perf_counter()
            known[genes] = -try_(genes)
            seconds = time.perf_counter() - began
            trace.add(genes, cost=costs(genes), score=known[genes], seconds=seconds)
            talk(f"{len(known)} of {count}: error {-known[genes]:.5f}, {seconds:.0f} s")
        return known[genes]

    try:
        genes = random_search(within, count, score, seed=wish.seed)
    except TimeOverError:
        if not trace.tried:
            raise UsageError("the time was over before a candidate was tried", "--budget") from None
        genes = tuple(trace.best["genes"])
        talk(f"the time is over after {len(trace.tried)} architectures; the same command goes on")
    outcome = _outcome(
        wish,
        space,
        genes,
        costs,
        (SCORE, -known[genes]),
        steps=len(known),
        planned=count,
        facts={"genes": list(genes)},
    )
    return finish(wish, trace.tried, outcome, place)


def _try(wish: SearchWish, space: BlockSpace, ground: Ground, place: Place, genes: Genes) -> float:
    """The error of an architecture after a short training on its share of the pictures."""
    recipe = wish.profile.of(EFFICIENTPOSE_NAS_MPII).applied(EFFICIENTPOSE_NAS_MPII)
    ours, theirs = (Part(ground.pictures, places) for places in _parts(ground))
    steps = wish.effort.random_steps or RANDOM_EPOCHS * ceil(len(ours) / recipe.batch)
    run = space.run(genes, JOINTS)
    provenance.seed_everything(wish.seed)
    training = Training(
        zoo.build(run.model, **run.changes),
        TASKS["single-person"],
        ground.skeleton,
        recipe,
        _profile(wish, recipe, steps),
        ground.size,
        wish.seed,
        {"model": run.model, "changes": dict(run.changes)},
    )
    digest = digest_of(
        run.what, differing(recipe), differing(training.profile), ground.shares, wish.seed,
        versions("efficientpose_nas", "training", "search"),
    )  # fmt: skip
    where = _where(digest, place)
    loop.train(training, ours, where)
    return error(training, theirs, where.device, limit=wish.effort.score_images)


def _parts(ground: Ground) -> tuple[range, range]:
    ours, theirs = ground.shares
    return range(ours), range(ours, ours + theirs)


def error(
    training: Training[Any, Any], pictures: Samples, device: torch.device, *, limit: int
) -> float:
    """Mean error of the heatmaps on pictures that are varied as in training, the same for all
    networks."""
    count = min(limit, len(pictures))
    prepared = Prepared.of(
        training, pictures, training.plan(max(len(pictures), training.recipe.batch))
    )
    batch, errors = training.recipe.batch, list[tuple[float, int]]()
    model: nn.Module = training.model.to(device).eval()
    for start in range(0, count, batch):
        images = tuple(range(start, min(start + batch, count)))
        given = prepared.batch(Step(0, 0, images))
        with torch.inference_mode():
            answer = model(given.images.to(device))
        targets = type(given.targets)(*(one.to(device) for one in given.targets))
        terms = training.task.loss(answer, targets, training.recipe)
        errors.append((float(terms["heatmap"]), len(images)))
    return sum(value * images for value, images in errors) / count
