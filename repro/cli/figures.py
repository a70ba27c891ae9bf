"""The command about figures. Heavy imports happen inside it."""

from pathlib import Path
from typing import Any

import click

from repro.cli.options import (
    PLACE,
    device_option,
    example,
    records,
    results_option,
    runs_option,
    spec_ids,
)
from repro.cli.tables import RunWish, run_table
from repro.console import say, talk
from repro.data.datasets import PLOTTED
from repro.errors import UsageError
from repro.spec import catalog
from repro.spec.figure import Figure

NAME = "search-trace"  # no paper's figure: repro/charts/search_trace.py


@click.command()
@click.argument("name", shell_complete=spec_ids("Figure"))
@click.option("--out", type=PLACE, default=Path("."), help="Folder for NAME.svg and NAME.png.")
@click.option("--x", "what", default="", help="pareto: macs (default), params or latency.")
@click.option("--data", default="", help=f"pareto: {', '.join(PLOTTED)}; default: all of the task.")
@click.option("--task", default="", help="pareto: bottom-up (default) or one-person.")
@click.option(
    "--run", is_flag=True, help="Train first the networks that it shows, and record them."
)
@click.option(
    "--images", type=PLACE, multiple=True, help="Show the networks this; may be repeated."
)
@click.option(
    "--weights", type=PLACE, help="With --images: networks of a file, or a folder by model."
)
@device_option
@runs_option
@results_option
@example("repro figure efficienthrnet-f1 --out pictures")
def figure(name: str, out: Path, what: str, data: str, task: str, **wish: Any) -> None:
    """Draw a figure of a paper from reported and measured numbers, as SVG and PNG; or pareto: all
    tables at once; or search-trace: recorded searches step by step.

    A figure of trained networks shows drawn people, or the pictures of --images.
    """
    from repro.report.results import write_pareto

    if name == "pareto":
        if wish["run"] or wish["images"] or wish["weights"]:
            raise UsageError(
                "figure pareto shows no trained networks, so takes neither --run nor --images nor "
                "--weights",
                "repro figure pareto --task bottom-up",
            )
        whole = task if data or task else "bottom-up"
        paths = write_pareto(what or "macs", records().load(), out, data=data, task=whole)
    else:
        if what or data or task:
            raise UsageError(
                f"figure {name} takes neither --x nor --data nor --task",
                "repro figure pareto --x macs --data coco-val",
            )
        paths = write_one(name, out, **wish) if name != NAME else _searches(out)
    for path in paths:
        say(str(path))


def _searches(out: Path) -> list[Path]:
    """Draw the recorded searches; returns the paths."""
    from repro.charts import figures, search_trace

    return figures.write(NAME, search_trace.chart(records().load()), out)


def write_one(
    name: str,
    out: Path,
    *,
    run: bool,
    images: tuple[Path, ...],
    weights: Path | None,
    device: str,
    runs: Path,
) -> list[Path]:
    """Draw a paper's figure; returns the paths. The arguments are the options of `figure`."""
    from repro.charts import figures
    from repro.charts.numbers import feeding_table
    from repro.report.results import write_figure

    spec = catalog.find(name, Figure)
    assert isinstance(spec, Figure)
    panels = figures.sights_of(spec)
    if not panels and (run or images or weights):
        raise UsageError(
            f"{name} shows no trained networks, so takes neither --run nor --images nor --weights",
            f"repro figure {name}",
        )
    if weights and not images:
        raise UsageError(
            "--weights gives networks that are shown given pictures",
            f"repro figure {name} --weights W --images PICTURE",
        )
    if not panels:
        return write_figure(spec, records().load(), out)
    from repro.charts import sights
    from repro.measure.place import Place
    from repro.measure.sights import Look

    data = Path("data")  # profiles bring their own pictures
    if run and not weights:
        for panel in panels:
            wish = RunWish(True, False, panel.profile, False, "0", 1, None, device, 0, data, runs)
            run_table(feeding_table(panel.table), "rich", panel.rows, wish)
    look = Look(Place(data, runs, device), panels[0].profile, weights, images, run)
    made = sights.of_figure(spec, look)
    recorded = records().load()
    told = sights.differing(spec, made, recorded)
    if told:
        talk(told)
    return write_figure(spec, recorded, out, made)
