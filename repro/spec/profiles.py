"""How much of a recipe is run: from seconds to the whole."""

from dataclasses import replace

from repro.errors import unknown
from repro.spec.settings import Profile

SMOKE = Profile(
    name="smoke",
    dataset="synthpose-easy",
    size=64,
    steps=12,
    batch=4,
    train_images=24,
    val_images=8,
)
SMOKE = replace(
    SMOKE,
    tasks={
        "classification": replace(SMOKE, train_images=100, val_images=100),
        "three-pass": replace(SMOKE, recipe={"rate": 0.05}),
    },
)
"""Seconds per model: shows that every step of the way runs, says nothing about accuracy. Three
passes learn by a tenth of their rate: on batches of 4 the larger variants diverge by the whole."""

_LEARN: dict[str, object] = {
    "optimizer": "adam",
    "rate": 3e-3,
    "weight_decay": 0.0,
    "epochs": 10,
    "milestones": (),
    "warmup": 0.5,
    "warmup_steps": 0,
    "cycle": 0.0,
    "cosine": True,
    "still": True,
    "tracking": 0.1,
}
_PERSON: dict[str, object] = {**_LEARN, "rotation": 15.0, "scale": (0.85, 1.15)}
_ALONE: dict[str, object] = {**_PERSON, "heat": "entropy", "sigma": 0.8}
_TOGETHER: dict[str, object] = {
    **_PERSON,
    "heat": "weighted",
    "sigma": 1.5,
    "shift": 10.0,
    "loss_weights": (1.0, 0.003, 0.1),
    "late_weights": (1.0, 0.03, 0.1),
}
_PASSES: dict[str, object] = {**_ALONE, "sigmas": (0.05,), "loss_weights": (1.0, 30.0, 0.0)}
_CLASSES: dict[str, object] = {
    **_LEARN,
    "rate": 1e-3,
    "scale": (0.8, 1.0),
    "rotation": 0.0,
    "jitter": 0.0,
}
_MINI = Profile(
    name="mini",
    dataset="synthpose-near",
    scale=0.375,
    picture=128,
    steps=1000,
    batch=8,
    train_images=12000,
    val_images=500,
    channels_last=True,
    points=4,
    recipe=_ALONE,
)
_MINI_MANY = replace(
    _MINI,
    scale=0.345,
    picture=160,
    steps=500,
    train_images=6000,
    val_images=300,
    recipe=_TOGETHER,
    stand_ins={f"higherhrnet_{name}": "higherhrnet_w16" for name in ("w32", "w40", "w48")},
)
_MINI_CLASSES = replace(
    _MINI,
    scale=0.5,
    picture=96,
    batch=16,
    train_images=16000,
    val_images=1000,
    recipe=_CLASSES,
)
MINI = replace(
    _MINI,
    tasks={
        "bottom-up": _MINI_MANY,
        "three-pass": replace(_MINI, steps=500, recipe=_PASSES),
        "classification": _MINI_CLASSES,
    },
)
"""Minutes per small network on one processor core: a comparison of networks, not a number of the
papers. Found by trying: plain squared error stays at all zeros for tens of thousands of pictures; a
rate of 1e-3 learns half as fast as 3e-3 and is what classes need; the entropy of a map learns one
person faster than the weighted error; tags that pull hard from the start never come apart. Batch
norms whose statistics follow at 0.01 spoil the test: EfficientPose-I has PCKh@0.5 6.6 after 250
steps, at 0.1 73.0."""

_GPU = Profile(
    name="gpu",
    dataset="synthpose-plain",
    size=256,
    picture=320,
    steps=20000,
    batch=64,
    train_images=40000,
    val_images=2000,
    precision="bf16",
    channels_last=True,
    points=5,
)
GPU = replace(_GPU, tasks={"classification": replace(_GPU, size=128, picture=160, batch=128)})
"""The papers' own losses, optimisers and augmentation on people who are plain to see, of all sizes,
turned all the way and in crowds: for one graphics card and `--workers`. Its length is reckoned from
the curves of mini and has not been tried on a card."""

PAPER = Profile(name="paper")
"""The recipe as printed, on the paper's own data."""

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (SMOKE, MINI, GPU, PAPER)}


def named_profile(name: str) -> Profile:
    """The profile called `name`; raises UsageError."""
    if name not in PROFILES:
        raise unknown("profile", name, PROFILES)
    return PROFILES[name]
