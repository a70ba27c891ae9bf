"""Kind `latency`: how a cell finds its time, and what the orders say."""

import pytest

from repro.measure.cells import cell
from repro.measure.latencies import LatencyKind, digest, start, way
from repro.models.zoo import MODELS
from repro.record.record import Record
from repro.report import latency
from repro.spec import catalog
from repro.spec.run import Run
from repro.spec.table import PaperTable

EAGER = way("eager", 1)
XS = Run("litepose_xs", 256, {"joints": 14})


def taken(run: Run, ms: float, device: str = "x", how: str = EAGER, **labels: str) -> Record:
    key = f"{start(run, how)}{device}"
    family = MODELS[run.model].module
    values = {"median_ms": ms, "p90_ms": ms}
    samples = tuple(ms + 0.001 * number for number in range(-5, 6))
    return Record(
        key, digest(key, family), family, values, {"device": device, **labels}, samples=samples
    )


def held(*records: Record) -> dict[str, Record]:
    return {record.key: record for record in records}


def test_words_for_a_way() -> None:
    assert (way("openvino", 1), way("eager", 2)) == ("openvino, 1 thread", "eager, 2 threads")
    assert start(XS, EAGER) == (
        "time litepose_xs joints=14 256x256 backend=eager batch=1 threads=1 precision=fp32 device="
    )


def test_a_fresh_time_is_found_before_a_stale_one() -> None:
    stale = Record(f"{start(XS, EAGER)}a", "old", "litepose", {"median_ms": 1.0}, {"device": "a"})
    found = LatencyKind().find(XS, EAGER, held(stale, taken(XS, 2.0, "b")))
    assert found is not None
    assert (found.record.values["median_ms"], found.labels, found.state) == (2.0, "b", "")
    old = LatencyKind().find(XS, EAGER, held(stale))
    assert old is not None and old.state == "stale"
    assert LatencyKind().find(XS, way("eager", 2), held(stale)) is None


def test_a_cell_names_the_device_and_what_was_not_stable() -> None:
    table = catalog.find("litepose-1", PaperTable)
    assert isinstance(table, PaperTable)
    row = next(one for one in table.rows if one.key == "LitePose-XS")
    item = next(one for one in table.also if one.name == "latency_eager_ms")
    assert cell(table, row, item, {}).status == "not run"
    shown = cell(table, row, item, held(taken(XS, 12.34, "epyc", **{"not stable": "load"})))
    assert shown.measured_text == "12.3 (epyc, not stable)"
    assert shown.reported == "" and shown.rule == EAGER


def test_orders_are_compared_by_rank() -> None:
    """Nine rows of litepose-1 that print a latency on the Nano, timed here in the same order."""
    table = catalog.find("litepose-1", PaperTable)
    assert isinstance(table, PaperTable)
    rows = [row for row in table.rows if row.run and table.reported(row, "latency_nano_ms")]
    records = held(
        *(
            taken(row.run, float(table.reported(row, "latency_nano_ms")) / 7)
            for row in rows
            if row.run
        )
    )
    found = [one for one in latency.orders(records) if one.where == "litepose-1"]
    nano = next(one for one in found if "Nano" in one.first)
    assert len(nano.pairs) == len(rows) >= latency.FEW
    assert nano.correlation == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("large", "verdict"), [(90.0, "supported"), (110.0, "contradicted"), (100.0, "not resolved")]
)
def test_the_verdict_on_one_branch(large: float, verdict: str) -> None:
    records = held(taken(Run("litepose_l", 512), large), taken(Run("higherhrnet_w16", 512), 100.0))
    assert latency.single_branch(records).endswith(f"{verdict}.")


def test_nothing_is_said_without_records() -> None:
    assert [*latency.section({})] == []
    assert latency.fewer_is_not_faster({}) == latency.single_branch({}) == ""
