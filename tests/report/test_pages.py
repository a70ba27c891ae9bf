"""The pages as a reader has them: links lead somewhere, tables and lines are narrow, nothing is said
twice, and nothing stands there that no record gives."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from repro import places
from repro.claims import judge
from repro.grid import Grid
from repro.measure.cells import Cell
from repro.record.store import Store
from repro.report import counts, first_page, paper_page, results, states
from repro.report.ablations import answered
from repro.report.markdown import MOST, Links, bullet, narrow, table, wrapped
from repro.spec import catalog
from repro.spec.papers import PAPERS
from repro.spec.table import Field

ROOT = places.root()
NEEDED = 45  # table rows beyond 200 characters: a claim of many numbers, a row of many texts


@cache
def pages(recorded: bool = True) -> dict[Path, str]:
    return results.texts(Store(places.committed()).load() if recorded else {})


GENERATED = [path for path in pages() if path.name != "README.md"]


def links(text: str) -> Iterator[str]:
    """Targets of links and pictures; anchors and paths alone."""
    code = re.sub(r"^```.*?^```|`[^`\n]+`", "", text, flags=re.S | re.M)
    yield from re.findall(r"\]\(([^)\s]+)\)", code)
    yield from re.findall(r"^\[[^\]]+\]: (\S+)$", code, re.M)


def anchors(text: str) -> set[str]:
    return set(re.findall(r'<a id="([^"]+)"></a>', text))


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in links(pages()[page]):
        name, _, anchor = target.partition("#")
        where = Path(os.path.normpath(page.parent / name)) if name else page
        known = where in pages() or (ROOT / where).exists()
        if not known or (anchor and anchor not in anchors(pages()[where])):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", pages(), ids=str)
def test_references_are_defined(page: Path) -> None:
    text = re.sub(r"^```.*?^```|`[^`\n]+`", "", pages()[page], flags=re.S | re.M)
    defined = set(re.findall(r"^\[([^\]]+)\]: ", text, re.M))
    named = set(re.findall(r"\]\[([^\]]+)\]", text))
    assert named <= defined


@pytest.mark.parametrize("page", GENERATED, ids=str)
def test_tables_and_lines_are_narrow(page: Path) -> None:
    lines = pages()[page].splitlines()
    columns = [len(re.findall(r"(?<!\\)\|", line)) - 1 for line in lines if line.startswith("|")]
    assert max(columns, default=0) <= MOST
    assert [line for line in lines if len(line) > 200 and not line.startswith("|")] == []


def test_long_rows_are_few() -> None:
    every = [line for page in GENERATED for line in pages()[page].splitlines()]
    assert len([line for line in every if len(line) > 200]) <= NEEDED


def test_results_md_is_short_and_begins_with_the_answers() -> None:
    text = pages()[Path("RESULTS.md")]
    assert len(text.split()) < 6000
    first = text.partition("## Where to find what")[0]
    shown = [line for line in first.splitlines() if line and not re.match(r"\[.+\]: ", line)]
    assert len(shown) <= 45  # about a screen


@pytest.mark.parametrize("slug", PAPERS)
def test_a_remark_stands_once_on_the_page_of_its_paper(slug: str) -> None:
    page = " ".join(pages()[Path(f"results/{slug}.md")].split())
    names = paper_page.remarks(slug)
    counted = {
        text: page.count(f"</a>{name}: {' '.join(text.split())}") for text, name in names.items()
    }
    assert {text: number for text, number in counted.items() if number != 1} == {}


def test_every_table_figure_and_ablation_has_its_place() -> None:
    for name, spec in catalog.specs().items():
        if spec.paper in PAPERS and not name.endswith("-claims"):
            assert name in anchors(pages()[Path(f"results/{spec.paper}.md")])


def test_every_count_that_is_off_links_to_its_remark() -> None:
    text = pages()[Path("results/counts.md")]
    assert "not explained" not in text
    assert len(re.findall(r"\| \[R\d+\]\[", text)) == len(
        counts.outside(Store(places.committed()).load())
    )


def test_without_records_every_page_is_there_and_measures_nothing() -> None:
    bare = pages(recorded=False)
    assert set(bare) == set(pages())
    first = bare[Path("RESULTS.md")].partition("## Where to find what")[0]
    assert "| accuracies | 749 | 0 measured on the whole of a real test set; " in first
    assert "0 measured on drawn people or pictures; 749 reported only" in first
    assert "| parameters, MACs and FLOPs, counted | 0 | 0 agree" in first
    assert {*re.findall(r"\| (none) (?=\|)", first)} == {"none"}  # no network is counted
    assert "understated |" not in first and "overstated |" not in first


# --- evidence -------------------------------------------------------------------------------------


def cell(status: str, data: str = "", measured: float | None = 50.0) -> Cell:
    key = f"evaluate litepose_s 448x448 data={data} protocol=bottom-up"
    return Cell("S", Field("ap"), "", "58.3", measured=measured, status=status, key=key)


def test_accuracies_are_told_apart_by_what_they_were_measured_on() -> None:
    shown = [
        cell("match", "coco-val"),
        cell("differs", "coco-val"),
        cell("reduced", "coco-val"),
        cell("reduced", "synthpose-near"),
        cell("stale", "coco-val"),
        cell("failed", "coco-val", None),
        cell("not run", "coco-val", None),
        cell("quoted", "", None),
    ]
    assert states.accuracies(shown) == {
        states.REAL: 2,
        states.PART: 1,
        states.DRAWN: 1,
        states.BROKEN: 2,
        states.ONLY: 2,
    }


def test_the_evidence_adds_up() -> None:
    held = Store(places.committed()).load()
    judged = judge.judge_claims(held)
    grid = first_page.evidence_grid(states.printed(held), judged, answered(held), Links())
    evidence = first_page.about_evidence(states.printed(held))
    total, measured, agree, differ, reduced = map(int, re.findall(r"\d+", evidence))
    assert measured == agree + differ + reduced < total
    kinds = [row for row in grid.rows if "agree with" in row[2]]
    assert sum(int(row[1]) for row in kinds) == agree + differ
    for name, total, told, _ in grid.rows:
        assert sum(map(int, re.findall(r"(?<![\d.])\d+(?= )", told))) == int(total), name


# --- Markdown -------------------------------------------------------------------------------------


def test_a_wide_grid_goes_on_below_and_keeps_together_what_belongs_together() -> None:
    quantity = ("reported", "measured")
    names = [f"{letter} {word}" for letter in "abcde" for word in quantity]
    headings = ["row"]
    for reported, measured in zip(names[::2], names[1::2], strict=True):
        headings += [reported, measured, "difference", "status"]
    grid = Grid(tuple(headings), (tuple("x" * len(headings)), ("only a", "1", *[""] * 19)))
    first, second, third = narrow(grid)
    assert first.headings == (
        "row",
        *("a reported", "measured", "difference", "status"),
        *("b reported", "measured", "difference", "status"),
    )
    assert [len(part.headings) for part in (second, third)] == [9, 5]
    assert [len(part.rows) for part in (first, second, third)] == [2, 1, 1]


def test_prose_is_wrapped_so_that_no_line_turns_into_a_list() -> None:
    words = " ".join(f"word{number} 1. - {number}. + # > = x" for number in range(60))
    lines = wrapped(words).splitlines()
    assert " ".join(lines) == words
    assert max(map(len, lines)) <= 120
    assert [line for line in lines if re.match(r"([-+*#>=]|\d+[.)])( |$)", line)] == []
    assert all(line.startswith("  ") for line in bullet(words).splitlines()[1:])


def test_names_with_markup_are_shown_and_not_obeyed() -> None:
    spoilt = Grid(("name", "v"), (("<script>alert(1)</script> [x](http://a.b) | y", "1"),))
    assert table(spoilt).splitlines()[-1] == (
        "| &lt;script>alert(1)&lt;/script> [x\\](http://a.b) \\| y | 1 |"
    )
