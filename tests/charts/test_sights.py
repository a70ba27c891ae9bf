"""Figures of trained networks: which networks and pictures, what their maps say, and that a picture
of other weights than the records' is not shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

from repro import places
from repro.charts import figures, page, tiles
from repro.cli.main import main
from repro.errors import MissingError, SpecError
from repro.measure import sights
from repro.measure.accuracy import key
from repro.people.sample import Sample
from repro.people.skeletons import MPII
from repro.record.found import Records
from repro.record.record import Record
from repro.record.store import Store
from repro.report import results
from repro.spec import catalog
from repro.spec.figure import Figure, MapsPanel, PeoplePanel
from repro.spec.profiles import PROFILES

RECORDS = Store(places.committed()).load()
SIGHTED = {one.id: one for one in catalog.figures() if figures.sights_of(one)}
MAPS = MapsPanel("t", (("a", "up", "before"), ("a", "fix", "after")), (0,))


def found(name: str) -> Figure:
    figure = catalog.find(name, Figure)
    assert isinstance(figure, Figure)
    return figure


def with_weights(name: str, weights: str) -> Records:
    """Records in which every network of a figure has been trained, to weights of this hash."""
    held: dict[str, Record] = {}
    for panel in figures.sights_of(found(name)):
        for row in panel.rows:
            run, profile = tiles.run_of(panel, row), PROFILES[panel.profile]
            how = profile.of(run.recipe)
            digest = sights_digest(run, how)
            proof = {"weights": weights, "images": how.val_images}
            one = Record(
                key(run, how), digest, "x", {"AP": 0.5, "PCKh@0.5": 50.0}, provenance=proof
            )
            held[one.key] = one
    return held


def sights_digest(run: object, how: object) -> str:
    from repro.measure.accuracy import digest

    return digest(run, how, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SIGHTED)
def test_its_networks_are_rows_that_are_tested(name: str) -> None:
    for panel in figures.sights_of(SIGHTED[name]):
        assert all(tiles.run_of(panel, row).recipe for row in panel.rows)


@pytest.mark.parametrize("name", SIGHTED)
def test_a_picture_is_current_while_it_is_of_the_weights_that_the_records_name(name: str) -> None:
    figure = SIGHTED[name]
    chart = figures.chart(figure, with_weights(name, "a" * 64))
    (spec,) = figures.sights_of(figure)
    weights = dict.fromkeys(spec.rows, "a" * 64)

    def digest_of(hashes: dict[str, str], **more: object) -> str:
        panel = tiles.of_networks(spec, hashes, make=lambda: tiles.Pictures(()), **more)  # type: ignore[arg-type]
        return page.digest(figures.chart(figure, {}, [(panel, tiles.told(spec, hashes))]))

    assert digest_of(weights) == page.digest(chart)
    assert digest_of({**weights, spec.rows[0]: "b" * 64}) != page.digest(chart)
    assert digest_of(weights, pictures=["own.jpg"]) != page.digest(chart)
    assert "aaaaaaaa" in chart.note
    assert "Drawn people (synthpose-near), not the paper's pictures" in chart.note


@pytest.mark.parametrize("name", SIGHTED)
def test_results_show_no_picture_of_other_weights(name: str) -> None:
    text = "\n".join(results.figure_section(SIGHTED[name], with_weights(name, "a" * 64)))
    assert f"`repro figure {name} --run`" in text
    assert "Not drawn yet of the weights that the records name" in text
    assert "![" not in text
    without = "\n".join(results.figure_section(SIGHTED[name], {}))
    assert "Not drawn yet: no record by profile mini of" in without


def test_results_show_a_picture_of_the_records_weights(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name, records = "efficientpose-nas-f7", with_weights("efficientpose-nas-f7", "a" * 64)
    white = np.full((tiles.SIDE, tiles.SIDE, 3), 255, np.uint8)
    chart = figures.chart(found(name), records)
    (panel,) = chart.panels
    assert isinstance(panel, tiles.Tiles)
    grid = [[white] * panel.across] * panel.down
    drawn = replace(chart, panels=(replace(panel, make=lambda: tiles.Pictures(grid)),))
    figures.write(name, drawn, tmp_path / results.FIGURES)
    monkeypatch.setattr(places, "root", lambda: tmp_path)
    section = "\n".join(results.figure_section(found(name), records))
    assert f"![{found(name).title}](results/figures/{name}.svg)" in section
    assert "Weights: A aaaaaaaa, B aaaaaaaa, C aaaaaaaa." in section
    other = tmp_path / "other"
    assert {path.name for path in results.kept(other, records)} == {f"{name}.svg", f"{name}.png"}
    assert results.kept(tmp_path, records) == {}
    assert results.kept(other, with_weights(name, "b" * 64)) == {}


def test_a_network_that_is_not_trained_is_named_and_maps_need_all() -> None:
    spec = PeoplePanel("efficientpose-nas-2", ("A", "B"), (0, 1))
    weights = {"A": "a" * 64}
    assert tiles.of_networks(spec, weights).rows == (tiles.TRUTH, "A")
    assert tiles.told(spec, weights).endswith("Not trained yet: B.")
    some = {
        key: one
        for key, one in with_weights("efficientpose-nas-f9", "a").items()
        if "sic=False" in key
    }
    assert some
    with pytest.raises(MissingError, match="no record by profile mini of A/with of"):
        figures.chart(found("efficientpose-nas-f9"), some)


def test_the_command_says_what_to_run_where_networks_are_not_there(tmp_path: Path) -> None:
    arguments = ["figure", "efficientpose-nas-f9", "--runs", str(tmp_path), "--out", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == MissingError.exit_code
    line, hint = result.stderr.strip().splitlines()
    assert "A/without, A/with of efficientpose-nas-6 are not in" in line
    assert hint == "  next: repro figure efficientpose-nas-f9 --run"
    assert list(tmp_path.iterdir()) == []


def test_a_checkerboard_is_told_from_a_slope() -> None:
    board = np.indices((6, 6)).sum(0) % 2.0
    slope = np.linspace(0, 1, 36).reshape(6, 6)
    assert sights.checkerboard(board) == pytest.approx(1.0)
    assert sights.checkerboard(slope) == pytest.approx(0.0, abs=1e-12)
    assert sights.checkerboard(np.ones((6, 6))) == 0.0
    # half of the pattern on a slope of the same spread: between the two
    assert 0.2 < sights.checkerboard(board / 2 + slope) < 0.8


def test_people_of_whom_a_network_is_not_sure_are_left_out() -> None:
    people = np.arange(9.0).reshape(3, 1, 3)
    assert sights.sure(people, np.array([0.8, 0.3, 0.4]))[:, 0, 0].tolist() == [0.0, 6.0]
    assert len(sights.sure(people[:0], np.zeros(0))) == 0


def test_a_map_is_the_darker_the_higher() -> None:
    tile = sights.map_tile(np.array([[0.0, 1.0], [2.0, 4.0]]), 8)
    assert tile.shape == (8, 8, 3)
    assert tile[0, 0, 0] == 255
    assert tile[7, 7, 0] == 0
    assert tile[0, 0, 0] > tile[0, 7, 0] > tile[7, 0, 0]


def test_a_layer_is_kept_at_its_first_pass_only() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False))
    nn.init.constant_(model[0].weight, 1.0)  # type: ignore[arg-type]
    with sights._watched(model, ["0"]) as outputs:
        model(torch.full((1, 1, 2, 2), 3.0))
        model(torch.full((1, 1, 2, 2), 5.0))
    assert outputs["0"].tolist() == [[3.0, 3.0], [3.0, 3.0]]
    with pytest.raises(SpecError, match="no layer 'head'"), sights._watched(model, ["head"]):
        pass


def test_people_are_drawn_where_they_are_in_a_picture_of_any_shape() -> None:
    image = np.zeros((40, 80, 3), np.uint8)
    joints = np.zeros((1, len(MPII), 3))
    joints[0, 9] = (60, 20, 2)  # the head's top
    sample = Sample(image, joints, np.ones((40, 80), np.bool_), 1, "a.jpg")
    (tile,) = sights.labelled([sample], MPII, 160)
    assert tile.shape == (160, 160, 3)
    assert (tile[:38] == 255).all()  # white above and below, but for the edge
    assert set(tile[80, 120]) != set(tile[80, 40])  # scaled by 2, moved down by 40
    assert set(tile[80, 40]) == {127}  # of the black picture, paler
