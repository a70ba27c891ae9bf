"""Colours, marks and sizes that all panels share, and what a legend is made of.

Reported numbers are filled, measured ones open or hatched, quoted ones half filled; groups differ
in shape.
"""

from typing import Any

INK, GREY, PALE = "#222222", "#8c8c8c", "#d9d9d9"
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# readable on white, and in grey
COLOURS = (
    "#0b5fa5",
    "#4d4d4d",
    "#c2571a",
    "#1b7f5c",
    "#8a4f9e",
    "#7a6a00",
    "#a0314f",
)
SMALL = 7.5  # size of names in points
AS_REPORTED = "filled: as reported"
Legend = list[tuple[Any, str]]
"""What is drawn beside each name of a legend, and the name."""
