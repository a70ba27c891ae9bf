"""A data set by name: which pictures, which annotations, which skeleton."""

from dataclasses import dataclass
from pathlib import Path

from repro.data.coco import CocoKeypoints, Split, locate
from repro.data.synthetic import make_coco
from repro.errors import MissingError, unknown
from repro.pose.skeletons import COCO, Skeleton
from repro.spec import Profile

SKELETONS: dict[str, Skeleton] = {"coco-val": COCO, "coco-train": COCO, "synthetic-coco": COCO}
"""Names of specs and commands; a path to a COCO-format folder works as well."""

FAMILIES = {"coco-val": "coco", "coco-train": "coco", "synthetic-coco": "synthetic"}


@dataclass(frozen=True)
class Opened:
    """One split, ready to be read."""

    name: str
    dataset: CocoKeypoints
    skeleton: Skeleton

    @property
    def annotations(self) -> Path:
        """The file of key points."""
        return self.dataset.annotations


def open_split(name: str, split: Split, data: Path) -> Opened:
    """The training or the test part of a data set; `name` is a known name or a COCO-format folder.

    Raises UsageError for an unknown name, MissingError with the expected tree when the files are not there.
    """
    folder = Path(name)
    if name not in SKELETONS and folder.is_dir():
        images, annotations = _folder(folder, split)
        return Opened(folder.name, CocoKeypoints(images, annotations, skeleton=COCO, split=split), COCO)
    if name not in SKELETONS:
        raise unknown("data set", name, SKELETONS, "repro data check coco-val --data DIR")
    images, annotations = locate(data, FAMILIES[name], split)
    return Opened(name, CocoKeypoints(images, annotations, skeleton=SKELETONS[name], split=split), SKELETONS[name])


def _folder(folder: Path, split: Split) -> tuple[Path, Path]:
    try:
        return locate(folder, "synthetic", split)
    except MissingError:
        return locate(folder, "coco", split)


def draw_once(profile: Profile, size: int, runs: Path) -> Path:
    """The folder of a profile's drawn data set below `runs`; made when it is not there."""
    name = f"{profile.dataset}-{profile.train_images}-{profile.val_images}-{size}"
    out = runs / "data" / name
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        make_coco(out, train=profile.train_images, val=profile.val_images, size=(size, size))
    return out
