"""How steps are computed: number formats, parts of a batch, several processes; and what survives a
kill."""

import os
import random
import signal
import socket
import time
import traceback
from dataclasses import replace

import pytest
import torch
from test_training import STILL, Toy, equal, falling, forks, one_thread, rows, run
from torch import nn

from repro.errors import MissingError, ReproError, UsageError
from repro.spec.settings import Profile
from repro.train import distributed
from repro.train.checkpoint import read_info
from repro.train.folder import BEFORE, STATE
from repro.train.step import Stepper

__all__ = ["one_thread"]  # a fixture

# Adam makes a full step of a gradient of 1e-9
SGD = replace(STILL, optimizer="sgd", rate=0.05, momentum=0.9)


def sure():
    """A network with batch norm and no dropout, whose masks depend on the process."""
    model = Toy()
    model.stem[-1] = nn.Identity()
    return model


def normless():
    model = sure()
    model.stem[1] = model.stem[4] = nn.Identity()
    return model


def profile(**changes):
    return Profile("test", **{"steps": 7, "batch": 4, **changes})


def furthest(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return max(float((a.float() - b.float()).abs().max()) for a, b in pairs)


def together(count, work):
    """Exit codes of `count` processes that meet through gloo as torchrun would have them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    children = []
    for rank in range(count):
        child = os.fork()
        if child == 0:
            os.environ.update(
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                WORLD_SIZE=str(count),
                LOCAL_WORLD_SIZE=str(count),
                MASTER_ADDR="127.0.0.1",
                MASTER_PORT=str(port),
            )
            code = 1
            try:
                work()
                code = 0
            except UsageError:
                code = 2
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


@forks
@pytest.mark.parametrize("micro_batch", [0, 1])
def test_two_processes_compute_what_one_does(tmp_path, micro_batch):
    """Six pictures in batches of four: the last batch of an epoch is smaller."""
    make = sure if not micro_batch else normless  # batch norm over parts of a batch is another one
    how = profile(steps=5, micro_batch=micro_batch)
    alone, one = run(
        tmp_path / "one", recipe=SGD, model=make(), profile=replace(how, micro_batch=0)
    )
    codes = together(
        2, lambda: run(tmp_path / "two", recipe=SGD, model=make(), profile=how, save_steps=2)
    )
    assert codes == [0, 0]
    # finished, so only loaded
    other, two = run(tmp_path / "two", recipe=SGD, model=make(), profile=how)
    assert two.resumed == 5
    assert read_info(two.weights)["processes"] == 2
    assert furthest(alone, other) < 1e-4  # sums in another order
    first, second = ([float(row["total"]) for row in rows(each.log)] for each in (one, two))
    assert second == pytest.approx(first, rel=1e-4)
    assert sum(float(row["dropped"]) for row in rows(two.log)) == 0


@forks
def test_two_processes_go_on_where_one_stopped(tmp_path, monkeypatch):
    alone, _ = run(tmp_path / "one", recipe=SGD, model=sure())
    with falling(monkeypatch, 5):
        run(tmp_path / "two", recipe=SGD, model=sure(), save_steps=2)
    assert together(2, lambda: run(tmp_path / "two", recipe=SGD, model=sure())) == [0, 0]
    assert furthest(alone, run(tmp_path / "two", recipe=SGD, model=sure())[0]) < 1e-4


@forks
def test_when_one_process_is_killed_the_other_says_in_one_line_what_is_kept(tmp_path, monkeypatch):
    step = Stepper.take

    def killed(stepper, batch, at):
        if at.number == 3 and distributed.rank() == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(stepper, batch, at)

    def work():
        try:
            run(tmp_path / "two", recipe=SGD, model=sure(), save_steps=2)
        except ReproError as fault:
            (tmp_path / "told").write_text(f"{fault.message}\n{fault.hint}")
            raise

    monkeypatch.setattr(Stepper, "take", killed)
    assert together(2, work) == [1, -signal.SIGKILL]
    message, hint = (tmp_path / "told").read_text().splitlines()
    assert "the processes of this training have lost each other" in message
    assert message.endswith(f"the last good checkpoint is {tmp_path / 'two' / 'state.safetensors'}")
    assert "by the same command" in hint


@forks
def test_more_processes_than_pictures_is_a_usage_error(tmp_path):
    assert together(2, lambda: run(tmp_path, images=5)) == [2, 2]
    assert list(tmp_path.iterdir()) == []
    distributed.check_shares(4, 5)  # one process alone


def test_more_processes_than_cards_is_a_usage_error(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "64")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match="64 processes want a device each and there are 2"):
        distributed.joined(torch.device("cuda")).__enter__()


def test_parts_of_a_batch_add_up_to_the_batch(tmp_path):
    whole, one = run(tmp_path / "whole", recipe=SGD, model=normless())
    for micro in (1, 3):
        parts, two = run(
            tmp_path / f"{micro}", recipe=SGD, model=normless(), profile=profile(micro_batch=micro)
        )
        assert furthest(whole, parts) < 1e-5  # sums in another order
        assert two.last == pytest.approx(one.last, rel=1e-4)


@pytest.mark.parametrize(
    "how", [{"precision": "bf16"}, {"channels_last": True, "precision": "bf16", "micro_batch": 2}]
)
def test_every_way_to_compute_learns_resumes_and_has_settings_of_its_own(
    tmp_path, monkeypatch, how
):
    plain, _ = run(tmp_path / "plain")
    whole, one = run(tmp_path / "whole", profile=profile(**how))
    assert not equal(plain, whole)
    assert one.last < one.first
    with falling(monkeypatch, 5):
        run(tmp_path / "parts", profile=profile(**how), save_steps=2)
    with pytest.raises(UsageError, match="precision"):
        run(tmp_path / "parts")
    assert equal(whole, run(tmp_path / "parts", profile=profile(**how))[0])


def test_bad_ways_to_compute(tmp_path):
    with pytest.raises(UsageError, match="unknown precision 'bf15'; did you mean bf16"):
        run(tmp_path, profile=profile(precision="bf15"))
    with pytest.raises(UsageError, match="fp16 trains on CUDA only"):
        run(tmp_path, profile=profile(precision="fp16"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")  # of torch, from within
def test_a_compiled_network_computes_the_same(tmp_path):
    plain, _ = run(tmp_path / "plain", recipe=SGD, model=sure())
    fast, _ = run(tmp_path / "fast", recipe=SGD, model=sure(), profile=profile(compile=True))
    assert furthest(plain, fast) < 1e-4  # other kernels


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_card_learns_in_half_precision(tmp_path, precision):
    how = profile(precision=precision, channels_last=True, steps=60)
    _, result = run(
        tmp_path, images=4, recipe=replace(STILL, rate=3e-3), profile=how, device="cuda"
    )
    assert result.last < result.first / 3


def half_done(tmp_path, monkeypatch, *, fall):
    """A training that saved every step and fell at step `fall`."""
    step = Stepper.take

    def falls(stepper, batch, at):
        if at.number == fall:
            raise KeyboardInterrupt
        return step(stepper, batch, at)

    monkeypatch.setattr(Stepper, "take", falls)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, save_steps=1)
    monkeypatch.undo()


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:1000], lambda raw: raw[:-9] + b"\1" * 9, lambda raw: b""]
)
def test_a_damaged_checkpoint_is_reported_and_the_one_before_is_used(
    tmp_path, monkeypatch, capsys, damage
):
    whole, _ = run(tmp_path / "whole")
    half_done(tmp_path / "parts", monkeypatch, fall=5)
    newest = tmp_path / "parts" / "state.safetensors"
    newest.write_bytes(damage(newest.read_bytes()))
    resumed, result = run(tmp_path / "parts")
    told = capsys.readouterr().err
    assert "damaged" in told and "looking for the checkpoint before it" in told
    assert result.resumed == 4
    assert equal(whole, resumed)
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [
        "log.csv",
        "weights.safetensors",
    ]


def test_only_damaged_checkpoints_stop_with_one_clear_error(tmp_path, monkeypatch):
    half_done(tmp_path, monkeypatch, fall=5)
    for name in (STATE, BEFORE):
        (tmp_path / name).write_bytes(b"nothing")
    with pytest.raises(MissingError, match=r"state\.safetensors is missing, damaged") as fault:
        run(tmp_path)
    assert fault.value.hint == f"remove {tmp_path} to start anew"


def killed_at_random(out, moments, steps):
    """How many of the processes were killed before they had finished; every one goes on where the
    last fell."""
    killed = 0
    for rows_written, delay in moments:
        child = os.fork()
        if child == 0:
            run(out, save_steps=1, profile=profile(steps=steps))
            os._exit(0)
        while written(out / "log.csv") < rows_written:
            time.sleep(0.001)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    return killed


def written(log):
    return log.read_bytes().count(b"\n") if log.exists() else 0


@forks
def test_killed_at_random_moments_the_weights_stay_the_same_bit_for_bit(tmp_path):
    """Saving takes most of the time here, so most kills fall into it."""
    steps = 60
    whole, expected = run(tmp_path / "whole", profile=profile(steps=steps))
    rng = random.Random(0)
    moments = [(rows_written, rng.uniform(0, 0.02)) for rows_written in range(5, 50, 7)]
    killed = killed_at_random(tmp_path / "parts", moments, steps)
    resumed, result = run(tmp_path / "parts", profile=profile(steps=steps))
    assert killed >= 3
    assert equal(whole, resumed)
    assert result.sha256 == expected.sha256
    assert result.log.read_bytes() == expected.log.read_bytes()
