"""The report in a browser: it sorts, filters, searches and explains; it asks for nothing outside
its folder; everybody can read it.

Needs a Chromium of the system (`apt-get install chromium`) and the packages of the extra `dev`.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
PAGES = ("index", "efficienthrnet", "litepose", "ground", "reduced", "claims", "cells")
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = pytest.importorskip(
        "playwright.sync_api", reason="playwright of the extra dev is not installed"
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with driver.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Any, pages: Path) -> Iterator[Open]:
    """Opens a page of the report from disk; the test fails at its end where the page complained or
    asked for anything outside the folder."""
    contexts, faults = [], []

    def watch(page: Any) -> None:
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda fault: faults.append(f"fault: {fault}"))
        page.on("request", lambda request: ask(request.url))

    def ask(url: str) -> None:
        inside = url.startswith((f"{pages.as_uri()}/", "data:", "blob:"))
        faults.extend([] if inside else [f"asked for {url}"])

    def go(name: str, size: str = "desk", **settings: Any) -> Any:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(f"{pages.as_uri()}/{name}")
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []


def texts(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def visible_rows(page: Any, table: str) -> Any:
    return page.locator(f"{table} tbody tr:not([hidden])")


def card(page: Any, cell: str) -> Any:
    """What a cell opens."""
    return page.locator(f"#{page.locator(f'#{cell} button').get_attribute('popovertarget')}")


# --- with JavaScript ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_no_page_is_wider_than_the_window_and_none_complains(opened: Open, size: str) -> None:
    for name in PAGES:
        page = opened(f"{name}.html", size)
        page.wait_for_load_state("load")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[size][0], name


@pytest.mark.parametrize(
    ("name", "scheme", "size"),
    [
        *((name, "light", "desk") for name in PAGES),
        *((name, "dark", "phone") for name in ("index", "efficienthrnet", "cells")),
    ],
)
def test_axe_finds_no_serious_fault(opened: Open, name: str, scheme: str, size: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = opened(f"{name}.html", size, color_scheme=scheme)
    if page.locator(".filter input").count():  # enough rows to see every kind of cell
        page.fill(".filter input", "h-4")
    options = {"resultTypes": ["violations"], "preload": False}  # it would ask for the style sheet
    found = axe.Axe().run(page, options=options).response["violations"]
    serious = [
        (rule["id"], node["target"], node.get("failureSummary"))
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:3]
    ]
    assert serious == []


def test_a_heading_sorts_its_table_up_and_down_and_empty_places_come_last(opened: Open) -> None:
    page = opened("efficienthrnet.html")
    column = "#efficienthrnet-3 tbody td:nth-child(4) .reported"
    before = texts(page, column)
    heading = page.locator("#efficienthrnet-3 thead th").nth(3)
    for state, down in (("ascending", False), ("descending", True)):
        heading.get_by_role("button").click()
        assert heading.get_attribute("aria-sort") == state
        shown = texts(page, column)
        assert shown == sorted(before, key=float, reverse=down)
        assert sorted(shown) == sorted(before)
    rows = texts(page, "#efficienthrnet-3 tbody tr td:nth-child(4)")
    assert rows[-1] in ("", "not run", "quoted")  # HRNet prints no AP50


def test_rows_are_chosen_by_paper_status_data_set_and_words(opened: Open) -> None:
    page = opened("cells.html")
    page.select_option("select[name=status]", "differs")
    shown = visible_rows(page, "#cells")
    told = page.locator(".count").inner_text()
    assert re.match(rf"{shown.count()} of \d+ rows", told)
    assert set(texts(page, "#cells tbody tr:not([hidden]) .status")) == {"differs"}
    page.select_option("select[name=paper]", "litepose")
    tables = set(texts(page, "#cells tbody tr:not([hidden]) th a"))
    assert tables
    assert all(name.startswith("litepose-") for name in tables)
    page.select_option("select[name=status]", "")
    page.select_option("select[name=data]", "crowdpose-test")
    sets = set(texts(page, "#cells tbody tr:not([hidden]) td:last-child"))
    assert all("crowdpose-test" in text for text in sets)
    page.fill(".filter input", "no such words")
    assert shown.count() == 0
    assert page.get_by_text("No row of this table fits the choice.").first.is_visible()


def test_a_cell_says_where_it_comes_from_by_click_and_by_keyboard(opened: Open) -> None:
    page = opened("efficienthrnet.html")
    why = card(page, "efficienthrnet-3-r5-params_m")
    assert not why.is_visible()
    cell = page.locator("#efficienthrnet-3-r5-params_m button")
    cell.click()
    assert why.is_visible()
    assert "count efficienthrnet_h0 512x512 rule=hrnet" in why.inner_text()
    why.get_by_role("button", name="How the record was made").click()
    made = page.get_by_role("dialog", name="How the record was made")
    assert "versions" in made.inner_text()
    assert why.is_visible()
    page.keyboard.press("Escape")
    assert why.is_visible()
    why.get_by_role("button", name="Close").click()
    assert not why.is_visible()
    cell.focus()
    page.keyboard.press("Enter")
    assert why.is_visible()
    page.keyboard.press("Tab")  # into what has opened: first its button to close
    assert page.evaluate("document.activeElement.textContent") == "Close"
    page.keyboard.press("Escape")
    assert not why.is_visible()


def test_the_list_of_cells_leads_to_the_cell_and_opens_it(opened: Open) -> None:
    page = opened("cells.html")
    page.fill(".filter input", "efficienthrnet-3 h-4 ap75")
    visible_rows(page, "#cells").first.get_by_role("link").click()
    page.wait_for_url(re.compile("efficienthrnet.html#efficienthrnet-3-r9-ap75$"))
    assert card(page, "efficienthrnet-3-r9-ap75").is_visible()


def test_search_finds_a_network_on_every_page(opened: Open) -> None:
    page = opened("claims.html")
    page.fill("#search", "litepose-xs crowdpose")
    assert re.match(r"\d+ found", page.locator("#hits").inner_text())
    page.locator("#found a").first.click()
    page.wait_for_url(re.compile("litepose.html#"))
    page.fill("#search", "no such thing at all")
    assert page.locator("#hits").inner_text() == "0 found"


def test_the_plot_changes_data_axis_and_rule_and_tells_of_a_point(opened: Open) -> None:
    page = opened("index.html")
    plot = page.locator("#plot-pareto")
    plot.locator(".point").first.wait_for()
    assert "MACs (G), measured, rule true" in plot.inner_text()
    page.select_option("select[name=rule]", "printed")
    assert "MACs (G), as reported" in plot.inner_text()
    page.select_option("select[name=axis]", "params")
    assert "parameters (M), as reported" in plot.inner_text()
    before = plot.locator(".point").count()
    page.select_option(".choices select[name='data set']", "crowdpose-test")
    assert plot.locator(".point").count() != before
    plot.locator(".point").first.hover(force=True)
    page.locator("#plot-pareto .hoverlayer text").first.wait_for()
    told = plot.locator(".hoverlayer").text_content()
    assert "reported, rule" in told
    assert "Table" in told
    page.select_option("select[name=rule]", "floats")
    assert not plot.is_visible()  # no paper prints float operations there


# --- without --------------------------------------------------------------------------------------


def test_without_javascript_all_is_there_and_a_cell_still_opens(opened: Open) -> None:
    page = opened("efficienthrnet.html", "phone", java_script_enabled=False)
    assert page.locator("#efficienthrnet-3 tbody tr").count() == 9
    for useless in ("form.search", "form.filter", "thead button"):
        assert page.locator(useless).count() == 0 or not page.locator(useless).first.is_visible()
    page.locator("#efficienthrnet-3-r5-params_m button").click()
    assert card(page, "efficienthrnet-3-r5-params_m").is_visible()
    first = opened("index.html", java_script_enabled=False)
    assert first.get_by_text("The plot needs JavaScript").is_visible()
    assert first.locator("#accuracy-against-compute tbody tr").count() > 100
