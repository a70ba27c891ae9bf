"""Figures: what is drawn from which numbers, that nothing covers a name, and the same bytes every
time."""

import io
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from matplotlib import font_manager
from matplotlib.figure import Figure as Page
from PIL import Image

from repro import places
from repro.charts import figures, pareto, tiles
from repro.charts import page as charts
from repro.charts.bars import Bars
from repro.charts.labels import Box, Name, Surroundings, place
from repro.charts.looks import LOOKS, look_of
from repro.charts.panels import Blocks, Curve, drawn
from repro.charts.scatter import Point, Scatter, nice_ticks
from repro.charts.scatter import pareto as front_of
from repro.charts.tiles import Tiles
from repro.cli.main import main
from repro.data.datasets import PLOTTED
from repro.errors import MissingError, ReproError, SpecError
from repro.measure import count
from repro.models.efficientpose_nas import VARIANTS
from repro.record.store import Store
from repro.report import results
from repro.spec import catalog
from repro.spec.figure import BlockPanel, Figure, PeoplePanel, ScatterPanel, SchedulePanel, Stage
from repro.spec.papers import PAPERS
from repro.spec.profiles import PAPER
from repro.spec.recipes import EFFICIENTHRNET, EFFICIENTPOSE_ABLATION
from repro.spec.run import Run
from repro.train.schedules import schedule

RECORDS = Store(places.committed()).load()
WAITING = {one.id: one for one in catalog.figures() if one.waits}
DRAWN = {
    name: one for name, (one, _) in results.charts(RECORDS).items() if not figures.sights_of(one)
}
CHARTS = {name: figures.chart(one, RECORDS) for name, one in DRAWN.items()}
CHARTS |= {
    f"pareto-{what}-{task}": pareto.chart(what, RECORDS, task=task)
    for what in pareto.COMPUTE
    for task in pareto.TASKS
}
CHARTS |= {f"pareto-macs-{data}": pareto.chart("macs", RECORDS, data=data) for data in PLOTTED}


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    with charts._style():
        return {name: charts.build(chart) for name, chart in CHARTS.items()}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def texts_of(page: Page) -> list[tuple[str, Box]]:
    """Every text that is drawn on the page, with its box in px."""
    from matplotlib.text import Text

    renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
    page.draw_without_rendering()
    unseen = {
        id(text)
        for axes in page.axes
        for axis in (axes.xaxis, axes.yaxis)
        for text in unseen_of(axes, axis)
    }
    shown = {
        id(text): text
        for text in page.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    }
    return [
        (text.get_text(), Box(*text.get_window_extent(renderer).extents))
        for key, text in shown.items()
        if key not in unseen
    ]


def unseen_of(axes: Any, axis: Any) -> list[Any]:
    """Labels that matplotlib keeps and does not draw: of ticks beyond the ends, and of axes that
    are switched off."""
    drawn = axis._update_ticks() if axes.axison else []
    ticks = [tick for tick in (*axis.majorTicks, *axis.minorTicks) if tick not in drawn]
    return [label for tick in ticks for label in (tick.label1, tick.label2)] + (
        [] if axes.axison else [axis.label]
    )


@pytest.mark.parametrize("name", CHARTS)
def test_no_text_covers_another_or_leaves_the_page(name: str, pages: dict[str, Page]) -> None:
    page = pages[name]
    texts = texts_of(page)
    covered = [
        (a, b) for (a, one), (b, other) in combinations(texts, 2) if one.grown(-0.5).meets(other)
    ]
    assert covered == []
    edge = Box(*page.bbox.extents)
    assert [text for text, box in texts if not box.within(edge)] == []


@pytest.mark.parametrize(
    "name", [name for name in CHARTS if isinstance(CHARTS[name].panels[0], Scatter)]
)
def test_no_name_covers_a_mark(name: str, pages: dict[str, Page]) -> None:
    for axes, panel in zip(pages[name].axes, CHARTS[name].panels, strict=True):
        if not isinstance(panel, Scatter):
            continue
        renderer = pages[name].canvas.get_renderer()  # type: ignore[attr-defined]
        places = [(x, one.y) for one in panel.points for x in (one.x, one.also) if x is not None]
        # a mark is 6 px in radius
        marks = [Box(x, y, x, y).grown(4) for x, y in axes.transData.transform(places)]
        names = [text for text in axes.texts if text.get_gid() == "name"]
        boxes = {text.get_text(): Box(*text.get_window_extent(renderer).extents) for text in names}
        assert [text for text, box in boxes.items() if any(box.meets(mark) for mark in marks)] == []
        assert {one.label for one in panel.points if one.stays} <= set(boxes)


@pytest.mark.parametrize("name", CHARTS)
def test_axes_carry_unit_and_counting_rule(name: str) -> None:
    for panel in CHARTS[name].panels:
        if isinstance(panel, (Blocks, Tiles)):
            continue
        labels = [panel.x_label] + ([] if isinstance(panel, Bars) else [panel.y_label])
        for label in labels:
            if "MACs" in label or "parameters" in label:
                assert "(G" in label or "(M" in label or "(2^30" in label
                assert "rule" in label
            elif not isinstance(panel, Curve):
                assert "(" in label, f"{label} has no unit"


def test_reported_measured_and_quoted_marks_differ_in_filling_and_groups_in_shape(
    pages: dict[str, Page],
) -> None:
    markers = [look.marker for look in LOOKS.values()]
    assert len(set(markers)) == len(markers)
    lines = [line for line in pages["litepose-f9"].axes[0].lines if line.get_marker() in markers]
    fillings = {
        "half"
        if line.get_fillstyle() == "left"
        else "open"
        if line.get_markerfacecolor() == "white"
        else "filled"
        for line in lines
    }
    assert fillings == {"filled", "open", "half"}
    families = ("LitePose", "HigherHRNet", "EfficientHRNet")
    assert {line.get_marker() for line in lines} == {LOOKS[name].marker for name in families}


def test_a_family_looks_the_same_in_every_figure(pages: dict[str, Page]) -> None:
    seen: dict[str, set[tuple[str, str]]] = {}
    for name, chart in CHARTS.items():
        for panel, axes in zip(chart.panels, pages[name].axes, strict=True):
            if isinstance(panel, Scatter):
                drawn = {
                    (x, y): (line.get_markeredgecolor(), line.get_marker())
                    for line in axes.lines
                    for x, y in [(line.get_xdata()[0], line.get_ydata()[0])]
                    if len(line.get_xdata()) == 1
                }
                for point in panel.points:
                    looks = seen.setdefault(panel.groups[point.group], set())
                    looks.add(drawn[point.x, point.y])
    shared = {name: looks for name, looks in seen.items() if name in LOOKS}
    assert set(shared) >= {paper.short for paper in PAPERS.values()}
    for name, looks in shared.items():
        assert tuple(look_of(name)) in looks, name


def test_no_name_is_struck_by_a_line(pages: dict[str, Page]) -> None:
    struck = []
    for name, chart in CHARTS.items():
        for panel, axes in zip(chart.panels, pages[name].axes, strict=True):
            if not isinstance(panel, Scatter):
                continue
            renderer = pages[name].canvas.get_renderer()  # type: ignore[attr-defined]
            names = [text for text in axes.texts if text.get_gid() == "name"]
            for line in [line for line in axes.lines if len(line.get_xdata()) > 1]:
                path = line.get_transform().transform(line.get_xydata())
                for text in names:
                    box = Box(*text.get_window_extent(renderer).extents).grown(-1)
                    for (x0, y0), (x1, y1) in pairwise(path):
                        if box.crossed((x0, y0, x1, y1)):
                            struck.append((name, text.get_text()))
    assert struck == []


def test_a_point_carries_reported_and_measured_numbers() -> None:
    (panel,) = CHARTS["efficienthrnet-f1"].panels
    assert isinstance(panel, Scatter)
    h0 = next(one for one in panel.points if one.label == "H0")
    assert (h0.x, h0.y, panel.groups[h0.group]) == (25.6, 64.8, "EfficientHRNet")
    assert h0.also == pytest.approx(23.958, abs=1e-3)  # rule true, printed digits of the reference


def test_counts_share_the_unit_of_the_axis() -> None:
    (panel,) = CHARTS["efficientpose-nas-f2"].panels
    assert isinstance(panel, Scatter)
    points = {one.label: one for one in panel.points}
    assert points["CPMs"].x == pytest.approx(175.0e9 / 2**30)  # printed in G on an axis in 2^30
    assert points["A"].x == 0.7
    assert points["A"].also == pytest.approx(542220288 / 2**30)


def test_numbers_of_no_table_are_marked_and_their_source_is_named() -> None:
    panel = CHARTS["litepose-f9"].panels[0]
    assert isinstance(panel, Scatter)
    assert {one.label: one.y for one in panel.points if one.quoted} == {
        "LitePose-M*": 59.9,
        "LitePose-L*": 61.9,
    }
    assert "README" in CHARTS["litepose-f9"].note
    bars = CHARTS["litepose-f8"].panels[2]
    assert isinstance(bars, Bars)
    assert bars.texts[0] == ("170", "97", "not printed")


def test_the_shrinking_figure_says_that_its_ap_is_only_drawn() -> None:
    assert "AP of the paper's figure exists only as a drawing" in CHARTS["litepose-f3"].note
    panel = CHARTS["litepose-f3"].panels[0]
    assert isinstance(panel, Bars)
    assert panel.texts[0] == ("12.5", "10.1", "10.0", "9.2")
    assert panel.texts[2] == ("11.2", "8.9", "8.7", "7.9")


def test_the_schedule_drawn_is_the_one_trained() -> None:
    rates, widths = CHARTS["efficientpose-f6"].panels
    assert isinstance(rates, Curve)
    assert isinstance(widths, Curve)
    (rate,), (width,) = rates.lines, widths.lines
    assert (rate.xs[0], rate.xs[-1]) == (0, 100)
    assert max(rate.ys) == pytest.approx(EFFICIENTPOSE_ABLATION.rate)
    assert min(rate.ys) == pytest.approx(EFFICIENTPOSE_ABLATION.rate / 3000)
    plan = schedule(EFFICIENTPOSE_ABLATION, PAPER, images=20 * EFFICIENTPOSE_ABLATION.batch, seed=0)
    assert rate.ys[30] == plan.rate_at(30) == max(rate.ys)  # 1.5 epochs: half of a cycle of 3
    assert list(dict.fromkeys(width.ys)) == [0.1, 0.075, 0.05]


def test_the_blocks_drawn_are_those_built() -> None:
    panels = DRAWN["efficientpose-nas-f4"].panels
    for panel, name in zip(panels, "abc", strict=True):
        assert isinstance(panel, BlockPanel)
        numbers = VARIANTS[f"efficientpose_nas_{name}"]
        stem, *stages = panel.stages
        assert stem.width == numbers.stem
        assert tuple(stage.blocks for stage in stages) == tuple(numbers.blocks)
        assert tuple(stage.width for stage in stages) == tuple(numbers.widths)


def test_a_front_holds_what_no_other_point_beats() -> None:
    points = [
        Point("a", 1, 50),
        Point("b", 2, 49),
        Point("c", 3, 60),
        Point("d", 3, 55),
        Point("e", 9, 60),
    ]
    assert [one.label for one in front_of(points)] == ["a", "c"]


def test_pareto_shows_the_shift_from_the_papers_count_to_the_true_one() -> None:
    printed, truly = scatters("crowdpose-test")
    assert (printed.x_range, printed.y_range) == (truly.x_range, truly.y_range)
    there = {one.label: one for one in truly.points}
    assert next(one.x for one in printed.points if one.label == "S") == 5.0
    assert (there["S"].x, there["S"].also) == (pytest.approx(3.614, abs=1e-3), 5.0)
    assert truly.measured


def test_pareto_leaves_out_tests_at_several_scales_and_keeps_tasks_apart() -> None:
    found = pareto.entries("macs", "coco-val", RECORDS)
    assert {one.y for one in found if one.label == "H0"} == {64.8}  # not 68.1, at three scales
    panels = scatters("coco-val")
    assert [panel.title for panel in panels] == [
        "a) whole picture: as printed",
        "b) whole picture: counted truly",
        "c) one person: as printed",
        "d) one person: counted truly",
    ]
    assert all(len(panel.fronts) == 1 for panel in panels)
    assert not {
        label
        for label in (one.label for one in pareto.entries("macs", "coco-test-dev", RECORDS))
        if "/ms" in label
    }


def scatters(data: str, what: str = "macs") -> list[Scatter]:
    return [panel for panel in CHARTS[f"pareto-{what}-{data}"].panels if isinstance(panel, Scatter)]


def sized(run: Run) -> int:
    """The short side in px that a test gives the network: bottom-up, the next multiple of 64."""
    side = min(run.shape)
    return -(-side // 64) * 64 if run.protocol and run.protocol.task == "bottom-up" else side


def several(run: Run) -> bool:
    return run.protocol is not None and len(run.protocol.scales) > 1


@pytest.mark.parametrize("data", PLOTTED)
def test_an_accuracy_stands_at_the_true_compute_of_the_size_it_was_tested_at(data: str) -> None:
    tables = {pareto._mark(table): table for table in catalog.tables()}
    drawn = {
        (point.x, point.y) for panel in scatters(data) if panel.measured for point in panel.points
    }
    for one in pareto.entries("macs", data, RECORDS):
        row = next(row for row in tables[one.mark].rows if row.key == one.label)
        runs = [
            run
            for run in (row.run, *row.runs.values())
            if run and run.dataset == data and not several(run)
        ]
        if one.true is None or one.at is None:
            continue
        if not runs:  # a network that is counted only: at the size that the row prints
            if "input_size" in [item.name for item in tables[one.mark].columns]:
                assert tables[one.mark].reported(row, "input_size") == str(min(one.at.shape)), (
                    one.name
                )
            continue
        (run,) = runs
        side = sized(run)
        assert min(one.at.shape) == side, one.name
        assert (one.at.model, one.at.changes) == (run.model, run.changes), one.name
        size = f"{side}x{side}" if run.shape[0] == run.shape[1] else "{}x{}".format(*run.shape)
        key = count.key(run, "true").replace("{}x{}".format(*run.shape), size)
        assert one.true == pytest.approx(RECORDS[key].values["macs"] * 1e-9, rel=1e-12), one.name
        assert (round(one.true, 6), one.y) in drawn, one.name


def test_the_sizes_that_differ_from_the_printed_ones_are_counted_anew_and_said() -> None:
    printed, truly, *_ = scatters("coco-val")
    there = {(one.label, one.y): one.x for one in truly.points}
    # at 640 px, as its AP; three decimals known
    assert there["W32", 68.5] == pytest.approx(72.193, abs=5e-4)
    assert there["H-1", 59.2] == pytest.approx(14.939, abs=5e-4)  # 512 px
    assert there["H-3", 44.8] == pytest.approx(4.359, abs=5e-4)  # 448 px
    starred = {one.label for one in printed.points if one.label.endswith("*")}
    assert starred == {"W32*", "H-1*", "H-3*"}
    note = CHARTS["pareto-macs-coco-val"].note
    assert "W32 [H6] at 512 px, tested at 640 (74.8 G there by its rule)" in note
    assert "W32" in {one.label for one in front_of(truly.points)}  # of EfficientHRNet's Table 3


def test_an_accuracy_of_another_network_than_the_counted_stands_at_no_true_compute() -> None:
    for data, y, name in (
        ("coco-test-dev", 61.8, "OpenPose [E4]"),
        ("mpii-val", 88.0, "CPMs [N2]"),
    ):
        (entry,) = [one for one in pareto.entries("macs", data, RECORDS) if one.name == name]
        assert (entry.y, entry.true) == (y, None)
        assert name in CHARTS[f"pareto-macs-{data}"].note


@pytest.mark.parametrize("data", PLOTTED)
def test_float_operations_and_macs_share_no_axis_and_splits_no_front(data: str) -> None:
    assert all(
        one.mark[0] == "G" for one in pareto.entries("macs", data, RECORDS) if one.floats and one.at
    )
    for ground in pareto.grounds("macs", data, "", RECORDS):
        groos = {one.mark[0] == "G" for one in ground.entries}
        assert len(groos) == 1, "EfficientPose (Groos) tests on a split of its own"
        printed, truly = pareto._panels(ground, "macs", ground.name)
        assert ("float operations" in printed.x_label) is (groos == {True})
        assert "MACs" in truly.x_label
        if groos == {True}:
            assert not [one for one in truly.points if one.also is not None]


def test_the_same_bytes_every_time_and_no_date() -> None:
    first, again = (charts.draw(CHARTS["efficienthrnet-f1"]) for _ in range(2))
    assert first == again
    assert b"dc:date" not in first[0]
    assert first[1].startswith(b"\x89PNG")


def coarse(picture: bytes | Path) -> np.ndarray:
    """Grey values 0 to 255 of a picture, the mean of every 12 x 12 pixels."""
    grey = np.asarray(
        Image.open(picture if isinstance(picture, Path) else io.BytesIO(picture)).convert("L"),
        float,
    )
    high, wide = (side // 12 * 12 for side in grey.shape)
    return grey[:high, :wide].reshape(high // 12, 12, wide // 12, 12).mean((1, 3))


COMMITTED = sorted(path.stem for path in results.pictures(RECORDS))
FEW = ("litepose-f9", "efficientpose-f6", "efficientpose-nas-f4")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in FEW else [pytest.mark.slow]) for name in COMMITTED],
)
def test_the_committed_picture_is_what_is_drawn_today(name: str) -> None:
    """But for the last digits of lengths, in which processors differ: they move a line by less than
    a pixel."""
    held, now = (
        coarse(places.root() / f"results/figures/{name}.png"),
        coarse(charts.draw(CHARTS[name])[1]),
    )
    told = "the drawing has changed: raise charts.VERSION, then make results"
    assert held.shape == now.shape, told
    assert np.abs(held - now).max() < 12.0, told  # of 255, in the cell that differs most
    assert np.abs(held - now).mean() < 0.05, told


def test_a_users_style_changes_nothing() -> None:
    import matplotlib

    first = charts.draw(CHARTS["litepose-f1"])
    with matplotlib.rc_context(
        {"axes.facecolor": "black", "font.size": 30, "svg.fonttype": "none"}
    ):
        assert charts.draw(CHARTS["litepose-f1"]) == first


def test_a_missing_font_is_replaced_with_a_remark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str, **_: object) -> str:
        raise ValueError(name)

    monkeypatch.setattr(font_manager, "findfont", absent)
    assert charts.find_font() in {entry.name for entry in font_manager.fontManager.ttflist}
    assert "the font DejaVu Sans is missing: drawn with" in capsys.readouterr().err
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    with pytest.raises(ReproError, match="no font is installed"):
        charts.find_font()


def test_names_keep_clear_of_each_other_and_one_that_may_go_goes() -> None:
    surroundings = Surroundings(Box(0, 0, 100, 40), [Box(48, 18, 52, 22)], [])
    names = [Name(50, 20, 40, 12, 2), Name(50, 20, 40, 12, 2), Name(50, 20, 99, 12, 2, stays=False)]
    first, second, third = place(names, surroundings)
    assert first is not None
    assert second is not None
    assert not first.meets(second)
    assert first.within(surroundings.edge)
    assert third is None or not (third.meets(first) or third.meets(second))
    assert place([Name(50, 20, 300, 12, 2, stays=False)], surroundings) == [None]


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [((1.5, 60), [2, 5, 10, 20, 50]), ((90, 40000), [100, 300, 1000, 3000, 10000, 30000])],
)
def test_ticks_of_a_logarithmic_axis(limits: tuple[float, float], ticks: list[float]) -> None:
    assert nice_ticks(*limits) == pytest.approx(ticks)


@pytest.mark.parametrize("name", WAITING)
def test_a_figure_that_cannot_be_drawn_says_what_it_waits_for(name: str, tmp_path: Path) -> None:
    result = run("figure", name, "--out", str(tmp_path))
    assert result.exit_code == MissingError.exit_code
    line, hint = result.stderr.strip().splitlines()
    assert hint.startswith("  next: repro show")
    assert f"it waits for {WAITING[name].waits}" in line
    assert list(tmp_path.iterdir()) == []


def test_the_figures_of_the_papers_are_there() -> None:
    assert set(DRAWN) >= {
        "efficienthrnet-f1",
        "efficientpose-f6",
        "efficientpose-nas-f2",
        "efficientpose-nas-f4",
        "litepose-f1",
        "litepose-f3",
        "litepose-f7",
        "litepose-f8",
        "litepose-f9",
        "efficientpose-f4",
        "efficientpose-nas-f5",
        "litepose-f6",
    }
    assert set(WAITING) == {"efficientpose-nas-f6"}


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    result = run("figure", "litepose-f1", "--out", str(tmp_path / "new"))
    assert result.exit_code == 0
    assert [Path(line).name for line in result.stdout.split()] == [
        "litepose-f1.svg",
        "litepose-f1.png",
    ]
    result = run("figure", "pareto", "--task", "one-person", "--out", str(tmp_path))
    assert (tmp_path / "pareto-macs-one-person.png").is_file(), result.stderr
    result = run(
        "figure", "pareto", "--x", "params", "--data", "crowdpose-test", "--out", str(tmp_path)
    )
    assert (tmp_path / "pareto-params-crowdpose-test.svg").read_bytes().startswith(b"<?xml")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("pareto", "--x", "mac"), 2, "unknown axis of the pareto figure 'mac'; did you mean macs"),
        (
            ("pareto", "--data", "coco"),
            2,
            "unknown data set of the pareto figure 'coco'; did you mean coco-val",
        ),
        (
            ("pareto", "--task", "top-down"),
            2,
            "unknown task of the pareto figure 'top-down'; known: bottom-up, one-person",
        ),
        (("pareto", "--run"), 2, "figure pareto shows no trained networks, so takes neither"),
        (("litepose-f1", "--run"), 2, "litepose-f1 shows no trained networks, so takes neither"),
        (("efficientpose-nas-f7", "--weights", "."), 2, "shown given pictures"),
        (("litepose-f1", "--x", "macs"), 2, "figure litepose-f1 takes neither --x nor --data"),
        (("litepose-f11",), 2, "unknown figure 'litepose-f11'; did you mean litepose-f1"),
        (("litepose-f1", "--out", "{file}"), 1, "cannot write"),
    ],
)
def test_a_bad_request_is_one_line(
    arguments: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    result = run("figure", *(word.format(file=tmp_path / "file") for word in arguments))
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr.splitlines()[0]


def test_figures_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(SpecError, match="give panels, or say what it waits for"):
        Figure("f", "p", "Fig. 1", "t")
    with pytest.raises(SpecError, match="a schedule has no 'loss'"):
        SchedulePanel(EFFICIENTPOSE_ABLATION, "loss")
    with pytest.raises(SpecError, match="one sigma throughout"):
        drawn(SchedulePanel(EFFICIENTHRNET, "sigma"), RECORDS)
    with pytest.raises(SpecError, match="has no row 'H9'"):
        drawn(ScatterPanel("efficienthrnet-3", "gflops_reported", "ap", rows=("H9",)), RECORDS)
    with pytest.raises(SpecError, match="has no column 'speed'"):
        drawn(ScatterPanel("efficienthrnet-3", "speed", "ap"), RECORDS)
    with pytest.raises(SpecError, match="has no row 'D' that is tested"):
        tiles.recorded(PeoplePanel("efficientpose-nas-2", ("D",), (0,)), RECORDS)
    with pytest.raises(SpecError, match="block '9x' is neither"):
        drawn(BlockPanel("t", 256, (Stage("s", 8, 1, "9x"),)), RECORDS)
