"""Commands about one model: count, train, test, predict, score. Heavy imports happen inside
commands."""

import json
from pathlib import Path
from typing import Any

import click

from repro.cli.options import (
    PLACE,
    data_option,
    device_option,
    example,
    format_option,
    model_names,
    parse_changes,
    runs_option,
    seed_option,
    set_option,
    size_option,
    workers_option,
)
from repro.console import say, show
from repro.errors import UsageError
from repro.grid import WRITERS, Grid, to_page

backend_option = click.option(
    "--backend",
    default="",
    help="onnx, openvino, torchscript: computed by it, from weights or an exported file.",
)


@click.command()
@click.argument("model", shell_complete=model_names)
@size_option
@set_option
@click.option("--rule", default="", help="One counting rule; default: all.")
@click.option("--by-module", is_flag=True, help="Split over the top-level modules.")
@click.option("--part", default="", help="Count only this submodule.")
@click.option(
    "--explain", is_flag=True, help="Say what each rule counts and why it differs from `true`."
)
@format_option
@example("repro count efficienthrnet_h0 --explain")
def count(
    model: str,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
    form: str,
    rule: str,
    by_module: bool,
    part: str,
    explain: bool,
) -> None:
    """Count parameters and multiply-adds of a model by every rule; allocates no weights."""
    from repro.counting import listing

    grid = listing.grid(
        model,
        size,
        parse_changes(changes),
        rule=rule,
        by_module=by_module,
        part=part,
        explain=explain,
    )
    show(to_page(grid) if explain and form == "rich" else WRITERS[form](grid))


@click.command()
@click.argument("model", shell_complete=model_names)
@click.option(
    "--profile",
    default="smoke",
    show_default=True,
    help="How much of the recipe: smoke, mini, gpu, paper.",
)
@click.option("--dataset", default="", help="Data set name or folder; default: the profile's.")
@click.option(
    "--steps", type=click.IntRange(1), default=None, help="Stop after this many optimiser steps."
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    default=None,
    help="Images per step, of all processes together.",
)
@click.option(
    "--micro-batch",
    type=click.IntRange(0),
    default=0,
    help="Images per pass and process; 0: all at once.",
)
@click.option(
    "--precision", default="", help="fp32, bf16, or on CUDA fp16; default: the profile's."
)
@click.option(
    "--channels-last", is_flag=True, help="Colours of a pixel side by side: often faster."
)
@click.option(
    "--compile", is_flag=True, help="By torch.compile: a slow first step, then faster ones."
)
@click.option("--start", type=PLACE, help="Weights of this network to begin with: fine-tuning.")
@workers_option
@size_option
@set_option
@seed_option
@device_option
@data_option
@runs_option
@example("repro train efficienthrnet_h_4 --profile smoke")
def train(
    model: str,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
    profile: str,
    dataset: str,
    steps: int | None,
    batch: int | None,
    micro_batch: int,
    precision: str,
    channels_last: bool,
    compile: bool,
    start: Path | None,
    seed: int,
    device: str,
    data: Path,
    runs: Path,
    workers: int,
) -> None:
    """Train a model by its paper's recipe; the checkpoint path is printed.

    Losses go to log.csv beside it, and to TensorBoard where that package is installed. On several
    devices, or as several processes: torchrun --nproc-per-node N -m repro train ...; process 0
    writes.
    """
    from repro.measure import train_command
    from repro.measure.place import Place
    from repro.train import distributed

    wish = train_command.TrainWish(
        model,
        size,
        parse_changes(changes),
        profile=profile,
        dataset=dataset,
        steps=steps or 0,
        batch=batch or 0,
        micro_batch=micro_batch,
        precision=precision,
        channels_last=channels_last,
        compile=compile,
        seed=seed,
        start=start,
    )
    weights = train_command.train(wish, Place(data, runs, device, workers))
    if distributed.rank() == 0:
        say(str(weights))


@click.command()
@click.argument("model", shell_complete=model_names)
@click.option("--weights", type=PLACE, required=True, help="Checkpoint of this model.")
@click.option(
    "--dataset",
    default="",
    help="Data set name, or a folder in COCO's or MPII's form; default: the task's.",
)
@click.option("--boxes", type=PLACE, help="Top-down: a detector's COCO results; else true boxes.")
@click.option(
    "--margin",
    type=float,
    default=None,
    help="Side of a person's crop in boxes; 0: the whole picture.",
)
@click.option("--multi-scale", is_flag=True, help="Test at scales 0.5, 1 and 2.")
@click.option("--no-flip", is_flag=True, help="Without the mirrored pass.")
@click.option("--predictions", type=PLACE, help="Also write the predictions as COCO results.")
@click.option(
    "--decoders",
    type=click.IntRange(0),
    default=0,
    help="Processes that group people beside the network; default: 0.",
)
@size_option
@set_option
@backend_option
@device_option
@data_option
@format_option
@example("repro evaluate efficienthrnet_h_4 --weights h4.safetensors --data data")
def evaluate(
    model: str,
    weights: Path,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
    dataset: str,
    boxes: Path | None,
    margin: float | None,
    multi_scale: bool,
    no_flip: bool,
    predictions: Path | None,
    decoders: int,
    backend: str,
    device: str,
    data: Path,
    form: str,
) -> None:
    """Test given weights by their task's protocol: OKS AP, PCKh or top-1."""
    from repro.measure import evaluate_command

    wish = evaluate_command.EvaluateWish(
        model,
        weights,
        data,
        size,
        parse_changes(changes),
        dataset=dataset,
        boxes=boxes,
        margin=margin,
        multi_scale=multi_scale,
        no_flip=no_flip,
        predictions=predictions,
        decoders=decoders,
        backend=backend,
        device=device,
    )
    values, grid = evaluate_command.evaluate(wish)
    show(json.dumps(values, indent=1) if form == "json" else WRITERS[form](grid))


@click.command()
@click.argument("model", shell_complete=model_names)
@click.argument("images", nargs=-1, required=True, type=PLACE)
@click.option("--weights", type=PLACE, required=True, help="Checkpoint of this model.")
@click.option("--out", type=PLACE, default=Path("."), help="Folder for pictures and JSON.")
@click.option(
    "--box",
    nargs=4,
    type=float,
    metavar="X Y W H",
    help="The person, for networks that see one; px.",
)
@click.option("--boxes", type=PLACE, help="People by picture: a detector's COCO results.")
@size_option
@set_option
@backend_option
@device_option
@example("repro predict efficienthrnet_h_4 street.jpg --weights h4.safetensors --out found")
def predict(
    model: str,
    images: tuple[Path, ...],
    weights: Path,
    out: Path,
    box: tuple[float, float, float, float] | None,
    boxes: Path | None,
    size: tuple[int, int] | None,
    changes: tuple[str, ...],
    backend: str,
    device: str,
) -> None:
    """Find people: an overlay picture per image and their key points as COCO results in JSON.

    Networks that see one person at a time are told where by --box or --boxes, else the whole
    picture counts as one.
    """
    from repro.measure import predict_command

    wish = predict_command.PredictWish(
        model,
        images,
        weights,
        out,
        size,
        parse_changes(changes),
        box=box,
        boxes=boxes,
        backend=backend,
        device=device,
    )
    for path in predict_command.predict(wish):
        say(str(path))


@click.command()
@click.argument("dataset", type=click.Choice(["coco", "crowdpose", "mpii"]))
@click.argument("truth", type=PLACE)
@click.argument("predictions", type=PLACE)
@click.option(
    "--engine", default="", help="COCO, CrowdPose: faster (default), pycocotools or xtcocotools."
)
@click.option(
    "--offset", type=float, default=0.0, help="MPII: pixels added to every predicted coordinate."
)
@click.option(
    "--images",
    default="",
    help="COCO, CrowdPose: a file of image ids; 'common': those with predictions.",
)
@format_option
@example("repro score coco person_keypoints_val2017.json predictions.json --format json")
def score(
    dataset: str, truth: Path, predictions: Path, engine: str, offset: float, images: str, form: str
) -> None:
    """Score predictions against ground truth: AP and AR as fractions, PCKh in percent. Needs no
    GPU.

    MPII: gt_valid.mat, and predictions (people, 16, 2) as .mat, .npy, .h5, .json or what `repro
    evaluate` writes.
    """
    from repro.pose.coco_files import read_images
    from repro.pose.metrics import score as score_files

    options: dict[str, Any] = {"offset": offset} if dataset == "mpii" else {}
    if engine and dataset != "mpii":
        options["engine"] = engine
    if images:
        if dataset == "mpii":
            raise UsageError(
                "--images goes with coco and crowdpose: gt_valid.mat names no images",
                "leave it out",
            )
        options["images"] = read_images(images)
    scores = score_files(dataset, truth, predictions, **options)
    if form == "json":
        say(json.dumps(scores, indent=1))
        return
    rows = tuple(
        (name, str(value) if name == "images" else f"{value:.6f}") for name, value in _flat(scores)
    )
    show(
        WRITERS[form](
            Grid(
                ("metric", "value"),
                rows,
                title=f"{dataset}: {predictions.name} against {truth.name}",
            )
        )
    )


def _flat(values: dict[str, Any], start: str = "") -> list[tuple[str, float]]:
    """Nested scores as one list: PCKh@0.5 wrist and the like."""
    flat: list[tuple[str, float]] = []
    for name, value in values.items():
        label = f"{start} {name}".strip()
        flat += _flat(value, label) if isinstance(value, dict) else [(label, value)]
    return flat


@click.command()
@data_option
@format_option
@example("repro doctor")
def doctor(data: Path, form: str) -> None:
    """Check the installation: versions, torchvision's import, evaluators, writable folders, data
    sets."""
    from repro.cli.doctor import examine

    grid, fault = examine(data)
    show(WRITERS[form](grid))
    if fault:
        raise fault
