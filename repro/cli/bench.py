"""Commands about the suite's own speed. Heavy imports happen inside commands."""

from typing import Any

import click

from repro.cli.options import device_option, example, format_option
from repro.console import show
from repro.grid import WRITERS


@click.group()
def bench() -> None:
    """Speed of the suite's own parts, as ratios against named baselines measured in the same
    run."""


repeats_option = click.option(
    "--repeats", type=click.IntRange(1), help="Rounds; default: the benchmark's own number."
)


def measure_speed(name: str, form: str, repeats: int | None, **options: Any) -> None:
    """Run one module of `repro.benchmarks` and print its table."""
    from importlib import import_module

    run = import_module(f"repro.benchmarks.{name}").run
    show(WRITERS[form](run(**options, **({"repeats": repeats} if repeats else {}))))


@bench.command("count")
@click.option(
    "--models",
    default="",
    help="Only these, as a,b; default: all but the one fvcore needs 7 GB for.",
)
@repeats_option
@format_option
@example("repro bench count --models litepose_xs,efficienthrnet_h0")
def bench_count(models: str, form: str, repeats: int | None) -> None:
    """Count every network by every rule, against fvcore on real tensors: time and peak memory."""
    measure_speed(
        "count", form, repeats, models=[name.strip() for name in models.split(",") if name.strip()]
    )


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


@bench.command("train")
@click.option("--model", default="", help="Only this network; default: one of every family.")
@device_option
@repeats_option
@format_option
@example("repro bench train --device cpu")
def bench_train(model: str, form: str, repeats: int | None, **options: Any) -> None:
    """Train on drawn pictures, against a plain fp32 loop, which makes targets of several people one
    by one."""
    measure_speed("train", form, repeats, **({"models": [model]} if model else {}), **options)


@bench.command("all")
@repeats_option
@format_option
@example("repro bench all --format md")
def bench_all(form: str, repeats: int | None) -> None:
    """Run all five; some ten minutes."""
    for name in ("count", "decode", "data", "score", "train"):
        measure_speed(name, form, repeats)
