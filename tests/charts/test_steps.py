"""Ablations drawn as differences to their base."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from repro.charts import figures, page
from repro.charts.steps import Steps
from repro.cli.main import main
from repro.measure import accuracy
from repro.record.record import Record
from repro.record.store import Store
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.profiles import MINI

SCORES = {"with": (80.0, 82.0, 81.0), "without": (79.0, 81.5, 80.2)}


def sic() -> Ablation:
    ablation = catalog.find("sic", Ablation)
    assert isinstance(ablation, Ablation)
    return ablation


@pytest.fixture
def records() -> dict[str, Record]:
    """Three seeds of EfficientPose-A with and without the correction."""
    held = {}
    for row in sic().table.rows:
        series, _, side = row.key.partition("/")
        if series == "EfficientPose-A" and row.run:
            profile = MINI.of(row.run.recipe)
            for seed, score in enumerate(SCORES[side]):
                key = accuracy.key(row.run, profile, seed)
                digest = accuracy.digest(row.run, profile, seed)
                held[key] = Record(key, digest, "efficientpose_nas", {"PCKh@0.5": score})
    return held


def test_a_panel_per_accuracy_that_was_measured(records: dict[str, Record]) -> None:
    (panel,) = Steps.of(sic(), records)
    assert panel.x_label == "difference in PCKh@50 (points)"
    step = next(one for one in panel.steps if one.name == "EfficientPose-A/without")
    assert step.mean == pytest.approx(-0.7667, abs=1e-4)
    assert step.low is not None and step.high is not None and step.low < step.mean < step.high
    assert step.paper == pytest.approx(-0.48)
    others = [one for one in panel.steps if one is not step]
    assert {one.mean for one in others} == {None} and all(one.paper for one in others)


def test_the_picture_carries_its_digest(records: dict[str, Record], tmp_path: Path) -> None:
    chart = figures.ablation_chart(sic(), records)
    assert chart is not None
    svg, png = page.draw(chart)
    for name, content in (("x.svg", svg), ("x.png", png)):
        (tmp_path / name).write_bytes(content)
        assert page.held_digest(tmp_path / name) == page.digest(chart)


def test_nothing_measured_is_no_picture() -> None:
    assert figures.ablation_chart(sic(), {}) is None


def test_plot_writes_the_file_it_is_told(records: dict[str, Record], tmp_path: Path) -> None:
    own = tmp_path / "own"
    Store(own / "records").merge([*records.values()])
    out = tmp_path / "sic.png"
    arguments = ["ablation", "sic", "--results", str(own), "--plot", str(out)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "file", "code", "words"),
    [
        ("sic", "sic.jpg", 2, "is neither .svg nor .png"),
        ("supernet", "x.svg", 4, "no arm of supernet has been measured beside its base"),
    ],
)
def test_bad_plots(name: str, file: str, code: int, words: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["ablation", name, "--plot", str(tmp_path / file)])
    assert done.exit_code == code
    assert words in done.output + done.stderr
    assert not (tmp_path / file).exists()
