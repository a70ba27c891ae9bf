"""Networks outside torch: the files of every format answer as the network does, and say how they
are used."""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from torch import nn
from where import SHARED

from repro.cli.main import main
from repro.data.synth.crowd import draw
from repro.errors import CheckError, MissingError, UsageError
from repro.export import description, files
from repro.export.untrained import in_range
from repro.measure import deploy, latency
from repro.models import zoo
from repro.models.maps import Maps
from repro.spec.run import Run
from repro.train import checkpoint

WEIGHTS, PHOTOS = SHARED / "weights" / "efficientpose", SHARED / "data" / "real" / "mpii_val_300"
NEEDED = {"onnx": ("onnx", "onnxruntime"), "openvino": ("onnx", "openvino"), "torchscript": ()}
SEVERAL = (
    "litepose_xs",
    "efficientpose_rt",
    "efficienthrnet_h_4",
    "lpn_50",
    "efficientnet_b_4",
    "lightweight_openpose",
)
# of an output's largest value: four times the largest seen, OpenPose by OpenVINO; most show 1e-6
NUMBER = 3e-5


def needs(form: str) -> None:
    """Skip, with the reason, where a format's packages are not installed."""
    for name in NEEDED[form]:
        pytest.importorskip(
            name,
            reason=f"{name} is not installed: pip install 'repro[export]'",
            exc_type=ImportError,
        )


def exported(
    folder: Path, model: str, form: str, *, side: int = 0, free: bool = True
) -> tuple[nn.Module, Path]:
    """An untrained network and its file."""
    multiple = zoo.info(model).family.multiple
    run = Run(model, side or max(64, 2 * multiple))
    network = latency.network_of(run)
    path = folder / f"{model}{files.FORMATS[form].ending}"
    told = deploy.described(run, (network, {"sha256": "f00d"}), free=free)
    files.write(path, form, network, told)
    files.check(network, path, told, tolerance=NUMBER)
    return network, path


@pytest.mark.parametrize("form", files.FORMATS)
@pytest.mark.parametrize(
    "model", [SEVERAL[0], *(pytest.param(name, marks=pytest.mark.slow) for name in SEVERAL[1:])]
)
def test_a_file_of_free_size_answers_as_the_network(tmp_path: Path, model: str, form: str) -> None:
    needs(form)
    network, path = exported(tmp_path, model, form)
    stride = zoo.info(model).family.multiple
    images = (
        torch.randn(1, 3, 64 + 2 * stride, 64 + stride) if stride > 1 else torch.randn(1, 3, 71, 90)
    )
    opened = files.load(path)
    assert isinstance(opened(images), Maps) == (model != "efficientnet_b_4")
    assert files.difference(network, opened, images).relative <= NUMBER


@pytest.mark.slow
@pytest.mark.parametrize("form", files.FORMATS)
@pytest.mark.parametrize("model", zoo.MODELS)
def test_every_network_leaves_torch(tmp_path: Path, model: str, form: str) -> None:
    needs(form)
    exported(tmp_path, model, form)


@pytest.mark.parametrize("form", files.FORMATS)
def test_a_file_of_one_size_takes_no_other(tmp_path: Path, form: str) -> None:
    needs(form)
    _, path = exported(tmp_path, "efficientpose_rt", form, free=False)
    opened = files.load(path)
    opened(torch.zeros(1, 3, 64, 64))
    with pytest.raises(UsageError, match=r"takes 1 of 64x64 px, not 1 of 64x72") as fault:
        opened(torch.zeros(1, 3, 64, 72))
    assert "--free" in fault.value.hint


@pytest.mark.parametrize("form", files.FORMATS)
def test_a_stranger_learns_from_the_file_how_to_use_it(tmp_path: Path, form: str) -> None:
    needs(form)
    _, path = exported(tmp_path, "efficientpose_rt", form)
    told = files.load(path).description
    assert (told["model"], told["task"], told["size"], told["free"]) == (
        "efficientpose_rt",
        "three-pass",
        [64, 64],
        True,
    )
    assert told["multiple"] == 8 and told["weights"] == "f00d" and told["version"]
    # the networks' own order, not MPII's
    assert told["joints"][:3] == [
        "head_top",
        "upper_neck",
        "right_shoulder",
    ]
    left, right = told["joints"].index("left_knee"), told["joints"].index("right_knee")
    assert told["flip"][left] == right and told["flip"][right] == left
    assert sorted({place for limb in told["limbs"] for place in limb}) == list(range(16))
    assert set(told["outputs"]) == {"heatmaps_0", "heatmaps_1"}
    assert (
        told["mean"] == [0.485, 0.456, 0.406]
        and "RGB" in told["input"]
        and "letterboxed" in told["decoding"]
    )
    assert told["opset"] == files.FORMATS[form].opset


def test_onnx_metadata_can_be_read_without_this_suite(tmp_path: Path) -> None:
    needs("onnx")
    import onnx

    _, path = exported(tmp_path, "litepose_xs", "onnx")
    model = onnx.load(path)
    (entry,) = model.metadata_props
    assert json.loads(entry.value)["skeleton"] == "coco"
    assert [one.version for one in model.opset_import if not one.domain] == [
        files.FORMATS["onnx"].opset
    ]
    sides = [
        axis.dim_param or axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim
    ]
    assert sides == [1, 3, "height", "width"]


class Off(nn.Module):
    """A network whose trace differs from it: it remembers how often it was called."""

    stride = 8

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.calls = 0

    def forward(self, images: torch.Tensor) -> Maps:
        self.calls += 1
        return Maps((images[:, :, ::8, ::8] * self.scale * self.calls,))


def test_a_network_whose_export_differs_is_refused(tmp_path: Path) -> None:
    network, run = Off(), Run("efficientpose_rt", 64)
    told = deploy.described(run, (network, {"sha256": ""}), free=False)
    files.write(tmp_path / "off.ts", "torchscript", network, told)
    with pytest.raises(
        CheckError, match="gives another answer than efficientpose_rt: the largest difference is"
    ):
        files.check(network, tmp_path / "off.ts", told)


def test_answers_that_are_not_numbers_are_infinitely_apart() -> None:
    network = Off()
    images = torch.full((1, 3, 8, 8), float("nan"))
    assert files.difference(network, network, images).relative == float("inf")


@pytest.mark.parametrize("form", files.FORMATS)
def test_damaged_and_foreign_files_are_refused(tmp_path: Path, form: str) -> None:
    needs(form)
    path = tmp_path / f"x{files.FORMATS[form].ending}"
    path.write_bytes(b"not a network")
    with pytest.raises(MissingError, match="cannot be read"):
        files.load(path)
    with pytest.raises(UsageError, match=r"'x.h5' is no exported network"):
        files.load(tmp_path / "x.h5")


def test_an_onnx_file_of_others_says_that_it_is_not_ours(tmp_path: Path) -> None:
    needs("onnx")
    import onnx

    _, path = exported(tmp_path, "litepose_xs", "onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)
    with pytest.raises(MissingError, match="does not say what it holds"):
        files.load(path)
    for text in ("[]", '"x"', "{}", '{"model": 3}'):
        with pytest.raises(MissingError, match="does not say what it holds"):
            description.read(text, path)


@pytest.mark.parametrize("model", ["efficientpose_iv", "shrink_c4"])
def test_the_last_digit_does_not_decide_what_an_untrained_network_answers(model: str) -> None:
    """Else no difference between two back ends could be told from a fault: EfficientPose IV was
    0.76 off itself."""
    network = latency.network_of(Run(model, 64))
    side = 64 + zoo.info(model).family.multiple  # another size than it was calibrated at
    images = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = network(images).heatmaps[-1]
        exact = copy.deepcopy(network).double()(images.double()).heatmaps[-1]
        other = network(-images).heatmaps[-1]
    assert (found - exact).abs().max() <= 1e-5 * exact.abs().max()  # seen: 1e-6
    assert (found - other).abs().max() >= 0.02 * found.abs().max()  # and it does see its input


def test_the_network_stays_as_it_was(tmp_path: Path) -> None:
    network = in_range(zoo.build("efficientpose_rt"), side=64)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    norms = [part.momentum for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    told = deploy.described(Run("efficientpose_rt", 64), (network, {"sha256": ""}), free=True)
    files.write(tmp_path / "x.ts", "torchscript", network, told)
    assert not network.training and set(norms) == {0.01}
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


# --- commands -------------------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Untrained LitePose-XS whose heatmaps cross the threshold here and there."""
    path = tmp_path / "xs.safetensors"
    network = latency.network_of(Run("litepose_xs", 128))
    checkpoint.save_weights(path, network, {"model": "litepose_xs"})
    return path


def test_export_prints_the_difference_and_ends_with_3_above_the_tolerance(
    tmp_path: Path, weights: Path
) -> None:
    needs("onnx")
    asked = ("export", "litepose_xs", "--format", "onnx", "--weights", weights, "--size", 64, 64)
    done = run(*asked, "--out", tmp_path / "a.onnx", "--free")
    assert done.exit_code == 0, done.output
    assert "onnx, opset 18" in done.stdout and "multiples of 16 px" in done.stdout
    strict = run(*asked, "--out", tmp_path / "b.onnx", "--tolerance", "1e-12")
    assert strict.exit_code == 3
    assert "gives another answer than litepose_xs: the largest difference is" in strict.stderr


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--format", "tflite", "--out", "a.onnx"), 2, "unknown format 'tflite'"),
        (("--format", "torchscript", "--out", "a.onnx"), 2, "'a.onnx' does not end in .ts"),
        (("--format", "torchscript", "--out", "a.ts", "--size", 60, 64), 2, "multiples of 16"),
    ],
)
def test_export_refuses_in_one_line(
    tmp_path: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[object, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("export", "litepose_xs", "--weights", weights, *more)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["xs.safetensors"]


@pytest.mark.parametrize(
    ("absent", "asked"),
    [
        ("onnx", ("export", "litepose_xs", "--format", "onnx", "--out", "a.onnx")),
        ("onnxruntime", ("predict", "litepose_xs", "a.png", "--backend", "onnx", "--out", "out")),
        ("openvino", ("time", "litepose_xs", "--backend", "openvino", "--rounds", 7)),
    ],
)
def test_a_back_end_that_is_not_installed_names_the_extra(
    tmp_path: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    absent: str,
    asked: tuple[object, ...],
) -> None:
    import cv2

    needs("onnx")
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("a.png", np.zeros((64, 64, 3), np.uint8))
    monkeypatch.setitem(sys.modules, absent, None)  # importing it fails as if it were not there
    done = run(*asked, "--weights", weights, "--size", 64, 64)
    assert (done.exit_code, done.stdout) == (1, "")
    fault, following = done.stderr.strip().splitlines()[-2:]
    assert f"needs the package {absent}, which is not installed" in fault
    assert following == "  next: pip install 'repro[export]'"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "xs.safetensors"]


ONE = [
    "onnx",
    *(pytest.param(name, marks=pytest.mark.slow) for name in files.FORMATS if name != "onnx"),
]


@pytest.mark.parametrize("backend", ONE)
def test_predict_finds_the_same_people_by_every_back_end(
    tmp_path: Path, weights: Path, backend: str
) -> None:
    """From weights and from an exported file alike, on a picture whose size is not the
    network's."""
    needs(backend)
    import cv2

    cv2.imwrite(
        str(tmp_path / "street1.png"), draw(0, 1, size=(150, 200), people=(2, 2)).sample.image
    )
    ending = files.FORMATS[backend].ending
    options = ("--weights", weights, "--size", 128, 128)
    made = run(
        "export",
        "litepose_xs",
        "--format",
        backend,
        *options,
        "--free",
        "--out",
        tmp_path / f"xs{ending}",
    )
    assert made.exit_code == 0, made.output
    ways = {
        "torch": options,
        "by weights": (*options, "--backend", backend),
        "by file": (
            "--weights",
            tmp_path / f"xs{ending}",
            "--backend",
            backend,
            "--size",
            128,
            128,
        ),
    }
    found = {}
    for name, how in ways.items():
        done = run(
            "predict", "litepose_xs", tmp_path / "street1.png", *how, "--out", tmp_path / name
        )
        assert done.exit_code == 0, done.output
        found[name] = json.loads((tmp_path / name / "street1.pose.json").read_text())
    assert len(found["torch"]) > 0
    for name in ("by weights", "by file"):
        assert len(found[name]) == len(found["torch"])
        for one, other in zip(found[name], found["torch"], strict=True):
            # pixels of the picture; peaks of noise may fall together, so 99 in 100 must agree
            close = np.isclose(one["keypoints"], other["keypoints"], atol=1e-2)
            assert close.mean() > 0.9


def test_a_file_of_another_model_or_back_end_is_refused(tmp_path: Path, weights: Path) -> None:
    exported(tmp_path, "efficientpose_rt", "torchscript")
    (tmp_path / "a.png").write_bytes(b"")
    path = tmp_path / "efficientpose_rt.ts"
    wrong = run(
        "evaluate",
        "efficientpose_i",
        "--weights",
        path,
        "--backend",
        "torchscript",
        "--dataset",
        "absent",
    )
    assert wrong.exit_code != 0
    with pytest.raises(
        MissingError, match="was made from efficientpose_rt, not from efficientpose_i"
    ):
        deploy.build(Run("efficientpose_i", 64), path, backend="torchscript")
    with pytest.raises(UsageError, match="is a file for back end torchscript, not for onnx"):
        deploy.build(Run("efficientpose_rt", 64), path, backend="onnx")
    with pytest.raises(UsageError, match="unknown back end 'tvm'"):
        deploy.build(Run("litepose_xs", 64), weights, backend="tvm")
    refused = run(
        "predict",
        "litepose_xs",
        "a.png",
        "--weights",
        weights,
        "--backend",
        "onnx",
        "--device",
        "cuda",
    )
    assert refused.exit_code == 2
    assert "back end onnx runs on the processor here, not on 'cuda'" in refused.stderr


# --- the authors' released networks ---------------------------------------------------------------


@pytest.mark.data
@pytest.mark.skipif(
    not (WEIGHTS.is_dir() and PHOTOS.is_dir()), reason=f"no released weights and people at {SHARED}"
)
@pytest.mark.parametrize("form", ["onnx", pytest.param("openvino", marks=pytest.mark.slow)])
@pytest.mark.parametrize("variant", ["RT", pytest.param("I", marks=pytest.mark.slow)])
def test_released_networks_score_the_same_through_their_files(
    tmp_path: Path, variant: str, form: str
) -> None:
    """PCKh of the five MPII people: equal to the printed digit, all of it."""
    needs(form)
    model, path = f"efficientpose_{variant.lower()}", tmp_path / f"x{files.FORMATS[form].ending}"
    weights = WEIGHTS / f"{variant}.state_dict.npz"
    made = run("export", model, "--format", form, "--weights", weights, "--out", path)
    assert made.exit_code == 0, made.output
    asked = ("evaluate", model, "--dataset", PHOTOS, "--format", "json")
    plain = run(*asked, "--weights", weights)
    other = run(*asked, "--weights", path, "--backend", form)
    assert plain.exit_code == other.exit_code == 0, other.output
    values = [json.loads(one.stdout)["values"] for one in (plain, other)]
    assert values[0] == values[1]
    assert values[0]["PCKh@0.5"] > 85
