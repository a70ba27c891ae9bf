"""Sizes of pictures that bottom-up tests give to a network: HigherHRNet's released test code, which
EfficientHRNet's and LitePose's inherit, takes no other than multiples of 64 px. So a score's input
is often above the nominal size.
"""

MULTIPLE = 64  # px


def rounded_up(length: float, multiple: int = MULTIPLE) -> int:
    """A side in px as the tests take it."""
    return int((length + multiple - 1) // multiple * multiple)


def tested_side(nominal: int, smallest: float = 1.0) -> int:
    """The short side of a test picture at scale 1, in px; `smallest`: the least of all test
    scales."""
    return int(rounded_up(smallest * nominal) / smallest)
