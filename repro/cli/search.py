"""The search command. Heavy imports happen inside it."""

from pathlib import Path

import click

from repro.cli.options import (
    PLACE,
    data_option,
    device_option,
    example,
    format_option,
    records,
    results_option,
    runs_option,
    seed_option,
    workers_option,
)
from repro.console import show, talk
from repro.grid import WRITERS


@click.command()
@click.argument("method", type=click.Choice(["litepose", "efficientpose-nas", "random"]))
@click.option(
    "--space",
    default="",
    help="litepose-xs, litepose-lms, nas-small or nas-large; default: the method's first.",
)
@click.option(
    "--limit", default="", help="Most that it may cost: macs=1.2G, params=2M, latency=9ms."
)
@click.option("--rule", default="true", show_default=True, help="Counting rule of the limit.")
@click.option(
    "--cost",
    type=click.Choice(["macs", "latency"]),
    default="macs",
    show_default=True,
    help="What is to be low; latency needs --costs.",
)
@click.option("--costs", "table", type=PLACE, help="Table of `repro layer-costs` on this device.")
@click.option(
    "--profile", default="smoke", show_default=True, help="How much: smoke, mini, gpu, paper."
)
@click.option("--budget", default="", help="Begin no new candidate after so long, as 30m.")
@click.option("--no-norms", is_flag=True, help="LitePose: candidates keep the super-net's norms.")
@click.option(
    "--check",
    type=click.IntRange(3),
    default=None,
    help="LitePose: do not search, but score so many in the super-net and train each alone.",
)
@click.option("--out", type=PLACE, required=True, help="Folder of what is found.")
@click.option("--record", "wanted", is_flag=True, help="Also write the record to the results.")
@seed_option
@device_option
@workers_option
@data_option
@runs_option
@results_option
@format_option
@example("repro search litepose --limit macs=0.9G --profile mini --out found")
def search(
    method: str,
    space: str,
    limit: str,
    rule: str,
    cost: str,
    table: Path | None,
    profile: str,
    budget: str,
    no_norms: bool,
    check: int | None,
    out: Path,
    wanted: bool,
    seed: int,
    device: str,
    workers: int,
    data: Path,
    runs: Path,
    form: str,
) -> None:
    """Search an architecture: LitePose's in its super-net, EfficientPose-NAS's by gradients, or at
    random.

    Leaves architecture.json, which other commands take like a model's name, record.json with
    everything that was tried, and of LitePose the weights. A search that is stopped goes on by the
    same command.
    """
    from repro.measure import search_command
    from repro.measure.place import Place

    wish = search_command.wish(
        method,
        space=space,
        limit=limit,
        rule=rule,
        cost=cost,
        table=table,
        profile=profile,
        budget=budget,
        norms=not no_norms,
        seed=seed,
        out=out,
    )
    place = Place(data, runs, device, workers)
    if check:
        show(WRITERS[form](search_command.check(wish, place, check)))
        return
    record, grid = search_command.search(wish, place)
    show(WRITERS[form](grid))
    if wanted:
        talk(f"{records().merge([record])} records written")
