"""Which record fills a cell where there are several, what makes one stale, and what is measured
again."""

from dataclasses import replace
from pathlib import Path

import pytest

from repro import places
from repro.charts import figures
from repro.errors import CheckError, ReproError
from repro.measure import accuracy, facts, scoring, sweep
from repro.measure.accuracy import Weights, find_profile, find_score
from repro.measure.cells import cells
from repro.measure.count import CountWork
from repro.measure.facts import FactsWork
from repro.measure.kind import Work
from repro.measure.memory import MemoryWork
from repro.measure.networks import build_for, weights_for
from repro.measure.place import Place
from repro.models import zoo
from repro.record.record import Record
from repro.record.store import Store
from repro.report import counts, findings
from repro.report.ablations import ablation_text
from repro.spec import catalog
from repro.spec.ablation import Ablation, Series
from repro.spec.profiles import MINI, PAPER, SMOKE
from repro.spec.protocols import BOTTOM_UP
from repro.spec.recipes import EFFICIENTHRNET
from repro.spec.run import Run
from repro.spec.settings import Profile, Protocol, Recipe, differing
from repro.spec.table import Field, PaperTable, Row
from repro.spec.versions import VERSIONS
from repro.train import checkpoint

RUN = Run("efficienthrnet_h_4", 384, {}, "coco-val", BOTTOM_UP, EFFICIENTHRNET)
TABLE = PaperTable(
    "t-1",
    "p",
    "Table 1",
    "A table",
    (Field("model"), Field("ap")),
    (Row("H-4", ("H-4", "35.0"), RUN),),
)


def record(
    how: Profile | Weights,
    value: float = 0.5,
    *,
    run: Run = RUN,
    seed: int = 0,
    images: int = 0,
    **changes,
):
    key, digest = accuracy.key(run, how, seed), accuracy.digest(run, how, seed)
    proof = {"images": images} if images else {}
    made = Record(key, digest, zoo.info(run.model).module, {"AP": value}, provenance=proof)
    return replace(made, **changes)


def held(*records: Record) -> dict[str, Record]:
    return {one.key: one for one in records}


def given(name: str, value: float = 0.5, **changes) -> Record:
    return record(Weights(Path("w.pth"), name * 12), value, **changes)


# --- which record ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [{"digest": "0"}, {"status": "failed", "values": {}, "error": "loss is nan"}]
)
def test_a_bad_record_of_the_paper_does_not_hide_good_weights(bad: dict[str, object]) -> None:
    found = find_score(RUN, held(record(PAPER, 0.3, **bad), given("b", 0.4)))
    assert found is not None
    assert (found.record.values["AP"], found.state) == (0.4, "")


def test_of_several_weights_a_stale_one_is_not_shown() -> None:
    found = find_score(RUN, held(given("a", 0.1, digest="0"), given("b", 0.4)))
    assert found is not None
    assert (found.record.values["AP"], found.labels) == (0.4, "weights bbbbbbbb, one of 2 weights")


def test_seeds_of_the_whole_test_set_come_before_one_of_a_part() -> None:
    records = held(
        *(
            record(PAPER, 0.1 * seed, seed=seed, images=11 if seed == 0 else 5000)
            for seed in range(3)
        )
    )
    found = find_profile(RUN, PAPER, records)
    assert found is not None
    assert (list(found.seeds), found.state, found.labels) == ([1, 2], "", "")
    assert found.record.values["AP"] == pytest.approx(0.15, abs=1e-12)


def test_a_measure_without_a_case_is_said_in_words() -> None:
    table = replace(TABLE, columns=(Field("model"), Field("ap_l")))
    cell = cells(table, held(record(MINI.of(EFFICIENTHRNET))))[0][1]
    assert (cell.status, cell.measured_text) == ("no case", "")
    assert cell.why == "the test set has nobody whom this measure is about"


def test_a_difference_is_taken_over_the_seeds_that_both_have() -> None:
    mini = MINI.of(EFFICIENTHRNET)
    own = (
        Row("base", ("58.3",), RUN),
        Row("deeper", ("60.0",), replace(RUN, changes={"joints": 14})),
    )
    series = (Series("", {row.key: row.key for row in own}),)
    ablation = Ablation("a", "p", "A", "?", "", (Field("ap"),), series, own=own).join({})
    arm = ablation.table.rows[1].run
    assert arm is not None
    ours = [record(mini, value, seed=seed) for seed, value in enumerate((0.10, 0.20, 0.60))]

    def text(*others: Record) -> str:
        records = held(*ours, *others)
        return ablation_text(ablation, cells(ablation.table, records), records, "md")

    assert "+5.0 (synthpose-near, mini, at 128x128 px, seed 1)" in text(
        record(mini, 0.25, run=arm, seed=1)
    )
    both = [record(mini, value, run=arm, seed=seed) for seed, value in enumerate((0.11, 0.23))]
    assert "+2.0 (synthpose-near, mini, at 128x128 px, mean ± 1.4 of 2 seeds)" in text(*both)
    # no seed in common
    assert "99.0 (synthpose-near, mini, at 128x128 px)" in text(record(mini, 0.99, run=arm, seed=7))


# --- stale ----------------------------------------------------------------------------------------


def test_a_stale_record_is_measured_again() -> None:
    row = Row("H-4", ("H-4", "1", "2", "3", "", "35.0"), RUN)
    fields = (
        Field("model"),
        Field("params_m"),
        Field("widths"),
        Field("memory_mb"),
        Field("latency_pi_ms"),
        Field("ap"),
    )
    table = PaperTable("t-2", "p", "Table 2", "A table", fields, (row,))
    mini = MINI.of(EFFICIENTHRNET)
    fresh = [one for work in untrained(RUN) for one in work.measure()]
    records = held(*fresh, record(mini))
    todo = sweep.plan(table, records, how=MINI)
    assert (todo.work, todo.jobs) == ((), ())
    todo = sweep.plan(
        table, {key: replace(one, digest="0") for key, one in records.items()}, how=MINI
    )
    assert ([type(one) for one in todo.work], len(todo.jobs)) == (
        [CountWork, FactsWork, MemoryWork],
        1,
    )


def untrained(run: Run) -> list[Work]:
    return [CountWork(run, frozenset({"true"})), FactsWork(run), MemoryWork(run)]


def test_what_is_recorded_is_not_measured_again() -> None:
    """The drawn test set of a reduced profile is whole: its 500 pictures are no part of the paper's
    2,958 people."""
    records = Store(places.committed()).load()
    ablation = catalog.find("sic", Ablation)
    assert isinstance(ablation, Ablation)
    known = [
        row.run for row in ablation.table.rows if row.run and find_profile(row.run, MINI, records)
    ]
    assert known
    missing = [job.run for job in sweep.plan(ablation.table, records, how=MINI).jobs]
    assert not [run for run in known if run in missing]


def test_a_stale_number_says_so_wherever_it_stands() -> None:
    run = Run("litepose_s", 448)
    true, theirs = CountWork(run, frozenset(["ptflops", "true"])).measure()
    true, theirs = sorted((true, theirs), key=lambda one: "ptflops" in one.key)
    altered = replace(theirs, values={**theirs.values, "macs": 9e9}, digest="0")
    (row,) = findings.inflation(held(true, altered)).rows
    assert row[2:4] == ("9.000 (stale)", "3.624")
    records = Store(places.committed()).load()
    aged = {
        key: replace(one, digest="0") if one.kind == "count" else one
        for key, one in records.items()
    }
    for grid in (counts.params_grid(aged), counts.macs_grid(aged)):
        place = grid.headings.index("measured")
        assert not [row for row in grid.rows if row[place] and "stale" not in row[place]]
    assert not [
        row for row in findings.doubled(aged).rows if "stale" not in row[2] or "stale" not in row[3]
    ]


def test_a_figure_draws_no_stale_number_as_if_it_were_measured_today() -> None:
    records = Store(places.committed()).load()
    aged = {key: replace(one, digest="0") for key, one in records.items()}
    (panel, *_) = figures.chart(catalog.find("litepose-f1"), aged).panels
    assert [one.also for one in panel.points if one.also is not None] == []
    (curve, *_) = figures.chart(catalog.find("learning-curves"), aged).panels
    assert curve.title.endswith("(stale)")


# --- digests --------------------------------------------------------------------------------------


def test_what_stands_at_its_default_is_in_no_digest() -> None:
    """So a new field with a default ages no record."""
    assert differing(Recipe("a", "b")) == differing(Protocol("a")) == differing(Profile("a")) == {}
    assert differing(Recipe("a", "b", rate=0.5, choices={"x": "y"})) == {"rate": 0.5}


@pytest.mark.parametrize("part", ["efficienthrnet", "training", "evaluation", "synthetic"])
def test_every_part_of_a_training_is_in_its_digest(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini = MINI.of(EFFICIENTHRNET)
    before = accuracy.digest(RUN, mini), accuracy.training_digest(RUN, mini, 0)
    monkeypatch.setitem(VERSIONS, part, VERSIONS[part] + 1)
    after = accuracy.digest(RUN, mini), accuracy.training_digest(RUN, mini, 0)
    assert before[0] != after[0]
    assert (before[1] != after[1]) == (part != "evaluation")


# --- one measurement, several rows ----------------------------------------------------------------


def alike() -> PaperTable:
    sizes = [replace(RUN, size=size) for size in (384, 512)]
    rows = tuple(Row(f"at {run.shape[0]}", (f"at {run.shape[0]}", "35.0"), run) for run in sizes)
    return replace(TABLE, rows=rows)


def test_rows_that_a_profile_makes_alike_are_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []

    def score(run, how, *, seed, place):
        measured.append(run.shape)
        return {"AP": 0.5}, {"seed": seed}

    monkeypatch.setattr(scoring, "score", score)
    store, place = Store(tmp_path / "records"), Place(tmp_path, tmp_path / "runs")
    todo = sweep.plan(alike(), {}, how=SMOKE)
    sweep.carry_out(todo, store, place)
    assert measured == [(384, 384)]
    records = store.load()
    assert sorted(key.split()[2] for key in records) == ["384x384", "512x512"]
    assert sweep.plan(alike(), records, how=SMOKE).jobs == ()
    first, second = (line[1] for line in cells(alike(), records))
    assert first.labels == "synthpose-easy, smoke"
    assert second.labels == (
        "synthpose-easy, smoke, one run with at 384, whose size 512x512 and 384x384 this profile "
        "makes the same"
    )


def test_sides_are_rounded_to_what_the_network_takes_and_the_cell_says_so() -> None:
    hourglass = Run("hourglass_8", 256, {}, "mpii-val", BOTTOM_UP, EFFICIENTHRNET)
    small = replace(MINI.of(EFFICIENTHRNET), size=96, scale=0.0)
    assert accuracy.shape_of(hourglass, small) == (128, 128)
    found = find_profile(
        hourglass, replace(small, tasks={}), held(record(replace(small, tasks={}), run=hourglass))
    )
    assert found is not None
    assert found.labels == "synthpose-near, mini, at 128x128 px"


@pytest.mark.parametrize(
    ("scale", "labels"),
    [(0.5, "synthpose-near, mini"), (0.4, "synthpose-near, mini, at 128x128 px")],
)
def test_a_factor_that_the_network_cannot_take_is_told(scale: float, labels: str) -> None:
    hourglass = Run("hourglass_8", 256, {}, "mpii-val", BOTTOM_UP, EFFICIENTHRNET)
    scaled = replace(MINI, size=0, scale=scale, tasks={})
    found = find_profile(hourglass, scaled, held(record(scaled, run=hourglass)))
    assert found is not None
    assert found.labels == labels


def test_sizes_that_the_papers_keep_apart_are_compared() -> None:
    """A factor keeps them apart here too; a size for all does not, so what misses it stands alone."""
    runs = [replace(RUN, size=size) for size in (384, 512)]
    scaled, sized = MINI.of(EFFICIENTHRNET), replace(MINI.of(EFFICIENTHRNET), scale=0.0, size=90)
    found = [find_profile(run, scaled, held(record(scaled, run=run))) for run in runs]
    assert [one and one.labels for one in found] == [
        f"synthpose-near, mini, at {side}x{side} px" for side in (128, 192)
    ]
    assert {one and one.basis for one in found} == {"synthpose-near, mini reduced"}
    one = find_profile(RUN, sized, held(record(sized)))
    assert one is not None and one.basis == "synthpose-near, mini, at 96x96 px reduced"


@pytest.mark.parametrize("name", zoo.MODELS)
def test_a_family_names_the_multiple_that_its_networks_take(name: str) -> None:
    assert getattr(zoo.build_empty(name), "stride", 1) == zoo.info(name).family.multiple


# --- merging --------------------------------------------------------------------------------------


def test_a_run_that_fails_again_keeps_the_new_error(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for error in ("loss is nan", "out of memory"):
        assert store.merge([record(MINI, values={}, status="failed", error=error)]) == 1
    assert [one.error for one in store.load().values()] == ["out of memory"]


def test_every_finished_record_is_merged_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burn(work: MemoryWork) -> list[Record]:
        raise ReproError("it burnt")

    monkeypatch.setattr(MemoryWork, "measure", burn)
    store = Store(tmp_path)
    todo = sweep.Plan((FactsWork(RUN), MemoryWork(RUN)), ())
    with pytest.raises(ReproError, match="it burnt"):
        sweep.carry_out(todo, store, Place(tmp_path, tmp_path))
    assert list(store.load()) == [facts.key(RUN)]


def test_a_failed_job_is_recorded_under_every_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(run, how, *, seed, place):
        raise ReproError("the loss is nan")

    monkeypatch.setattr(scoring, "score", score)
    store = Store(tmp_path / "records")
    with pytest.raises(CheckError, match="1 of 1 measurements failed"):
        sweep.carry_out(
            sweep.plan(alike(), {}, how=SMOKE), store, Place(tmp_path, tmp_path / "runs")
        )
    assert [one.status for one in store.load().values()] == ["failed", "failed"]


# --- weight files ---------------------------------------------------------------------------------


def test_a_foreign_weight_file_is_read_once_to_be_named_and_once_to_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    path, reads = tmp_path / "efficientnet_b_4.pth", []
    model = zoo.build("efficientnet_b_4", classes=10)
    torch.save(model.state_dict(), path)
    read = checkpoint.read_weights
    monkeypatch.setattr(checkpoint, "read_weights", lambda path: reads.append(path) or read(path))
    for _ in range(3):
        known = weights_for(tmp_path, "efficientnet_b_4")
    assert known is not None
    assert len(reads) == 1
    _, info = build_for(Run("efficientnet_b_4", 128, {"classes": 10}), known.path)
    assert (len(reads), info["sha256"]) == (2, known.sha256)


def test_our_own_weights_are_named_from_their_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = zoo.build("efficientnet_b_4", classes=10)
    path = tmp_path / "weights.safetensors"
    sha256 = checkpoint.save_weights(path, model, {"model": "efficientnet_b_4"})
    monkeypatch.setattr(checkpoint, "read_weights", None)
    assert weights_for(path, "efficientnet_b_4") == Weights(path, sha256)
    assert weights_for(path, "efficientnet_b_3") is None
