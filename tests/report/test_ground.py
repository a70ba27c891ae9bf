"""All models on one ground, and the printed counts: everything is found in the specs and records,
nothing typed."""

import csv
import io
import json

import pytest

from repro import places
from repro.errors import UsageError
from repro.measure import count, memory
from repro.models import zoo
from repro.record.found import Records
from repro.record.record import Record
from repro.record.store import Store
from repro.report import all_models, counts
from repro.spec.run import Run
from repro.spec.versions import VERSIONS


@pytest.fixture(scope="module")
def held() -> Records:
    return Store(places.committed()).load()


def made(run: Run, values: dict[str, float]) -> Records:
    """Records of one network as a fresh measurement would leave them."""
    family = zoo.info(run.model).module
    counted = Record(count.key(run, "true"), count.digest(run, "true"), family, values)
    peak = Record(memory.key(run), memory.digest(run), family, {"peak_bytes": 12_345_678})
    return {one.key: one for one in (counted, peak)}


LITEPOSE_S = Run("litepose_s", 448)
MADE = made(LITEPOSE_S, {"params": 2_731_624, "macs": 3_624_375_552})


def test_the_ground_has_every_model_and_no_other() -> None:
    assert [row.key for row in all_models.table().rows] == list(zoo.MODELS)


@pytest.mark.parametrize(
    ("model", "data", "column", "expected"),
    [
        ("efficienthrnet_h0", "coco-val", "ap", ("64.8", "efficienthrnet-3")),
        # a quoted column names its run all the same
        (
            "litepose_s",
            "coco-test-dev",
            "ap",
            ("56.7", "litepose-2"),
        ),
        ("litepose_s", "crowdpose-test", "ap", ("58.3", "litepose-1")),  # its own paper's joints
        ("shrink_c1", "crowdpose-test", "ap", ("50.4", "litepose-1")),
        ("litepose_super", "crowdpose-test", "ap", ("", "")),  # only changed ones are printed
        ("litepose_s", "mpii-val", "pckh50", ("", "")),
    ],
)
def test_an_accuracy_is_found_with_its_table(
    model: str, data: str, column: str, expected: tuple[str, str]
) -> None:
    assert all_models.reported(model, data, column) == expected


def test_every_accuracy_is_a_printed_text_of_the_table_it_names() -> None:
    for row in all_models.table().rows:
        for name, source in row.notes.items():
            table = all_models.find(source.partition(",")[0])
            printed = {text for line in table.rows for text in line.reported}
            assert all_models.table().reported(row, name) in printed, f"{row.key}, {name}"


def test_people_get_one_line_per_model() -> None:
    grid = all_models.grid(MADE, rows=("litepose_s",))
    expected = (
        "2.732",
        "3.624",
        "12.3",
        "56.8 (litepose-2)",
        "56.7 (litepose-2)",
        "58.3 (litepose-1)",
        "",
    )
    assert grid.rows == (("litepose_s", "bottom-up", "448x448", *expected),)


def test_a_missing_or_stale_measurement_says_so() -> None:
    stale = {key: Record(key, "old", one.family, one.values) for key, one in MADE.items()}
    assert all_models.grid(stale, rows=("litepose_s",)).rows[0][3] == "2.732 (stale)"
    assert all_models.grid({}, rows=("litepose_s",)).rows[0][5] == "not run"


def test_machines_get_one_entry_per_cell() -> None:
    cells = json.loads(all_models.text(MADE, "json", rows=("litepose_s",)))["cells"]
    memory = next(one for one in cells if one["column"] == "memory_mb")
    assert memory["measured"] == pytest.approx(12.345678)  # exact but for the division by 1e6
    accuracy = next(one for one in cells if one["column"] == "ap_coco_val")
    assert (accuracy["reported"], accuracy["labels"]) == ("56.8", "litepose-2")
    lines = list(csv.DictReader(io.StringIO(all_models.text(MADE, "csv", rows=("litepose_s",)))))
    assert {line["record"] for line in lines if line["column"] == "memory_mb"} == {
        "memory litepose_s 448x448"
    }


@pytest.mark.parametrize("form", ["rich", "md", "latex"])
def test_every_form_names_every_model(form: str) -> None:
    text = all_models.text({}, form).replace("\\_", "_")
    assert all(name[:12] in text for name in zoo.MODELS)


def test_another_name_is_looked_up_in_the_catalog() -> None:
    assert all_models.find("litepose-1").id == "litepose-1"
    with pytest.raises(UsageError, match="unknown table 'all-modls'"):
        all_models.find("all-modls")


def test_a_new_version_of_the_memory_code_makes_its_records_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = memory.digest(LITEPOSE_S)
    monkeypatch.setitem(VERSIONS, "memory", VERSIONS["memory"] + 1)
    assert memory.digest(LITEPOSE_S) != before


def test_counts_stand_once_per_network_with_all_their_tables(held: Records) -> None:
    network = "litepose_s joints=14 448x448"
    params = [row[1:] for row in counts.params_grid(held).rows if row[0] == network]
    macs = [row[1:] for row in counts.macs_grid(held).rows if row[0] == network]
    assert params == [("2.7", "2.731", "ptflops", "+1.16", "2.731", "litepose-1")]
    assert macs == [("5.0 G", "4.981", "ptflops", "-0.37", "3.614", "litepose-1, litepose-3")]


def test_counts_keep_the_unit_of_the_paper(held: Records) -> None:
    printed = {row[0]: row[1] for row in counts.macs_grid(held).rows}
    assert printed["hourglass_ae 512x512"] == "206.9 x 2^30"


def test_every_count_that_is_off_is_explained_under_its_table(held: Records) -> None:
    off = counts.outside(held)
    assert [one for one in off if not one.remark] == []
    found = [one for one in off if (one.table.id, one.row) == ("litepose-1", "HigherHRNet-W24")]
    assert [(one.printed, one.off) for one in found] == [("params 14.9", "+8.1 %")]
