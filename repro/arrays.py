"""Arrays of numbers from outside: of MATLAB, NumPy and HDF5 files only the expected ones are read.

Nothing is unpickled, and no bytes of a file end the process.
"""

import io
import math
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro import limits
from repro.errors import MissingError
from repro.files import FAR, MISFITS, read_bytes

Doubles = NDArray[np.float64]

HDF5 = b"\x89HDF\r\n\x1a\n"
CELLS = 48 * limits.PEOPLE  # numbers in one array


def numbers(values: Any, what: str, *, hint: str) -> Doubles:
    """`values` as float64. Raises MissingError for texts, complex numbers, lists of different
    lengths."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError):
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise MissingError(f"{what} values that are not numbers", hint)
    return array.astype(np.float64)


def not_finite(values: Doubles) -> NDArray[np.bool_]:
    """True for NaN, infinity and what is beyond any picture."""
    return ~(np.abs(values) <= FAR)


# --- MATLAB ---------------------------------------------------------------------------------------

# kinds of elements of a MATLAB 5 file, and numbers as they lie in it (The MathWorks, MAT-File
# Format)
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
# classes of arrays of numbers, of which this flag says that they are complex
_PLAIN, _COMPLEX = (
    range(6, 16),
    0x800,
)


def read_mat(
    path: Path, names: Sequence[str], what: str, *, other: str = "", hint: str
) -> dict[str, Any]:
    """The named arrays of a MATLAB file, or of the HDF5 file that MATLAB 7.3 writes, and nothing
    else of it.

    other: the name of an array that only the other file holds, where a user may have swapped two.
    Raises MissingError for other files, damaged ones, absent names, and what is no array of plain
    numbers.
    """
    raw = read_bytes(path, what, most=limits.TABLE_BYTES, hint=hint)
    if HDF5 in (raw[:8], raw[512:520]):
        # MATLAB stores the first axis last
        return {
            name: np.asarray(read_hdf5(raw, name, f"the {what} '{path}'", hint=hint)).T
            for name in names
        }
    if raw[:64].lstrip()[:1] in (b"{", b"["):
        raise MissingError(f"the {what} '{path}' is JSON, not a MATLAB file", hint)
    try:
        arrays = dict(_variables(raw))
    except (ValueError, zlib.error) as fault:
        raise MissingError(
            f"the {what} '{path}' is damaged, not a MATLAB file: {fault}", hint
        ) from None
    for name in names:
        if name not in arrays:
            swapped = f", but '{other}': are the two files swapped?" if other in arrays else ""
            raise MissingError(f"the {what} '{path}' has no '{name}'{swapped}", hint)
        if arrays[name] is None:
            raise MissingError(f"the {what} '{path}': '{name}' is no array of plain numbers", hint)
    return {name: arrays[name] for name in names}


def _variables(raw: bytes) -> Iterator[tuple[str, NDArray[Any] | None]]:
    """Names and arrays of a MATLAB 5 file, None for what holds no plain numbers. Raises ValueError
    where damaged.

    SciPy's reader, which `mpii.convert` uses in a process of its own, ends the process at some
    damaged bytes.
    """
    order = {b"\x00\x01IM": "<", b"\x01\x00MI": ">"}.get(raw[124:128])
    if order is None:
        raise ValueError("it is of none of MATLAB's versions 5 to 7.3")
    place = 128
    while place < len(raw):
        kind, content, place = _element(raw, place, order)
        if kind == _COMPRESSED:
            inflated = zlib.decompressobj().decompress(content, limits.TABLE_BYTES)
            kind, content, _ = _element(inflated, 0, order)
        if kind == _MATRIX and content:
            yield _matrix(content, order)


def _element(raw: bytes, place: int, order: str) -> tuple[int, bytes, int]:
    """Kind and data of the element at a place, and the place of the next one."""
    word, size = np.frombuffer(raw[place : place + 8].ljust(8, b"\0"), f"{order}u4").tolist()
    start, step = place + 8, size if word == _COMPRESSED else size + -size % 8
    if word >> 16:  # a short element, with its data in the tag
        word, size, start, step = word & 0xFFFF, word >> 16, place + 4, 4
    content = raw[start : start + size]
    if len(content) < size or size > step:
        raise ValueError("it is cut short")
    return word, content, start + step


def _matrix(raw: bytes, order: str) -> tuple[str, NDArray[Any] | None]:
    _, flags, place = _element(raw, 0, order)
    _, sides, place = _element(raw, place, order)
    _, name, place = _element(raw, place, order)
    bits = int.from_bytes(flags[:4], "little" if order == "<" else "big")
    shape = tuple(np.frombuffer(sides[: len(sides) // 4 * 4], f"{order}i4").tolist())
    label = name.decode("latin-1")
    plain = bits & 0xFF in _PLAIN and not bits & _COMPLEX
    if not plain or min(shape, default=-1) < 0 or math.prod(shape) > CELLS:
        return label, None
    kind, content, _ = _element(raw, place, order)
    if kind not in _NUMBERS:
        raise ValueError(f"'{label}' holds numbers of the unknown kind {kind}")
    values = np.frombuffer(content, f"{order}{_NUMBERS[kind]}")
    if len(values) != math.prod(shape):
        raise ValueError(f"'{label}' holds {len(values)} numbers for {shape}")
    return label, values.reshape(shape, order="F")


# --- NumPy and HDF5 -------------------------------------------------------------------------------


def read_npy(path: Path, what: str, *, hint: str) -> Any:
    """The array of a .npy file. Raises MissingError for damaged files, archives, pickles and too
    many numbers."""
    try:
        array = np.lib.format.open_memmap(path, mode="r")  # mapped: a header may promise anything
        if array.size > CELLS:
            raise ValueError(f"it holds {array.size} numbers; at most {CELLS} are read")
    except (OSError, EOFError, SyntaxError, *MISFITS) as fault:
        reason = getattr(fault, "strerror", "") or fault
        raise MissingError(f"cannot read the {what} '{path}': {reason}", hint) from None
    return np.array(array)


def read_hdf5(raw: bytes, name: str, where: str, *, hint: str) -> Any:
    """The named array of an HDF5 file, such as `preds` in pose-hg's; needs the package h5py. Raises
    MissingError."""
    try:
        import h5py
    except ImportError:
        raise MissingError(
            f"{where} is an HDF5 file, which needs the package h5py",
            "pip install h5py, or save it as .npy",
        ) from None
    try:
        with h5py.File(io.BytesIO(raw), "r") as file:
            dataset = file.get(name)
            if dataset is None:
                raise MissingError(f"{where} has no '{name}'", hint)
            hard_link = isinstance(file.get(name, getlink=True), h5py.HardLink)
            in_this_file = hard_link and isinstance(dataset, h5py.Dataset)
            if (
                not in_this_file
                or dataset.external
                or dataset.is_virtual
                or dataset.size is None
                or dataset.size > CELLS
            ):
                raise MissingError(
                    f"{where}: '{name}' is no array of at most {CELLS} numbers in the file itself",
                    hint,
                )
            return dataset[()]
    except MemoryError:
        raise
    except MissingError:
        raise
    except Exception as fault:  # damaged files raise nearly anything
        raise MissingError(f"{where} is damaged, not an HDF5 file: {fault}", hint) from None
