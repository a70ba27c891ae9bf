"""Layer costs: which operations a space holds, that they add up to its networks, and what the file
says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from repro.cli.main import main
from repro.counting.trace import count
from repro.errors import CheckError, UsageError
from repro.measure import layer_costs
from repro.measure.layer_costs import HEAD, STEM, WHOLE, Part, Timed
from repro.models import zoo
from repro.models.convs import relu
from repro.timing.backends import Setting
from repro.timing.clock import Sampling
from repro.timing.machine import Conditions, Watch
from repro.timing.spaces import SPACES, Operation, blocks_of

QUICK = Sampling(rounds=7, warm_passes=6)
TINY = "nas-small"
SLOW_BUT_ONE = [
    pytest.param(name, marks=[] if name == TINY else pytest.mark.slow) for name in SPACES
]


def test_the_spaces_hold_what_the_papers_choose_among() -> None:
    small = SPACES["nas-small"].operations()
    # Table 1: four stages, first and other blocks, 3 kernels x 2 expansions; other blocks may be
    # left out
    assert len(small) == len(set(small)) == 4 * 2 * 6 + 4
    assert {one.size for one in small} == {(128, 128), (64, 64), (32, 32), (16, 16)}
    assert {(one.kernel, one.expansion) for one in small} == {
        (k, e) for k in (3, 5, 7) for e in (3, 6)
    } | {(0, 0)}
    lite = SPACES["litepose"].operations()
    # 1, 3/4, 1/2, 1/4
    assert {one.width for one in lite} == {
        8,
        16,
        24,
        32,
        40,
        48,
        64,
        72,
        80,
        96,
        120,
        160,
    }
    assert {(one.kernel, one.expansion) for one in lite} == {(7, 6)}


@pytest.mark.parametrize("name", SPACES)
def test_every_block_of_a_spaces_networks_stands_in_its_table(name: str) -> None:
    space = SPACES[name]
    known = set(space.operations())
    for model in space.networks:
        trunk = zoo.build_empty(model).eval().backbone
        assert set(blocks_of(trunk, torch.empty(1, 3, *space.size, device="meta"))) <= known  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SLOW_BUT_ONE)
def test_multiply_adds_of_the_entries_add_up_to_the_whole_network(name: str) -> None:
    """Exactly: nothing of a network is left out or counted twice, so only their times can
    differ."""
    space = SPACES[name]
    for model in space.networks:
        parts = {one.what: one for one in layer_costs._parts(model, space, 1)}
        blocks = blocks_of(
            parts[Part(model, WHOLE)].module.backbone, parts[Part(model, WHOLE)].given
        )  # type: ignore[arg-type]
        found = sum(layer_costs.macs_of(one, space) for one in blocks)
        found += parts[Part(model, STEM)].macs + parts[Part(model, HEAD)].macs
        assert (
            found
            == parts[Part(model, WHOLE)].macs
            == count(zoo.build_empty(model), space.size).macs
        )


def test_multiply_adds_of_one_operation_by_hand() -> None:
    one = Operation(w_in=16, width=24, kernel=5, expansion=3, stride=2, size=(64, 64))
    by_hand = 16 * 48 * 64 * 64 + 48 * 25 * 32 * 32 + 48 * 24 * 32 * 32
    assert layer_costs.macs_of(one, SPACES[TINY]) == by_hand
    assert one.build(relu)(torch.zeros(2, 16, 64, 64)).shape == (2, 24, 32, 32)


def test_the_head_alone_gives_the_networks_answer() -> None:
    space = SPACES[TINY]
    parts = {one.what: one for one in layer_costs._parts("efficientpose_nas_a", space, 1)}
    head, whole = (parts[Part("efficientpose_nas_a", part)] for part in (HEAD, WHOLE))
    with torch.inference_mode():
        assert torch.equal(
            head.module(head.given).heatmaps[0], whole.module(whole.given).heatmaps[0]
        )


class Seconds:
    """A clock by which every pass takes a millisecond."""

    def __init__(self) -> None:
        self.ticks = self._count()

    def _count(self) -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += 1e-3

    def __call__(self) -> float:
        return next(self.ticks)


class Idle(Watch):
    """A machine on which nothing else goes on."""

    others = 0.0

    def __exit__(self, *_: object) -> None:
        self.conditions = Conditions(0.1, self.others, "performance", 2)


class Loaded(Idle):
    """A machine on which others take a processor and a half."""

    others = 1.5


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass is the clock's alone: no network runs but for its blocks to be listed."""
    monkeypatch.setattr(layer_costs._Pass, "__call__", lambda self: None)


def test_the_sum_is_compared_with_the_whole(tiny: None) -> None:
    table = layer_costs.measure(TINY, Setting(), QUICK, watch=Idle, clock=Seconds())
    trunk = zoo.build_empty("efficientpose_nas_a").eval().backbone
    blocks = blocks_of(trunk, torch.empty(1, 3, 256, 256, device="meta"))  # type: ignore[arg-type]
    # each 1 ms; rounding
    assert table.sums["efficientpose_nas_a"].value == pytest.approx(len(blocks) + 2, abs=1e-3)
    body = json.loads(table.to_json())
    assert len(body["operations"]) == 52 and [one["part"] for one in body["fixed"]] == [
        STEM,
        HEAD,
        WHOLE,
    ]
    entry = body["operations"][0]
    assert set(entry) == {
        "w_in",
        "width",
        "kernel",
        "expansion",
        "stride",
        "size",
        "macs",
        "median_ms",
        "p90_ms",
        "samples",
        "stable",
    }
    assert entry["median_ms"] == 1.0 and len(entry["samples"]) == 7
    assert (
        body["device"]
        and body["provenance"]["versions"]["torch"]
        and body["conditions"]["governor"] == "performance"
    )
    assert body["mac_rule"] == "true"


def test_a_table_of_a_loaded_machine_is_not_written(tiny: None, tmp_path: Path) -> None:
    table = layer_costs.measure(TINY, Setting(), QUICK, watch=Loaded, clock=Seconds())
    with pytest.raises(
        CheckError, match=r"not written, as the run is not stable: .*other processes took 1.50"
    ) as fault:
        layer_costs.write(table, tmp_path / "a.json")
    assert "--anyway" in fault.value.hint and list(tmp_path.iterdir()) == []
    layer_costs.write(table, tmp_path / "a.json", anyway=True)
    assert "under load" in json.loads((tmp_path / "a.json").read_text())["not_stable"][0]


def test_other_back_ends_and_spaces_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown search space 'nas'"):
        layer_costs.measure("nas", Setting(), QUICK)
    with pytest.raises(UsageError, match="layers are timed by back end eager"):
        layer_costs.measure(TINY, Setting("channels-last"), QUICK)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_the_command_prints_how_far_the_sum_is_off(
    tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = layer_costs.measure(TINY, Setting(), QUICK, watch=Idle, clock=Seconds())
    monkeypatch.setattr(layer_costs, "measure", lambda *_, **__: measured)
    done = run("layer-costs", TINY, "--out", tmp_path / "a.json")
    assert done.exit_code == 0, done.output
    assert (
        "efficientpose_nas_a" in done.stdout and "+2700.0%" in done.stdout and "no" in done.stdout
    )
    assert (tmp_path / "a.json").is_file()


def test_times_of_a_piece_carry_their_faults() -> None:
    piece = layer_costs.pieces(SPACES[TINY], 1)[0]
    assert Timed(piece, (1.0, 2.0, 3.0), ("too few",)).entry["stable"] is False
