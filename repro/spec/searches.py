"""The papers' architecture searches, each number with its section, and how much of one is run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from repro.errors import unknown
from repro.spec.recipes import EFFICIENTPOSE_NAS_MPII, LITEPOSE_CROWDPOSE
from repro.spec.settings import Recipe


@dataclass(frozen=True)
class Evolution:
    """Of the evolutionary search. mutate: share of a mutant's places that are drawn anew. parents:
    share of a population that has children. ratio: of mutants among these."""

    population: int = 40
    rounds: int = 40
    mutate: float = 0.1
    parents: float = 0.25
    ratio: float = 0.5

    @property
    def candidates(self) -> int:
        """How many architectures are drawn in all; some are drawn twice."""
        return self.population * (1 + self.rounds)


@dataclass(frozen=True)
class Mixing:
    """Of the differentiable search.

    warm, joint: steps of the weights alone, and of both in turns; where joint is 0, the paper's 60
    and 150 epochs, in turns of an epoch of each. turn: steps of either in one turn, where steps are
    given. rate: of the architecture. weight, tau: lambda and tau of the loss. paths: operations of a
    place that take part in a step of the weights and in one of the architecture.
    """

    warm: int = 0
    joint: int = 0
    turn: tuple[int, int] = (4, 1)
    rate: float = 3e-4
    weight: float = 1e-4
    tau: float = 1.0
    paths: tuple[int, int] = (1, 2)


WARM_EPOCHS, JOINT_EPOCHS, RANDOM_EPOCHS = 60, 150, 5  # sections 4.1.1 and 4.4.4
SHARE = 0.8  # of the training pictures are the weights', the others the architecture's


@dataclass(frozen=True)
class Effort:
    """How much of a search is run.

    LitePose: steps of the super-net's pre-training and training, 0: the recipe's epochs;
    norm_images: seen to measure batch norms again. score_images: of the training set, kept from
    training, that candidates are tested on. EfficientPose-NAS: `mixing`; of its random search, how
    many architectures are trained for how many steps each, 0: 5 epochs.
    """

    pretrain_steps: int = 0
    steps: int = 0
    evolution: Evolution = Evolution()
    norm_images: int = 2048
    score_images: int = 1000
    mixing: Mixing = Mixing()
    random: int = 50
    random_steps: int = 0


EFFORTS: Mapping[str, Effort] = {
    "smoke": Effort(
        pretrain_steps=2,
        steps=4,
        evolution=Evolution(population=4, rounds=1),
        norm_images=4,
        score_images=4,
        mixing=Mixing(warm=2, joint=5),
        random=2,
        random_steps=2,
    ),
    "mini": Effort(
        pretrain_steps=150,
        steps=1000,
        evolution=Evolution(population=12, rounds=6),
        norm_images=32,
        score_images=48,
        # the error of a softmax is about 5, that of squares a thousandth
        # with a weight of 0.03 or 0.3 nearly every block is left out that may be; with none the
        # expected cost stays where it is
        mixing=Mixing(warm=400, joint=800, rate=0.03, weight=0.003),
        random=12,
        random_steps=115,
    ),
    # the paper's epochs as shares of a network's own 200, of the profile's 20,000 steps
    "gpu": Effort(
        pretrain_steps=10000,
        steps=80000,
        evolution=Evolution(population=40, rounds=20),
        norm_images=512,
        score_images=500,
        mixing=Mixing(warm=6000, joint=18750, rate=1e-3),
        random=50,
        random_steps=500,
    ),
    "paper": Effort(),
}
"""By profile. All but `paper` are shortened; numbers of theirs are of drawn people."""

NAS_WEIGHTS = replace(
    EFFICIENTPOSE_NAS_MPII,
    name="efficientpose-nas-search",
    source="EfficientPose-NAS section 4.1.1, search",
    optimizer="sgd",
    momentum=0.9,
    rate=0.05,
    weight_decay=1e-4,
    epochs=WARM_EPOCHS + JOINT_EPOCHS,
    milestones=(),
    cosine=True,
    choices={
        "cosine": "over both stages, the architecture's steps counted, to a 200th: the paper says "
        "to 0 and not over what",
        "lambda and tau": "1e-4 and 1: not stated",
        "paths": "one operation of a place in a step of the weights, two in one of the "
        "architecture, drawn by their probabilities: the paper says only that paths are dropped",
        "initialisation": "random: the paper maps the weights of a larger network (FNA)",
    },
)
"""The operations' weights: SGD with momentum 0.9, weight decay 1e-4, 0.05 along a cosine, batch
32."""

LITEPOSE_PRETRAIN = replace(
    LITEPOSE_CROWDPOSE,
    name="litepose-pretrain",
    source="LitePose section 5.2, pre-training",
    epochs=100,
    milestones=(),
    loss_weights=(1.0, 0.0, 0.0),
    choices={
        "data": "the paper's is COCO train, whose joints are others than CrowdPose's: here the "
        "search's own data",
        "rate and batch": "1e-3 and 32, constant: not stated",
    },
)
"""The largest network without the grouping loss, 100 epochs."""

LITEPOSE_LMS = replace(
    LITEPOSE_CROWDPOSE,
    name="litepose-lms",
    source="LitePose section 5.2, super-net training",
    epochs=800,
    milestones=(),
    choices={
        "schedule": "constant: not stated",
        "widths": "one ratio for the stem, each stage and each transposed convolution: not stated "
        "which layers vary",
        "scoring": "on pictures kept from training: the paper trains on train and val and names no "
        "others",
    },
)
"""The super-net of L, M and S: 800 epochs, batch 32, 1e-3."""

LITEPOSE_XS = replace(LITEPOSE_LMS, name="litepose-xs", epochs=2400, batch=128, rate=4e-3)
"""The super-net of XS: 2400 epochs, batch 128, 4e-3."""

SUPERNETS: Mapping[str, Recipe] = {"litepose-xs": LITEPOSE_XS, "litepose-lms": LITEPOSE_LMS}


def effort_of(profile: str) -> Effort:
    """How much of a search a profile runs; raises UsageError."""
    name = profile.removesuffix("-changed")  # `repro train` with options of its own
    if name not in EFFORTS:
        raise unknown("profile", profile, EFFORTS)
    return EFFORTS[name]
