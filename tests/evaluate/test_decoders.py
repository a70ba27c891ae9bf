"""Work of other processes beside the network: the same results in the same order, one clear fault,
never a wait."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn
from where import TESTS
from works import number, threads, work

from repro.cli.main import main
from repro.data.coco import CocoKeypoints, locate
from repro.data.synth.crowd import make_coco
from repro.errors import MissingError, ReproError, UsageError
from repro.evaluate import evaluate as evaluation
from repro.models.maps import Maps
from repro.people.skeletons import COCO
from repro.processes import in_order
from repro.spec.protocols import BOTTOM_UP, BOTTOM_UP_MULTI_SCALE


def items(*words: str) -> list[tuple[str, np.ndarray]]:
    """Arrays of several sizes, one of them not contiguous, one without values."""
    arrays = [
        np.arange(5.0),
        np.ones((300, 1000), np.float32)[:, ::2],
        np.zeros((0, 3)),
        np.arange(7, dtype=np.uint8),
    ]
    return [(word, arrays[number % len(arrays)]) for number, word in enumerate(words)]


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    given = items("slow", *"abcdefghijklmn", "slow")
    assert list(in_order(work, given, count=count)) == [work(item) for item in given]


def test_nothing_to_do() -> None:
    assert list(in_order(work, [], count=1)) == []


def test_the_source_runs_only_a_few_items_ahead() -> None:
    taken = []

    def source() -> Iterator[tuple[str, np.ndarray]]:
        for item in items("slow", *"a" * 40):
            taken.append(item)
            yield item

    with closing(in_order(work, source(), count=2)) as results:
        next(results)
        assert len(taken) <= 2 * 4 + 2


def test_helpers_have_one_thread_each_and_are_other_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    found = list(in_order(threads, range(4), count=1))
    assert {one[1:] for one in found} == {(1, 1)}
    assert os.getpid() not in {one[0] for one in found}


@pytest.mark.parametrize(
    ("word", "kind", "message"),
    [
        ("dies", ReproError, "a process that helps this one was killed by signal 9"),
        ("fails", UsageError, "tag maps hold values that are not numbers"),
        (
            "breaks",
            ReproError,
            "a process that helps this one met ValueError: too many values (works.py, line",
        ),
    ],
)
def test_a_fault_is_one_error_and_no_wait(word: str, kind: type[ReproError], message: str) -> None:
    with pytest.raises(kind) as fault:
        list(in_order(work, items("a", word, *"bcdefgh"), count=2))
    assert type(fault.value) is kind
    assert fault.value.message.startswith(message)
    if word == "fails":
        assert fault.value.hint == "train longer"


def test_helpers_end_with_the_source_and_with_the_reader() -> None:
    def broken() -> Iterator[int]:
        yield 0
        raise MissingError("no picture")

    with pytest.raises(MissingError, match="no picture"):
        list(in_order(number, broken(), count=1))
    with closing(in_order(number, range(100), count=1)) as results:
        process = next(results)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_ctrl_c_leaves_no_process_and_no_noise(tmp_path: Path) -> None:
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from works import interrupted; interrupted(sys.argv[2])"
    )
    command = [sys.executable, "-c", code, str(TESTS), str(tmp_path / "process")]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not (tmp_path / "process").exists():
        assert parent.poll() is None
        time.sleep(0.02)
    os.killpg(parent.pid, signal.SIGINT)  # as a terminal does: to all at once
    _, told = parent.communicate(timeout=30)
    assert (parent.returncode, told) == (7, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "process").read_text()), 0)


# --- testing a network ----------------------------------------------------------------------------


class Noisy(nn.Module):
    """Finds many people everywhere; any size that 4 divides."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.coarse = nn.Conv2d(3, 34, 7, stride=4, padding=3)
        self.fine = nn.Conv2d(3, 17, 5, stride=2, padding=2)

    def forward(self, images: torch.Tensor) -> Maps:
        heatmaps, tags = self.coarse(images).chunk(2, 1)
        return Maps((heatmaps.sigmoid() / 2, self.fine(images).sigmoid() / 2), (4 * tags,))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decoders") / "drawn"
    make_coco(folder, train=1, val=5, size=(64, 96))
    return folder


FAST = replace(BOTTOM_UP, assignment="scipy", max_people=5)


@pytest.mark.parametrize(
    "protocol", [FAST, replace(BOTTOM_UP_MULTI_SCALE, assignment="scipy", max_people=3)]
)
def test_helpers_change_no_bit_of_the_predictions(drawn: Path, protocol: Any) -> None:
    pictures, annotations = locate(drawn, "synthetic", "val")
    dataset = CocoKeypoints(pictures, annotations, skeleton=COCO, split="val")
    run = partial(
        evaluation.evaluate,
        Noisy(),
        dataset,
        annotations,
        skeleton=COCO,
        protocol=protocol,
        nominal=64,
    )
    alone, helped = run(), run(decoders=2)
    assert len(alone.predictions) > 20
    assert len({one["image_id"] for one in alone.predictions}) == 5
    assert helped.predictions == alone.predictions
    assert helped.values == alone.values
    assert helped.tested_sizes == alone.tested_sizes
    assert set(helped.seconds) == set(alone.seconds) and min(helped.seconds.values()) > 0


class NotANumber(Noisy):
    def forward(self, images: torch.Tensor) -> Maps:
        found = super().forward(images)
        return Maps(tuple(one * torch.nan for one in found.heatmaps), found.tags)


def test_maps_that_are_no_numbers_are_the_same_fault_in_a_helper(drawn: Path) -> None:
    pictures, annotations = locate(drawn, "synthetic", "val")
    dataset = CocoKeypoints(pictures, annotations, skeleton=COCO, split="val")
    options = {"skeleton": COCO, "protocol": BOTTOM_UP, "nominal": 64, "decoders": 1}
    with pytest.raises(UsageError, match="heatmaps hold values that are not numbers"):
        evaluation.evaluate(NotANumber(), dataset, annotations, **options)


def test_the_command_hands_the_number_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from repro.grid import Grid
    from repro.measure import evaluate_command

    asked: list[Any] = []

    def evaluate(wish: Any) -> Any:
        asked.append(wish)
        return {}, Grid(("a",), (("1",),))

    monkeypatch.setattr(evaluate_command, "evaluate", evaluate)
    command = ["evaluate", "litepose_xs", "--weights", "w.pth", "--decoders"]
    assert CliRunner().invoke(main, [*command, "3"]).exit_code == 0
    assert asked[0].decoders == 3
    assert CliRunner().invoke(main, [*command, "-1"]).exit_code == 2
