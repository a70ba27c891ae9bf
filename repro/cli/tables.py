"""Commands about tables, figures, ablations and the report. Heavy imports happen inside
commands."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from repro import places
from repro.cli.options import (
    PLACE,
    data_option,
    device_option,
    example,
    format_option,
    paper_names,
    parse_seeds,
    records,
    results_option,
    runs_option,
    spec_ids,
    workers_option,
)
from repro.console import say, show, talk
from repro.errors import CheckError, UsageError, unknown
from repro.grid import WRITERS, Grid, to_page
from repro.measure.cells import cells
from repro.spec import catalog
from repro.spec.ablation import Ablation
from repro.spec.table import PaperTable


@click.command("list")
@click.option("--models", is_flag=True, help="List the models instead of tables and figures.")
@format_option
@example("repro list --format json")
def list_(models: bool, form: str) -> None:
    """List every table and figure, or every model."""
    if models:
        from repro.models.zoo import MODELS

        known = tuple(
            (name, "x".join(map(str, info.size)), info.task, info.source)
            for name, info in MODELS.items()
        )
        grid = Grid(("model", "size", "task", "source"), known)
    else:
        from repro.report import all_models

        specs = {**catalog.specs(), all_models.ID: all_models.table()}.items()
        rows = tuple(
            (name, type(spec).__name__, spec.paper, spec.number, spec.title) for name, spec in specs
        )
        grid = Grid(("id", "kind", "paper", "number", "title"), rows)
    show(WRITERS[form](grid))


@click.command("show")
@click.argument("name", shell_complete=spec_ids())
@example("repro show efficienthrnet-3")
def show_(name: str) -> None:
    """Show what a table, a figure or a model is, and what would measure it."""
    from repro.report.describe import describe

    say(describe(name))


@dataclass(frozen=True)
class RunWish:
    """Whether and how `table` and `ablation` measure first; each field is the option of its name."""

    run: bool
    dry_run: bool
    profile: str
    force: bool
    seeds: str
    jobs: int
    weights: Path | None
    device: str
    workers: int
    data: Path
    runs: Path


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """What `table` and `ablation` share: which rows, and whether and how to measure first."""

    @wraps(command)
    def function(name: str, form: str, rows: tuple[str, ...], **given: Any) -> None:
        wish = RunWish(**{field.name: given.pop(field.name) for field in fields(RunWish)})
        command(name, form, rows, wish, **given)

    options: list[Callable[[Callable[..., None]], Callable[..., None]]] = [
        click.option("--row", "rows", multiple=True, help="Only this row; may be repeated."),
        click.option("--run", is_flag=True, help="Measure what is missing first."),
        click.option(
            "--profile",
            default="",
            help="How much of the recipe --run trains: smoke, mini, gpu, paper.",
        ),
        click.option("--weights", type=PLACE, help="Test these: a file, or a folder by model."),
        click.option("--force", is_flag=True, help="Measure again what is recorded."),
        click.option("--dry-run", is_flag=True, help="Say what --run would measure, and stop."),
        click.option(
            "--seeds",
            "--seed",
            "seeds",
            default="0",
            show_default=True,
            help="Of the trainings, as 0,1,2.",
        ),
        click.option("--jobs", type=click.IntRange(1), default=1, help="Processes that measure."),
        format_option,
        device_option,
        workers_option,
        data_option,
        runs_option,
        results_option,
    ]
    optioned: Callable[..., None] = function
    for option in reversed(options):
        optioned = option(optioned)
    return optioned


@click.command()
@click.argument("name", shell_complete=spec_ids("PaperTable"))
@run_options
@example("repro table efficienthrnet-3 --format json")
def table(name: str, form: str, rows: tuple[str, ...], wish: RunWish) -> None:
    """Print a paper's table (reported | measured | difference | status), or all-models: every model
    on one ground.

    With --run: counts what is missing; with --profile trains and tests every row, with --weights
    tests given weights.
    """
    from repro.report import all_models, tables

    spec = all_models.find(name)
    if run_table(spec, form, rows, wish):
        recorded = records().load()
        if name == all_models.ID:
            show(all_models.text(recorded, form, rows=rows))
        else:
            show(tables.text(spec, cells(spec, recorded, rows=rows), form))


@click.command()
@click.argument("name", shell_complete=spec_ids("Ablation"))
@click.option("--plot", type=PLACE, help="Draw the differences too, as this .svg or .png file.")
@run_options
@example("repro ablation gradual-shrinking")
def ablation(name: str, form: str, rows: tuple[str, ...], wish: RunWish, plot: Path | None) -> None:
    """Print an ablation: the base in full, every arm as its signed difference, the paper's beside
    ours, and a verdict on each accuracy."""
    from repro.report.ablations import ablation_text

    if plot and plot.suffix not in (".svg", ".png"):
        raise UsageError(f"'{plot}' is neither .svg nor .png", f"--plot {plot.stem}.svg")

    spec = catalog.find(name, Ablation)
    assert isinstance(spec, Ablation)
    if run_table(spec.table, form, rows, wish):
        bases = tuple(row.against for row in spec.table.rows if row.key in rows and row.against)
        recorded = records().load()
        lines = cells(spec.table, recorded, rows=(*rows, *bases))
        show(ablation_text(spec, lines, recorded, form))
        if plot:
            from repro.report.results import write_ablation

            say(str(write_ablation(spec, recorded, plot)))


def run_table(spec: PaperTable, form: str, rows: tuple[str, ...], wish: RunWish) -> bool:
    """Check a table's runs and measure what is asked for; False when `--dry-run` has printed the
    list instead."""
    from repro.measure import sweep
    from repro.measure.pace import pace
    from repro.measure.place import Place
    from repro.record.provenance import choose_device
    from repro.spec.profiles import PAPER, named_profile
    from repro.spec.settings import Profile

    keys = [row.key for row in spec.rows]
    for row in rows:
        if row not in keys:
            raise unknown(f"row of {spec.id}", row, keys, f"repro show {spec.id}")
    sweep.check_runs(spec)
    if (wish.profile or wish.weights or wish.force) and not (wish.run or wish.dry_run):
        raise UsageError(
            "--profile, --weights and --force only work with --run",
            f"repro table {spec.id} --run ...",
        )
    if wish.run or wish.dry_run:
        how = wish.weights or (named_profile(wish.profile) if wish.profile else None)
        alone = tuple(replace(row, against="") for row in spec.rows if not rows or row.key in rows)
        asked = replace(spec, rows=alone)  # rows that are compared are measured like all others
        todo = sweep.plan(
            asked, records().load(), how=how, seeds=parse_seeds(wish.seeds), force=wish.force
        )
        if wish.dry_run:
            trained_by = how if isinstance(how, Profile) else PAPER
            rate = pace(choose_device(wish.device), trained_by, wish.runs)
            show(WRITERS[form](sweep.plan_grid(todo, rate)))
            return False
        store = records()
        sweep.carry_out(
            todo, store, Place(wish.data, wish.runs, wish.device, wish.workers), workers=wish.jobs
        )
        if store.folder != places.committed():
            talk(f"own records are in {store.folder}")
        if not how:
            talk(
                "counted; accuracies need --profile paper --data DIR, --profile mini, or --weights"
            )
    return True


@click.command()
@click.argument("paper", required=False, default="", shell_complete=paper_names)
@click.option(
    "--failing", is_flag=True, help="Only claims that fail or, counted truly, are overstated."
)
@format_option
@results_option
@example("repro claims efficienthrnet --failing")
def claims(paper: str, failing: bool, form: str) -> None:
    """Judge what the papers claim: recomputed from their printed cells, and with our counts in
    their place."""
    from repro.claims import judge
    from repro.report.ablations import answered, reading
    from repro.report.markdown import wrapped

    recorded = records().load()
    judged = judge.judge_claims(recorded, paper)
    if form == "rich":
        shown = [case for case in judged if case.failing or not failing]
        show(to_page(judge.short_grid(shown), fit=True))
        if not paper:
            say(wrapped(reading(answered(recorded))))
    else:
        show(WRITERS[form](judge.claims_grid(judged, failing=failing)))


@click.command()
@format_option
@results_option
@example("repro status")
def status(form: str) -> None:
    """Say what is missing, stale or failed in every table, and the command that fills it."""
    from repro.report.states import status_grid

    show(WRITERS[form](status_grid(records().load())))


@click.command()
@click.argument("name", shell_complete=spec_ids("PaperTable"))
@click.argument("row")
@click.argument("column")
@results_option
@example("repro why efficienthrnet-3 H0 params_m")
def why(name: str, row: str, column: str) -> None:
    """Say where a cell comes from: printed value, record, rule, versions, commit, seconds."""
    from repro.report.describe import provenance

    say(provenance(name, row, column, records().load()))


@click.command()
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit 3 when a page or a figure is missing, out of date or left over.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder; default: the checkout."
)
@click.option("--html", type=PLACE, help="Write the report as pages into this folder instead.")
@results_option
@example("repro render --check")
def render(check: bool, out: Path | None, html: Path | None) -> None:
    """Write RESULTS.md, the pages below results/ and the figures from specs and records; or, with
    --html, a folder of pages that open from disk."""
    from repro.report import results

    if html is not None:
        if check or out:
            raise UsageError("--html takes neither --check nor --out", "repro render --html FOLDER")
        _render_pages(html)
        return
    folder = out or places.rendered()
    if folder is None:
        raise UsageError(
            "this package is no checkout whose RESULTS.md could be written",
            "repro render --out FOLDER",
        )
    changed = results.write(folder, records().load(), check=check)
    if check and changed:
        raise CheckError(results.told(changed), "make results")
    for verb, over in (("wrote", False), ("removed", True)):
        names = [one.path.as_posix() for one in changed if (one.state == results.OVER) == over]
        if names:
            talk(f"{verb} {', '.join(names)}")
    if not changed:
        talk("up to date")


def _render_pages(folder: Path) -> None:
    from repro.report.html import site

    written = site.write(folder, records().load())
    talk(f"wrote {len(written)} files; open {folder / 'index.html'}")


@click.command()
@click.option("--update", is_flag=True, help="Write what differs into the records.")
@results_option
@example("repro verify")
def verify(update: bool) -> None:
    """Count every network of every table and ablation afresh and compare with the records; exit 3
    when they differ."""
    from repro.measure import verify as verifying
    from repro.report import all_models

    recorded = records().load()
    fresh = verifying.measure_tables(all_models.every_table())
    lines = verifying.compare(fresh, recorded)
    for line in lines:
        talk(line)
    if update:
        talk(f"{len(fresh)} values measured, {records().merge(fresh)} records changed")
    elif lines:
        raise CheckError(
            f"{len(lines)} of {len(fresh)} values differ from the records", "repro verify --update"
        )
    else:
        talk(f"{len(fresh)} values measured, all as recorded")
