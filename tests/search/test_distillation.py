"""A network that is taught learns its teacher's heatmaps, starts from its super-net, and keeps nothing
of either in its file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_supernet import targets

from repro.measure.place import Place
from repro.measure.training import train_folder, train_run
from repro.models import zoo
from repro.models.maps import Maps
from repro.search.distillation import Distilled, Taught, teach
from repro.spec.profiles import SMOKE
from repro.spec.protocols import BOTTOM_UP
from repro.spec.recipes import LITEPOSE_CROWDPOSE, LITEPOSE_DISTILLED
from repro.spec.run import Run
from repro.tasks.all import TASKS
from repro.train.checkpoint import read_info, read_tensors

RUN = Run(
    "litepose_xs", 256, {"joints": 14}, "crowdpose-test", BOTTOM_UP, replace(LITEPOSE_DISTILLED)
)


def test_the_teacher_is_no_part_of_the_network() -> None:
    torch.manual_seed(0)
    student, teacher = (zoo.build("litepose_xs", joints=3) for _ in range(2))
    names = set(student.state_dict())
    teach(student, teacher, side=64)
    images = torch.randn(2, 3, 32, 32)
    answer = student.train()(images)
    assert isinstance(answer, Taught) and set(student.state_dict()) == names
    assert [one.shape for one in answer.lessons] == [one.shape for one in answer.heatmaps]
    assert isinstance(student.eval()(images), Maps)
    assert not any(one.requires_grad for one in teacher.parameters())


def test_the_lesson_is_an_error_beside_the_true_one() -> None:
    torch.manual_seed(0)
    student = zoo.build("litepose_xs", joints=3)
    teach(student, zoo.build("litepose_xs", joints=3), side=128)
    given = targets(32)
    answer = student.train()(torch.randn(1, 3, 128, 128))
    terms = Distilled().loss(answer, given, LITEPOSE_CROWDPOSE)
    plain = TASKS["bottom-up"].loss(Maps(answer.heatmaps, answer.tags), given, LITEPOSE_CROWDPOSE)
    pairs = zip(answer.heatmaps, answer.lessons, strict=True)
    by_hand = sum((own - lesson).square().mean().item() for own, lesson in pairs)
    assert terms["lesson"].item() == pytest.approx(by_hand, rel=1e-5)
    assert terms["total"].item() == pytest.approx(plain["total"].item() + by_hand, rel=1e-5)
    same = Taught(answer.heatmaps, answer.tags, answer.heatmaps)
    assert Distilled().loss(same, given, LITEPOSE_CROWDPOSE)["lesson"].item() == 0


@pytest.mark.slow
def test_a_row_with_super_net_and_teacher_is_trained(tmp_path: Path) -> None:
    place, profile = Place(tmp_path, tmp_path, "cpu"), replace(SMOKE, steps=2)
    done = train_run(RUN, profile, seed=0, place=place)
    info = read_info(done.weights)
    assert info["start"] and info["teacher"] and info["start"] != info["teacher"]
    tensors, _ = read_tensors(done.weights)
    assert set(tensors) == set(zoo.build_empty("litepose_xs", joints=14).state_dict())
    plain = replace(RUN, recipe=LITEPOSE_CROWDPOSE)
    folders = {train_folder(run, profile, seed=0, place=place) for run in (RUN, plain)}
    assert len(folders) == 2
    # fine-tuned from the first: another folder, other weights
    again = train_run(plain, profile, seed=0, place=place, start=done.weights)
    first = train_run(plain, profile, seed=0, place=place)
    assert again.sha256 != first.sha256 and again.weights != first.weights
    assert np.isfinite(again.last)
