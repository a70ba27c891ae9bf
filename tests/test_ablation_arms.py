"""Ablations of HigherHRNet and EfficientHRNet: printed values, arms, and what their switches do to network and test."""

import tomllib
from pathlib import Path

import pytest
import torch
from torch import Tensor

from repro import catalog, zoo
from repro.errors import UsageError
from repro.maps import Maps
from repro.models.layers import EfficientNetBackbone
from repro.pose.decode import network_maps
from repro.pose.skeletons import CROWDPOSE
from repro.recipes import BOTTOM_UP, BOTTOM_UP_FINEST
from repro.spec import Ablation, Arm, Field, Run, Series

TRANSCRIPTIONS = Path(__file__).parent / "transcriptions"
SAME_ROWS = {
    "feature-stride": "higherhrnet-3",
    "higherhrnet-components": "higherhrnet-4",
    "training-size": "higherhrnet-5",
    "backbone-width": "higherhrnet-6",
}


def as_printed(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def transcribed(name: str) -> list[dict[str, object]]:
    text = (TRANSCRIPTIONS / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=str)["row"]


@pytest.mark.parametrize(("ablation", "table"), SAME_ROWS.items())
def test_an_ablation_prints_what_its_table_prints(ablation: str, table: str) -> None:
    spec = catalog.find(ablation, Ablation)
    names, expected = [item.name for item in spec.table.columns], transcribed(table)
    found = [row.reported for row in spec.table.rows]
    assert found == [tuple(as_printed(row[name]) for name in names) for row in expected]


@pytest.mark.parametrize("dataset", ["ImageNet", "CIFAR-100"])
def test_compact_efficientnet_prints_table_2(dataset: str) -> None:
    spec = catalog.find("compact-efficientnet", Ablation)
    start = dataset.lower().replace("-", "")
    for row in transcribed("efficienthrnet-2"):
        (here,) = [one for one in spec.table.rows if one.key == f"{dataset}/{row['key']}"]
        assert here.reported == tuple(str(row[f"{start}_{name}"]) for name in ("params_m", "gflops_reported", "top1"))


def test_an_arm_takes_a_change_back_and_brings_its_own_protocol() -> None:
    base = Run("higherhrnet_w32", 512, {"deconvs": 0, "joints": 14}, "coco-val", BOTTOM_UP)
    arms = (
        Arm("one", ("",), {"deconvs": None, "deconv_blocks": 0}, protocol=BOTTOM_UP_FINEST),
        Arm("two", ("",), {"deconvs": 2}),
    )
    series = Series("", "none", ("",), arms, run=base)
    first, one, two = Ablation("t", "p", "Table 1", "t", (Field("ap"),), (series,)).table.rows
    assert first.run == base
    assert one.run == Run("higherhrnet_w32", 512, {"joints": 14, "deconv_blocks": 0}, "coco-val", BOTTOM_UP_FINEST)
    assert two.run is not None
    assert two.run.changes == {"joints": 14, "deconvs": 2}
    assert two.run.protocol == BOTTOM_UP


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
    return zoo.facts(network, (128, 128))


def test_efficienthrnet_tells_backbone_widths_and_modules() -> None:
    found = facts("efficienthrnet_h_3")
    assert {name: found[name] for name in ("backbone", "widths", "blocks")} == {
        "backbone": "B-3",
        "widths": "17, 34, 67, 133",
        "blocks": "1, 1, 3",
    }
    assert (found["tags_size"], found["heatmaps_size"], found["feature_stride"]) == ("32", "64", "2")


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
def test_higherhrnet_tells_its_components(changes: dict[str, object], marks: tuple[str, ...], stride: str) -> None:
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
    assert (
        f"{sum(one.numel() for one in network.parameters()) / 1e6:.2f}" == params
    )  # millions; from an independent builder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"depth_rounding": "nearer"}, "unknown rounding of the depth 'nearer'; did you mean nearest"),
        ({"width_multiple": 0}, "width_multiple is 0"),
    ],
)
def test_impossible_roundings_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        zoo.build("efficientnet_b_2", **changes)
