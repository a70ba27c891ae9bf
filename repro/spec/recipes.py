"""The papers' schedules, each number with its section."""

from dataclasses import replace

from repro.spec.settings import (
    BottomUpSettings,
    ClassificationSettings,
    CropSettings,
    Recipe,
    ThreePassSettings,
)

EFFICIENTHRNET = Recipe(
    name="efficienthrnet",
    source="EfficientHRNet section 4.2",
    choices={
        "weight decay": "none: the paper states 1e-4, the released trainer applies none with Adam",
        "batch size": "12, as HigherHRNet per GPU: not stated",
        "augmentation": "rotation 30 degrees, scale 0.75-1.5, shift 40, flip 0.5, as HigherHRNet: "
        "ranges not stated",
        "sigma": "2 px at both resolutions, as HigherHRNet: not stated",
        "initialisation": "random: the ImageNet weights of the compact backbones were never "
        "released",
        "sampler": "reshuffled every epoch: the released trainer repeats one order",
    },
)
"""Adam 1e-3, x0.1 after epochs 200 and 260 of 300; heatmap loss weight 1, grouping loss weight
1e-3."""

HIGHERHRNET = Recipe(
    name="higherhrnet",
    source="HigherHRNet section 4.1",
    choices={"initialisation": "random unless --weights gives an ImageNet backbone"},
)
"""Adam 1e-3, x0.1 after epochs 200 and 260 of 300."""

LITEPOSE_CROWDPOSE = Recipe(
    name="litepose-crowdpose",
    source="LitePose section 5.2, fine-tuning setting",
    epochs=200,
    milestones=(50, 180),
    batch=32,
    choices={
        "initialisation": "random: the paper starts from its super-net, whose weights are not "
        "published",
        "weight decay": "none: not stated, and the released trainer applies none with Adam",
        "sigma": "2 px at both resolutions, as HigherHRNet: not stated",
        "loss weights": "1 and 1e-3, as HigherHRNet: not stated",
        "rate at batch 128": "the paper raises it in proportion; this is batch 32",
    },
)
"""Adam 1e-3, x0.1 after epochs 50 and 180 of 200, batch 32; augmentation of section 5.2, "Data
Augmentation"."""

_SUPERNET = {
    "initialisation": "our super-net, trained first: the paper's weights are not published",
    "pre-training": "of the super-net on its own data: the paper's is on COCO train, whose joints "
    "are others",
}
LITEPOSE_FROM_LMS = replace(
    LITEPOSE_CROWDPOSE,
    name="litepose-crowdpose-lms",
    bottom_up=BottomUpSettings(supernet="litepose-lms"),
    choices={**LITEPOSE_CROWDPOSE.choices, **_SUPERNET},
)
"""The same, from the super-net of L, M and S (Table 3, "Spnt.")."""

LITEPOSE_FROM_XS = replace(
    LITEPOSE_FROM_LMS,
    name="litepose-crowdpose-xs",
    bottom_up=BottomUpSettings(supernet="litepose-xs"),
)
"""The same, from the super-net of XS (Table 3, "Spnt.")."""

LITEPOSE_DISTILLED = replace(
    LITEPOSE_FROM_XS,
    name="litepose-crowdpose-distilled",
    bottom_up=BottomUpSettings(supernet="litepose-xs", teacher="litepose_s"),
    choices={
        **LITEPOSE_FROM_XS.choices,
        "distillation": "the heatmaps of LitePose-S, trained from its super-net and shown the same "
        "pictures at its own size, are a second target of weight 1: weight and target not stated",
    },
)
"""The same, taught by LitePose-S (Table 3, "Dstl."; section 5.3)."""

LITEPOSE_COCO = Recipe(
    name="litepose-coco",
    source="LitePose section 5.2, fine-tuning setting",
    epochs=500,
    milestones=(350, 480),
    batch=32,
    choices={
        "initialisation": "random: the paper starts from its CrowdPose super-net, whose weights are "
        "not published",
        "weight decay": "none: not stated, and the released trainer applies none with Adam",
        "sigma": "2 px at both resolutions, as HigherHRNet: not stated",
        "loss weights": "1 and 1e-3, as HigherHRNet: not stated",
    },
)
"""Adam 1e-3, x0.1 after epochs 350 and 480 of 500, batch 32."""

EFFICIENTPOSE = Recipe(
    name="efficientpose",
    source="EfficientPose (Groos) section 4.1, appendices A and B",
    task="three-pass",
    optimizer="sgd",
    momentum=0.9,
    rate=0.5,
    epochs=200,
    milestones=(),
    batch=20,
    cycle=3.0,
    cycle_ratio=3000.0,
    loss_weights=(1.0, 1.0, 0.0),
    scale=(0.75, 1.25),
    rotation=45.0,
    shift=0.0,
    crop=CropSettings(margin=1.25),
    three_pass=ThreePassSettings(sigmas=(0.1, 0.075, 0.05), gauss=1.0, limb_width=1.0),
    choices={
        "highest rate": "0.5: the paper takes the largest that does not diverge in the first cycle, "
        "and prints none",
        "decay of the cycle": "amplitude halves per step of sigma, from the nearest whole cycle on: "
        "how equation 5 enters the cycle is not stated",
        "sigma": "0.1, 0.075, 0.05 of the map's side in equal thirds: number, values and epochs not "
        "stated; released networks peak at about 0.05",
        "supervised outputs": "all, equally: not stated; the released networks have four outputs",
        "limb fields": "unit vectors within 1 px of the limb: width not stated",
        "limbs": "the 14 inferred from the released networks: not stated",
        "crop": "square of 200 px x scale x 1.25: not stated",
        "joints not labelled": "their maps do not count in the loss: not stated",
        "initialisation": "random unless --weights gives an ImageNet backbone",
        "batch": "20; the paper takes 10 for III and 5 for IV",
        "split": "the 22,246 and 2,958 people of the HRNet files: the paper's random split is not "
        "published",
        "weight decay": "none: not stated",
    },
)
"""SGD with momentum 0.9, triangular cycles of 3 epochs down to a 3000th of the rate, 200 epochs,
batch 20 (section 4.1); target exp(-d^2 / sigma^2) with a sigma lowered in steps (appendix B)."""

EFFICIENTPOSE_LARGE = replace(EFFICIENTPOSE, name="efficientpose-iii", batch=10)
"""The same for variant III: batch 10 (section 4.1)."""

EFFICIENTPOSE_LARGEST = replace(EFFICIENTPOSE, name="efficientpose-iv", batch=5)
"""The same for variant IV: batch 5 (section 4.1)."""

OPENPOSE = replace(
    EFFICIENTPOSE,
    name="openpose",
    rate=0.02,
    epochs=400,
    choices={
        **EFFICIENTPOSE.choices,
        "highest rate": "0.02: the paper takes the largest that does not diverge in the first "
        "cycle, and prints none; 0.1 does on drawn people",
    },
)
"""The paper's OpenPose baseline: 400 epochs (section 4.1, Table 5)."""

OPENPOSE_100 = replace(OPENPOSE, name="openpose-100", epochs=100, length=0.25)
"""The same for a quarter of its epochs (Table 5)."""

OPENPOSE_200 = replace(OPENPOSE, name="openpose-200", epochs=200, length=0.5)
"""The same for half of its epochs (Table 5)."""

EFFICIENTPOSE_ABLATION = replace(EFFICIENTPOSE, name="efficientpose-ablation", epochs=100)
"""The ablations of Tables 6 to 9: 100 epochs (appendix A)."""

EFFICIENTPOSE_100 = replace(EFFICIENTPOSE_ABLATION, name="efficientpose-100", length=0.5)
"""Variant II for half of its epochs: 100 (Table 5); a profile shortens it as much."""

EFFICIENTPOSE_400 = replace(EFFICIENTPOSE, name="efficientpose-400", epochs=400, length=2.0)
"""Variant II for twice its epochs: 400 (Table 5)."""

EFFICIENTPOSE_NAS_MPII = Recipe(
    name="efficientpose-nas-mpii",
    source="EfficientPose-NAS section 4.1.1",
    task="single-person",
    epochs=200,
    milestones=(150, 170),
    batch=32,
    loss_weights=(1.0, 0.0, 0.0),
    scale=(0.75, 1.25),
    rotation=30.0,
    shift=0.0,
    crop=CropSettings(margin=1.25, spread="normal", turned=0.6),
    choices={
        "augmentation": "mirror 0.5, scale 0.25, rotation 30 degrees in 6 of 10, as "
        "SimpleBaseline's code, to which the paper refers: ranges not stated",
        "sigma": "2 px at 1/4 of the input, as the released configurations",
        "batch": "32; the released configurations say 64 per GPU",
        "weight decay": "none: the released configurations say 1e-4, which the HRNet trainer does "
        "not give to Adam",
        "initialisation": "random: the paper maps the weights of a larger network (FNA)",
        "colours": "RGB; the released networks A and B read BGR",
    },
)
"""Adam 1e-3, x0.1 after epochs 150 and 170 of 200, batch 32."""

EFFICIENTPOSE_NAS_COCO = Recipe(
    name="efficientpose-nas-coco",
    source="EfficientPose-NAS section 4.2",
    task="top-down",
    epochs=240,
    milestones=(171, 205),
    batch=128,
    warmup_steps=500,
    loss_weights=(1.0, 0.0, 0.0),
    scale=(0.65, 1.35),
    rotation=45.0,
    shift=0.0,
    crop=CropSettings(margin=1.25, spread="normal", turned=0.6, half_body=0.3),
    choices={
        "milestones": "200,000 and 240,000 iterations of 149,813 people in batches of 128, 1,171 to "
        "the epoch: the paper counts iterations",
        "augmentation": "mirror 0.5, scale 0.35, rotation 45 degrees in 6 of 10, half body 0.3, as "
        "HRNet's code, to which the paper refers: ranges not stated",
        "sigma": "2 px at 1/4 of the input, as HRNet's code: not stated",
        "weight decay": "none: not stated, and the HRNet trainer gives none to Adam",
        "initialisation": "random: the paper maps the weights of a larger network (FNA)",
        "warm-up": "from 0: the first rate is not stated",
    },
)
"""Adam 1e-3 after 500 warm-up steps, x0.1 after 200k and 240k steps, 240 epochs, batch 128."""

CLASSIFICATION_IMAGENET = Recipe(
    name="classification-imagenet",
    source="EfficientHRNet section 4.1",
    task="classification",
    optimizer="sgd",
    momentum=0.9,
    rate=0.05,
    weight_decay=1e-4,
    epochs=200,
    milestones=(35, 65, 95, 125, 155, 185),
    batch=256,
    warmup=5.0,
    warmup_rate=1e-4,
    loss_weights=(1.0, 0.0, 0.0),
    scale=(0.08, 1.0),
    rotation=10.0,
    shift=0.0,
    classification=ClassificationSettings(jitter=0.4, ratio=(0.75, 4 / 3)),
    choices={
        "batch size": "256: not stated",
        "momentum": "0.9: not stated",
        "augmentation": "area 0.08-1, ratio 3/4-4/3, rotation 10 degrees, jitter 0.4 with hue 0.1, "
        "mirror 0.5: only the kinds are stated",
        "colour": "the lighting noise of AlexNet's code is left out; brightness, contrast, "
        "saturation, hue vary",
        "training set": "all 1,281,167 pictures: the paper names 800k, 150k, 50k without a list",
        "milestones": "every 30 epochs after the warm-up",
    },
)
"""SGD with weight decay 1e-4, 5 epochs of warm-up from 1e-4 to 0.05, then 195 epochs with x0.1
every 30."""

CLASSIFICATION_CIFAR = replace(
    CLASSIFICATION_IMAGENET,
    name="classification-cifar",
    batch=128,
    choices={
        "batch size": "128: not stated",
        "momentum": "0.9: not stated",
        "input": "pictures are enlarged to the network's size: inferred from the printed operations",
        "augmentation": CLASSIFICATION_IMAGENET.choices["augmentation"],
        "colour": CLASSIFICATION_IMAGENET.choices["colour"],
        "milestones": CLASSIFICATION_IMAGENET.choices["milestones"],
    },
)
"""The same schedule on CIFAR-100."""
