"""The papers' schedules and test protocols, each number with its section; and the profiles that run less of them."""

from repro.spec import Profile, Protocol, Recipe

BOTTOM_UP = Protocol(name="bottom-up")
"""HigherHRNet section 4 and its released test code, which EfficientHRNet and LitePose inherit: one scale, flip."""

BOTTOM_UP_MULTI_SCALE = Protocol(name="bottom-up-multi-scale", scales=(2.0, 1.0, 0.5))
"""The same at three scales; heatmaps are averaged, tags are taken at scale 1."""

EFFICIENTHRNET = Recipe(
    name="efficienthrnet",
    source="EfficientHRNet section 4.2",
    choices={
        "weight decay": "none: the paper states 1e-4, the released trainer applies none with Adam",
        "batch size": "12, as HigherHRNet per GPU: not stated",
        "augmentation": "rotation 30 degrees, scale 0.75-1.5, shift 40, flip 0.5, as HigherHRNet: ranges not stated",
        "sigma": "2 px at both resolutions, as HigherHRNet: not stated",
        "initialisation": "random: the ImageNet weights of the compact backbones were never released",
        "sampler": "reshuffled every epoch: the released trainer repeats one order",
    },
)
"""Adam 1e-3, x0.1 after epochs 200 and 260 of 300; heatmap loss weight 1, grouping loss weight 1e-3."""

HIGHERHRNET = Recipe(
    name="higherhrnet",
    source="HigherHRNet section 4.1",
    choices={"initialisation": "random unless --weights gives an ImageNet backbone"},
)
"""Adam 1e-3, x0.1 after epochs 200 and 260 of 300."""

SMOKE = Profile(name="smoke", dataset="synthetic-coco", size=64, steps=12, batch=4, train_images=24, val_images=8)
"""Seconds per model: shows that every step of the way runs, says nothing about accuracy."""

PAPER = Profile(name="paper")
"""The recipe as printed, on the paper's own data."""

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (SMOKE, PAPER)}

RECIPES: dict[str, Recipe] = {"efficienthrnet": EFFICIENTHRNET, "higherhrnet": HIGHERHRNET}
"""What `repro train MODEL` follows, by family."""
