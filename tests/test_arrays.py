"""Tables of numbers from outside: MATLAB, NumPy and HDF5 files, read as SciPy and NumPy do, and
never more."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.arrays import numbers, read_hdf5, read_mat, read_npy
from repro.errors import MissingError
from repro.pose.metrics import score

HINT = "look at it"
TYPES = [
    "uint8",
    "int8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float32",
    "float64",
]


def mat(path: Path, **content: Any) -> Path:
    from scipy.io import savemat

    savemat(path, content)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_arrays_are_those_that_scipy_reads(tmp_path: Path, compressed: bool) -> None:
    from scipy.io import loadmat, savemat

    rng = np.random.default_rng(0)
    content: dict[str, Any] = {name: (rng.random((3, 4, 5)) * 100).astype(name) for name in TYPES}
    content |= {
        "true": rng.random((2, 3)) > 0.5,
        "empty": np.zeros((0, 3)),
        "one": np.array(3),
        "row": np.arange(2),
    }
    savemat(tmp_path / "a.mat", content, do_compression=compressed)
    wanted, found = (
        loadmat(tmp_path / "a.mat"),
        read_mat(tmp_path / "a.mat", tuple(content), "table", hint=HINT),
    )
    for name in content:
        np.testing.assert_array_equal(found[name], wanted[name])
        assert found[name].shape == wanted[name].shape


OTHER = {
    "text": "text",
    "cell": np.array([1, "a"], object),
    "struct": {"a": 1},
    "complex": np.ones((2, 2)) + 1j,
}


@pytest.mark.parametrize("value", OTHER.values(), ids=OTHER)
def test_only_plain_numbers_are_read(tmp_path: Path, value: Any) -> None:
    with pytest.raises(MissingError, match="'a' is no array of plain numbers"):
        read_mat(mat(tmp_path / "a.mat", a=value), ("a",), "table", hint=HINT)


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def nested(levels: int, name: bytes) -> bytes:
    """A cell in a cell in a cell, deep enough to end a process that follows it with the stack."""
    head = element(6, struct.pack("<II", 1, 0)) + element(5, struct.pack("<ii", 1, 1))
    inner, own = head + element(1, b""), head + element(1, name)
    lengths = [len(inner) + (len(inner) + 8) * deeper for deeper in range(levels, -1, -1)]
    body = b"".join(struct.pack("<II", 14, length) + inner for length in lengths)
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + element(14, own + body)


def test_a_file_nested_without_end_is_one_fault(tmp_path: Path) -> None:
    (tmp_path / "deep.mat").write_bytes(nested(50_000, b"preds"))
    with pytest.raises(MissingError, match="'preds' is no array of plain numbers"):
        read_mat(tmp_path / "deep.mat", ("preds",), "predictions", hint=HINT)


def test_damaged_bytes_end_no_process(tmp_path: Path) -> None:
    """SciPy's own reader ends the process at bytes 145, 180 and 200 of such a file."""
    raw = mat(tmp_path / "a.mat", preds=np.arange(64.0).reshape(2, 16, 2)).read_bytes()
    for place in (
        124,
        127,
        128,
        132,
        136,
        145,
        152,
        156,
        160,
        176,
        180,
        181,
        200,
        201,
        204,
        206,
        207,
        700,
    ):
        for value in (0, 1, 9, 17, 255):
            (tmp_path / "a.mat").write_bytes(raw[:place] + bytes([value]) + raw[place + 1 :])
            try:
                assert (
                    read_mat(tmp_path / "a.mat", ("preds",), "predictions", hint=HINT)["preds"].size
                    == 64
                )
            except MissingError as fault:
                assert "\n" not in fault.message


def test_a_header_may_promise_anything(tmp_path: Path) -> None:
    header = (
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 16, 2), }".ljust(117)
        + b"\n"
    )
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    with pytest.raises(MissingError, match="cannot read the predictions"):
        read_npy(tmp_path / "a.npy", "predictions", hint=HINT)
    np.savez(tmp_path / "b.npz", a=np.zeros(3))
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    with pytest.raises(MissingError, match="cannot read the predictions"):
        read_npy(tmp_path / "b.npy", "predictions", hint=HINT)


@pytest.mark.parametrize("values", [["a"], [1j], [[1], [1, 2]], [10**400], None, ["1.5"]])
def test_what_is_no_number_is_not_taken_for_one(values: Any) -> None:
    with pytest.raises(MissingError, match="predictions hold values that are not numbers"):
        numbers(values, "predictions hold", hint=HINT)


def truth(folder: Path, **changes: Any) -> Path:
    points = np.random.default_rng(0).uniform(10, 90, (16, 2, 3))
    boxes = np.array([[0.0, 0], [30, 40]])[:, :, None].repeat(3, 2)
    content = {
        "pos_gt_src": points,
        "headboxes_src": boxes,
        "jnt_missing": np.zeros((16, 3)),
        **changes,
    }
    return mat(folder / "gt_valid.mat", **content)


@pytest.mark.parametrize("name", ["pos_gt_src", "headboxes_src"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_ground_truth_that_is_no_number_is_no_score_of_zero(
    tmp_path: Path, name: str, value: float
) -> None:
    from scipy.io import loadmat

    content = loadmat(truth(tmp_path))[name]
    content[0, 0, 1] = value
    with pytest.raises(MissingError, match=f"{name} of person 1 holds no finite number"):
        score("mpii", truth(tmp_path, **{name: content}), np.zeros((3, 16, 2)))


def test_what_is_not_labelled_may_be_anything(tmp_path: Path) -> None:
    points, missing = np.full((16, 2, 3), 5.0), np.zeros((16, 3))
    points[3, :, 1], missing[3, 1] = np.nan, 1
    values = score(
        "mpii", truth(tmp_path, pos_gt_src=points, jnt_missing=missing), np.full((3, 16, 2), 5.0)
    )
    assert values["PCKh@0.5"]["mean_over_points"] == 100


def test_ground_truth_of_another_form_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "valid.json").write_text("[]")
    with pytest.raises(MissingError, match=r"is JSON, not a MATLAB file") as fault:
        score("mpii", tmp_path / "valid.json", np.zeros((3, 16, 2)))
    assert "gt_valid.mat" in fault.value.hint
    preds = mat(tmp_path / "preds.mat", preds=np.zeros((3, 16, 2)))
    with pytest.raises(MissingError, match="are the two files swapped"):
        score("mpii", preds, truth(tmp_path))
    with pytest.raises(MissingError, match="are the two files swapped"):
        score("mpii", truth(tmp_path), truth(tmp_path))


# --- HDF5 -----------------------------------------------------------------------------------------


def test_predictions_in_hdf5_score_as_the_same_array(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    points = np.random.default_rng(1).uniform(10, 90, (3, 16, 2))
    wanted = score("mpii", truth(tmp_path), points)
    # MATLAB 7.3 turns axes round
    for name, values in (
        ("rows.h5", points),
        ("matlab.mat", points.transpose(2, 1, 0)),
    ):
        with h5py.File(tmp_path / name, "w") as file:
            file["preds"] = values
        assert score("mpii", truth(tmp_path), tmp_path / name) == wanted


def test_hdf5_from_elsewhere_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["preds"] = np.zeros((3, 16, 2))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["preds"] = h5py.ExternalLink("other.h5", "/preds")
        file["text"] = "x"
        file.create_group("folder")
    raw = (tmp_path / "a.h5").read_bytes()
    for name in ("preds", "folder", "absent"):
        with pytest.raises(MissingError):
            read_hdf5(raw, name, "the predictions", hint=HINT)
    with pytest.raises(MissingError, match="not numbers"):
        numbers(read_hdf5(raw, "text", "it", hint=HINT), "it holds", hint=HINT)
    with pytest.raises(MissingError, match="not an HDF5 file"):
        read_hdf5(raw[:500], "preds", "the predictions", hint=HINT)


def test_without_the_package_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingError, match="needs the package h5py") as fault:
        read_hdf5(b"", "preds", "the predictions", hint=HINT)
    assert "pip install h5py" in fault.value.hint


def test_a_file_in_memory_is_what_is_read() -> None:
    h5py = pytest.importorskip("h5py")
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file["preds"] = np.arange(3)
    np.testing.assert_array_equal(read_hdf5(out.getvalue(), "preds", "it", hint=HINT), np.arange(3))
