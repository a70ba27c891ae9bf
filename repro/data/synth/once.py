"""Drawn data sets of every task's form, for profiles that need no downloads: made once, then read
like real ones."""

from pathlib import Path

from filelock import FileLock

from repro.data.coco import Split
from repro.data.synth import faces
from repro.data.synth.levels import LEVELS
from repro.people.skeletons import COCO
from repro.spec.settings import Profile
from repro.spec.versions import VERSIONS

FACES = {skeleton.name: name for name, skeleton in faces.FACES.items()}
"""The face of SynthPose that stands in for data sets of a skeleton, by the skeleton's name."""
DATASETS = {"synthpose": LEVELS["full"]} | {
    f"synthpose-{name}": level for name, level in LEVELS.items()
}
"""What a profile calls its drawn data set, by level; plain `synthpose` is full."""


def is_drawn(profile: Profile) -> bool:
    """Whether a profile brings its own pictures."""
    return profile.dataset in DATASETS


def draw_once(profile: Profile, size: int, runs: Path, *, form: str = COCO.name) -> Path:
    """The folder of a profile's drawn data set below `runs`; made when it is not there.

    size: side in px. form: name of a skeleton: "coco", "crowdpose", "mpii" (HRNet's layout) or
    "classes" (a folder per class).
    """
    counts: dict[Split, int] = {"train": profile.train_images, "val": profile.val_images}
    name = f"{profile.dataset}-{form}-{profile.train_images}-{profile.val_images}-{size}-v{VERSIONS['synthetic']}"
    out = runs / "data" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    # trainings side by side want the same pictures
    with FileLock(out.parent / f".{out.name}.lock"):
        if not out.exists():
            level = DATASETS[profile.dataset]
            faces.make(FACES[form], out, counts, size=(size, size), level=level)
    return out
