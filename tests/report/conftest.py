"""The report as pages, written once for all tests that read them."""

from pathlib import Path

import pytest

from repro import places
from repro.record.found import Records
from repro.record.store import Store


@pytest.fixture(scope="session")
def recorded() -> Records:
    return Store(places.committed()).load()


@pytest.fixture(scope="session")
def pages(recorded: Records, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `repro render --html` writes from the committed records."""
    for package in ("jinja2", "markdown_it", "plotly"):
        pytest.importorskip(package, reason=f"{package} of the extra html is not installed")
    from repro.report.html import site

    folder = tmp_path_factory.mktemp("html") / "report"
    site.write(folder, recorded)
    return folder
