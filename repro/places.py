"""Where specs and records lie: in the checkout that the package is run from, or inside the
installed package."""

import os
from pathlib import Path

from repro.errors import SpecError

PACKAGE = Path(__file__).parent
SHIPPED = PACKAGE / "shipped"  # what the wheel carries of a checkout
FOLDERS = ("paper_tables", "ablations")
ELSEWHERE = "repro-results"  # below the current folder, where no checkout is


def is_checkout(folder: Path) -> bool:
    """Whether a folder holds specs, and README and records beside them."""
    return (
        all((folder / name).is_dir() for name in FOLDERS) and (folder / "pyproject.toml").is_file()
    )


def checkout() -> Path | None:
    """The checkout that this package is part of, None where it was installed as a wheel."""
    return PACKAGE.parent if is_checkout(PACKAGE.parent) else None


def root() -> Path:
    """The folder of the spec files: $REPRO_ROOT, else the checkout, else what the wheel carries.

    Raises SpecError for a $REPRO_ROOT without specs.
    """
    named = os.environ.get("REPRO_ROOT")
    folder = Path(named) if named else checkout() or SHIPPED
    absent = [name for name in FOLDERS if not (folder / name).is_dir()]
    if absent:
        hint = "unset REPRO_ROOT, or set it to a checkout" if named else "install the package again"
        lacks = " and no ".join(absent)
        raise SpecError(f"'{folder}' is no checkout of repro: it has no folder {lacks}", hint)
    return folder


def committed() -> Path:
    """The records that came with the specs."""
    return root() / "results" / "records"


def rendered() -> Path | None:
    """Where RESULTS.md stands: $REPRO_ROOT, else the checkout; None where there is neither."""
    return root() if os.environ.get("REPRO_ROOT") else checkout()


def results(named: Path | None = None) -> Path:
    """Where new records go: the named folder, else the checkout that is worked in, else a folder of
    its own."""
    if named:
        return named
    if os.environ.get("REPRO_ROOT") or checkout():
        return root() / "results"
    current = Path.cwd()
    around = next((folder for folder in (current, *current.parents) if is_checkout(folder)), None)
    return around / "results" if around else current / ELSEWHERE
