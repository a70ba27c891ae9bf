"""Commands about many measurements: those that fit into a given time, and the gate of the drawn
ground."""

from contextlib import closing
from functools import partial
from pathlib import Path

import click

from repro import places
from repro.cli.options import (
    data_option,
    device_option,
    example,
    format_option,
    parse_seeds,
    records,
    results_option,
    runs_option,
    workers_option,
)
from repro.console import show, talk
from repro.errors import CheckError, UsageError
from repro.grid import WRITERS
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.table import PaperTable


def _tables(names: tuple[str, ...], everything: bool) -> dict[str, PaperTable]:
    """Tables, and ablations as tables, by id. Raises UsageError for names beside --all, for none,
    and unknown ones."""
    if bool(names) == everything:
        raise UsageError("name some tables or ablations, or give --all", "repro list")
    if everything:
        tables = [*catalog.tables(), *(ablation.table for ablation in catalog.ablations())]
    else:
        tables = [_table(name) for name in names]
    return {table.id: table for table in tables}


def _table(name: str) -> PaperTable:
    spec = catalog.find(name)
    if isinstance(spec, Ablation):
        return spec.table
    if not isinstance(spec, PaperTable):
        raise UsageError(f"{name} is no table and no ablation", "repro list")
    return spec


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every table and ablation.")
@click.option(
    "--profile", default="mini", show_default=True, help="How much of the recipe: smoke, mini, gpu."
)
@click.option("--seeds", default="0,1,2", show_default=True, help="Of the trainings.")
@click.option(
    "--budget", default="1h", show_default=True, help="Time for all of it, as 20m, 2h or 1h30m."
)
@click.option("--jobs", type=click.IntRange(1), default=1, help="Processes that measure.")
@click.option(
    "--dry-run", is_flag=True, help="Say what is missing and about how long it takes, and stop."
)
@format_option
@device_option
@workers_option
@data_option
@runs_option
@results_option
@example("repro measure --all --profile mini --budget 2h --jobs 2")
def measure(
    names: tuple[str, ...],
    everything: bool,
    profile: str,
    seeds: str,
    budget: str,
    jobs: int,
    dry_run: bool,
    form: str,
    device: str,
    workers: int,
    data: Path,
    runs: Path,
) -> None:
    """Measure accuracies that are missing or stale: the most valuable and cheapest first, as many
    as fit into a time.

    Seed by seed; the pairs of the gate before the README's ablations before all others. Each record
    is merged when it is done, and a training that was cut off goes on where it stopped: the same
    command again does the rest.
    """
    from repro.measure import budget as budgets
    from repro.measure import sweep
    from repro.measure.pace import pace
    from repro.measure.place import Place
    from repro.record.provenance import choose_device
    from repro.spec.profiles import named_profile

    tables, seconds = _tables(names, everything), budgets.seconds_of(budget)
    chosen, store, place = named_profile(profile), records(), Place(data, runs, device, workers)
    rate = pace(choose_device(device), chosen, runs)
    missing = partial(budgets.missing, tables, profile=chosen, seeds=parse_seeds(seeds), rate=rate)
    items = missing(held=store.load())
    if not dry_run:
        waiting = sweep.merge_finished([item.job for item in items], store, place)
        items = [item for item in items if item.job in waiting]
    if items and not dry_run:
        todo = budgets.fitting(items, seconds)
        failed = []
        with closing(
            sweep.measured((item.job for item in todo), store, place, workers=jobs)
        ) as results:
            for number, (job, error) in enumerate(results, start=1):
                failed += [f"{job.key}: {error}"] if error else []
                talk(f"[{number} of {len(items)} missing] {job.key}: {error or 'done'}")
        if store.folder != places.committed():
            talk(f"own records are in {store.folder}")
        items = missing(held=store.load())
        if failed:
            raise CheckError(
                f"{len(failed)} measurements failed: {'; '.join(failed)}", "repro status"
            )
    show(WRITERS[form](budgets.left_grid(items)))


@click.command()
@click.option(
    "--profile", default="mini", show_default=True, help="Whose ground: smoke, mini or gpu."
)
@format_option
@results_option
@example("repro gate --profile mini")
def gate(profile: str, form: str) -> None:
    """Say whether the drawn ground puts networks in order whose order is known; `repro measure`
    runs what is missing.

    Ends with 3 where a task's ground fails.
    """
    from repro.measure.gate import judge, tasks
    from repro.report.gate import grid
    from repro.spec.profiles import named_profile

    chosen, held = named_profile(profile), records().load()
    show(WRITERS[form](grid(chosen, held)))
    failed = [task for task, verdict in tasks(judge(chosen, held)).items() if verdict == "failed"]
    if failed:
        raise CheckError(
            f"the ground of {', '.join(failed)} does not order known networks",
            "results/reduced.md says what for",
        )
