"""One contract for every task: from a drawn sample to an example, a loss, an observation, entries
and scores."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.open import NAMES, open_split
from repro.data.synth.faces import make
from repro.models import zoo
from repro.people.sample import Samples
from repro.people.skeletons import Skeleton
from repro.spec.protocols import BOTTOM_UP, CLASSIFICATION, MPII_CROP, MPII_GROOS, TOP_DOWN
from repro.spec.recipes import (
    CLASSIFICATION_IMAGENET,
    EFFICIENTHRNET,
    EFFICIENTPOSE,
    EFFICIENTPOSE_NAS_COCO,
    EFFICIENTPOSE_NAS_MPII,
)
from repro.spec.settings import Protocol, Recipe
from repro.tasks.all import TASKS, AnyTask
from repro.tasks.task import Entry, Size, pair

SIDE = 64  # px


@dataclass(frozen=True)
class Case:
    """What a task is tried on: drawn data of a form, the smallest network for it, and what it is
    trained and tested by.

    score: a name among its scores.
    """

    data: str
    model: str
    recipe: Recipe
    protocol: Protocol
    score: str


CASES = {
    "bottom-up": Case("synthpose-coco", "litepose_xs", EFFICIENTHRNET, BOTTOM_UP, "AP"),
    "single-person": Case(
        "synthpose-mpii", "efficientpose_nas_a", EFFICIENTPOSE_NAS_MPII, MPII_CROP, "PCKh@0.5"
    ),
    "three-pass": Case("synthpose-mpii", "efficientpose_rt", EFFICIENTPOSE, MPII_GROOS, "PCKh@0.5"),
    "top-down": Case("synthpose-coco", "lpn_50", EFFICIENTPOSE_NAS_COCO, TOP_DOWN, "AP"),
    "classification": Case(
        "synthpose-classes", "efficientnet_b_4", CLASSIFICATION_IMAGENET, CLASSIFICATION, "top1"
    ),
}


@dataclass(frozen=True)
class Tried:
    task: AnyTask
    case: Case
    dataset: Samples
    truth: Path
    skeleton: Skeleton
    network: nn.Module

    @property
    def size(self) -> int | Size:
        return pair(SIDE) if self.task.by_person else SIDE


@pytest.fixture(params=TASKS, scope="module")
def tried(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    task, case, folder = (
        TASKS[request.param],
        CASES[request.param],
        tmp_path_factory.mktemp("drawn"),
    )
    pictures = 100 if case.data.endswith("classes") else 2  # one of every class
    make(case.data, folder / case.data, {"train": pictures, "val": pictures}, size=(SIDE, SIDE))
    opened = open_split(case.data, "val", folder, people=task.by_person)
    changes = zoo.info(case.model).family.trained_with
    network = zoo.build(
        case.model, **changes, **({"classes": 100} if not zoo.info(case.model).joints else {})
    )
    return Tried(task, case, opened.dataset, opened.annotations, NAMES[case.data].skeleton, network)


def test_every_task_is_named_as_the_list_names_it_and_has_a_case() -> None:
    assert {name: task.name for name, task in TASKS.items()} == {name: name for name in CASES}
    assert {name: case.recipe.task for name, case in CASES.items()} == {
        name: name for name in CASES
    }
    assert {name: case.protocol.task for name, case in CASES.items()} == {
        name: name for name in CASES
    }


def test_examples_are_learnt_from(tried: Tried) -> None:
    task, recipe = tried.task, tried.case.recipe
    torch.manual_seed(0)
    outputs = task.outputs(tried.network, tried.size)
    assert all(0 < side <= SIDE for output in outputs for side in output)
    options = {"size": tried.size, "outputs": outputs, "skeleton": tried.skeleton, "recipe": recipe}
    examples = [
        task.prepare(tried.dataset[0], np.random.default_rng(seed), **options) for seed in (0, 0, 1)
    ]
    assert examples[0].image.shape == (3, SIDE, SIDE)
    assert examples[0].image.dtype == np.float32
    np.testing.assert_array_equal(examples[0].image, examples[1].image)  # of equal random numbers
    assert not np.array_equal(examples[0].image, examples[2].image)
    batch = task.collate(examples)
    assert batch.images.shape == (3, 3, SIDE, SIDE)
    assert type(batch.targets) is type(examples[0].targets)
    terms = task.loss(tried.network.train()(batch.images), batch.targets, recipe)
    assert all(value.ndim == 0 and torch.isfinite(value) for value in terms.values())
    terms["total"].backward()  # type: ignore[no-untyped-call]
    assert any(
        weight.grad is not None and weight.grad.abs().sum() > 0
        for weight in tried.network.parameters()
    )


def test_pictures_are_tested(tried: Tried) -> None:
    task, sample = tried.task, tried.dataset[0]
    options = {"skeleton": tried.skeleton, "protocol": tried.case.protocol}
    seen = task.observe(tried.network.eval(), sample, nominal=tried.size, **options)
    assert min(seen.size) >= SIDE
    assert math.isnan(seen.cells) if task.name == "classification" else 0 < seen.cells < SIDE
    shares = task.probe(seen, sample, protocol=tried.case.protocol)
    assert all(count > 0 for _, count in shares.values())
    entries = task.results(task.people(seen, **options), sample)
    assert {entry["image_id"] for entry in entries} <= {sample.image_id}
    assert not task.by_person or len(entries) == 1
    assert {len(entry["keypoints"]) for entry in entries if "keypoints" in entry} <= {
        3 * len(tried.skeleton)
    }
    assert {*entries[0]} <= {*Entry.__annotations__} if entries else task.name == "bottom-up"


def test_predictions_are_scored(tried: Tried) -> None:
    task, predictions, cells = tried.task, list[Entry](), dict[int, float]()
    options = {"skeleton": tried.skeleton, "protocol": tried.case.protocol}
    for index in range(min(3, len(tried.dataset))):
        sample = tried.dataset[index]
        seen = task.observe(tried.network.eval(), sample, nominal=tried.size, **options)
        cells[sample.person.number if sample.person else sample.image_id] = seen.cells
        predictions += task.results(task.people(seen, **options), sample)
    predictions = task.finish(predictions, **options)
    assert not any("area" in entry for entry in predictions)
    scores = task.score(tried.truth, predictions, **options)
    assert tried.case.score in scores
    measures = task.measure(tried.truth, predictions, **options, cells=cells)
    assert bool(measures) == (task.name != "classification")
    assert not set(scores) & set(measures)
    assert all(isinstance(value, float) for value in (*scores.values(), *measures.values()))
