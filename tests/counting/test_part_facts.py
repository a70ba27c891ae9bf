"""Facts of a part of a network, cells of a part, and rows with a unit of their own."""

import pytest
import torch

from repro.counting.facts import facts
from repro.errors import SpecError, UsageError
from repro.measure import count
from repro.measure.cells import cells
from repro.models import zoo
from repro.record.record import Record
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row


def part_facts(name: str, part: str, **changes: object) -> dict[str, str]:
    with torch.device("meta"):
        network = zoo.build(name, **changes)
    return facts(network, zoo.info(name).size, part=part)


def test_a_stage_tells_its_first_layer_and_the_others() -> None:
    found = part_facts("efficientpose_nas_b", "backbone.stages.1")
    assert (found["part_input"], found["part_output"]) == ("64", "32")
    assert (found["part_first"], found["part_rest"], found["part_rest_count"]) == (
        "64, 2",
        "64, 1",
        "7",
    )


def test_a_stage_of_equal_layers_has_no_first_one() -> None:
    found = part_facts("efficientpose_nas_a", "backbone.stages.3")
    assert (found["part_first"], found["part_rest"], found["part_rest_count"]) == ("", "96, 1", "8")


def test_an_upsampling_layer_tells_its_factor() -> None:
    found = part_facts("efficientpose_nas_a", "head.deconvs.0.up", deconv_widths=(48, 32))
    assert (found["part_first"], found["part_layers"]) == ("48, 2", "1")


def test_an_unknown_part_suggests_a_near_one() -> None:
    with pytest.raises(
        UsageError, match=r"unknown part 'backbone\.stage\.1'; did you mean backbone\.stages\.1"
    ):
        part_facts("efficientpose_nas_a", "backbone.stage.1")


def test_a_part_whose_layers_give_no_map_is_refused() -> None:
    with pytest.raises(UsageError, match="no layer of part 'keypoints' gives a map"):
        part_facts("efficientpose_rt", "keypoints")


@pytest.mark.parametrize(
    ("name", "high", "low", "dense"),
    [
        ("efficientpose_rt", ("B0", "1-3"), ("", ""), ("40", "1")),
        ("efficientpose_iii", ("B5", "1-3"), ("B1", "1-2"), ("64", "3")),
    ],
)
def test_efficientpose_names_its_backbones(
    name: str, high: tuple[str, str], low: tuple[str, str], dense: tuple[str, str]
) -> None:
    with torch.device("meta"):
        network = zoo.build(name)
    found = facts(network, (64, 64))
    assert (found["high_backbone"], found["high_blocks"]) == high
    assert (found["low_backbone"], found["low_blocks"]) == low
    assert (found["md_width"], found["md_count"]) == dense


def one_row(row: Row) -> PaperTable:
    item = Field("gflops", "macs_gi", rule="hrnet", part="head")
    return PaperTable("t-1", "p", "Table 1", "t", (item,), (row,))


RUN = Run("efficientpose_nas_a", 256)


def record(key: str, digest: str, macs: float) -> dict[str, Record]:
    return {key: Record(key, digest, "efficientpose_nas", {"params": 1, "macs": macs})}


def test_a_field_of_a_part_is_filled_by_the_count_of_that_part() -> None:
    table = one_row(Row("a", ("2.0",), RUN))
    run = table.rows[0].run_for(table.columns[0])
    assert run is not None
    assert count.key(run, "hrnet") == "count efficientpose_nas_a 256x256 part=head rule=hrnet"
    records = record(count.key(run, "hrnet"), count.digest(run, "hrnet"), 2 * 2**30)
    cell = cells(table, records)[0][0]
    assert (cell.status, cell.measured_text) == ("match", "2.000")


def test_a_row_may_print_another_unit_by_another_rule_and_says_so() -> None:
    table = one_row(Row("a", ("2.0",), RUN, rules={"gflops": "nas"}, columns={"gflops": "macs_g"}))
    run = table.rows[0].run_for(table.columns[0])
    assert run is not None
    records = record(count.key(run, "nas"), count.digest(run, "nas"), 2e9)
    cell = cells(table, records)[0][0]
    assert (cell.status, cell.measured_text) == ("match", "2.000 (MACs G, rule nas)")


def test_a_row_with_an_unknown_column_is_refused() -> None:
    with pytest.raises(SpecError, match="unknown column 'macs_t'"):
        one_row(Row("a", ("2.0",), RUN, columns={"gflops": "macs_t"}))
