"""The report as pages: the same cells as everywhere, whole without a network, safe with any name."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from where import CHECKOUT

from repro import places
from repro.charts import figures, page
from repro.cli.main import main
from repro.grid import Grid
from repro.measure.cells import cells
from repro.record.found import Records
from repro.report import describe
from repro.report.html import pictures, plots, sections, site, view
from repro.spec import catalog
from repro.spec.figure import Figure
from repro.spec.table import Field, PaperTable, Row

PAGE = "efficienthrnet.html"
EVIL = '<img src=x onerror="alert(1)">'


class Parsed(HTMLParser):
    """Tags, ids, links and texts of a page; texts by the id of the innermost element with one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.opens: dict[str, list[str]] = {}  # ids that buttons open, by the id around them
        self._open: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.ids += filter(None, [named.get("id")])
        self.links += filter(None, [named.get("href"), named.get("src")])
        if tag not in ("meta", "link", "img", "input"):
            inside = self._open[-1][1] if self._open else ""
            self._open.append((tag, named.get("id") or inside))
            self.opens.setdefault(inside, []).extend(filter(None, [named.get("popovertarget")]))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.texts.setdefault(self._open[-1][1], []).append(data.strip())


@pytest.fixture(scope="session")
def parsed(pages: Path) -> dict[str, Parsed]:
    return {path.name: Parsed(path.read_text(encoding="utf-8")) for path in pages.glob("*.html")}


# --- content ------------------------------------------------------------------------------------


def test_every_cell_of_every_table_and_ablation_is_there_once(
    parsed: dict[str, Parsed], recorded: Records
) -> None:
    tables = [*catalog.tables(), *(ablation.table for ablation in catalog.ablations())]
    for table in tables:
        lines = cells(table, recorded)
        wanted = {view.anchor(table, cell) for line in lines for cell in line if cell.status}
        ids = parsed[f"{table.paper}.html"].ids
        assert {name for name in ids if name.startswith(f"{table.id}-r")} >= wanted
        opens = parsed[f"{table.paper}.html"].opens
        assert all(opens[name][0] in ids for name in wanted)


@pytest.mark.parametrize(
    ("table_id", "row", "column"),
    [
        ("efficienthrnet-3", "H0", "params_m"),  # counted
        ("efficienthrnet-3", "PersonLab", "ap"),  # quoted
        ("efficienthrnet-3", "H-4", "ap"),  # trained on drawn people
        ("litepose-1", "EfficientHRNet-H-1", "macs_reduction_x"),  # derived
        ("litepose-1", "HigherHRNet-W48", "ap50"),  # not run
    ],
)
def test_a_cell_tells_what_repro_why_tells(
    parsed: dict[str, Parsed], recorded: Records, table_id: str, row: str, column: str
) -> None:
    table = catalog.find(table_id, PaperTable)
    assert isinstance(table, PaperTable)
    lines = {line[0].row: {c.field.name: c for c in line} for line in cells(table, recorded)}
    read = parsed[f"{table.paper}.html"]
    (name,) = read.opens[view.anchor(table, lines[row][column])]
    shown = {name, f"name-{name}", *read.opens[name]}
    told = [text for anchor in shown for text in read.texts[anchor]]
    for line in describe.provenance(table_id, row, column, recorded).splitlines():
        fact, sign, text = line.strip().partition(": ")
        if line.strip() != "provenance:":
            assert (text.strip() if sign and line.startswith(" ") else line) in told, fact


def test_what_the_boxes_show_is_the_cell_and_nothing_else(recorded: Records) -> None:
    table = catalog.find("efficienthrnet-3", PaperTable)
    assert isinstance(table, PaperTable)
    lines = cells(table, recorded)
    shown = view.of_table(table, lines, recorded)
    for line, row in zip(lines, shown.lines, strict=True):
        boxes = row.boxes[-len(line) :]
        assert [box.text for box in boxes] == [cell.reported for cell in line]
        assert [box.status for box in boxes] == [cell.status for cell in line]
        measured = [cell.measured_text if cell.status else "" for cell in line]
        assert [box.measured for box in boxes] == measured


def test_a_reduced_number_names_data_and_profile_in_its_cell(parsed: dict[str, Parsed]) -> None:
    (cell,) = (
        texts for name, texts in parsed[PAGE].texts.items() if name == "efficienthrnet-3-r9-ap"
    )
    assert "synthpose-near, mini" in " ".join(cell)
    assert cell[-1] == "reduced"


def test_rows_carry_the_data_sets_they_are_chosen_by(recorded: Records) -> None:
    table = catalog.find("efficienthrnet-3", PaperTable)
    assert isinstance(table, PaperTable)
    shown = view.of_table(table, cells(table, recorded), recorded)
    by_row = {line.boxes[0].text: line.datasets for line in shown.lines}
    assert by_row["PersonLab"] == ("coco-val",)  # quoted: the data set of its column
    assert by_row["H-4"] == ("coco-val", "synthpose-near")


# --- a folder that needs nothing else -----------------------------------------------------------


def test_every_link_leads_somewhere_inside(pages: Path, parsed: dict[str, Parsed]) -> None:
    search = (pages / "search.js").read_text(encoding="utf-8")
    found = json.loads(search.removeprefix("window.SEARCH = ").rstrip(";\n"))
    links = {(name, link) for name, read in parsed.items() for link in read.links}
    links |= {("index.html", url) for _, _, url in found}
    for name, link in links:
        if link.startswith("data:"):
            continue
        path, _, anchor = link.partition("#")
        assert (pages / (path or name)).is_file(), f"{name} links to {link}"
        assert not anchor or anchor in parsed[path or name].ids, f"{name} links to {link}"


def test_ids_are_unique_in_every_page(parsed: dict[str, Parsed]) -> None:
    for name, read in parsed.items():
        assert len(read.ids) == len(set(read.ids)), name


def test_the_library_comes_with_its_licence_and_all_fits_into_12_mb(pages: Path) -> None:
    assert "MIT" in (pages / "plotly-licence.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in pages.rglob("*") if path.is_file()) <= 12e6


def digests(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


@pytest.mark.slow
def test_the_command_writes_the_same_bytes_in_another_process(pages: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "repro", "render", "--html", str(tmp_path / "again")]
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert f"open {tmp_path / 'again' / 'index.html'}" in done.stderr
    assert digests(tmp_path / "again") == digests(pages)


def test_without_any_record_all_pages_are_written_and_say_so() -> None:
    written = site.files({})
    assert len([name for name in written if name.endswith(".html")]) == 10
    read = Parsed(str(written[PAGE]))
    assert read.texts["efficienthrnet-3-r5-params_m"] == ["23.3", "not run"]
    shown = {
        name: texts for name, texts in read.texts.items() if name.startswith("efficienthrnet-3-r")
    }
    assert shown
    assert {texts[-1] for texts in shown.values()} == {"not run", "quoted"}


# --- names from files -----------------------------------------------------------------------------


def evil_page() -> sections.Page:
    table = PaperTable(
        id="t-1",
        paper="efficienthrnet",
        number="Table 1",
        title=EVIL,
        columns=(Field("model"), Field("ap")),
        rows=(Row(EVIL, (EVIL, "1.0"), quoted=EVIL),),
        differences=(f"{EVIL} [x](javascript:alert(1))",),
    )
    shown = view.of_table(table, cells(table, {}), {})
    listed = view.of_grid(Grid((EVIL,), ((EVIL,),), title=EVIL, notes=(EVIL,)))
    section = sections.Section(
        EVIL, "t-1", text=EVIL, views=(shown, listed), remarks=table.differences[0]
    )
    return sections.Page("x.html", EVIL, EVIL, (section,), EVIL, filtered=True)


def test_names_with_markup_stay_text() -> None:
    evil = evil_page()
    template = site.environment().get_template("page.html")
    shown = Parsed(site.html(template, evil, [evil]))
    assert "img" not in shown.tags
    assert not any(link.startswith("javascript") for link in shown.links)
    assert EVIL in " ".join(text for texts in shown.texts.values() for text in texts)


def test_names_with_markup_stay_text_in_the_plot(recorded: Records) -> None:
    from repro.charts import pareto

    entry = replace(pareto.entries("macs", "coco-val", recorded)[0], label=EVIL, remark=EVIL)
    figure = plots.pareto_figure([(1.0, entry)], "coco-val", "macs", "true")
    assert "<img" not in json.dumps(figure)
    assert "&lt;img" in json.dumps(figure)


# --- plots ----------------------------------------------------------------------------------------


def test_plotly_accepts_every_figure_and_every_choice_names_one(recorded: Records) -> None:
    objects = pytest.importorskip("plotly.graph_objects", reason="plotly is not installed")
    for plot in (plots.accuracy_against_compute(recorded), plots.learning(recorded)):
        assert plot.figures
        for key, figure in plot.figures.items():
            objects.Figure(figure)  # raises ValueError for what plotly does not know
            words = key.split("|")
            assert all(
                word in known for word, known in zip(words, plot.choices.values(), strict=True)
            )


def test_the_plot_never_mixes_multiply_adds_and_float_operations(recorded: Records) -> None:
    figures = plots.accuracy_against_compute(recorded).figures
    for key, figure in figures.items():
        texts = [text for trace in figure["data"] for text in trace.get("text", ())]
        in_floats = ["float operations" in text for text in texts]
        if key.endswith("|floats"):
            assert all(in_floats)
        if key.endswith("|macs|printed"):
            assert not any(in_floats)


def test_a_point_tells_network_rule_and_source(recorded: Records) -> None:
    figure = plots.accuracy_against_compute(recorded).figures["coco-val|macs|true"]
    texts = [text for trace in figure["data"] for text in trace.get("text", ())]
    (text,) = (
        text for text in texts if text.startswith("<b>H0</b>") and "efficienthrnet-3" in text
    )
    assert "efficienthrnet-3 (EfficientHRNet, Table 3)" in text
    assert "MACs 25.6 G, reported, rule hrnet" in text
    assert "MACs 23.96 G, measured, rule true" in text


def test_a_picture_that_is_kept_is_taken_and_a_large_one_becomes_webp(
    recorded: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = catalog.find("litepose-f1", Figure)
    assert isinstance(figure, Figure)
    chart = figures.chart(figure, recorded)
    kept = figures.write("litepose-f1", chart, tmp_path / "results" / "figures")
    monkeypatch.setattr(places, "root", lambda: tmp_path)
    monkeypatch.setattr(page, "draw", lambda chart: pytest.fail("drawn again"))
    assert pictures.picture("litepose-f1", chart) == ("litepose-f1.svg", kept[0].read_bytes())
    monkeypatch.setattr(pictures, "LARGE", 1000)
    name, content = pictures.picture("litepose-f1", chart)
    assert (name, content[:4], content[8:12]) == ("litepose-f1.webp", b"RIFF", b"WEBP")


def test_a_figure_without_its_records_says_so_in_place_of_a_picture() -> None:
    drawn = pictures.drawn({})
    assert "has a curve" in str(drawn["learning-curves"])
    assert isinstance(drawn["litepose-f1"], pictures.Picture)  # from printed numbers


# --- bad input ------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that are made at once; what is tested is where they go."""
    monkeypatch.setattr(site, "files", lambda records: {"index.html": "new", "figures/a.svg": "a"})


def render(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["render", *words])
    return result.exit_code, result.stderr


@pytest.mark.usefixtures("small")
def test_a_file_or_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text("mine")
    code, told = render("--html", str(tmp_path / "file"))
    assert (code, "is a file" in told, "next: name a new or empty folder" in told) == (
        2,
        True,
        True,
    )
    code, told = render("--html", str(tmp_path / "folder"))
    assert (code, "holds other files" in told) == (2, True)
    assert (tmp_path / "file").read_text() == "mine"
    assert (tmp_path / "folder" / "index.html").read_text() == "mine"
    assert len([*tmp_path.rglob("*")]) == 3


@pytest.mark.usefixtures("small")
def test_an_earlier_report_is_replaced_and_own_files_beside_it_are_kept(tmp_path: Path) -> None:
    outside, folder = tmp_path / "kept.html", tmp_path / "report"
    outside.write_text("mine")
    assert render("--html", str(folder))[0] == 0
    (folder / "own.txt").write_text("mine")
    (folder / "old.html").write_text("of an earlier report")
    with (folder / site.MANIFEST).open("a", encoding="utf-8") as listed:
        listed.write("old.html\n../kept.html\n")
    assert render("--html", str(folder))[0] == 0
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"index.html", "figures/a.svg", "own.txt", site.MANIFEST}
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("words", [("--check",), ("--out", "elsewhere")])
def test_pages_take_no_option_of_the_text(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, told = render("--html", str(tmp_path / "report"), *words)
    assert (code, "--html takes neither --check nor --out" in told) == (2, True)


@pytest.mark.parametrize("absent", ["jinja2", "plotly"])
def test_a_missing_package_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)  # as if it were not installed
    monkeypatch.setattr(site, "pages", lambda records, drawn: [])
    code, told = render("--html", str(tmp_path / "report"))
    assert (code, f"needs the package {absent}" in told) == (1, True)
    assert "next: pip install 'repro[html]'" in told
    assert not (tmp_path / "report").exists()
