"""The faults a user can cause or meet; each is one line, a hint and an exit code.

ReproError            1  any fault that is not a bug
+-- UsageError        2  an unknown name, a bad option, a size a network cannot take
+-- SpecError         1  a table, figure or ablation file that contradicts itself
+-- RecordError       1  a damaged or conflicting record file
+-- CheckError        3  a check failed or a number is outside its tolerance
+-- MissingError      4  data or weights missing, damaged or of another model
"""

import difflib
import errno
import os
import traceback
from collections.abc import Iterable

DEBUG = "REPRO_DEBUG"  # set to anything: faults of the program itself keep their traceback


class ReproError(Exception):
    """A fault: `message` says what was asked and what is known, `hint` which command to run next.

    usual: the hint where none is given.
    """

    exit_code = 1
    usual = "repro doctor"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.usual


class UsageError(ReproError):
    exit_code = 2
    usual = "repro --help"


class SpecError(ReproError):
    exit_code = 1
    usual = "mend the file, then: repro list"


class RecordError(ReproError):
    exit_code = 1
    usual = "git checkout -- results/records restores the committed records"


class CheckError(ReproError):
    exit_code = 3
    usual = "repro status"


class MissingError(ReproError):
    exit_code = 4
    usual = "repro data check NAME says what is expected"


def unknown(what: str, name: str, known: Iterable[str], hint: str = "") -> UsageError:
    """A `UsageError` for `name` that suggests the nearest of the `known` names."""
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=3, cutoff=0.5)
    if near:
        text = "did you mean " + " or ".join(near) + "?"
    else:
        text = "known: " + (
            ", ".join(choices[:12]) + (" ..." if len(choices) > 12 else "") or "none"
        )
    return UsageError(f"unknown {what} '{name}'; {text}", hint)


def explained(fault: Exception, *, who: str = "the program") -> ReproError:
    """Any exception as a `ReproError`: one that is `foreseen`, else a fault of this program.

    who: the program or process that met the fault, for the message.
    """
    return foreseen(fault) or ReproError(
        f"{who} met {type(fault).__name__}: {_text(fault)[:300]} ({_place(fault)})",
        f"run it again with {DEBUG}=1 for the traceback, and report it",
    )


def _text(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__


def foreseen(fault: Exception) -> ReproError | None:
    """What memory, disk and packages do as a `ReproError`; None for a fault of this program."""
    text = _text(fault)
    if isinstance(fault, ReproError):
        return fault
    if isinstance(fault, MemoryError) or _out_of_memory(fault, text):
        return ReproError(
            f"not enough memory: {text[:200]}", "smaller pictures, batches or files, or more memory"
        )
    if isinstance(fault, RecursionError):
        return ReproError(
            "something is nested too deeply", "look at the files and options that were given"
        )
    if isinstance(fault, OSError) and fault.strerror:
        where = f" '{fault.filename}'" if fault.filename is not None else ""
        return ReproError(
            f"the system refuses{where}: {fault.strerror}",
            "look at the path, its rights and the disk",
        )
    if isinstance(fault, ImportError):
        return ReproError(
            f"a package cannot be loaded: {text[:300]}", "make setup, then: repro doctor"
        )
    return None


_OUT_OF_MEMORY = (
    "can't allocate memory",
    "out of memory",
    "Insufficient memory",
    "Failed to allocate",
    "Cannot allocate",
)


def _out_of_memory(fault: Exception, text: str) -> bool:
    """torch, OpenCV and the system each have their own way to say so."""
    if isinstance(fault, OSError) and fault.errno == errno.ENOMEM:
        return True
    return any(phrase in text for phrase in _OUT_OF_MEMORY)


def _place(fault: Exception) -> str:
    """File and line of the last frame that is not a library's."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(fault.__traceback__)]
    if not frames:
        return "place unknown"
    ours = [(file, line) for file, line in frames if not _is_library(file)]
    file, line = (ours or frames)[-1]
    return f"{os.path.basename(file)}, line {line}"


def _is_library(file: str) -> bool:
    return "site-packages" in file or file.startswith(os.path.dirname(os.__file__))
