"""Packages that one thing needs and the suite itself does not, each in an extra: `export`,
`html`."""

import importlib
import warnings
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from repro.errors import ReproError


def package(name: str, what: str, *, extra: str = "export") -> ModuleType:
    """Import a package of an extra. Raises ReproError that says which extra to install for
    `what`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks of the packages' own imports
            return importlib.import_module(name)
    except ImportError as fault:
        raise ReproError(
            f"{what} needs the package {name}, which is not installed ({fault})",
            f"pip install 'repro[{extra}]'",
        ) from None


def installed(name: str) -> str:
    """Version of an installed package, "absent" where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
