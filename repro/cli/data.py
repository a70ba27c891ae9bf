"""Commands about data sets and submissions. Heavy imports happen inside commands."""

from pathlib import Path

import click

from repro.cli.options import PLACE, data_option, example, format_option, seed_option
from repro.console import say, show, talk
from repro.data.datasets import DRAWN
from repro.data.synth.levels import LEVELS
from repro.errors import UsageError
from repro.grid import WRITERS


@click.group()
def data() -> None:
    """Make and check data sets."""


level_option = click.option(
    "--level", default="full", show_default=True, help=f"Of SynthPose: {', '.join(LEVELS)}."
)


@data.command("make")
@click.argument("name", type=click.Choice(list(DRAWN)))
@click.option("--train", "train_images", default=200, show_default=True, help="Training images.")
@click.option(
    "--val",
    "val_images",
    default=50,
    show_default=True,
    help="Validation images; classes need 100.",
)
@click.option("--size", default=256, show_default=True, help="Side of the square images in px.")
@click.option("--out", type=PLACE, required=True, help="New folder.")
@level_option
@seed_option
@example("repro data make synthetic-coco --train 200 --val 50 --out data/synthetic-coco")
def data_make(
    name: str, train_images: int, val_images: int, size: int, out: Path, level: str, seed: int
) -> None:
    """Write a drawn data set in the files of COCO, CrowdPose, MPII or ImageNet, for the loaders
    that read those."""
    from repro.data.coco import Split
    from repro.data.synth import crowd, faces, levels

    if level != "full" and name not in faces.FACES:
        raise UsageError(f"{name} has no levels", f"--level goes with {', '.join(faces.FACES)}")
    chosen = levels.level(level)
    if DRAWN[name].drawn == "crowd":
        crowd.make_coco(out, train=train_images, val=val_images, seed=seed, size=(size, size))
    else:
        counts: dict[Split, int] = {"train": train_images, "val": val_images}
        faces.make(name, out, counts, seed=seed, size=(size, size), level=chosen)
    say(str(out))


@data.command("show")
@click.argument("name")
@click.option("--out", type=PLACE, help="A .png or .jpg file; default: NAME.png here.")
@click.option("--count", default=24, show_default=True, help="Pictures.")
@click.option("--size", default=256, show_default=True, help="Side of a picture in px.")
@click.option("--plain", is_flag=True, help="Without joints and classes.")
@level_option
@seed_option
@data_option
@example("repro data show synthpose-crowd")
def data_show(
    name: str,
    out: Path | None,
    count: int,
    size: int,
    plain: bool,
    level: str,
    seed: int,
    data: Path,
) -> None:
    """Pictures of a data set side by side with their labels; SynthPose's are drawn, others read,
    their test part."""
    from repro.data import sheet
    from repro.data.open import open_split
    from repro.data.synth import faces, levels

    if level != "full" and name not in faces.FACES:
        raise UsageError(f"{name} has no levels", f"--level goes with {', '.join(faces.FACES)}")
    chosen = levels.level(level)
    path = out or Path(f"{Path(name).name}.png")
    sheet.check_name(path)
    if name in faces.FACES:
        drawn = faces.SynthPose(
            name, count, split="val", seed=seed, size=(size, size), level=chosen
        )
        picture = sheet.sheet(drawn, drawn.skeleton, count=count, side=size, plain=plain)
    else:
        opened = open_split(name, "val", data)
        picture = sheet.sheet(opened.dataset, opened.skeleton, count=count, side=size, plain=plain)
    sheet.write(path, picture)
    say(str(path))


@data.command("check")
@click.argument("name")
@data_option
@format_option
@example("repro data check coco-val --data data")
def data_check(name: str, data: Path, form: str) -> None:
    """Compare a data set, or a folder of pictures and annotations, with what it should hold; exit 4
    when incomplete.

    The name of the folder of several sets, such as coco, stands for all of them.
    """
    from repro.data.check import check

    report = check(name, data)
    show(WRITERS[form](report.grid()))
    if report.faults:
        raise report.fault()


@data.command("convert-mpii")
@click.argument("mat", type=PLACE)
@click.option("--out", type=PLACE, required=True, help="Folder for the files, as DATA/mpii/annot.")
@click.option(
    "--valid", type=PLACE, help="Names of the validation pictures: a text file, or HRNet's JSON."
)
@example(
    "repro data convert-mpii mpii_human_pose_v1_u12_1.mat --valid names.txt --out data/mpii/annot"
)
def data_convert_mpii(mat: Path, out: Path, valid: Path | None) -> None:
    """MPII's own annotations as the files that are read here: train.json, valid.json, gt_valid.mat.

    The official file does not tell which pictures validate; without --valid all people go to
    trainval.json.
    """
    from repro.data.mpii import convert_files

    for line in convert_files(mat, out, valid):
        say(line)


@data.command("fetch")
@click.argument("name")
@data_option
@example("repro data fetch coco-val --data data")
def data_fetch(name: str, data: Path) -> None:
    """Download what is missing of a public data set, resumed and checked; or say what to get by
    hand."""
    from repro.data.fetch import fetch

    for line in fetch(name, data):
        say(line)


@click.group()
def submit() -> None:
    """Pack predictions for a public test server."""


@submit.command("coco-test-dev")
@click.argument("predictions", type=PLACE)
@click.option(
    "--name", default="repro", show_default=True, help="Your algorithm's name, part of the file's."
)
@click.option("--image-info", type=PLACE, help="image_info_test-dev2017.json, to check the ids.")
@click.option("--out", type=PLACE, default=Path("."), help="Folder for the zip.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@example(
    "repro submit coco-test-dev predictions.json --name h0 --image-info "
    "image_info_test-dev2017.json"
)
def submit_coco(
    predictions: Path, name: str, image_info: Path | None, out: Path, dry_run: bool
) -> None:
    """Check predictions and pack them as COCO's test-dev server wants them; the server alone can
    score them."""
    from repro.evaluate import submit as server

    server.stem(name)
    checked = server.check(predictions, image_info)
    for line in checked.warnings:
        talk(f"warning: {line}")
    talk(f"{len(checked.items)} predictions on {checked.images} images")
    if not dry_run:
        say(str(server.pack(checked, name, out)))
