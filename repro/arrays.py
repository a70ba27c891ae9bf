"""Tables of numbers from outside: MATLAB, NumPy and HDF5 files, read only as what they are expected to hold.

Nothing is unpickled, and of a MATLAB file only arrays of plain numbers are read: SciPy follows nested cells with the
processor's stack, so that a file nested deep enough would end the process.
"""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro import limits
from repro.errors import MissingError
from repro.files import FAR, read_bytes

Doubles = NDArray[np.float64]

HDF5 = b"\x89HDF\r\n\x1a\n"
CELLS = 48 * limits.PEOPLE  # numbers in one array
_PLAIN = ("double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)))


def numbers(values: Any, what: str, *, hint: str) -> Doubles:
    """`values` as float64. Raises MissingError for texts, complex numbers, lists of different lengths."""
    try:
        found = np.asarray(values)
    except (TypeError, ValueError, OverflowError):
        found = np.asarray(None)
    if found.dtype.kind not in "biuf":
        raise MissingError(f"{what} values that are not numbers", hint)
    return found.astype(np.float64)


def not_finite(values: Doubles) -> NDArray[np.bool_]:
    """True for NaN, infinity and what is beyond any picture."""
    return ~(np.abs(values) <= FAR)


# --- MATLAB -----------------------------------------------------------------------------------------------------------


def read_mat(path: Path, names: Sequence[str], what: str, *, other: str = "", hint: str) -> dict[str, Any]:
    """The named arrays of a MATLAB file, or of the HDF5 file that MATLAB 7.3 writes, and nothing else of it.

    other: a name that only the other one of two files holds, which a user may have swapped.
    Raises MissingError for other files, damaged ones, absent names, and what is no array of plain numbers.
    """
    from scipy.io import loadmat, whosmat

    raw = read_bytes(path, what, most=limits.TABLE_BYTES, hint=hint)
    if raw[:64].lstrip()[:1] in (b"{", b"["):
        raise MissingError(f"the {what} '{path}' is JSON, not a MATLAB file", hint)
    if HDF5 in (raw[:8], raw[512:520]):
        return {name: read_hdf5(raw, name, f"the {what} '{path}'", hint=hint) for name in names}
    try:
        held = {name: (shape, kind) for name, shape, kind in whosmat(io.BytesIO(raw))}
        wanted = [name for name in names if name in held and _plain(*held[name])]
        content: dict[str, Any] = loadmat(io.BytesIO(raw), variable_names=wanted) if wanted else {}
    except MemoryError:
        raise
    except Exception as fault:  # damaged files raise nearly anything
        raise MissingError(f"the {what} '{path}' is damaged, not a MATLAB file: {fault}", hint) from None
    for name in names:
        if name not in held:
            swapped = f", but '{other}': are the two files swapped?" if other in held else ""
            raise MissingError(f"the {what} '{path}' has no '{name}'{swapped}", hint)
        if name not in content:
            shape, kind = held[name]
            raise MissingError(f"the {what} '{path}': '{name}' is no array of numbers but {kind} {shape}", hint)
    return {name: content[name] for name in names}


def _plain(shape: Sequence[int], kind: str) -> bool:
    return kind in _PLAIN and math.prod(shape) <= CELLS


# --- NumPy and HDF5 ---------------------------------------------------------------------------------------------------


def read_npy(path: Path, what: str, *, hint: str) -> Any:
    """The array of a .npy file. Raises MissingError for damaged files, archives, pickles and too many numbers."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)  # mapped: a header may promise anything
    except (OSError, ValueError, EOFError, SyntaxError, OverflowError) as fault:
        reason = getattr(fault, "strerror", "") or fault
        raise MissingError(f"cannot read the {what} '{path}': {reason}", hint) from None
    if not isinstance(found, np.ndarray) or found.size > CELLS:
        raise MissingError(f"cannot read the {what} '{path}': it is no single array of at most {CELLS} numbers", hint)
    return np.array(found)


def read_hdf5(raw: bytes, name: str, where: str, *, hint: str) -> Any:
    """The named array of an HDF5 file, such as `preds` in pose-hg's; needs the package h5py. Raises MissingError."""
    try:
        import h5py
    except ImportError:
        raise MissingError(
            f"{where} is an HDF5 file, which needs the package h5py", "pip install h5py, or save it as .npy"
        ) from None
    try:
        with h5py.File(io.BytesIO(raw), "r") as file:
            held = file.get(name)
            if held is None:
                raise MissingError(f"{where} has no '{name}'", hint)
            own = isinstance(file.get(name, getlink=True), h5py.HardLink) and isinstance(held, h5py.Dataset)
            if not own or held.external or held.is_virtual or held.size is None or held.size > CELLS:
                raise MissingError(f"{where}: '{name}' is no array of at most {CELLS} numbers in the file itself", hint)
            return held[()]
    except MemoryError:
        raise
    except MissingError:
        raise
    except Exception as fault:  # damaged files raise nearly anything
        raise MissingError(f"{where} is damaged, not an HDF5 file: {fault}", hint) from None
