"""The command that compares two sets of records. Heavy imports happen inside it."""

import click

from repro.cli.options import example, format_option
from repro.console import show, talk
from repro.errors import CheckError
from repro.grid import WRITERS


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--threshold",
    type=click.FloatRange(0),
    default=None,
    metavar="PERCENT",
    help="Exit 3 where a value differs by more than this share of A's.",
)
@format_option
@example("repro compare HEAD results --threshold 0.5")
def compare(first: str, second: str, threshold: float | None, form: str) -> None:
    """Signed differences, B minus A, of two folders of records or two commits.

    Only values that differ are listed, and records that only one side has. Texts that differ,
    failures and numbers that grew from zero are above every threshold.
    """
    from repro.record import compare as comparing
    from repro.report import compared

    found = comparing.differences(*comparing.pair(first, second))
    show(WRITERS[form](compared.grid(found, first, second)))
    talk(compared.told(found))
    if threshold is not None:
        above = [one for one in found if one.above(threshold)]
        if above:
            where = f"{above[0].key}, {above[0].name}"
            raise CheckError(
                f"{len(above)} values differ by more than {threshold:g} %, the first is {where}",
                f"repro compare {first} {second}",
            )
