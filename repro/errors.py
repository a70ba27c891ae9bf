"""The faults a user can cause or meet; each is one line, a hint and an exit code.

ReproError            1  any fault that is not a bug
+-- UsageError        2  an unknown name, a bad option, a size a network cannot take
+-- SpecError         1  a table, figure or ablation file that contradicts itself
+-- RecordError       1  a damaged or conflicting record file
+-- CheckError        3  a check failed or a number is outside its tolerance
+-- MissingError      4  data or weights missing, damaged or of another model
"""

import difflib
from collections.abc import Iterable


class ReproError(Exception):
    """`message` says what was asked and what is known, `hint` which command to run next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReproError):
    exit_code = 2


class SpecError(ReproError):
    exit_code = 1


class RecordError(ReproError):
    exit_code = 1


class CheckError(ReproError):
    exit_code = 3


class MissingError(ReproError):
    exit_code = 4


def unknown(what: str, name: str, known: Iterable[str], hint: str = "") -> UsageError:
    """A `UsageError` for `name` that suggests the nearest of the `known` names."""
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
    if near:
        text = "did you mean " + " or ".join(near) + "?"
    else:
        text = "known: " + (", ".join(choices[:12]) + (" ..." if len(choices) > 12 else "") or "none")
    return UsageError(f"unknown {what} '{name}'; {text}", hint)
