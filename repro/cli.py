"""The `repro` command: each command parses, calls one function, prints. Heavy imports happen inside commands."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from repro import catalog
from repro.console import complain, say, talk
from repro.errors import CheckError, ReproError, UsageError, unknown
from repro.grid import FORMATS, WRITERS, Grid
from repro.spec import Ablation, PaperTable
from repro.store import Store

# torch's threads spin while they wait; beside any other busy process that made a training 6 to 10 times slower
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

F = TypeVar("F", bound=Callable[..., Any])

format_option = click.option("--format", "form", type=click.Choice(list(FORMATS)), default="rich", help="Output form.")
data_option = click.option(
    "--data", type=click.Path(path_type=Path), envvar="REPRO_DATA", default=Path("data"), help="Folder of data sets."
)
runs_option = click.option(
    "--runs", type=click.Path(path_type=Path), envvar="REPRO_RUNS", default=Path("runs"), help="Checkpoints and logs."
)
device_option = click.option("--device", default="auto", help="auto, cpu or cuda.")
size_option = click.option(
    "--size", nargs=2, type=int, default=None, metavar="H W", help="Input height and width in px."
)
seed_option = click.option("--seed", default=0, show_default=True, help="Seed of weights, data order and drawings.")
set_option = click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="Keyword of the model's builder."
)


class Commands(click.Group):
    """Turns the suite's own faults into one line on stderr and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a bug keeps its traceback."""
        try:
            return super().invoke(ctx)
        except ReproError as fault:
            complain(fault)
            ctx.exit(fault.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="repro")
def main() -> None:
    """Reproduce five papers on efficient human-pose estimation.

    Data goes to stdout, talk to stderr. Exit codes: 0 fine, 1 fault, 2 usage, 3 a check failed or a number is
    outside its tolerance, 4 data or weights missing.
    """


def example(text: str) -> Callable[[F], F]:
    """Append an Example block to a command's help."""

    def add(function: F) -> F:
        function.__doc__ = f"{function.__doc__}\n\n\b\nExample:\n  {text}"
        return function

    return add


def records() -> Store:
    """The committed records of this checkout."""
    return Store(catalog.root() / "results" / "records")


def parse_changes(changes: tuple[str, ...]) -> dict[str, Any]:
    """`joints=14` and the like as keyword arguments; numbers, booleans and tuples are read as such."""
    import ast

    found: dict[str, Any] = {}
    for change in changes:
        name, sign, value = change.partition("=")
        if not sign:
            raise UsageError(f"'{change}' is not NAME=VALUE", "for example --set joints=14")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


@main.command("list")
@click.option("--models", is_flag=True, help="List the models instead of tables and figures.")
@format_option
@example("repro list --format json")
def list_(models: bool, form: str) -> None:
    """List every table and figure, or every model."""
    if models:
        from repro.zoo import MODELS

        known = tuple((name, "x".join(map(str, one.size)), one.task, one.source) for name, one in MODELS.items())
        grid = Grid(("model", "size", "task", "source"), known)
    else:
        from repro import ground

        specs = {**catalog.specs(), ground.ID: ground.table()}.items()
        rows = tuple((name, type(one).__name__, one.paper, one.number, one.title) for name, one in specs)
        grid = Grid(("id", "kind", "paper", "number", "title"), rows)
    say(WRITERS[form](grid))


@main.command()
@click.argument("name")
@example("repro show efficienthrnet-3")
def show(name: str) -> None:
    """Show what a table, a figure or a model is, and what would measure it."""
    from repro.describe import describe

    say(describe(name))


def run_options(function: F) -> F:
    """What `table` and `ablation` share: which rows, and whether and how to measure first."""
    options: list[Callable[[F], F]] = [
        click.option("--row", "rows", multiple=True, help="Only this row; may be repeated."),
        click.option("--run", is_flag=True, help="Measure what is missing first."),
        click.option("--profile", default="", help="How much of the recipe --run trains: smoke or paper."),
        click.option("--weights", type=click.Path(path_type=Path), help="Test these: a file, or a folder by model."),
        click.option("--force", is_flag=True, help="Measure again what is recorded."),
        click.option("--dry-run", is_flag=True, help="Say what --run would measure, and stop."),
        format_option, seed_option, device_option, data_option, runs_option,
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@main.command()
@click.argument("name")
@run_options
@example("repro table efficienthrnet-3 --format json")
def table(name: str, form: str, rows: tuple[str, ...], **how: Any) -> None:
    """Print a paper's table (reported | measured | difference | status), or all-models: every model on one ground.

    With --run: counts what is missing; with --profile trains and tests every row, with --weights tests given weights.
    """
    from repro import ground, render

    spec = ground.find(name)
    if run_table(spec, form, rows, **how):
        held = records().load()
        ours = name == ground.ID
        say(
            ground.text(held, form, rows=rows) if ours else render.text(spec, render.cells(spec, held, rows=rows), form)
        )


@main.command()
@click.argument("name")
@run_options
@example("repro ablation gradual-shrinking")
def ablation(name: str, form: str, rows: tuple[str, ...], **how: Any) -> None:
    """Print an ablation: the base in full, every arm as its signed difference, the paper's beside ours."""
    from repro import render

    spec = catalog.find(name, Ablation)
    assert isinstance(spec, Ablation)
    if run_table(spec.table, form, rows, **how):
        bases = tuple(row.against for row in spec.table.rows if row.key in rows and row.against)
        lines = render.cells(spec.table, records().load(), rows=(*rows, *bases))
        say(render.ablation_text(spec, lines, form))


def run_table(
    spec: PaperTable, form: str, rows: tuple[str, ...], *, run: bool, dry_run: bool, profile: str, force: bool,
    seed: int, weights: Path | None, device: str, data: Path, runs: Path,
) -> bool:  # fmt: skip
    """Check a table's runs and measure what is asked for; False when `--dry-run` has printed the list instead."""
    from repro import jobs, measure, runner

    known = [one.key for one in spec.rows]
    for row in rows:
        if row not in known:
            raise unknown(f"row of {spec.id}", row, known, f"repro show {spec.id}")
    measure.check_runs(spec)
    if run or dry_run:
        how = weights or (jobs.named_profile(profile) if profile else None)
        wanted = replace(spec, rows=tuple(row for row in spec.rows if not rows or row.key in rows))
        todo = runner.plan(wanted, records().load(), how=how, seed=seed, force=force)
        if dry_run:
            say(WRITERS[form](runner.plan_grid(todo)))
            return False
        runner.carry_out(todo, records(), jobs.Place(data, runs, device))
    return True


@main.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for NAME.svg and NAME.png.")
@click.option("--x", "what", default="", help="pareto: macs (default) or params.")
@click.option("--data", default="", help="pareto: coco-val (default), coco-test-dev, mpii-val or crowdpose-test.")
@example("repro figure efficienthrnet-f1 --out pictures")
def figure(name: str, out: Path, what: str, data: str) -> None:
    """Draw a figure of a paper from reported and measured numbers, as SVG and PNG; or pareto: all tables at once."""
    from repro.report import write_figure, write_pareto

    if name != "pareto" and (what or data):
        raise UsageError(f"figure {name} takes neither --x nor --data", "repro figure pareto --x macs --data coco-val")
    held = records().load()
    if name == "pareto":
        paths = write_pareto(what or "macs", data or "coco-val", held, out)
    else:
        paths = write_figure(name, held, out)
    for path in paths:
        say(str(path))


@main.command()
@click.argument("model")
@size_option
@set_option
@click.option("--rule", default="", help="One counting rule; default: all.")
@click.option("--by-module", is_flag=True, help="Split over the top-level modules.")
@click.option("--part", default="", help="Count only this submodule.")
@click.option("--explain", is_flag=True, help="Say what each rule counts and why it differs from `true`.")
@format_option
@example("repro count efficienthrnet_h0 --explain")
def count(model: str, size: tuple[int, int] | None, changes: tuple[str, ...], form: str, **how: Any) -> None:
    """Count parameters and multiply-adds of a model by every rule; allocates no weights."""
    from repro import tally

    grid = tally.grid(model, size, parse_changes(changes), **how)
    say(WRITERS[form](grid))


@main.command()
@click.argument("dataset", type=click.Choice(["coco", "crowdpose", "mpii"]))
@click.argument("truth", type=click.Path(path_type=Path))
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--engine", default="", help="COCO, CrowdPose: faster (default), pycocotools or xtcocotools.")
@click.option("--offset", type=float, default=0.0, help="MPII: pixels added to every predicted coordinate.")
@format_option
@example("repro score coco person_keypoints_val2017.json predictions.json --format json")
def score(dataset: str, truth: Path, predictions: Path, engine: str, offset: float, form: str) -> None:
    """Score predictions against ground truth: AP and AR as fractions, PCKh in percent. Needs no GPU."""
    from repro.pose.metrics import score as score_files

    options: dict[str, Any] = {"offset": offset} if dataset == "mpii" else {}
    if engine and dataset != "mpii":
        options["engine"] = engine
    found = score_files(dataset, truth, predictions, **options)
    if form == "json":
        import json

        say(json.dumps(found, indent=1))
        return
    rows = tuple((name, f"{value:.6f}") for name, value in _flat(found))
    say(WRITERS[form](Grid(("metric", "value"), rows, title=f"{dataset}: {predictions.name} against {truth.name}")))


def _flat(values: dict[str, Any], start: str = "") -> list[tuple[str, float]]:
    """Nested scores as one list: PCKh@0.5 wrist and the like."""
    found: list[tuple[str, float]] = []
    for name, value in values.items():
        label = f"{start} {name}".strip()
        found += _flat(value, label) if isinstance(value, dict) else [(label, value)]
    return found


@main.command()
@click.argument("model")
@click.option("--profile", default="smoke", show_default=True, help="How much of the recipe: smoke or paper.")
@click.option("--dataset", default="", help="Data set name or folder; default: the profile's.")
@click.option("--steps", type=int, default=0, help="Stop after this many optimiser steps.")
@click.option("--batch", type=int, default=0, help="Images per step.")
@size_option
@set_option
@seed_option
@device_option
@data_option
@runs_option
@example("repro train efficienthrnet_h_4 --profile smoke")
def train(model: str, **how: Any) -> None:
    """Train a model by its paper's recipe; the checkpoint path is printed."""
    from repro import jobs

    say(str(jobs.train(model, how.pop("size"), parse_changes(how.pop("changes")), **how)))


@main.command()
@click.argument("model")
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Checkpoint of this model.")
@click.option("--dataset", default="", help="Data set name, or a folder in COCO's or MPII's form; default: the task's.")
@click.option("--boxes", type=click.Path(path_type=Path), help="Top-down: a detector's COCO results; else true boxes.")
@click.option("--margin", type=float, default=None, help="Side of a person's crop in boxes; 0: the whole picture.")
@click.option("--multi-scale", is_flag=True, help="Test at scales 0.5, 1 and 2.")
@click.option("--no-flip", is_flag=True, help="Without the mirrored pass.")
@click.option("--predictions", type=click.Path(path_type=Path), help="Also write the predictions as COCO results.")
@size_option
@set_option
@device_option
@data_option
@format_option
@example("repro evaluate efficienthrnet_h_4 --weights h4.safetensors --data data")
def evaluate(model: str, form: str, **how: Any) -> None:
    """Test given weights by their task's protocol: OKS AP, PCKh or top-1."""
    from repro import jobs

    say(WRITERS[form](jobs.evaluate(model, how.pop("size"), parse_changes(how.pop("changes")), **how)))


@main.command()
@click.argument("model")
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--weights", type=click.Path(path_type=Path), required=True, help="Checkpoint of this model.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for pictures and JSON.")
@size_option
@set_option
@device_option
@example("repro predict efficienthrnet_h_4 street.jpg --weights h4.safetensors --out found")
def predict(model: str, images: tuple[Path, ...], **how: Any) -> None:
    """Find people: an overlay picture per image and their key points as COCO results in JSON."""
    from repro import jobs

    for path in jobs.predict(model, images, how.pop("size"), parse_changes(how.pop("changes")), **how):
        say(str(path))


@main.group()
def data() -> None:
    """Make and check data sets."""


@data.command("make")
@click.argument("name", type=click.Choice(["synthetic-coco"]))
@click.option("--train", "train_images", default=200, show_default=True, help="Training images.")
@click.option("--val", "val_images", default=50, show_default=True, help="Validation images.")
@click.option("--size", default=256, show_default=True, help="Side of the square images in px.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New folder.")
@seed_option
@example("repro data make synthetic-coco --train 200 --val 50 --out data/synthetic-coco")
def data_make(name: str, train_images: int, val_images: int, size: int, out: Path, seed: int) -> None:
    """Write a drawn data set as image files and COCO JSON, for the same loader that reads real COCO."""
    from repro.data.synthetic import make_coco

    make_coco(out, train=train_images, val=val_images, seed=seed, size=(size, size))
    say(str(out))


@data.command("check")
@click.argument("name")
@data_option
@format_option
@example("repro data check coco-val --data data")
def data_check(name: str, data: Path, form: str) -> None:
    """Compare a data set, or a folder of pictures and annotations, with what it should hold; exit 4 when incomplete."""
    from repro.data.inspect import check

    report = check(name, data)
    say(WRITERS[form](report.grid()))
    if report.faults:
        raise report.fault()


@data.command("fetch")
@click.argument("name")
@data_option
@example("repro data fetch coco-val --data data")
def data_fetch(name: str, data: Path) -> None:
    """Download what is missing of a public data set, resumed and checked; or say what to get by hand."""
    from repro.data.fetch import fetch

    for line in fetch(name, data):
        say(line)


@main.group()
def submit() -> None:
    """Pack predictions for a public test server."""


@submit.command("coco-test-dev")
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option("--name", default="repro", show_default=True, help="Your algorithm's name, part of the file's.")
@click.option("--image-info", type=click.Path(path_type=Path), help="image_info_test-dev2017.json, to check the ids.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("."), help="Folder for the zip.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@example("repro submit coco-test-dev predictions.json --name h0 --image-info image_info_test-dev2017.json")
def submit_coco(predictions: Path, name: str, image_info: Path | None, out: Path, dry_run: bool) -> None:
    """Check predictions and pack them as COCO's test-dev server wants them; the server alone can score them."""
    from repro import submit as server

    server.stem(name)
    checked = server.check(predictions, image_info)
    for line in checked.warnings:
        talk(f"warning: {line}")
    talk(f"{len(checked.items)} predictions on {checked.images} images")
    if not dry_run:
        say(str(server.pack(checked, name, out)))


@main.command()
@click.argument("paper", required=False, default="")
@click.option("--failing", is_flag=True, help="Only claims that fail, from printed or from measured cells.")
@format_option
@example("repro claims efficienthrnet --failing")
def claims(paper: str, failing: bool, form: str) -> None:
    """Judge what the papers claim: recomputed from their printed cells, and with our counts in their place."""
    from repro import claim_report

    say(WRITERS[form](claim_report.claims_grid(claim_report.judge_claims(records().load(), paper), failing=failing)))


@main.command()
@format_option
@example("repro status")
def status(form: str) -> None:
    """Say what is missing, stale or failed in every table, and the command that fills it."""
    from repro.report import status_grid

    say(WRITERS[form](status_grid(records().load())))


@main.command()
@click.argument("name")
@click.argument("row")
@click.argument("column")
@example("repro why efficienthrnet-3 H0 params_m")
def why(name: str, row: str, column: str) -> None:
    """Say where a cell comes from: printed value, record, rule, versions, commit, seconds."""
    from repro.describe import provenance

    say(provenance(name, row, column, records().load()))


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when RESULTS.md or a figure is out of date.")
@example("repro render --check")
def render(check: bool) -> None:
    """Write RESULTS.md and its figures from specs and records."""
    from repro import report

    changed = report.write(catalog.root(), records().load(), check=check)
    if check and changed:
        raise CheckError(f"out of date: {', '.join(changed)}", "make results")
    talk("up to date" if not changed else f"wrote {', '.join(changed)}")


@main.command()
@click.option("--update", is_flag=True, help="Write what differs into the records.")
@example("repro verify")
def verify(update: bool) -> None:
    """Count every network of every table and ablation afresh and compare with the records; exit 3 when they differ."""
    from repro import ground, measure

    fresh = measure.measure_tables(ground.every_table())
    lines = measure.compare(fresh, records().load())
    for line in lines:
        talk(line)
    if update:
        talk(f"{len(fresh)} values measured, {records().merge(fresh)} records changed")
    elif lines:
        raise CheckError(f"{len(lines)} of {len(fresh)} values differ from the records", "repro verify --update")
    else:
        talk(f"{len(fresh)} values measured, all as recorded")


@main.command()
@data_option
@format_option
@example("repro doctor")
def doctor(data: Path, form: str) -> None:
    """Check the installation: versions, torchvision's import, evaluators, writable folders, data sets."""
    from repro.doctor import examine

    grid, healthy = examine(data)
    say(WRITERS[form](grid))
    if not healthy:
        sys.exit(1)


@main.group()
def bench() -> None:
    """Speed of the suite's own parts, as ratios against named baselines measured in the same run."""


repeats_option = click.option("--repeats", type=click.IntRange(1), help="Rounds; default: the benchmark's own number.")


def measure_speed(name: str, form: str, repeats: int | None, **how: Any) -> None:
    """Run one module of `repro.benchmarks` and print its table."""
    from importlib import import_module

    run = import_module(f"repro.benchmarks.{name}").run
    say(WRITERS[form](run(**how, **({"repeats": repeats} if repeats else {}))))


@bench.command("count")
@click.option("--models", default="", help="Only these, as a,b; default: all but the one fvcore needs 7 GB for.")
@repeats_option
@format_option
@example("repro bench count --models litepose_xs,efficienthrnet_h0")
def bench_count(models: str, form: str, repeats: int | None) -> None:
    """Count every network by every rule, against fvcore on real tensors: time and peak memory."""
    measure_speed("count", form, repeats, models=[name.strip() for name in models.split(",") if name.strip()])


@bench.command("decode")
@repeats_option
@format_option
@example("repro bench decode --repeats 9")
def bench_decode(form: str, repeats: int | None) -> None:
    """Group people in 512 x 512 maps, against the released algorithm in plain loops."""
    measure_speed("decode", form, repeats)


@bench.command("data")
@repeats_option
@format_option
@example("repro bench data")
def bench_data(form: str, repeats: int | None) -> None:
    """Make bottom-up training samples, against the released pipeline in plain loops."""
    measure_speed("data", form, repeats)


@bench.command("score")
@repeats_option
@format_option
@example("repro bench score --format md")
def bench_score(form: str, repeats: int | None) -> None:
    """Score 110,000 predictions on 5000 images, against pycocotools."""
    measure_speed("score", form, repeats)


@bench.command("all")
@repeats_option
@format_option
@example("repro bench all --format md")
def bench_all(form: str, repeats: int | None) -> None:
    """Run all four; some ten minutes."""
    for name in ("count", "decode", "data", "score"):
        measure_speed(name, form, repeats)


if __name__ == "__main__":
    main()
