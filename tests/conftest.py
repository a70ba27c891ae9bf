"""Set before any test imports torch: see the same line in repro/cli.py."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
