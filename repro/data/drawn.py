"""Drawn data sets of every task's form, for profiles that only show that each step of the way runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from repro.data import mpii
from repro.data.formats import whole_folder, write_picture
from repro.data.synthetic import Drawing, SyntheticCoco, make_coco
from repro.pose.skeletons import COCO, CROWDPOSE, MPII
from repro.settings import Profile


def draw_once(profile: Profile, size: int, runs: Path, *, form: str = "coco") -> Path:
    """The folder of a profile's drawn data set below `runs`; made when it is not there.

    form: "coco", "crowdpose" (14 joints), "mpii" (HRNet's layout) or "classes" (a folder per class).
    """
    kind = "" if form == "coco" else f"-{form}"
    out = runs / "data" / f"{profile.dataset}{kind}-{profile.train_images}-{profile.val_images}-{size}"
    out.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(out.parent / f".{out.name}.lock"):  # trainings side by side want the same pictures
        if not out.exists():
            _draw(out, profile, size, form)
    return out


def _draw(out: Path, profile: Profile, size: int, form: str) -> None:
    counts = {"train": profile.train_images, "val": profile.val_images}
    if form == "mpii":
        make_mpii(out, counts, size=(size, size))
    elif form == "classes":
        make_classes(out, counts, size=(size, size))
    else:
        skeleton = CROWDPOSE if form == "crowdpose" else COCO
        make_coco(out, train=counts["train"], val=counts["val"], size=(size, size), skeleton=skeleton)


def _person(drawing: Drawing, person: int) -> dict[str, Any]:
    """One drawn person as MPII would annotate it: pixels from 1, the box around its labelled joints as its place."""
    joints = drawing.sample.joints[person]
    seen = joints[:, 2] > 0
    points = joints[seen, :2]
    low, high = points.min(0), points.max(0)
    x, y = (low + high) / 2 + 1
    scale = max(float((high - low).max()) * 1.25 / 200, 0.02)
    left, top, width, height = (float(value) + 1 for value in drawing.head_boxes[person])
    return {
        "image": drawing.sample.file, "center": [float(x), float(y) - mpii.LOWER * scale], "scale": scale,
        "joints": np.where(seen[:, None], joints[:, :2] + 1, -1.0).tolist(), "joints_vis": seen.astype(int).tolist(),
        "head_box": [left, top, left + width - 1, top + height - 1],
    }  # fmt: skip


def _pictures(count: int, seed: int, size: tuple[int, int]) -> Iterator[Drawing]:
    series = SyntheticCoco(count, seed=seed, size=size, people=(1, 2), heights=(0.5, 0.95), skeleton=MPII)
    return (series.drawing(index) for index in range(count))


def make_mpii(out: Path, counts: dict[str, int], *, size: tuple[int, int], seed: int = 0) -> None:
    """Pictures of one or two people in HRNet's MPII layout: images/, annot/train.json, annot/valid.json, gt_valid.mat.

    counts: pictures of "train" and "val". Raises as `formats.whole_folder`.
    """
    with whole_folder(out) as part:
        (part / "images").mkdir()
        for series, (split, count) in enumerate(counts.items()):
            people = []
            for drawing in _pictures(count, 2 * seed + series, size):
                sample = drawing.sample
                name = f"{series}{sample.image_id:08d}.jpg"
                write_picture(part / "images" / name, sample.image)
                labelled = [number for number, joints in enumerate(sample.joints) if (joints[:, 2] > 0).sum() >= 2]
                people += [{**_person(drawing, number), "image": name} for number in labelled]
            mpii.write_split(part / "annot", mpii.NAMES["train" if split == "train" else "val"][0], people)


def make_classes(out: Path, counts: dict[str, int], *, size: tuple[int, int], classes: int = 4) -> None:
    """Pictures in folders by class, as ImageNet: the class is how many people there are, from 0 on."""
    with whole_folder(out) as part:
        for series, (split, count) in enumerate(counts.items()):
            for index in range(count):
                label = index % classes
                one = SyntheticCoco(index + 1, seed=series, size=size, people=(label, label)).drawing(index).sample
                folder = part / split / f"people_{label}"
                folder.mkdir(parents=True, exist_ok=True)
                write_picture(folder / f"{index:06d}.jpg", one.image)
