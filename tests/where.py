"""Where the tests find things: the checkout, what is stored with the tests, and what may lie beside
the checkout."""

from pathlib import Path

import numpy as np

TESTS = Path(__file__).parent
CHECKOUT = TESTS.parent
GOLDENS = TESTS / "goldens"
TRANSCRIPTIONS = TESTS / "transcriptions"
SHARED = CHECKOUT.parent / "shared"
REAL = SHARED / "data" / "real"
REFERENCE = SHARED / "reference"


def arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file, which is closed again."""
    with np.load(path) as stored:
        return dict(stored)
