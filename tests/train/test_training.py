import csv
import os
import pickle
import resource
import signal
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from repro.errors import MissingError, ReproError, UsageError
from repro.models.maps import Maps
from repro.people.sample import Sample
from repro.people.skeletons import COCO
from repro.spec.recipes import EFFICIENTHRNET
from repro.spec.settings import Profile, changed
from repro.tasks.all import TASKS
from repro.tasks.keypoints import map_sizes
from repro.train import loop
from repro.train.checkpoint import load_weights, read_info, save_weights
from repro.train.folder import Folder
from repro.train.schedules import schedule
from repro.train.step import Stepper
from repro.train.training import Training, Where

# Python 3.12 on, beside threads
forks = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def one_thread():
    """A fork does not take OpenMP's threads along: a child that wanted them would wait forever."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Toy(nn.Module):
    """A bottom-up network of 60 thousand parameters, with the batch norm and the dropout whose
    state must survive."""

    stride = 4

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.stem = nn.Sequential(
            *(nn.Conv2d(3, 32, 5, 2, 2), nn.BatchNorm2d(32), nn.ReLU()),
            *(nn.Conv2d(32, 32, 5, 1, 2), nn.BatchNorm2d(32), nn.ReLU(), nn.Dropout(0.02)),
        )
        self.coarse = nn.Conv2d(32, 34, 3, 2, 1)
        self.fine = nn.Conv2d(32, 17, 3, 1, 1)

    def forward(self, images):
        features = self.stem(images)
        coarse = self.coarse(features)
        return Maps((coarse[:, :17], self.fine(features)), (coarse[:, 17:],))


class Drawn:
    """Pictures of two people each, a coloured square at every joint."""

    def __init__(self, length, broken=-1):
        self.length, self.broken = length, broken

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if index == self.broken:
            raise MissingError("the picture 'broken.jpg' is cut short", "copy it again")
        rng = np.random.default_rng(index)
        image, joints = np.zeros((48, 48, 3), np.uint8), np.full((2, 17, 3), 2.0)
        joints[..., :2] = rng.uniform(6, 42, (2, 17, 2))
        for person in joints:
            for number, (x, y) in enumerate(person[:, :2].astype(int)):
                image[y - 2 : y + 3, x - 2 : x + 3] = (
                    15 * number,
                    255 - 15 * number,
                    90 * (number % 3),
                )
        return Sample(image, joints, np.ones((48, 48), bool), index + 1, f"{index}.jpg")


STILL = replace(EFFICIENTHRNET, scale=(1.0, 1.0), rotation=0.0, shift=0.0, flip=0.0)


def run(
    out,
    *,
    steps=7,
    images=6,
    model=None,
    dataset=None,
    watch=None,
    device="cpu",
    workers=0,
    save_steps=200,
    **more,
):
    model = model or Toy()
    options = {
        "task": TASKS["bottom-up"],
        "skeleton": COCO,
        "recipe": EFFICIENTHRNET,
        "profile": Profile("test", steps=steps, batch=4),
        "size": 32,
        "info": {"model": "toy", "changes": {}},
    }
    where = Where(torch.device(device), out, workers, save_steps)
    return model, loop.train(
        Training(model, **{**options, **more}), dataset or Drawn(images), where, watch=watch
    )


@contextmanager
def falling(monkeypatch, number):
    """A training inside stops at the beginning of step `number`, as after a second Ctrl-C."""
    step = Stepper.take

    def falls(stepper, batch, at):
        if at.number == number:
            raise KeyboardInterrupt
        return step(stepper, batch, at)

    monkeypatch.setattr(Stepper, "take", falls)
    with pytest.raises(KeyboardInterrupt):
        yield
    monkeypatch.undo()


def equal(first, second):
    return all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_four_images_are_learnt(tmp_path):
    quick = replace(STILL, rate=3e-3)
    model, result = run(tmp_path, steps=60, images=4, recipe=quick)
    losses = [float(row["heatmap"]) for row in rows(result.log)]
    targets = TASKS["bottom-up"].prepare(
        Drawn(4)[0],
        np.random.default_rng(0),
        size=32,
        outputs=map_sizes(model, 32),
        skeleton=COCO,
        recipe=quick,
    )[1]
    # the error of maps that are zero everywhere
    empty = sum(float((one**2).mean()) for one in targets.heatmaps)
    assert len(losses) == 60
    assert np.mean(losses[-5:]) < empty / 5
    assert result.last < result.first / 5
    assert result.sha256 == read_info(result.weights)["sha256"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path):
    first, a = run(tmp_path / "a")
    second, b = run(tmp_path / "b")
    _, c = run(tmp_path / "c", seed=1)
    assert equal(first, second)
    assert a.sha256 == b.sha256 != c.sha256
    assert a.log.read_bytes() == b.log.read_bytes()


class Killed(BaseException):
    """Stands for SIGKILL: nothing of training's own runs after it."""


@pytest.mark.parametrize(("save", "fall"), [(2, 5), (3, 6), (100, 4)])
def test_stop_and_resume_equal_one_go_bit_for_bit(tmp_path, monkeypatch, save, fall):
    whole, expected = run(tmp_path / "whole")
    step = Stepper.take

    def falls(stepper, batch, at):
        if at.number == fall:
            raise Killed
        return step(stepper, batch, at)

    monkeypatch.setattr(Stepper, "take", falls)
    with pytest.raises(Killed):
        run(tmp_path / "parts", save_steps=save)
    monkeypatch.undo()
    other = Toy()
    # what the new process starts from does not matter once there is a checkpoint
    nn.init.ones_(other.fine.weight)
    resumed, result = run(tmp_path / "parts", save_steps=save, model=other if save < fall else None)
    assert result.resumed == fall // save * save
    assert equal(whole, resumed)
    assert result.sha256 == expected.sha256
    assert result.log.read_bytes() == expected.log.read_bytes()
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [
        "log.csv",
        "weights.safetensors",
    ]


@forks
def test_a_killed_process_leaves_a_state_to_go_on_from(tmp_path):
    whole, _ = run(tmp_path / "whole")
    child = os.fork()
    if child == 0:
        step = Stepper.take

        def dies(stepper, batch, at):
            if at.number == 5:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(stepper, batch, at)

        Stepper.take = dies
        run(tmp_path / "parts", save_steps=2)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    (tmp_path / "parts" / ".state.safetensors.leftover").write_bytes(b"half")
    resumed, result = run(tmp_path / "parts", save_steps=2)
    assert result.resumed == 4
    assert equal(whole, resumed)
    assert len(list((tmp_path / "parts").iterdir())) == 2


@pytest.mark.parametrize(
    ("number", "ends"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_ctrl_c_saves_and_the_same_call_goes_on(tmp_path, monkeypatch, capsys, number, ends):
    whole, _ = run(tmp_path / "whole")
    step = Stepper.take

    def interrupted(stepper, batch, at):
        if at.number == 3:
            os.kill(os.getpid(), number)
        return step(stepper, batch, at)

    monkeypatch.setattr(Stepper, "take", interrupted)
    before = signal.getsignal(number)
    with pytest.raises(ends):
        run(tmp_path / "parts")
    monkeypatch.undo()
    assert signal.getsignal(number) is before
    assert "stopped after 4 of 7 steps" in capsys.readouterr().err
    resumed, result = run(tmp_path / "parts")
    assert result.resumed == 4
    assert equal(whole, resumed)


def test_a_resumed_training_looks_where_an_uninterrupted_one_does(tmp_path, monkeypatch):
    looked = []
    profile = Profile("test", steps=8, batch=4, points=3)
    watch = {"profile": profile, "save_steps": 3, "watch": lambda model, done: looked.append(done)}
    whole, _ = run(tmp_path / "whole", **watch)
    assert looked == [2, 4, 8]
    with falling(monkeypatch, 6):
        run(tmp_path / "parts", **watch)
    resumed, result = run(tmp_path / "parts", **watch)
    assert (result.resumed, looked[3:]) == (6, [2, 4, 8])
    assert equal(whole, resumed)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS.keys())
def test_what_workers_need_can_be_sent_to_them(task):
    assert pickle.loads(pickle.dumps(task)) == task


def test_workers_change_nothing(tmp_path):
    alone, _ = run(tmp_path / "alone", steps=3)
    helped, _ = run(tmp_path / "helped", steps=3, workers=2)
    assert equal(alone, helped)


def test_a_finished_training_is_only_loaded(tmp_path):
    first, one = run(tmp_path)
    second, two = run(tmp_path)
    assert (two.resumed, two.sha256, two.last) == (7, one.sha256, one.last)
    assert equal(first, second)
    loaded = Toy()
    assert load_weights(loaded, one.weights)["profile"] == "test"
    with pytest.raises(
        UsageError, match=r"other settings: recipe rate, seed differ|other settings: .*seed differ"
    ):
        run(tmp_path, seed=5)


def test_a_setting_that_came_later_is_at_its_default_in_older_files(tmp_path):
    model = Toy()
    save_weights(tmp_path / "weights.safetensors", model, {"settings": {"seed": 0}, "step": 3})
    now = {"seed": 0, "recipe length": 1.0}
    assert Folder(tmp_path, now, {}, frozenset({"recipe length"})).load(model) == 3
    with pytest.raises(UsageError, match="recipe length differ"):
        Folder(tmp_path, {"seed": 0, "recipe length": 0.5}, {}).load(model)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(tmp_path):
    model = Toy()
    fine = model.fine.forward
    calls = iter(range(100))
    # call 0 finds the map sizes
    model.fine.forward = lambda x: fine(x) * (float("nan") if next(calls) == 6 else 1.0)
    with pytest.raises(ReproError) as fault:
        run(tmp_path, model=model, save_steps=2)
    assert "the loss is nan at step 5 (epoch 2, images [" in str(fault.value)
    assert str(tmp_path / "state.safetensors") in str(fault.value)
    assert read_info(tmp_path / "state.safetensors")["step"] == 4
    assert not (tmp_path / "weights.safetensors").exists()
    whole, _ = run(tmp_path / "whole")
    assert equal(run(tmp_path)[0], whole)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_broken_picture_is_one_clear_line(tmp_path, workers):
    with pytest.raises(MissingError) as fault:
        run(tmp_path, dataset=Drawn(6, broken=2), workers=workers)
    assert fault.value.message == "the picture 'broken.jpg' is cut short"
    assert fault.value.hint == "copy it again"


def test_settings_that_cannot_work(tmp_path):
    with pytest.raises(
        UsageError, match="a batch of 4 images is larger than the training set of 3"
    ):
        run(tmp_path, images=3)
    with pytest.raises(UsageError, match="size 30 is not a multiple of 4"):
        run(tmp_path, size=30)
    with pytest.raises(UsageError, match="seed -1 is negative"):
        run(tmp_path, seed=-1)
    with pytest.raises(UsageError, match="unknown optimizer 'adm'; did you mean adam"):
        run(tmp_path, recipe=replace(EFFICIENTHRNET, optimizer="adm"))
    (tmp_path / "file").write_text("")
    with pytest.raises(ReproError, match="cannot write"):
        run(tmp_path / "file")


def test_a_full_disk_is_one_clear_error_and_leaves_no_half_file(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the log fits, a checkpoint does not
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(ReproError, match=r"cannot write .*state\.safetensors"):
            run(tmp_path, save_steps=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
    assert run(tmp_path)[1].steps == 7


def test_a_cosine_falls_from_the_rate_to_a_200th_of_it():
    recipe = changed(
        EFFICIENTHRNET, {"cosine": True, "rate": 0.2, "epochs": 10, "warmup": 1.0, "cycle": 1.0}
    )
    plan = schedule(recipe, Profile("short", steps=110, batch=5), images=25, seed=0)
    rates = [plan.rate_at(step) for step in (0, 11, 110)]
    assert rates[:2] == [0.0, 0.2] and rates[2] == pytest.approx(0.001)
    assert plan.rate_at(61) + plan.rate_at(60) == pytest.approx(0.201)  # around the middle
    falling = [plan.rate_at(step) for step in range(11, 111)]
    assert falling == sorted(falling, reverse=True)


def test_the_schedule_is_the_recipes():
    plan = schedule(EFFICIENTHRNET, Profile("paper"), images=25, seed=0)
    assert (plan.batch, plan.epoch_steps, plan.steps, plan.milestones) == (12, 3, 900, (600, 780))
    assert [plan.rate_at(step) for step in (0, 599, 600, 779, 780)] == pytest.approx(
        [1e-3, 1e-3, 1e-4, 1e-4, 1e-5]
    )
    short = schedule(EFFICIENTHRNET, Profile("short", steps=12, batch=4), images=24, seed=0)
    assert short.milestones == (8, 10)

    steps = list(plan.from_step(0))
    epochs = [
        [image for step in steps if step.epoch == epoch for image in step.images]
        for epoch in range(300)
    ]
    assert all(sorted(epoch) == list(range(25)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert list(plan.from_step(4)) == steps[4:]


def test_people_beyond_the_limit_are_counted_in_the_log(tmp_path):
    _, result = run(tmp_path, steps=1, recipe=changed(STILL, {"max_people": 1}))
    # two people in each of four pictures, one kept
    assert float(rows(result.log)[0]["dropped"]) == 4.0
