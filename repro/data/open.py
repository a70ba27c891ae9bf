"""A data set by name: which pictures, which annotations, which skeleton, and whether people come
one at a time."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.data import coco, imagenet, mpii
from repro.data.coco import CocoKeypoints, Split
from repro.data.coco_people import CocoPeople
from repro.data.datasets import DATA_SETS, DataSet
from repro.data.layouts import FILE, read_skeleton
from repro.errors import MissingError, UsageError, unknown
from repro.files import read_json
from repro.people.sample import Samples
from repro.people.skeletons import COCO, CROWDPOSE, MPII, NOBODY, SKELETONS, Skeleton

NAMES: dict[str, DataSet] = {name: dataset for name, dataset in DATA_SETS.items() if dataset.opens}
"""Names of specs and commands; a path to a folder of one of these forms works as well."""

SPLIT_WORDS = {"train": ("train",), "val": ("val", "test")}  # in the names of annotation files
BY_JOINTS = {len(skeleton): skeleton for skeleton in SKELETONS.values()}


@dataclass(frozen=True)
class Opened:
    """One split, ready to be read. note: what a reader of its scores must know."""

    name: str
    dataset: Any
    skeleton: Skeleton
    note: str = ""

    @property
    def annotations(self) -> Path:
        """The file the scores are computed from."""
        return Path(self.dataset.annotations)

    @property
    def sources(self) -> tuple[Path, ...]:
        """Every file that decides which people are tested and what is right."""
        return tuple(getattr(self.dataset, "sources", (self.annotations,)))


def open_split(
    name: str, split: Split, data: Path, *, people: bool = False, boxes: Path | None = None
) -> Opened:
    """The training or the test split of a data set; `name` is a known name or a folder.

    people: one person at a time, by the annotations' boxes or those of a detector's file `boxes`. A
    folder is of COCO's form (its own joints in `skeleton.toml`) or of MPII's in the HRNet layout.
    Raises UsageError for an unknown name, MissingError with the expected tree when the files are
    not there.
    """
    folder = Path(name)
    if name in NAMES:
        return _opened(name, NAMES[name], split, data=data, people=people, boxes=boxes)
    if not os.path.isdir(folder):
        raise no_folder(name, NAMES, "repro data check coco-val --data DIR")
    kind = _class_kind(folder, split)
    if kind:
        return Opened(folder.name, CLASSES[kind](folder, split), NOBODY)
    if _is_mpii(folder, split):
        return _mpii(folder.name, mpii.locate(folder, split), present_only=True)
    images, annotations = _folder(folder, split)
    skeleton = _own_skeleton(folder, annotations)
    return _coco(
        folder.name, images, annotations, skeleton=skeleton, split=split, people=people, boxes=boxes
    )


def no_folder(name: str, known: Iterable[str], hint: str) -> UsageError:
    """The fault of a name that is neither a known data set nor a folder."""
    if os.path.isfile(name):
        return UsageError(
            f"'{name}' is a file; a data set is a folder", f"repro data check {Path(name).parent}"
        )
    return unknown("data set", name, known, hint)


def _opened(
    name: str, dataset: DataSet, split: Split, *, data: Path, people: bool, boxes: Path | None
) -> Opened:
    if dataset.drawn == "synthpose":
        data = _drawn_folder(name, data)
    if dataset.kind == "mpii":
        return _mpii(name, mpii.locate(data, split))
    if dataset.kind in CLASSES:
        return Opened(name, CLASSES[dataset.kind](data, split), NOBODY)
    tree = "coco" if split == "train" and dataset.tree == "coco-test-dev" else dataset.tree
    images, annotations = coco.locate(data, tree, split)
    return _coco(
        name,
        images,
        annotations,
        skeleton=dataset.skeleton,
        split=split,
        people=people,
        boxes=boxes,
    )


def _drawn_folder(name: str, data: Path) -> Path:
    """`data`/NAME: never `data` itself, where real sets of the same form lie."""
    folder = data / name
    if not folder.is_dir():
        raise MissingError(
            f"no {name} in '{data}'; expected its folder '{name}' there",
            f"draw it with: repro data make {name} --out {folder}",
        )
    return folder


CLASSES: dict[str, Callable[[Path, Split], Samples]] = {
    "imagenet": imagenet.ImageNet,
    "cifar100": imagenet.Cifar100,
}


def _coco(
    name: str,
    images: Path,
    annotations: Path,
    *,
    skeleton: Skeleton,
    split: Split,
    people: bool,
    boxes: Path | None,
) -> Opened:
    if people:
        note = (
            f"boxes of the detector's file {boxes.name}"
            if boxes
            else "boxes of the annotations (ground truth)"
        )
        return Opened(
            name, CocoPeople(images, annotations, skeleton=skeleton, boxes=boxes), skeleton, note
        )
    masks = skeleton.name != CROWDPOSE.name  # CrowdPose trains without masks
    dataset = CocoKeypoints(images, annotations, skeleton=skeleton, split=split, use_masks=masks)
    return Opened(name, dataset, skeleton)


def _class_kind(folder: Path, split: Split) -> str:
    """ "imagenet" for a folder of class folders, "cifar100" for CIFAR's, "" for others."""
    if (folder / "cifar-100-python").is_dir():
        return "cifar100"
    part = folder / split
    plain = (
        part.is_dir() and not (folder / "annotations").exists() and not any(folder.glob("*.json"))
    )
    return "imagenet" if plain and any(one.is_dir() for one in part.iterdir()) else ""


def _is_mpii(folder: Path, split: Split) -> bool:
    try:
        return isinstance(
            read_json(mpii.locate(folder, split).people, "annotations", hint=coco.CHECK), list
        )
    except MissingError:
        return False


def _mpii(name: str, files: mpii.Files, *, present_only: bool = False) -> Opened:
    dataset = mpii.MpiiPeople(files, present_only=present_only)
    note = (
        f"{dataset.absent} of {len(dataset.people)} people left out: their pictures are not there"
    )
    return Opened(name, dataset, MPII, note if dataset.absent else "")


def _folder(folder: Path, split: Split) -> tuple[Path, Path]:
    for tree in ("synthetic", "coco", "crowdpose"):
        try:
            return coco.locate(folder, tree, split)
        except MissingError:
            continue
    found = [
        path
        for base in (folder, folder / "annotations")
        for path in sorted(base.glob("*.json"))
        if _is_coco(path)
    ]
    fitting = [path for path in found if any(word in path.stem for word in SPLIT_WORDS[split])]
    chosen = fitting if len(found) > 1 else found
    if len(chosen) == 1:
        return folder / "images" if (folder / "images").is_dir() else folder, chosen[0]
    if not found:
        return coco.locate(folder, "coco", split)
    names = ", ".join(str(path.relative_to(folder)) for path in found)
    raise MissingError(
        f"'{folder}' holds several annotation files ({names}), of which not just one is named "
        f"after its {split} part",
        f"leave one there, or put {SPLIT_WORDS[split][0]} into the name of one",
    )


def _is_coco(path: Path) -> bool:
    try:
        coco.read_annotations(path)
    except MissingError:
        return False
    return True


def _own_skeleton(folder: Path, annotations: Path) -> Skeleton:
    """Of `skeleton.toml`, or the known one with as many joints as the file."""
    if (folder / FILE).is_file():
        return read_skeleton(folder / FILE)
    content = coco.read_annotations(annotations)
    coco.check_content(content, annotations)
    for one in content["annotations"]:
        joints = len(one.get("keypoints") or ()) // 3
        if joints in BY_JOINTS:
            return BY_JOINTS[joints]
        if joints:
            raise UsageError(
                f"'{annotations}' has {joints} joints, of which nothing is known",
                f"describe them in {FILE}",
            )
    return COCO
