"""Rendering: cells joined with records, and the exact text of their written forms."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from repro import places
from repro.charts import page
from repro.charts.scatter import Point, Scatter
from repro.grid import WRITERS, Grid, to_rich
from repro.measure import accuracy, count, facts
from repro.measure.accuracy import Weights
from repro.measure.cells import cells
from repro.models.zoo import MODELS
from repro.record.found import Found
from repro.record.record import Record
from repro.record.store import Store
from repro.report import findings, reduced, results, states
from repro.report.ablations import ablation_blocks, ablation_text
from repro.report.describe import describe
from repro.report.tables import blocks
from repro.spec import catalog
from repro.spec.ablation import Ablation, Series
from repro.spec.profiles import GPU, MINI, SMOKE
from repro.spec.protocols import BOTTOM_UP
from repro.spec.recipes import EFFICIENTHRNET
from repro.spec.run import Run
from repro.spec.settings import Profile
from repro.spec.table import Field, PaperTable, Row

RUN = Run("litepose_s", 448, {"joints": 14}, "coco-val", BOTTOM_UP, EFFICIENTHRNET)
TABLE = PaperTable(
    id="t-1",
    paper="p",
    number="Table 1",
    title="A table",
    columns=(Field("model"), Field("macs_g", rule="ptflops"), Field("ap")),
    rows=(
        Row("S", ("S", "5.0", "58.3"), RUN),
        Row("old", ("old", "9.0", "40.1"), quoted="no code"),
    ),
)

CHART = page.Chart("A chart", (Scatter("x", "y", (Point("a", 1.0, 2.0), Point("b", 2.0, 3.5))),))


def compare(columns: tuple[Field, ...], own: Sequence[Row]) -> Ablation:
    """An ablation of rows that no table prints, the first of them the base."""
    series = Series("", {row.key: row.key for row in own})
    return Ablation("a", "p", "A", "Does it help?", "", columns, (series,), own=tuple(own)).join({})


def counted(rule: str = "ptflops", **changes: object) -> Record:
    digest = count.digest(RUN, rule)
    values = {"params": 2_731_000, "macs": 4_981_000_000}
    return Record(
        **{
            "key": count.key(RUN, rule),
            "digest": digest,
            "family": "litepose",
            "values": values,
            **changes,
        }
    )


def smoke() -> Record:
    return seeded(0, 0.583)


def by_field(records: list[Record]) -> dict[str, tuple[str, str]]:
    line = cells(TABLE, {record.key: record for record in records})[0]
    return {one.field.name: (one.measured_text, one.status) for one in line}


def test_a_count_is_joined_under_the_rule_of_its_column() -> None:
    assert by_field([counted()])["macs_g"] == ("4.981", "match")
    assert by_field([counted("true")])["macs_g"] == ("", "not run")


def test_a_record_of_another_digest_is_stale_and_not_compared() -> None:
    assert by_field([counted(digest="0000")])["macs_g"] == ("4.981", "stale")


def test_a_failed_record_shows_no_number() -> None:
    failed = counted(values={}, status="failed", error="loss is nan")
    assert by_field([failed])["macs_g"] == ("", "failed")


def test_a_reduced_score_names_data_and_profile_in_the_cell_and_is_never_a_match() -> None:
    assert by_field([smoke()])["ap"] == ("58.3 (synthpose-easy, smoke)", "reduced")


def trained(run: Run, profile: Profile, value: float, seed: int = 0, **changes: object) -> Record:
    key, digest = accuracy.key(run, profile, seed), accuracy.digest(run, profile, seed)
    return Record(
        **{"key": key, "digest": digest, "family": "litepose", "values": {"AP": value}, **changes}
    )


def seeded(seed: int, value: float, **changes: object) -> Record:
    return trained(RUN, SMOKE, value, seed, **changes)


def test_several_seeds_are_their_mean_with_its_spread_and_their_number() -> None:
    three = [seeded(0, 0.50), seeded(1, 0.52), seeded(2, 0.54)]
    assert by_field(three)["ap"] == (
        "52.0 (synthpose-easy, smoke, mean ± 2.0 of 3 seeds)",
        "reduced",
    )
    assert by_field([seeded(3, 0.5)])["ap"] == ("50.0 (synthpose-easy, smoke)", "reduced")


def by(profile: Profile, value: float, **changes: object) -> Record:
    return trained(RUN, profile.of(RUN.recipe), value, **changes)


def test_a_failed_or_stale_profile_does_not_hide_a_good_one() -> None:
    good = by(MINI, 0.2)
    assert by_field([good, by(GPU, 0.4)])["ap"] == ("40.0 (synthpose-plain, gpu)", "reduced")
    for bad in (
        by(GPU, 0.4, digest="0000"),
        by(GPU, 0.0, values={}, status="failed", error="loss is nan"),
    ):
        assert by_field([good, bad])["ap"] == (
            "20.0 (synthpose-near, mini, at 160x160 px)",
            "reduced",
        )


def test_scores_of_two_profiles_are_not_subtracted() -> None:
    own = (
        Row("base", ("58.3",), RUN),
        Row("deeper", ("60.0",), replace(RUN, changes={**RUN.changes, "kernel": 3})),
    )
    ablation = compare((Field("ap"),), own)
    arm = ablation.table.rows[1].run
    assert arm is not None
    records = {one.key: one for one in (by(MINI, 0.2), trained(arm, SMOKE, 0.05))}
    text = ablation_text(ablation, cells(ablation.table, records), records, "md")
    assert "5.0 (synthpose-easy, smoke)" in text
    assert "-15" not in text
    records = {one.key: one for one in (by(MINI, 0.2), trained(arm, MINI.of(arm.recipe), 0.05))}
    assert "-15.0 (synthpose-near, mini, at 160x160 px, seed 0)" in ablation_text(
        ablation, cells(ablation.table, records), records, "md"
    )


def test_a_stale_or_failed_seed_is_not_mixed_with_the_others() -> None:
    failed = seeded(2, 0.0, values={}, status="failed", error="loss is nan")
    assert by_field([seeded(0, 0.5), seeded(1, 0.9, digest="0000"), failed])["ap"] == (
        "50.0 (synthpose-easy, smoke)",
        "reduced",
    )
    assert by_field([failed, seeded(1, 0.9, digest="0000")])["ap"] == (
        "90.0 (synthpose-easy, smoke)",
        "stale",
    )


def given(weights: str, value: float, **changes: object) -> Record:
    how = Weights(Path("w.pth"), weights)
    key, digest = accuracy.key(RUN, how), accuracy.digest(RUN, how)
    return Record(
        **{"key": key, "digest": digest, "family": "litepose", "values": {"AP": value}, **changes}
    )


@pytest.mark.parametrize(
    ("images", "shown"),
    [(11, ("58.3 (weights abcdef, 11 of 5000 images)", "reduced")), (5000, None)],
)
def test_a_part_of_the_test_set_is_no_score_of_the_set(
    images: int, shown: tuple[str, str] | None
) -> None:
    proof = {"images": images}
    found = by_field([given("abcdef", 0.583, provenance=proof)])["ap"]
    assert found == (shown or ("58.3 (weights abcdef)", "match"))


def test_a_quoted_number_carries_no_rule_of_ours() -> None:
    assert [one.rule for one in cells(TABLE, {})[1]] == ["", "", ""]


def test_a_row_without_a_run_is_quoted() -> None:
    line = cells(TABLE, {})[1]
    assert [one.status for one in line] == ["", "quoted", "quoted"]
    assert line[1].why == "no code"


def test_the_exact_markdown_of_a_table() -> None:
    records = {record.key: record for record in (counted(), smoke())}
    texts = [WRITERS["md"](grid) for grid in blocks(TABLE, cells(TABLE, records))]
    assert texts == [
        "| model | MACs (G) | AP (%) | status |\n"
        "| --- | ---: | ---: | --- |\n"
        "| S | 5.0 | 58.3 | 1 match, 1 reduced |\n"
        "| old | 9.0 | 40.1 | quoted |\n",
        "| row | MACs (G), rule ptflops reported | MACs (G), rule ptflops measured | difference | "
        "status |\n"
        "| --- | ---: | ---: | ---: | --- |\n"
        "| S | 5.0 | 4.981 | -0.019 (-0.4 %) | match |\n",
        "| row | AP (%) reported | AP (%) measured | difference | status |\n"
        "| --- | ---: | ---: | --- | --- |\n"
        "| S | 58.3 | 58.3 (synthpose-easy, smoke) |  | reduced |\n",
    ]


GRID = Grid(("name", "params (M)"), (("litepose", "1.7"), ("a|b_c", "12.0")), title="Two rows")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("md", "| name | params (M) |\n| --- | ---: |\n| litepose | 1.7 |\n| a\\|b_c | 12.0 |\n"),
        ("csv", "name,params (M)\nlitepose,1.7\na|b_c,12.0\n"),
        (
            "json",
            '[\n {\n  "name": "litepose",\n  "params (M)": "1.7"\n },\n'
            ' {\n  "name": "a|b_c",\n  "params (M)": "12.0"\n }\n]\n',
        ),
        (
            "latex",
            "\\begin{tabular}{lr}\n\\hline\nname & params (M) \\\\\n\\hline\nlitepose & 1.7 \\\\\n"
            "a|b\\_c & 12.0 \\\\\n\\hline\n\\end{tabular}\n",
        ),
    ],
)
def test_the_exact_text_of_every_form(form: str, text: str) -> None:
    assert WRITERS[form](GRID) == text


def test_the_exact_text_on_a_terminal() -> None:
    assert to_rich(GRID, 40) == (
        "Two rows\n\n name       params (M)\n ─────────────────────\n litepose          1.7\n "
        "a|b_c            12.0\n\n"
    )


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_a_narrow_terminal_splits_columns_and_loses_no_text(width: int) -> None:
    headings = (
        "model",
        "input (px)",
        "AP (%)",
        "AP50 (%)",
        "AP75 (%)",
        "MACs (G, printed as FLOPs), rule hrnet",
        "status",
    )
    rows = tuple(
        (
            f"Lightweight OpenPose {n}",
            "368",
            f"4{n}.8",
            f"6{n}.1",
            f"7{n}.9",
            f"4.09{n} (true)",
            "differs",
        )
        for n in (1, 2)
    )
    text = to_rich(Grid(headings, rows), width)
    assert max(len(line) for line in text.splitlines()) <= width
    letters = "".join(text.split())
    assert [cell for row in rows for cell in row[1:] if "".join(cell.split()) not in letters] == []


def test_an_ablation_prints_the_base_in_full_and_arms_as_signed_differences() -> None:
    printed = {3: "3.8", 7: "4.7"}
    own = [
        Row(f"kernel {kernel}", (text,), Run("litepose_s", 448, {"kernel": kernel}))
        for kernel, text in printed.items()
    ]
    ablation = compare((Field("macs_g", rule="true"),), own)
    records = {}
    for row, macs in zip(ablation.table.rows, (3_769_000_000, 4_685_000_000), strict=True):
        assert row.run is not None
        key, digest = count.key(row.run, "true"), count.digest(row.run, "true")
        records[key] = Record(key, digest, "litepose", {"params": 1, "macs": macs})
    (grid,) = ablation_blocks(ablation, cells(ablation.table, records))
    assert grid.rows == (("kernel 3 (base)", "3.8", "3.769"), ("kernel 7", "+0.9", "+0.916"))


def test_an_ablation_shows_a_gain_as_printed_and_what_only_its_base_has() -> None:
    fields = (
        Field("gflops_reported", "macs_g", rule="true"),
        Field("ap"),
        Field("ap_gain", "gain", gain="ap"),
    )
    own = (
        Row("four branches", ("12.5", "50.4", ""), quoted="drawn only"),
        Row("one branch", ("", "", "11.6"), quoted="drawn only"),
    )
    ablation = compare(fields, own)
    grid = ablation_blocks(ablation, cells(ablation.table, {}))[0]
    assert grid.rows == (
        ("four branches (base)", "12.5", "quoted", "50.4", "quoted", "", ""),
        ("one branch", "", "", "", "", "11.6", ""),
    )


def test_the_summary_counts_each_measurement_once_and_configuration_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = (Field("widths"), Field("macs_g", rule="ptflops"), Field("params_m", rule="ptflops"))
    rows = (Row("S", ("32, 64", "5.0", "2.7"), RUN), Row("again", ("32, 64", "4.9", "2.8"), RUN))
    table = replace(TABLE, paper="litepose", columns=fields, rows=rows)
    monkeypatch.setattr(catalog, "tables", lambda: [table])
    described = Record(facts.key(RUN), facts.digest(RUN), "litepose", {"widths": "32, 64"})
    grid = states.summary_grid({record.key: record for record in (counted(), described)})
    assert grid.headings == ("state", "LitePose", "all")
    found = {row[0]: row[1] for row in grid.rows}
    # 4.981 is cut to 4.9, 2.731 not 2.8
    assert (found["match"], found["close"], found["differs"]) == ("3", "0", "1")
    assert found["distinct values"] == "2"
    assert (found["configuration: match"], found["configuration: differs"]) == ("2", "0")


def paths(found: Sequence[results.Change]) -> list[str]:
    return [change.path.as_posix() for change in found]


def test_check_names_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "texts", lambda records: {Path("RESULTS.md"): "new"})
    monkeypatch.setattr(results, "pictures", lambda records: {Path("figures/f1"): CHART})
    names = ["RESULTS.md", "figures/f1.svg", "figures/f1.png"]
    assert paths(results.write(tmp_path, {}, check=True)) == names
    assert list(tmp_path.iterdir()) == []
    assert paths(results.write(tmp_path, {})) == names
    assert results.write(tmp_path, {}, check=True) == []


def test_check_says_what_is_missing_out_of_date_and_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        results, "texts", lambda records: {Path("RESULTS.md"): "new", Path("results/a.md"): "a"}
    )
    monkeypatch.setattr(results, "pictures", lambda records: {})
    (tmp_path / "RESULTS.md").write_text("old")
    figures = tmp_path / "results/figures"
    figures.mkdir(parents=True)
    for kind, body in zip(("svg", "png"), page.draw(CHART), strict=True):
        (figures / f"gone.{kind}").write_bytes(body)
    (tmp_path / "results/gone.md").write_text(f"{results.FIRST_LINE}\nold")
    (tmp_path / "results/notes.md").write_text("written by hand")
    over = "results/gone.md, results/figures/gone.png, results/figures/gone.svg"
    told = f"out of date: RESULTS.md; missing: results/a.md; left over: {over}"
    assert results.told(results.write(tmp_path, {}, check=True)) == told
    results.write(tmp_path, {})
    assert results.write(tmp_path, {}, check=True) == []
    assert sorted(path.name for path in (tmp_path / "results").rglob("*.*")) == ["a.md", "notes.md"]


def test_a_picture_is_drawn_again_only_when_what_it_shows_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "texts", lambda records: {})
    monkeypatch.setattr(results, "pictures", lambda records: {Path("f1"): CHART})
    results.write(tmp_path, {})
    svg = tmp_path / "f1.svg"
    # as another processor draws it
    svg.write_bytes(svg.read_bytes().replace(b"#ececec", b"#ededed"))
    assert results.write(tmp_path, {}, check=True) == []
    svg.write_bytes(svg.read_bytes()[:200])
    assert paths(results.write(tmp_path, {}, check=True)) == ["f1.svg", "f1.png"]
    results.write(tmp_path, {})
    other = replace(CHART, panels=(replace(CHART.panels[0], x_label="MACs"),))
    monkeypatch.setattr(results, "pictures", lambda records: {Path("f1"): other})
    assert paths(results.write(tmp_path, {}, check=True)) == ["f1.svg", "f1.png"]
    monkeypatch.setattr(results, "pictures", lambda records: {Path("f1"): CHART})
    monkeypatch.setattr(page, "VERSION", page.VERSION + 1)
    assert paths(results.write(tmp_path, {}, check=True)) == ["f1.svg", "f1.png"]


def test_without_records_nothing_is_measured() -> None:
    """Every measured digit of RESULTS.md and README.md comes from a record: none is typed by
    hand."""
    every = [(table, line) for table in catalog.tables() for line in cells(table, {})]
    every += [(one.table, line) for one in catalog.ablations() for line in cells(one.table, {})]
    assert [
        (table.id, one.row, one.field.name)
        for table, line in every
        for one in line
        if one.measured_text
    ] == []
    assert findings.inflation({}).rows == ()
    assert re.findall(r"\d\d\.\d", reduced.TEXT + reduced.NOTE) == []


def test_the_last_doubling_is_the_mean_of_what_the_looks_show() -> None:
    def record(seed: int, half: float, last: float) -> Record:
        curve = [{"images": 500, "PCKh@0.5": half}, {"images": 1000, "PCKh@0.5": last}]
        return Record(f"k{seed}", "d", "x", {}, provenance={"curve": curve})

    seeds = {0: record(0, 50.0, 58.0), 1: record(1, 52.0, 56.0)}
    assert reduced.last_doubling(Found(seeds[0], seeds=seeds)) == "+6.0 PCKh@0.5"
    assert reduced.last_doubling(Found(Record("k", "d", "x", {}))) == ""


def test_a_network_is_listed_once_by_the_rule_of_its_own_paper() -> None:
    rows = findings.inflation(Store(catalog.root() / "results" / "records").load()).rows
    rules = {row[0]: row[1] for row in rows}
    assert len(rules) == len(rows)
    assert (
        rules["efficienthrnet_h_4"]
        == rules["efficienthrnet_h_2"]
        == rules["higherhrnet_w48"]
        == "hrnet"
    )
    # LitePose's own, by which it counts the other three in its tables too
    assert rules["litepose_s"] == "ptflops"
    assert {rules[name] for name in rules if name.startswith("proxyless")} == {"nas"}


def test_results_and_readme_are_what_specs_and_records_give() -> None:
    root = places.root()
    records = Store(places.committed()).load()
    for path, text in results.texts(records).items():
        assert (root / path).read_text(encoding="utf-8") == text, (
            f"{path} is out of date: make results"
        )
    for path, chart in results.pictures(records).items():
        held = {page.held_digest((root / path).with_suffix(kind)) for kind in (".svg", ".png")}
        assert held == {page.digest(chart)}, f"{path} is out of date: make results"


@pytest.mark.parametrize("name", {info.module: name for name, info in MODELS.items()}.values())
def test_show_names_the_switches_of_a_model(name: str) -> None:
    text = describe(name)
    assert text.startswith(f"{name}: {MODELS[name].source}\n")
    assert "switches: " in text and "joints=" in text.replace("classes=", "joints=")
