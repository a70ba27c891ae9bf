"""`repro search`: what it leaves, how it goes on, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from repro.charts import figures, search_trace
from repro.cli.main import main
from repro.errors import MissingError, UsageError
from repro.measure import search_command, search_litepose, search_nas
from repro.measure.place import Place
from repro.measure.search_check import correlation
from repro.measure.search_trace import ARCHITECTURE, TRACE, WEIGHTS, SearchWish, Trace
from repro.models import architecture, zoo
from repro.record.record import Record
from repro.record.store import read_file
from repro.search.costs import Limit
from repro.search.space import SPACES, LitePoseSpace
from repro.spec.profiles import PROFILES
from repro.spec.searches import EFFORTS
from repro.spec.settings import Profile
from repro.train.checkpoint import load_weights


def wish(method: str, out: Path, **other: Any) -> SearchWish:
    space = search_command.FIRST[method]
    plain = SearchWish(method, space, PROFILES["smoke"], out, Limit("macs", 5e8))
    return replace(plain, **other)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder, so that the data are drawn and the super-net is trained once."""
    return tmp_path_factory.mktemp("runs")


def place(runs: Path) -> Place:
    return Place(runs / "data", runs, "cpu")


def scored(out: Path) -> list[tuple[Any, float]]:
    tried = json.loads((out / TRACE).read_text())["tried"]
    return [(tuple(one["genes"]), one["score"]) for one in tried]


def test_litepose_leaves_a_network_and_a_search_cut_off_goes_on(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = wish("litepose", tmp_path / "whole", limit=Limit("macs", 9e8))
    cut = replace(whole, out=tmp_path / "cut")
    record = search_litepose.search(whole, place(runs))
    add = Trace.add

    def interrupted(self: Trace, *given: Any, **named: Any) -> None:
        add(self, *given, **named)
        if len(self.tried) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trace, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search_litepose.search(cut, place(runs))
    monkeypatch.undo()
    assert len(scored(cut.out)) == 2
    again = search_litepose.search(cut, place(runs))
    assert scored(cut.out) == scored(whole.out) and again.values == record.values
    found = architecture.read(whole.out / ARCHITECTURE)
    network = zoo.build(found.model, **found.changes)
    load_weights(network, whole.out / WEIGHTS)
    assert record.values["macs"] <= 9e8 and record.provenance["trace"]
    assert read_file(whole.out / "record.json")[0].key == record.key
    with pytest.raises(UsageError, match="is of a search with other seed"):
        search_litepose.search(replace(cut, seed=1), place(runs))


@pytest.mark.slow
def test_time_that_is_over_ends_a_search_with_what_it_has(runs: Path, tmp_path: Path) -> None:
    asked = wish("random", tmp_path / "found", space="litepose-xs")
    first = search_litepose.search(asked, place(runs))
    held = scored(asked.out)
    path = asked.out / TRACE
    body = json.loads(path.read_text())
    path.write_text(json.dumps({**body, "tried": body["tried"][:1]}))
    stopped = search_litepose.search(replace(asked, seconds=0.0), place(runs))
    assert (stopped.provenance["steps"], stopped.provenance["planned"]) == (1, 8)
    assert search_litepose.search(asked, place(runs)).values == first.values
    assert scored(asked.out) == held


@pytest.mark.parametrize(
    "method", ["efficientpose-nas", pytest.param("random", marks=pytest.mark.slow)]
)
def test_blocks_are_found_within_the_limit(method: str, runs: Path, tmp_path: Path) -> None:
    asked = wish(method, tmp_path / "found")
    record = search_nas.search(asked, place(runs))
    found = architecture.read(asked.out / ARCHITECTURE)
    assert found.model == "efficientpose_nas_a" and found.size == (256, 256)
    assert record.values["cost"] == record.values["macs"] <= 5e8
    assert record.provenance["steps"] == record.provenance["planned"]
    if method == "random":  # what is trained and tried is only read
        assert search_nas.search(asked, place(runs)).values == record.values


@pytest.mark.slow
def test_the_check_trains_each_alone_and_tells_the_correlation(runs: Path, tmp_path: Path) -> None:
    asked = wish("litepose", tmp_path / "found")
    grid = search_command.check(asked, place(runs), 3)
    assert len(grid.rows) == 3 and len(json.loads((asked.out / "check.json").read_text())) == 3
    with pytest.raises(UsageError, match="nas-small has no super-net to check"):
        search_command.check(wish("random", tmp_path / "other"), place(runs), 3)


def test_the_rank_correlation_by_hand() -> None:
    rising = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    told = correlation(rising, [2.0, 1.0, 3.0, 4.0, 5.0, 6.0])
    # 1 - 6 x sum of squared rank differences / (n (n^2 - 1)) = 1 - 6 x 2 / 210
    assert told.startswith("rank correlation 0.94, 95 % interval ")
    assert told.endswith(" to 1.00, of 6 networks")
    assert "no rank correlation" in correlation(rising, [1.0] * 6)


def searched(key: str, trace: list[dict[str, float]]) -> Record:
    return Record(key, "0", "litepose", {}, provenance={"trace": trace})


def test_the_trace_is_drawn(tmp_path: Path) -> None:
    end = "data=x profile=mini seed=0"
    records = [
        searched(f"search litepose litepose-xs {end}", [{"score": s} for s in (0.1, 0.05, 0.2)]),
        searched(f"search random nas-small {end}", [{"score": -3.0}, {"score": -2.0}]),
        searched(
            f"search efficientpose-nas nas-small {end}",
            [{"step": step, "error": 3.0 - step / 9, "cost": 4e8} for step in range(5)],
        ),
    ]
    picture = search_trace.chart({one.key: one for one in records})
    lines = {panel.y_label: panel.lines[0].ys for panel in picture.panels}  # type: ignore[attr-defined]
    assert lines["best score so far"] == (0.1, 0.1, 0.2)
    assert lines["least error so far"] == (3.0, 2.0)
    assert len(figures.write("trace", picture, tmp_path)) == 2
    with pytest.raises(MissingError, match="no search is recorded"):
        search_trace.chart({})


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["search", *map(str, arguments)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("litepose", "--limit", "macs=1M"), "the smallest, 8 8 16 24 40 16 16 8 256, costs"),
        pytest.param(
            ("efficientpose-nas", "--limit", "macs=1M"), "the smallest, 33 ", marks=pytest.mark.slow
        ),
        (("litepose", "--space", "nas-small"), "nas-small is no space of litepose"),
        (("litepose", "--space", "nas"), "unknown search space 'nas'"),
        (("litepose", "--rule", "flops"), "unknown counting rule 'flops'"),
        (("litepose", "--limit", "latency=9ms"), "a table of costs goes with latency"),
        (("litepose", "--profile", "maxi"), "unknown profile 'maxi'"),
    ],
)
def test_what_cannot_be_searched_is_one_line(
    arguments: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = run(*arguments, "--out", tmp_path / "out", "--runs", tmp_path / "runs")
    assert done.exit_code == 2 and message in done.stderr
    assert not (tmp_path / "out" / ARCHITECTURE).exists()


def test_the_smallest_that_is_named_is_the_smallest(runs: Path) -> None:
    """By hand over all widths: nothing costs less than the smallest of each."""
    xs = SPACES["litepose-xs"]
    assert isinstance(xs, LitePoseSpace)
    cost = search_litepose._cost(wish("litepose", runs), xs)
    rng = np.random.default_rng(0)
    least = cost(tuple(values[-1] for values in xs.choices))
    for _ in range(50):
        assert cost(tuple(values[rng.integers(len(values))] for values in xs.choices)) >= least


@pytest.mark.parametrize("name", ["mini", "gpu", "paper"])
def test_a_candidate_costs_a_twentieth_of_its_training_at_most(name: str) -> None:
    """In passes over pictures: one to measure norms, two (the mirrored one too) to test; training
    takes three for each picture."""
    recipe = search_litepose.SUPERNETS["litepose-xs"]
    profile: Profile = PROFILES[name].of(recipe)
    effort = EFFORTS[name]
    # CrowdPose: 12,000 pictures; fine-tuning takes 200 epochs (section 5.2)
    images = profile.steps * profile.batch or 200 * 12000
    assert 20 * (effort.norm_images + 2 * effort.score_images) <= 3 * images
