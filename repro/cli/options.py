"""What commands share: options, an Example block for the help, the committed records."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from repro import places
from repro.errors import UsageError
from repro.grid import FORMATS
from repro.record.store import Store
from repro.spec.papers import PAPERS

F = TypeVar("F", bound=Callable[..., Any])


class _Place(click.Path):
    """A path that has a name: an empty one, such as an unset variable gives, would mean the current
    folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Raises click.BadParameter for an empty text."""
        if value == "":
            self.fail("an empty text names no file or folder", param, ctx)
        return super().convert(value, param, ctx)


PLACE = _Place(path_type=Path)

format_option = click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="rich", help="Output form."
)
data_option = click.option(
    "--data", type=PLACE, envvar="REPRO_DATA", default=Path("data"), help="Folder of data sets."
)
runs_option = click.option(
    "--runs", type=PLACE, envvar="REPRO_RUNS", default=Path("runs"), help="Checkpoints and logs."
)
workers_option = click.option(
    "--workers", type=click.IntRange(0), default=0, help="Processes that prepare pictures."
)
device_option = click.option("--device", default="auto", help="auto, cpu or cuda.")
size_option = click.option(
    "--size", nargs=2, type=int, default=None, metavar="H W", help="Input height and width in px."
)
seed_option = click.option(
    "--seed", default=0, show_default=True, help="Seed of weights, data order and drawings."
)
set_option = click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="Keyword of the model's builder."
)


def spec_ids(kind: str = "") -> Callable[..., list[str]]:
    """What completes the name of a table, figure or ablation; kind: the class of its spec, "" for
    any."""

    def complete(_: click.Context, __: click.Parameter, start: str) -> list[str]:
        from repro.spec import catalog

        specs = catalog.specs().items()
        named = (name for name, spec in specs if kind in ("", type(spec).__name__))
        return [name for name in named if name.startswith(start)]

    return complete


def model_names(_: click.Context, __: click.Parameter, start: str) -> list[str]:
    """What completes the name of a network."""
    from repro.models.zoo import MODELS

    return [name for name in MODELS if name.startswith(start)]


def paper_names(_: click.Context, __: click.Parameter, start: str) -> list[str]:
    """What completes the name of a paper."""
    return [slug for slug in PAPERS if slug.startswith(start)]


def example(text: str) -> Callable[[F], F]:
    """Append an Example block to a command's help."""

    def add(function: F) -> F:
        said = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{said}\n\n\b\nExample:\n  {text}"
        return function

    return add


def _keep(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    context.meta["repro.results"] = folder


results_option = click.option(
    "--results",
    type=_Place(path_type=Path, file_okay=False),
    envvar="REPRO_RESULTS",
    expose_value=False,
    callback=_keep,
    help="Folder of own records; default: the checkout's, else repro-results here.",
)


def records() -> Store:
    """The committed records and, over them, those of the folder that new ones go to."""
    folder = places.results(click.get_current_context().meta.get("repro.results"))
    return Store(folder / "records", places.committed())


def parse_changes(changes: tuple[str, ...]) -> dict[str, Any]:
    """`joints=14` and the like as keyword arguments; numbers, booleans and tuples are read as
    such."""
    import ast

    keywords: dict[str, Any] = {}
    for change in changes:
        name, sign, value = change.partition("=")
        if not sign:
            raise UsageError(f"'{change}' is not NAME=VALUE", "for example --set joints=14")
        try:
            keywords[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            keywords[name] = value
    return keywords


def parse_seeds(text: str) -> tuple[int, ...]:
    """Different seeds, from "0,1,2". Raises UsageError."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() for word in words):
        raise UsageError(f"'{text}' is no list of seeds", "for example --seeds 0,1,2")
    seeds = tuple(map(int, words))
    twice = next((seed for seed in seeds if seeds.count(seed) > 1), None)
    if twice is not None:
        raise UsageError(f"seed {twice} is named twice in '{text}'", "for example --seeds 0,1,2")
    return seeds
