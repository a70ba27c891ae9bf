"""Pairs of networks whose order is known: ground that does not order them has nothing to say of
other differences.

Single person: EfficientPose-NAS Tables 2 and 6. Several people: EfficientHRNet Table 3, LitePose
Table 2. Classes: EfficientHRNet Table 2. Two mechanisms: EfficientPose (Groos) Table 9, HigherHRNet
Table 3.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A row of a table."""

    table: str
    row: str

    def __str__(self) -> str:
        return f"{self.table}, {self.row}"


@dataclass(frozen=True)
class Known:
    """Two rows of which the first is better. task: whose ground it tests. why: what the order says.

    measures: values of their records; the pair is in order if it is by one of them. A text "A - B"
    is the difference of two values.
    """

    task: str
    why: str
    better: Place
    other: Place
    measures: tuple[str, ...]


def _nas(better: str, other: str) -> Known:
    table = "efficientpose-nas-6"
    return Known(
        "single-person",
        "the larger network finds more joints",
        Place(table, f"{better}/with"),
        Place(table, f"{other}/with"),
        ("PCKh@0.5", "PCKh@0.1"),
    )


def _people(table: str, better: str, other: str) -> Known:
    places = Place(table, better), Place(table, other)
    return Known(
        "bottom-up",
        "the larger network finds more joints and people",
        *places,
        ("AP", "joints@0.1"),
    )


KNOWN: tuple[Known, ...] = (
    _nas("C", "B"),
    _nas("B", "A"),
    _nas("A", "MobileNetv2"),
    _people("efficienthrnet-3", "H-2", "H-3"),
    _people("efficienthrnet-3", "H-3", "H-4"),
    _people("litepose-1", "LitePose-S", "LitePose-XS"),
    Known(
        "bottom-up",
        "finer heatmaps help small people more than large ones",
        Place("higherhrnet-3", "HigherHRNet/2"),
        Place("higherhrnet-3", "HRNet"),
        ("joints@0.1 short - joints@0.1 tall",),
    ),
    Known(
        "classification",
        "the larger network knows more classes",
        Place("efficienthrnet-2", "B-2"),
        Place("efficienthrnet-2", "B-4"),
        ("top1",),
    ),
    Known(
        "three-pass",
        "upscaled maps place joints better",
        Place("efficientpose-9", "I/with"),
        Place("efficientpose-9", "I/without"),
        ("PCKh@0.1",),
    ),
)
