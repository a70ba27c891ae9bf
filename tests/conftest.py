"""Set before any test imports torch."""

import os

# one thread: a process forked after OpenMP has started threads can wait for them forever
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # see the same line in repro/cli/main.py
