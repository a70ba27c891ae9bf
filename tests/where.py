"""Where the tests find things: the checkout, what is stored with the tests, and what may lie beside
the checkout."""

from pathlib import Path

TESTS = Path(__file__).parent
CHECKOUT = TESTS.parent
GOLDENS = TESTS / "goldens"
TRANSCRIPTIONS = TESTS / "transcriptions"
SHARED = CHECKOUT.parent / "shared"
REAL = SHARED / "data" / "real"
REFERENCE = SHARED / "reference"
