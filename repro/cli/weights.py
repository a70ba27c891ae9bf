"""Commands about weight files of others. Heavy imports happen inside commands."""

from pathlib import Path

import click

from repro.cli.options import PLACE, example, format_option, model_names, parse_changes, set_option
from repro.console import say, show
from repro.grid import WRITERS


@click.group()
def weights() -> None:
    """What weight files exist for the networks; get them, take them in, look at them."""


@weights.command("list")
@click.argument("models", nargs=-1, shell_complete=model_names)
@format_option
@example("repro weights list higherhrnet_w32")
def weights_list(models: tuple[str, ...], form: str) -> None:
    """Weight files that are known to exist: source, licence, hash, and what the link said when last
    tried."""
    from repro.weights import known

    show(WRITERS[form](known.grid(models)))


@weights.command("import")
@click.argument("model", shell_complete=model_names)
@click.argument("files", nargs=-1, required=True, type=PLACE)
@click.option("--out", type=PLACE, required=True, help="File to write, .safetensors.")
@set_option
@format_option
@example(
    "repro weights import hrnet_w32 hrnet_w32_coco_256x192-c78dce93_20200708.pth --out "
    "hrnet_w32.safetensors"
)
def weights_import(
    model: str, files: tuple[Path, ...], out: Path, changes: tuple[str, ...], form: str
) -> None:
    """Take in weights by other names: the authors', mmpose's, or a backbone of torchvision or timm.

    No code of a file is run. Several FILES are parts of one network. A file of another network is
    refused, and the nearest is named.
    """
    from repro.weights.files import import_

    show(WRITERS[form](import_(model, files, parse_changes(changes), out=out)))


@weights.command("verify")
@click.argument("files", nargs=-1, required=True, type=PLACE)
@format_option
@example("repro weights verify hrnet_w32.safetensors")
def weights_verify(files: tuple[Path, ...], form: str) -> None:
    """What weight files are, and whether they are whole; ends with 4 for a damaged one."""
    from repro.weights.files import verify

    show(WRITERS[form](verify(files)))


@weights.command("fetch")
@click.argument("name")
@click.option("--out", type=PLACE, default=Path("weights"), show_default=True, help="Folder.")
@example("repro weights fetch efficientpose_rt")
def weights_fetch(name: str, out: Path) -> None:
    """Download a known file, resumed and checked; REPRO_OFFLINE=1 forbids every download."""
    from repro.weights.fetch import fetch

    for line in fetch(name, out):
        say(line)
