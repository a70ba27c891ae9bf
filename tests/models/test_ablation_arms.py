"""Ablations as views of tables, and what the switches of HigherHRNet's and EfficientHRNet's arms
do."""

import tomllib

import pytest
import torch
from torch import Tensor
from where import TRANSCRIPTIONS

from repro.counting.facts import facts as configuration
from repro.errors import SpecError, UsageError
from repro.models import zoo
from repro.models.efficientnet_blocks import EfficientNetBackbone
from repro.models.maps import Maps
from repro.people.skeletons import CROWDPOSE
from repro.pose.decode import network_maps
from repro.spec import catalog
from repro.spec.ablation import Ablation, Series
from repro.spec.run import Run
from repro.spec.table import Field, PaperTable, Row


def as_printed(value: object) -> str:
    """Marks are yes or no, lists are joined with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(as_printed, value)) if isinstance(value, list) else str(value)


def transcribed(name: str) -> dict[str, dict[str, object]]:
    text = (TRANSCRIPTIONS / f"{name}.toml").read_text(encoding="utf-8")
    return {row["key"]: row for row in tomllib.loads(text, parse_float=str)["row"]}


@pytest.mark.parametrize("ablation", catalog.ablations(), ids=lambda one: one.id)
def test_an_ablation_prints_what_is_transcribed(ablation: Ablation) -> None:
    """Rows of a table as that table's transcription has them, own rows as in the ablations' own."""
    own = {row.key for row in ablation.own}
    shown = {row.key: row for row in ablation.table.rows}
    for series in ablation.series:
        for name, key in series.rows.items():
            row = shown[f"{series.name}/{name}" if series.name else name]
            place = "ablations" if key in own else ablation.table_id
            printed = transcribed(place).get(f"{ablation.id}: {key}" if key in own else key, {})
            for item in ablation.table.columns:
                theirs = item.name if key in own else series.columns.get(item.name, item.name)
                assert ablation.table.reported(row, item.name) == as_printed(
                    printed.get(theirs, "")
                )


SOURCE = PaperTable(
    "t-1",
    "p",
    "Table 1",
    "t",
    (Field("model"), Field("ap"), Field("test_ap", "ap", run="test")),
    (
        Row("a", ("A", "1.0", "2.0"), Run("litepose_s", 448), {"test": Run("litepose_s", 512)}),
        Row("b", ("B", "3.0", ""), Run("litepose_m", 448), quoted="not here"),
    ),
    (Field("macs_g", rule="true"),),
)


def view(*series: Series, own: tuple[Row, ...] = ()) -> Ablation:
    return Ablation("v", "p", "t", "q?", "t-1", (Field("ap"), "macs_g"), series, own=own)


def test_a_view_takes_rows_columns_and_runs_from_its_table() -> None:
    own = Row("c", ("4.0",), Run("litepose_l", 512))
    table = (
        view(Series("s", {"base": "a", "arm": "b", "ours": "c"}), own=(own,))
        .join({"t-1": SOURCE})
        .table
    )
    assert [(row.key, row.reported, row.against) for row in table.rows] == [
        ("s/base", ("1.0",), ""),
        ("s/arm", ("3.0",), "s/base"),
        ("s/ours", ("4.0",), "s/base"),
    ]
    assert table.rows[1].quoted == "not here"
    assert [row.run.model for row in table.rows if row.run] == [
        "litepose_s",
        "litepose_m",
        "litepose_l",
    ]
    assert (table.number, [item.name for item in table.columns]) == ("Table 1", ["ap"])
    assert [item.name for item in table.also] == ["macs_g"]


def test_a_series_may_have_columns_of_its_own() -> None:
    table = view(Series("", {"a": "a"}, {"ap": "test_ap"})).join({"t-1": SOURCE}).table
    assert table.rows[0].reported == ("2.0",)
    assert table.rows[0].run == Run("litepose_s", 512)
    assert table.columns[0].definition.value == "AP"


@pytest.mark.parametrize(
    ("series", "tables", "message"),
    [
        (Series("", {"a": "z"}), {"t-1": SOURCE}, "ablation v: table 't-1' has no row 'z'"),
        (Series("", {"a": "t-9:a"}), {"t-1": SOURCE}, "ablation v: there is no table 't-9'"),
        (Series("", {"a": "a"}), {}, "ablation v: there is no table 't-1'"),
        (
            Series("", {"a": "a"}, {"ap": "pckh"}),
            {"t-1": SOURCE},
            "ablation v: table 't-1' has no column 'pckh'",
        ),
    ],
)
def test_a_view_of_what_is_not_there_is_refused(
    series: Series, tables: dict[str, PaperTable], message: str
) -> None:
    with pytest.raises(SpecError, match=message):
        view(series).join(tables)


def test_without_aggregation_the_finest_heatmaps_are_taken_as_they_are() -> None:
    coarse, fine = torch.full((1, 14, 2, 2), 3.0), torch.full((1, 14, 4, 4), 1.0)

    def network(_: Tensor) -> Maps:
        return Maps((coarse, fine), (coarse,))

    images = torch.zeros(1, 3, 8, 8)
    together, _ = network_maps(network, images, CROWDPOSE)
    alone, tags = network_maps(network, images, CROWDPOSE, aggregate=False)
    assert together.unique().tolist() == [2.0]
    assert alone.unique().tolist() == [1.0]
    assert tags.unique().tolist() == [3.0]
    assert alone.shape[-2:] == (4, 4)


def facts(name: str, **changes: object) -> dict[str, str]:
    with torch.device("meta"):
        network = zoo.build(name, **changes)
    return configuration(network, (128, 128))


def test_efficienthrnet_tells_backbone_widths_and_modules() -> None:
    found = facts("efficienthrnet_h_3")
    assert {name: found[name] for name in ("backbone", "widths", "blocks")} == {
        "backbone": "B-3",
        "widths": "17, 34, 67, 133",
        "blocks": "1, 1, 3",
    }
    assert (found["tags_size"], found["heatmaps_size"], found["feature_stride"]) == (
        "32",
        "64",
        "2",
    )


def test_a_backbone_of_other_factors_has_no_name() -> None:
    with torch.device("meta"):
        network = zoo.build("efficienthrnet_h_3")
        network.backbone = EfficientNetBackbone(1.1, 1.2)  # B2, which the paper does not use
    assert network.facts["backbone"] == ""


@pytest.mark.parametrize(
    ("changes", "marks", "stride"),
    [
        ({"deconvs": 0}, ("no", "no", "no"), "4"),
        ({"feature_concat": False, "deconv_blocks": 0}, ("yes", "no", "no"), "2"),
        ({"deconv_blocks": 0}, ("yes", "yes", "no"), "2"),
        ({}, ("yes", "yes", "yes"), "2"),
        ({"deconvs": 2, "deconv_blocks": 0}, ("yes", "yes", "no"), "1"),
    ],
)
def test_higherhrnet_tells_its_components(
    changes: dict[str, object], marks: tuple[str, ...], stride: str
) -> None:
    found = facts("higherhrnet_w32", **changes)
    names = ("multi_resolution_supervision", "feature_concat", "extra_residual_blocks")
    assert tuple(found[name] for name in names) == marks
    assert found["feature_stride"] == stride


@pytest.mark.parametrize(
    ("changes", "params"),
    [
        ({"depth_rounding": "nearest"}, "3.21"),
        ({"depth_rounding": "down"}, "2.80"),
        ({"width_multiple": 1}, "3.42"),
        ({}, "3.46"),
    ],
)
def test_other_roundings_of_b_2(changes: dict[str, object], params: str) -> None:
    with torch.device("meta"):
        network = zoo.build("efficientnet_b_2", **changes)
    # millions; from an independent builder
    assert f"{sum(one.numel() for one in network.parameters()) / 1e6:.2f}" == params


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"depth_rounding": "nearer"},
            "unknown rounding of the depth 'nearer'; did you mean nearest",
        ),
        ({"width_multiple": 0}, "width_multiple is 0"),
    ],
)
def test_impossible_roundings_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        zoo.build("efficientnet_b_2", **changes)
