"""Accuracy against our own latency."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from repro.charts import pareto_latency
from repro.cli.main import main
from repro.errors import MissingError
from repro.measure.latencies import WAYS, digest, start
from repro.models.zoo import MODELS
from repro.record.record import Record
from repro.record.store import Store
from repro.spec.run import Run

NETWORKS = {"litepose_xs": 256, "litepose_s": 448, "litepose_higherhrnet_w24": 512}  # of litepose-1


@pytest.fixture
def records() -> dict[str, Record]:
    """Times of three networks with CrowdPose's joints, eager alone."""
    held = {}
    for number, (name, side) in enumerate(NETWORKS.items(), start=1):
        key = f"{start(Run(name, side, {'joints': 14}), WAYS[0])}x"
        values = {"median_ms": 10.0 * number, "p90_ms": 11.0 * number}
        family = MODELS[name].module
        held[key] = Record(key, digest(key, family), family, values, {"device": "x"})
    return held


def test_a_network_stands_at_its_own_time(records: dict[str, Record]) -> None:
    (panel,) = pareto_latency.chart(records, data="crowdpose-test", task="bottom-up").panels
    assert panel.x_label == f"latency (ms), measured, {WAYS[0]}"
    assert {(point.x, point.y) for point in panel.points} >= {(10.0, 49.5), (20.0, 58.3)}
    assert panel.x_range[0] < 10.0 and panel.x_range[1] > 20.0


def test_stale_times_and_no_times_make_no_picture(records: dict[str, Record]) -> None:
    stale = {key: Record(key, "old", one.family, one.values) for key, one in records.items()}
    for held in (stale, {}):
        with pytest.raises(MissingError, match="no latency of the networks is recorded") as fault:
            pareto_latency.chart(held, task="bottom-up")
        assert fault.value.hint.startswith("repro time --of all-models")


def test_the_command_draws_it(records: dict[str, Record], tmp_path: Path) -> None:
    Store(tmp_path / "own" / "records").merge([*records.values()])
    places = ["--results", str(tmp_path / "own"), "--out", str(tmp_path)]
    done = CliRunner().invoke(main, ["figure", "pareto", "--x", "latency", *places])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "pareto-latency-bottom-up.svg").is_file()
