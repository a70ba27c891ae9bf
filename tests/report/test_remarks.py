"""Remarks under the tables say what the papers print and what was measured: numbers, groups and
sources are checked."""

import re
from collections.abc import Iterator

import pytest

from repro.measure.cells import cells
from repro.record.store import Store
from repro.spec import catalog
from repro.spec.table import PaperTable

RECORDS = Store(catalog.root() / "results" / "records").load()
UNITS = {"params": (1e-6,), "macs": (1e-9, 2.0**-30), "flops": (1e-9,)}  # as printed
OTHERWISE = {  # numbers in remarks that no record holds
    ("compact-efficientnet", "0.833"): "a multiplier of the released code",
    ("efficienthrnet-4", "91.797"): "percent, from printed cells",
    ("efficientpose-9", "1.497"): "the variant without upscaling, less its two heads: in no row",
    ("litepose-1", "4.296"): "H-3 with COCO's head by rule ptflops: in no row",
}


def remarks() -> Iterator[tuple[str, str]]:
    tables = [*catalog.tables(), *(one.table for one in catalog.ablations())]
    yield from ((table.id, text) for table in tables for text in table.differences)


def table(name: str) -> PaperTable:
    found = catalog.find(name, PaperTable)
    assert isinstance(found, PaperTable)
    return found


def printed(name: str, column: str) -> dict[str, float]:
    spec = table(name)
    return {row.key: float(text) for row in spec.rows if (text := spec.reported(row, column))}


def test_every_number_with_three_decimals_is_a_recorded_count() -> None:
    recorded = {
        f"{value * unit:.3f}"
        for one in RECORDS.values()
        for name, units in UNITS.items()
        for unit in units
        if isinstance(value := one.values.get(name), int | float)
    }
    found = {
        (name, number)
        for name, text in remarks()
        for number in re.findall(r"(?<![\d.])\d+\.\d{3}(?!\d)", text)
    }
    assert {place for place in found if place[1] not in recorded} == set(OTHERWISE)


@pytest.mark.parametrize(
    "name", ["efficientpose-nas-2", "efficientpose-nas-4", "efficientpose-nas-5"]
)
def test_remarks_on_c_quote_the_number_that_its_cell_shows(name: str) -> None:
    line = next(line for line in cells(table(name), RECORDS) if line[0].row == "C")
    cell = next(one for one in line if one.field.name == "gflops_reported")
    assert cell.measured is not None
    assert cell.status == "match"
    (remark,) = [text for text in table(name).differences if text.startswith("C:")]
    assert f"{cell.measured:.3f}" in remark


def test_the_fewest_flops_are_said_of_the_first_group_only() -> None:
    spec = table("efficientpose-nas-3")
    flops = printed(spec.id, "gflops_reported")
    groups = {row.key: spec.reported(row, "group") for row in spec.rows}
    assert all(flops[key] > flops["A"] for key, group in groups.items() if group == "1")
    assert flops["Random Search"] < flops["A"]
    assert groups["Random Search"] != "1"
    said = [(name, text) for name, text in remarks() if "fewest" in text]
    assert {name for name, _ in said} == {"efficientpose-nas-3"}
    assert [name for name, text in said if "first group" not in " ".join(text.split())] == []


def test_the_gains_of_concatenation_are_those_between_the_rows_that_the_remark_names() -> None:
    medium, large = printed("higherhrnet-4", "ap_m"), printed("higherhrnet-4", "ap_l")
    (remark,) = [text for text in table("higherhrnet-4").differences if "concatenation are" in text]
    assert "(a) to (c), as it says" in remark  # section 4.2: "Comparing method (a) and (c)"
    for gain, first, last in (
        (medium, "a", "c"),
        (large, "a", "c"),
        (medium, "b", "c"),
        (large, "b", "c"),
    ):
        assert f"{abs(gain[last] - gain[first]):.1f}" in remark


def test_a_users_report_names_its_source() -> None:
    quoted = [(name, text) for name, text in remarks() if re.search(r"\breports? of\b", text)]
    assert {name for name, _ in quoted} == {"litepose-1", "litepose-2", "litepose-3"}
    assert [
        name for name, text in quoted if not re.search(r"issue \d+ of \S+/\S+ on GitHub", text)
    ] == []
