"""Colours, marks and sizes that all panels share, and what a legend is made of.

A family of networks has one colour and one mark in every figure; marks differ, so that families are
told apart without colour too. Reported numbers are filled, measured ones open or hatched, quoted
ones half filled.
"""

from typing import Any, NamedTuple

from repro.spec.run import Run

INK, GREY, PALE = "#222222", "#8c8c8c", "#d9d9d9"
SMALL = 7.5  # size of names in points
WIDTH, RIM, GAP = 7.0, 0.12, 0.09  # inches: page (two columns of print), its rim, space between
AS_REPORTED = "filled: as reported"
COMPARED = "compared methods"
COLOURS = ("#0b5fa5", "#4d4d4d", "#c2571a")
"""Of lines that are no families, such as seeds."""
Legend = list[tuple[Any, str]]
"""What is drawn beside each name of a legend, and the name."""


class Look(NamedTuple):
    """The colour and the mark (as matplotlib calls it) of a family."""

    colour: str
    marker: str


OTHER = Look(GREY, "h")
LOOKS: dict[str, Look] = {
    "EfficientHRNet": Look("#c2571a", "^"),
    "EfficientPose (Groos)": Look("#0a8f6a", "D"),
    "EfficientPose-NAS": Look("#8a4f9e", "v"),
    "HigherHRNet": Look("#4d4d4d", "s"),
    "LitePose": Look("#0b5fa5", "o"),
    "HRNet": Look("#a0314f", "X"),
    "SimpleBaseline": Look("#8a7400", "P"),
    "OpenPose": Look("#5aa9dd", "p"),
    "PNFS": Look("#b98ba0", "<"),
    COMPARED: OTHER,
}
"""By family; the five papers' own first."""
_MODULES = {
    "efficienthrnet": "EfficientHRNet",
    "efficientpose": "EfficientPose (Groos)",
    "efficientpose_nas": "EfficientPose-NAS",
    "higherhrnet": "HigherHRNet",
    "lightweight_openpose": "OpenPose",
    "litepose": "LitePose",
    "openpose": "OpenPose",
    "simplebaseline": "SimpleBaseline",
}


def look_of(group: str) -> Look:
    """The look of a group of points; that of compared methods for a name that is no family."""
    return LOOKS.get(group, OTHER)


def family_of(run: Run | None, label: str, module: str) -> str:
    """The family of a row's network, "compared methods" where it is none of `LOOKS`.

    run: of the network; without one its label decides. module: the file of repro/models that builds
    it. HigherHRNet without its deconvolution is HRNet.
    """
    if run is None:
        return next((name for name in LOOKS if label.startswith(name)), COMPARED)
    if run.model.startswith("hrnet") or run.changes.get("deconvs") == 0:
        return "HRNet"
    return _MODULES.get(module, COMPARED)
