"""What a few steps of every part of the code give: numbers that change only when the part's
behaviour does.

`make parts` writes tests/goldens/parts.json anew, after the number of a part was raised in
repro/spec/versions.py.
"""

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cases import people_maps
from fill import fill_module, golden_input
from where import GOLDENS

from repro.counting import memory, trace
from repro.counting.facts import facts
from repro.data.synth.faces import FACES, SynthPose, draw
from repro.data.synth.levels import LEVELS
from repro.measure.place import Place
from repro.measure.training import train_run
from repro.models import zoo
from repro.models.maps import Maps
from repro.people.skeletons import COCO
from repro.pose import crops, letterbox
from repro.pose.grouping import group
from repro.pose.measures import find, near_joints, people_measures
from repro.pose.metrics import score_coco
from repro.search import costs as search_costs
from repro.search import differentiable
from repro.search.costs import Limit
from repro.search.evolution import Within, evolve
from repro.search.space import SPACES, BlockSpace, LitePoseSpace
from repro.search.supernet import SuperNet, moved_tags
from repro.spec.profiles import PAPER
from repro.spec.protocols import CLASSIFICATION
from repro.spec.recipes import (
    CLASSIFICATION_IMAGENET,
    EFFICIENTHRNET,
    EFFICIENTPOSE,
    EFFICIENTPOSE_NAS_MPII,
)
from repro.spec.run import Run
from repro.spec.searches import Evolution
from repro.spec.settings import Profile, Protocol, Recipe, changed, values
from repro.spec.versions import VERSIONS
from repro.tasks.all import TASKS
from repro.tasks.task import pair
from repro.timing.clock import Sampling, in_turns, warm_up
from repro.train.schedules import schedule

STORED = GOLDENS / "parts.json"
Numbers = dict[str, float]


def family(name: str) -> Numbers:
    """Size and spread of what the family's first network answers to one picture."""
    model = next(model for model, one in zoo.MODELS.items() if one.module == name)
    side = max(64, zoo.FAMILIES[name].multiple)
    network = zoo.build(model)
    places = {
        key: f"{number}.{key.rpartition('.')[2]}" for number, key in enumerate(network.state_dict())
    }
    fill_module(network, places.get)  # by place, so that a mere name changes nothing
    network = network.eval().double()  # some amplify the last digits of float32 a million times
    with torch.inference_mode():
        answer = network(golden_input((1, 3, side, side)).double())
    last = answer.heatmaps[-1] if isinstance(answer, Maps) else answer
    return {f"{model} magnitude": float(last.abs().mean()), f"{model} deviation": float(last.std())}


def counts() -> Numbers:
    """Parameters and operations of three networks under every rule."""
    found: Numbers = {}
    for name in ("litepose_xs", "efficientpose_rt", "lpn_50"):
        for rule, one in trace.count_all(zoo.build_empty(name), (64, 64)).items():
            found |= {f"{name} {rule} params": one.params, f"{name} {rule} operations": one.macs}
    return found


def peaks() -> Numbers:
    """Peak memory of two networks, in bytes."""
    return {
        name: memory.peak_bytes(zoo.build_empty(name), (64, 64))
        for name in ("litepose_xs", "efficienthrnet_h_4")
    }


def configurations() -> Numbers:
    """What two networks say of themselves: a text that changes is another name here."""
    told = [
        facts(zoo.build_empty(name), (128, 128)) for name in ("efficienthrnet_h_4", "litepose_s")
    ]
    return {f"{key}={value}": 1.0 for one in told for key, value in one.items()}


def drawn() -> Numbers:
    """Joints and brightness of the first picture of every face and level."""
    found: Numbers = {}
    for name in FACES:
        for word, level in LEVELS.items():
            sample = draw(name, 1, size=(96, 96), level=level).labelled.sample
            found |= {f"{name} {word} joints": float(np.asarray(sample.joints)[..., :2].sum())}
            found |= {f"{name} {word} brightness": float(sample.image.mean())}
    return found


OUTPUTS = {
    "bottom-up": ((16, 16), (32, 32)),
    "single-person": ((16, 16),),
    "three-pass": ((16, 16),),
    "classification": (),
}
RECIPES = {
    "bottom-up": ("synthpose-coco", EFFICIENTHRNET),
    "single-person": ("synthpose-mpii", EFFICIENTPOSE_NAS_MPII),
    "three-pass": ("synthpose-mpii", EFFICIENTPOSE),
    "classification": ("synthpose-classes", CLASSIFICATION_IMAGENET),
}
TINY = Profile(
    "tiny",
    dataset="synthpose-easy",
    size=32,
    picture=32,
    steps=2,
    batch=8,
    train_images=100,
    val_images=100,
    channels_last=True,
    recipe={
        "optimizer": "adam",
        "rate": 3e-3,
        "weight_decay": 0.0,
        "warmup": 0.0,
        "warmup_steps": 0,
        "cycle": 0.0,
        "epochs": 10,
        "milestones": (7, 9),
        "scale": (0.6, 1.0),
        "jitter": 0.0,
    },
)


def losses() -> Numbers:
    """The terms of every task's loss where the network answers a constant; then two steps of a
    small training."""
    found: Numbers = {}
    for name, (face, recipe) in RECIPES.items():
        found |= {f"{name} {term}": value for term, value in _loss(name, face, recipe).items()}
    for name in ("single-person", "three-pass"):
        face, recipe = RECIPES[name]
        terms = _loss(name, face, changed(recipe, {"heat": "entropy"}))
        found |= {f"{name} entropy": terms["heatmap"]}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), Path(folder), "cpu")
        run = Run(
            "efficientnet_b_4",
            128,
            {"classes": 100},
            "imagenet-val",
            CLASSIFICATION,
            CLASSIFICATION_IMAGENET,
        )
        done = train_run(run, TINY, seed=0, place=place)
    return {**found, "first loss": done.first, "last loss": done.last}


def cycled() -> Numbers:
    """The rate of a training whose rate rises and falls, at some of its steps."""
    plan = schedule(EFFICIENTPOSE, PAPER, images=400, seed=0)
    steps = (0, 7, 30, *plan.halvings, plan.steps - 1)
    return {f"rate at step {step}": plan.rate_at(step) for step in steps}


def _loss(name: str, face: str, recipe: Recipe) -> Numbers:
    task, skeleton = TASKS[name], FACES[face]
    sample = SynthPose(face, 2, size=(96, 96))[0]
    size: Any = 64 if name == "bottom-up" else pair(64)
    outputs: Any = OUTPUTS[name]
    example = task.prepare(
        sample,
        np.random.default_rng(7),
        size=size,
        outputs=outputs,
        skeleton=skeleton,
        recipe=recipe,
    )
    images, targets = task.collate([example])
    terms = task.loss(_answer(name, len(skeleton)), targets, recipe)
    return {
        "picture": float(images.mean()),
        **{term: float(value) for term, value in terms.items()},
    }


def _answer(name: str, joints: int) -> Any:
    """Maps that rise along a row, so that no term is zero."""
    if name == "classification":
        return torch.linspace(-1, 1, 100)[None]

    def slope(channels: int, side: int) -> torch.Tensor:
        return torch.linspace(0, 1, channels * side * side).reshape(1, channels, side, side)

    if name == "bottom-up":
        return Maps((slope(joints, 16), slope(joints, 32)), (slope(joints, 16),))
    limbs = (slope(2 * 14, 16),) if name == "three-pass" else ()
    return Maps((slope(joints, 16),), (), limbs)


def found_people() -> Numbers:
    """Grouping and peaks on drawn maps; scores of predictions a few pixels beside the truth."""
    heatmaps, tags = (one[0].numpy() for one in people_maps("parts", 3, 17, 64, 64))
    people, scores = group(heatmaps, tags, COCO)
    joints = crops.peaks(heatmaps, quarter=True)
    smooth = letterbox.peaks(heatmaps)
    whole = SynthPose("synthpose-coco", 4, size=(96, 96), split="val")
    truth = json.loads(whole.annotations.read_bytes())
    shifted = [
        {
            **one,
            "keypoints": (np.array(one["keypoints"], float) + 1.0).tolist(),
            "score": 1.0 / one["id"],
        }
        for one in truth["annotations"]
    ]
    return {
        "grouped": float(people[..., :2].sum()),
        "group scores": float(scores.sum()),
        "peaks": float(joints[:, :2].sum()),
        "smooth peaks": float(smooth[..., :2].sum()),
        "near": near_joints(truth, shifted),
        **score_coco(truth, shifted),
        **people_measures(
            find(truth, shifted, flip=COCO.flip, cells={one["id"]: 0.25 for one in truth["images"]})
        ),
    }


def times() -> Numbers:
    """Passes and samples of two works that take turns, by a clock that only they move."""
    now, passes = [0.0], {"quick": 0, "slow": 0}

    def work(name: str, seconds: float) -> None:
        passes[name] += 1
        now[0] += seconds * (1 + 1 / passes[name])

    works = [partial(work, "quick", 1.0), partial(work, "slow", 3.0)]
    warm = [warm_up(one, Sampling(), lambda: now[0]) for one in works]
    quick, slow = in_turns(works, Sampling(rounds=8), lambda: now[0])
    found: Numbers = {
        "warm quick": warm[0].passes,
        "warm slow": warm[1].passes,
        "quick": sum(quick),
        "slow": sum(slow),
    }
    return {**found, **{f"passes {name}": count for name, count in passes.items()}}


def searched() -> Numbers:
    """What an evolution finds on a toy, what a mixture's chances derive, costs, and two super-net
    answers."""
    space, blocks = SPACES["litepose-xs"], BlockSpace("efficientpose_nas_a", (1, 2, 1, 2))
    assert isinstance(space, LitePoseSpace)
    cost = search_costs.count_of(space, "macs", "true", 14)
    within = Within(space.choices, cost, Limit("macs", 1.5e9))
    found = evolve(within, Evolution(6, 2), lambda genes: -abs(sum(genes) - 700), seed=0)
    prices = search_costs.counts_of(blocks, "macs", "true", 16)
    rng = np.random.default_rng(0)
    chances = [dict(zip(one, rng.random(len(one)).tolist(), strict=True)) for one in blocks.choices]
    derived = differentiable.derive(chances, prices, Limit("macs", 3e8))
    supernet = SuperNet(space, joints=3, sides=dict.fromkeys(space.sides, 32))
    fill_module(supernet, lambda key: key)
    with torch.no_grad():
        maps = supernet.eval().answer(found, golden_input((1, 3, 32, 32)))
    places = moved_tags(torch.tensor([[[[17 * 64 * 64 + 40 * 64 + 9, 1]]]]), 64, 48)
    return {
        "evolved": float(sum(place * gene for place, gene in enumerate(found))),
        "evolved cost": cost(found),
        "derived cost": prices(derived),
        "moved tag": float(places[0, 0, 0, 0]),
        "magnitude": float(maps.heatmaps[-1].abs().mean()),
    }


PARTS: dict[str, Callable[[], Numbers]] = {
    "search": searched,
    "counting": counts,
    "cycles": cycled,
    "evaluation": found_people,
    "facts": configurations,
    "memory": peaks,
    "synthetic": drawn,
    "timing": times,
    "training": losses,
    **{name: partial(family, name) for name in zoo.FAMILIES},
}


def write() -> None:
    """Write what every part gives now."""
    stored: dict[str, dict[str, Any]] = {
        name: {"version": VERSIONS[name], "gives": give()} for name, give in PARTS.items()
    }
    stored["evaluation"]["defaults"] = {"Protocol": values(Protocol("a"))}
    stored["training"]["defaults"] = {
        "Recipe": values(Recipe("a", "b")),
        "Profile": values(Profile("a")),
    }
    STORED.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
