import json
import os
import pickle
import stat

import numpy as np
import pytest
import torch
from torch import nn

from repro.errors import MissingError, ReproError, UsageError
from repro.record import provenance
from repro.train import checkpoint


def small(out=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(2, out, 3), nn.BatchNorm2d(out))


def same(first, second):
    return all(torch.equal(a, second.state_dict()[name]) for name, a in first.state_dict().items())


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "weights.safetensors"
    info = {
        "model": "toy_a",
        "changes": {"joints": 3},
        "joints": 3,
        "recipe": "r",
        "profile": "smoke",
        "step": 12,
    }
    sha256 = checkpoint.save_weights(path, small(), info)
    return path, sha256


def test_weights_come_back_with_their_info(saved):
    path, sha256 = saved
    model = small()
    nn.init.zeros_(model[0].weight)
    info = checkpoint.load_weights(model, path)
    assert same(model, small())
    assert (info["model"], info["joints"], info["step"], info["sha256"]) == ("toy_a", 3, 12, sha256)


def test_same_weights_give_the_same_bytes(saved, tmp_path):
    again = tmp_path / "again.safetensors"
    checkpoint.save_weights(again, small(), checkpoint.read_info(saved[0]))
    assert again.read_bytes() == saved[0].read_bytes()


@pytest.mark.parametrize(
    "wrap", [lambda s: s, lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"model": s}]
)
def test_torch_files_and_their_containers(tmp_path, wrap):
    path = tmp_path / "weights.pth"
    state = {f"module.{name}": tensor for name, tensor in small().state_dict().items()}
    torch.save(wrap({**state, "module.total_ops": torch.zeros(1)}), path)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    assert checkpoint.load_weights(model, path)["sha256"]
    assert same(model, small())


def test_npz_and_absent_batch_counters(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(
        path, **{k: v.numpy() for k, v in small().state_dict().items() if "num_batches" not in k}
    )
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    checkpoint.load_weights(model, path)
    assert same(model, small())


def test_foreign_names_are_converted(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save({f"net.{name}": tensor for name, tensor in small().state_dict().items()}, path)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    checkpoint.load_weights(
        model, path, convert=lambda s: {k.removeprefix("net."): v for k, v in s.items()}
    )
    assert same(model, small())
    with pytest.raises(
        MissingError, match=r"0\.bias is absent; 0\.weight is absent; .* \(and \d+ more\)"
    ) as fault:
        checkpoint.load_weights(model, path)
    assert "convert=functools.partial(repro.from_upstream, NAME)" in fault.value.hint


def test_another_joint_count_names_tensor_and_model(saved):
    model = small(out=4)
    before = [value.clone() for value in model.state_dict().values()]
    with pytest.raises(MissingError) as fault:
        checkpoint.load_weights(model, saved[0])
    assert (
        "which is toy_a joints=3, does not fit the model: 0.bias has shape (3,), the model wants "
        "(4,)" in str(fault.value)
    )
    assert all(torch.equal(a, b) for a, b in zip(before, model.state_dict().values(), strict=True))


class Code:
    def __reduce__(self):
        return os.system, ("exit 0",)


def test_a_pickle_that_wants_code_is_refused_in_one_line(tmp_path):
    for name, zipped in (("new.pt", True), ("old.pt", False)):
        torch.save({"weight": Code()}, tmp_path / name, _use_new_zipfile_serialization=zipped)
        with pytest.raises(
            MissingError, match=r"wants to run code when opened \(\w+\.system\); refused"
        ):
            checkpoint.load_weights(small(), tmp_path / name)
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps({"weight": Code()}))
    with pytest.raises(MissingError, match=r"plain\.pkl is no plain weight file; refused$"):
        checkpoint.load_weights(small(), tmp_path / "plain.pkl")


@pytest.mark.parametrize("suffix", ["safetensors", "pt", "old.pt", "npz"])
@pytest.mark.parametrize("kept", [0, 1, 9, 0.3, 0.9])
def test_cut_files_are_named(saved, tmp_path, suffix, kept):
    path = tmp_path / f"cut.{suffix}"
    if suffix == "safetensors":
        path.write_bytes(saved[0].read_bytes())
    elif suffix == "npz":
        np.savez(path, weight=np.arange(100.0))
    else:
        torch.save(small().state_dict(), path, _use_new_zipfile_serialization=suffix == "pt")
    data = path.read_bytes()
    path.write_bytes(data[: kept if isinstance(kept, int) else int(kept * len(data))])
    with pytest.raises(MissingError, match=r"cut\.") as fault:
        checkpoint.load_weights(small(), path)
    assert "\n" not in fault.value.message


def test_a_flipped_bit_is_found(saved):
    data = bytearray(saved[0].read_bytes())
    data[-1] ^= 1
    saved[0].write_bytes(data)
    with pytest.raises(MissingError, match="does not match the hash"):
        checkpoint.load_weights(small(), saved[0])


def test_missing_files_directories_and_numbers_that_are_none(tmp_path):
    with pytest.raises(MissingError, match="no file"):
        checkpoint.load_weights(small(), tmp_path / "absent.pt")
    with pytest.raises(MissingError, match="cannot read"):
        checkpoint.load_weights(small(), tmp_path)
    model = small()
    model[0].bias.data[1] = float("nan")
    checkpoint.save_weights(tmp_path / "nan.safetensors", model, {})
    with pytest.raises(MissingError, match=r"0\.bias holds NaN"):
        checkpoint.load_weights(small(), tmp_path / "nan.safetensors")
    assert MissingError("x").exit_code == 4


def test_a_container_that_holds_itself_ends(tmp_path):
    body = {}
    body["model"] = body
    torch.save(body, tmp_path / "w.pth")
    with pytest.raises(MissingError, match="holds no tensors"):
        checkpoint.load_weights(small(), tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.zeros(2).to(torch.float8_e4m3fn), "holds no plain numbers .float8_e4m3fn"),
        (torch.zeros(2, device="meta"), "on meta"),
        (torch.zeros(2, 2).to_sparse(), "sparse_coo"),
        (torch.zeros(2, dtype=torch.complex64), "complex64"),
        (torch.zeros(1).expand(10**6, 10**6), "tensors of 4000.0 GB"),
    ],
)
def test_tensors_that_are_no_plain_numbers_are_named(tmp_path, value, message):
    torch.save({**small().state_dict(), "0.bias": value}, tmp_path / "w.pth")
    with pytest.raises(MissingError, match=message):
        checkpoint.load_weights(small(), tmp_path / "w.pth")


def test_a_counter_of_another_shape_does_not_fit(tmp_path):
    tensors = small().state_dict()
    counter = next(name for name in tensors if name.endswith("num_batches_tracked"))
    torch.save({**tensors, counter: torch.zeros(0)}, tmp_path / "w.pth")
    with pytest.raises(
        MissingError, match=r"does not fit the model: .*num_batches_tracked has shape"
    ):
        checkpoint.load_weights(small(), tmp_path / "w.pth")


@pytest.mark.parametrize(
    "info", [{"changes": [1]}, {"model": 5}, {"joints": {}}, {"step": "x"}, {"kind": None}]
)
def test_what_a_file_says_of_itself_is_checked(tmp_path, info):
    from safetensors.torch import save_file

    tensors = small().state_dict()
    about = {"kind": "weights", "sha256": checkpoint.content_hash(tensors), **info}
    save_file(tensors, str(tmp_path / "w.safetensors"), metadata={"repro": json.dumps(about)})
    with pytest.raises(MissingError, match="is damaged: what it says of itself"):
        checkpoint.load_weights(small(), tmp_path / "w.safetensors")


def test_a_file_larger_than_any_network_is_not_read(tmp_path):
    with (tmp_path / "w.pth").open("wb") as out:
        out.truncate(3 << 30)
    with pytest.raises(MissingError, match=r"would take 3\.2 GB; at most 2\.1 GB are read"):
        checkpoint.load_weights(small(), tmp_path / "w.pth")


def test_state_restores_the_optimizer_bit_for_bit(tmp_path):
    def step(model, optimizer):
        optimizer.zero_grad()
        model(torch.ones(2, 2, 5, 5)).square().mean().backward()
        optimizer.step()

    model = small()
    optimizer = torch.optim.Adam(model.parameters())
    step(model, optimizer)
    checkpoint.save_state(tmp_path / "state.safetensors", model, optimizer, {"step": 1})
    step(model, optimizer)

    other = small(out=3)
    again = torch.optim.Adam(other.parameters())
    assert checkpoint.load_state(tmp_path / "state.safetensors", other, again)["step"] == 1
    step(other, again)
    assert same(model, other)
    with pytest.raises(MissingError, match="training state, not weights"):
        checkpoint.load_weights(small(), tmp_path / "state.safetensors")


def test_an_unwritable_place_is_one_error_and_leaves_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ReproError, match="cannot write"):
        checkpoint.save_weights(blocked / "weights.safetensors", small(), {})
    if os.geteuid() != 0:  # root may write anywhere
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(ReproError, match="cannot write"):
            checkpoint.save_weights(tmp_path / "weights.safetensors", small(), {})
        tmp_path.chmod(stat.S_IRWXU)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_provenance_is_complete_and_plain():
    found = provenance.provenance(torch.device("cpu"))
    assert set(found) >= {
        "commit",
        "dirty",
        "versions",
        "device",
        "device_name",
        "threads",
        "dtype",
        "platform",
    }
    assert found["dtype"] == "float32"
    assert all(found["versions"].values())


def test_devices():
    assert provenance.choose_device("cpu").type == "cpu"
    with pytest.raises(UsageError, match="unknown device 'cpuu'; did you mean cpu"):
        provenance.choose_device("cpuu")
    with pytest.raises(ReproError, match="is not there"):
        provenance.choose_device("cuda:99")


def test_a_seed_fixes_every_generator():
    def draw():
        provenance.seed_everything(5)
        return torch.rand(2).tolist(), np.random.rand(2).tolist()

    assert draw() == draw()


def test_outside_a_git_checkout_nothing_breaks(monkeypatch):
    monkeypatch.setattr(provenance.places, "checkout", lambda: None)
    provenance.commit.cache_clear()
    provenance.dirty.cache_clear()
    try:
        assert provenance.commit().startswith("unknown, repro ")
        assert provenance.dirty() is None
    finally:
        provenance.commit.cache_clear()
        provenance.dirty.cache_clear()
