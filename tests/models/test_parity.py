"""Outputs of the original code, with the same weights, against ours; the files are made by
make_goldens.py.

Weights come from fill.py under the original keys, so every test also goes through from_upstream,
strict both ways.
"""

import functools
import json
import zlib
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
import torch
from fill import fill_tensor, golden_input
from make_goldens import LIMIT, STEPS
from where import GOLDENS, REFERENCE

from repro.models import efficienthrnet, higherhrnet

SIZE = (1, 3, 64, 96)


class Case(NamedTuple):
    family: ModuleType
    variant: str
    joints: int


CASES = {
    "higherhrnet_w16_coco": Case(higherhrnet, "higherhrnet_w16", 17),
    "higherhrnet_w24_coco": Case(higherhrnet, "higherhrnet_w24", 17),
    "higherhrnet_w32_coco": Case(higherhrnet, "higherhrnet_w32", 17),
    "higherhrnet_w32_crowdpose": Case(higherhrnet, "higherhrnet_w32", 14),
    "higherhrnet_w40_coco": Case(higherhrnet, "higherhrnet_w40", 17),
    "litepose_higherhrnet_w24_crowdpose": Case(higherhrnet, "litepose_higherhrnet_w24", 14),
    "shrink_c1_w16_crowdpose": Case(higherhrnet, "shrink_c1", 14),
    "shrink_c2_w16_crowdpose": Case(higherhrnet, "shrink_c2", 14),
    "shrink_c3_w18_crowdpose": Case(higherhrnet, "shrink_c3", 14),
    "shrink_c4_w18_crowdpose": Case(higherhrnet, "shrink_c4", 14),
    "efficienthrnet_h0_coco": Case(efficienthrnet, "efficienthrnet_h0", 17),
    "efficienthrnet_h-2_coco": Case(efficienthrnet, "efficienthrnet_h_2", 17),
    "efficienthrnet_h-4_coco": Case(efficienthrnet, "efficienthrnet_h_4", 17),
}
# the rest repeats their structure with more weights, which take a second or two to fill
QUICK = ("higherhrnet_w16", "shrink_c2", "shrink_c4", "efficienthrnet_h0", "efficienthrnet_h-4")
NAMES = [
    pytest.param(name, marks=() if name.startswith(QUICK) else pytest.mark.slow) for name in CASES
]


def _shape(text: str) -> tuple[int, ...]:
    return () if text == "scalar" else tuple(int(side) for side in text.split("x"))


@functools.cache
def _outputs(name: str) -> tuple[dict[str, np.ndarray], int]:
    """Our two outputs in the original arrangement, and the crc32 of the weights."""
    with np.load(GOLDENS / f"{name}.npz") as golden:
        lines = golden["layout"].tobytes().decode().splitlines()
    arrays = {
        key: fill_tensor(key, _shape(shape)) for key, shape in (line.split("\t") for line in lines)
    }
    crc = functools.reduce(lambda crc, array: zlib.crc32(array.tobytes(), crc), arrays.values(), 0)
    case = CASES[name]
    with torch.device("meta"):
        net = case.family.build(case.variant, joints=case.joints).eval()
    upstream = {key: torch.from_numpy(np.array(array)) for key, array in arrays.items()}
    net.load_state_dict(case.family.from_upstream(case.variant, upstream), strict=True, assign=True)
    with torch.no_grad():
        maps = net(golden_input(SIZE))
    assert len(maps.tags) == 1
    first = torch.cat((maps.heatmaps[0], maps.tags[0]), 1)
    return {"out0": first.numpy(), "out1": maps.heatmaps[1].numpy()}, crc


def _tolerance(meta: dict[str, float]) -> float:
    # the original's own float32 against float64; threads alone move 1.8 times it
    return 5 * meta["f32_vs_f64_max_abs"]


@pytest.mark.parametrize("name", NAMES)
def test_small_golden(name: str) -> None:
    ours, crc = _outputs(name)
    with np.load(GOLDENS / f"{name}.npz") as golden:
        meta = json.loads(str(golden["meta"]))
        assert crc == meta["weights_crc32"]
        for key, step in STEPS.items():
            np.testing.assert_allclose(
                ours[key][..., ::step, ::step], golden[key], rtol=0, atol=_tolerance(meta)
            )


@pytest.mark.data
@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference folder is not beside the checkout"
)
@pytest.mark.parametrize("name", NAMES)
def test_full_golden(name: str) -> None:
    ours, _ = _outputs(name)
    with (
        np.load(REFERENCE / "golden" / f"{name}.npz") as golden,
        np.load(GOLDENS / f"{name}.npz") as small,
    ):
        assert small["layout"].tobytes() == (REFERENCE / "layouts" / f"{name}.tsv").read_bytes()
        meta = json.loads(str(golden["meta"]))
        for key in STEPS:
            assert ours[key].shape == golden[key].shape
            np.testing.assert_allclose(ours[key], golden[key], rtol=0, atol=_tolerance(meta))


def test_goldens_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in GOLDENS.glob("*.npz")}
    assert {f"{name}.npz" for name in CASES} <= set(sizes)
    assert [name for name, size in sizes.items() if size > LIMIT] == []


def test_a_golden_notices_a_wrong_fusion() -> None:
    ours, _ = _outputs("shrink_c4_w18_crowdpose")
    with np.load(GOLDENS / "shrink_c4_w18_crowdpose.npz") as golden:
        meta = json.loads(str(golden["meta"]))
        wrong = np.roll(ours["out0"], 1, axis=-1)[..., ::2, ::2]
        assert np.abs(wrong - golden["out0"]).max() > 1000 * _tolerance(meta)
