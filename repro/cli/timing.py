"""Commands about leaving torch and about time. Heavy imports happen inside commands."""

import json
from pathlib import Path

import click

from repro.cli.options import (
    PLACE,
    device_option,
    example,
    format_option,
    model_names,
    parse_changes,
    records,
    results_option,
    set_option,
    size_option,
)
from repro.console import show, talk
from repro.errors import UsageError
from repro.grid import FORMATS, WRITERS

threads_option = click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="Processor threads."
)
rounds_option = click.option(
    "--rounds", type=click.IntRange(1), default=30, show_default=True, help="Passes that are kept."
)


@click.command("time")
@click.argument("models", nargs=-1, shell_complete=model_names)
@click.option("--of", "tables", multiple=True, help="The networks of a table, or of all-models.")
@click.option(
    "--backend",
    "names",
    multiple=True,
    help="eager, channels-last, compile, onnxruntime, openvino; repeatable.",
)
@click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, help="Pictures of one pass."
)
@threads_option
@click.option("--precision", default="fp32", show_default=True, help="fp32, bf16, or on CUDA fp16.")
@click.option("--weights", type=PLACE, help="Of the one model; default: untrained, kept in range.")
@click.option("--interleave", is_flag=True, help="All take turns: ratios hold on a noisy machine.")
@click.option(
    "--parts",
    is_flag=True,
    help="Apart: read and resize, network, flip, merge, grouping or decoding.",
)
@click.option("--image", type=PLACE, help="With --parts: this picture; default: a drawn one.")
@click.option(
    "--people",
    type=click.IntRange(1, 30),
    default=5,
    show_default=True,
    help="With --parts: drawn people.",
)
@rounds_option
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Most per model."
)
@click.option("--record", "wanted", is_flag=True, help="Write records, of stable runs only.")
@click.option(
    "--anyway",
    is_flag=True,
    help="With --record: also of runs that are not stable, which then say so.",
)
@size_option
@set_option
@device_option
@results_option
@format_option
@example(
    "repro time litepose_xs efficienthrnet_h_4 --backend eager --backend onnxruntime --interleave"
)
def time_(
    models: tuple[str, ...],
    tables: tuple[str, ...],
    names: tuple[str, ...],
    batch: int,
    threads: int,
    precision: str,
    weights: Path | None,
    interleave: bool,
    parts: bool,
    image: Path | None,
    people: int,
    rounds: int,
    seconds: float,
    wanted: bool,
    anyway: bool,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
    device: str,
    form: str,
) -> None:
    """Measure latency: median, 90 % quantile and all samples, with everything that a time depends
    on.

    A run is called stable only by the rule that is printed. On a machine under load it is not, and
    gives no record.
    """
    from repro.measure import timings
    from repro.record import provenance
    from repro.report import all_models
    from repro.timing.backends import Setting
    from repro.timing.clock import Sampling

    chosen = "cpu" if device == "auto" else str(provenance.choose_device(device))
    settings = [Setting(name, threads, precision, chosen) for name in names or ("eager",)]
    runs = [
        *timings.runs_of(models, size, parse_changes(changes)),
        *timings.runs_in(all_models.find(table) for table in tables),
    ]
    if not runs:
        raise UsageError("name a model, or a table by --of", "repro list --models")
    wish = timings.Wish(runs, settings, batch=batch, weights=weights, interleave=interleave)
    sampling = Sampling(rounds=rounds, seconds=seconds)
    if parts:
        taken = timings.time_parts(wish, sampling, image=image, people=people)
        show(WRITERS[form](timings.parts_grid(taken)))
        return
    latencies = timings.time_all(wish, sampling)
    if form == "json":
        show(json.dumps(timings.as_json(latencies, interleaved=interleave), indent=1))
    else:
        show(WRITERS[form](timings.grid(latencies, interleaved=interleave)))
    if wanted:
        changed = timings.keep(latencies, records(), anyway=anyway)
        talk(f"{changed} records written")


@click.command()
@click.argument("model", shell_complete=model_names)
@click.option("--format", "form", required=True, help="onnx, openvino or torchscript.")
@click.option("--weights", type=PLACE, required=True, help="Checkpoint of this model.")
@click.option("--out", type=PLACE, required=True, help="File to write: .onnx, .xml or .ts.")
@click.option(
    "--free",
    is_flag=True,
    help="Any height and width that the network takes; default: the size alone.",
)
@click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, help="Pictures of one pass."
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=1e-3,
    show_default=True,
    help="As a share of the largest value.",
)
@click.option(
    "--table",
    "table_form",
    type=click.Choice(list(FORMATS)),
    default="rich",
    help="Form of the printed table, as --format elsewhere.",
)
@size_option
@set_option
@example("repro export efficientpose_rt --format onnx --weights rt.safetensors --out rt.onnx")
def export(
    model: str,
    form: str,
    weights: Path,
    out: Path,
    free: bool,
    batch: int,
    tolerance: float,
    table_form: str,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
) -> None:
    """Write a network for other programs, run both and compare; the file says how to use it.

    Ends with 3 where the answers lie further apart than the tolerance.
    """
    from repro.measure import deploy

    wish = deploy.ExportWish(form, weights, out, free, batch, tolerance)
    show(WRITERS[table_form](deploy.export(model, size, parse_changes(changes), wish)))


@click.command("layer-costs")
@click.argument("space")
@click.option("--out", type=PLACE, required=True, help="JSON file to write.")
@click.option(
    "--batch", type=click.IntRange(1), default=1, show_default=True, help="Pictures of one pass."
)
@threads_option
@rounds_option
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=1.0,
    show_default=True,
    help="Most per operation.",
)
@click.option(
    "--anyway", is_flag=True, help="Write also a table that is not stable, which then says so."
)
@device_option
@format_option
@example("repro layer-costs nas-small --out nas-small.json")
def layer_costs(
    space: str,
    out: Path,
    batch: int,
    threads: int,
    rounds: int,
    seconds: float,
    anyway: bool,
    device: str,
    form: str,
) -> None:
    """Cost of every operation that a search chooses among, by multiply-adds and by the latency of
    this device.

    SPACE: nas-small, nas-large or litepose. Prints how far the sum over a network's layers lies
    from its own latency.
    """
    from repro.measure import layer_costs
    from repro.record import provenance
    from repro.timing.backends import Setting
    from repro.timing.clock import Sampling

    chosen = "cpu" if device == "auto" else str(provenance.choose_device(device))
    setting = Setting(threads=threads, device=chosen)
    sampling = Sampling(rounds=rounds, seconds=seconds, warm_seconds=seconds)
    grid = layer_costs.command(space, setting, sampling, batch=batch, out=out, anyway=anyway)
    show(WRITERS[form](grid))
