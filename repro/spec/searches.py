"""The papers' architecture searches, each number with its section, and how much of one is run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from repro.errors import unknown
from repro.spec.recipes import LITEPOSE_CROWDPOSE
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
class Effort:
    """How much of a search is run.

    LitePose: steps of the super-net's pre-training and training, 0: the recipe's epochs;
    norm_images: seen to measure batch norms again, 0: they stay the super-net's; score_images: of
    the training set, kept from training, that candidates are tested on.
    EfficientPose-NAS: warm: steps, or with 0 epochs, of the operations' weights alone; joint: of the
    alternation; rate: of the architecture; weight: lambda of the loss; random: architectures of the
    random search, and steps of each.
    """

    pretrain_steps: int = 0
    steps: int = 0
    evolution: Evolution = Evolution()
    norm_images: int = 2048
    score_images: int = 1000


EFFORTS: Mapping[str, Effort] = {
    "smoke": Effort(2, 4, Evolution(population=4, rounds=1), norm_images=4, score_images=4),
    "mini": Effort(150, 1000, Evolution(population=16, rounds=6), norm_images=64, score_images=64),
    "gpu": Effort(
        3000, 12000, Evolution(population=40, rounds=20), norm_images=512, score_images=500
    ),
    "paper": Effort(),
}
"""By profile. All but `paper` are shortened; numbers of theirs are of drawn people."""

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
    if profile not in EFFORTS:
        raise unknown("profile", profile, EFFORTS)
    return EFFORTS[profile]
