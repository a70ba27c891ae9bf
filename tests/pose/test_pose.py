"""Key points to targets and back; losses, geometry and aggregation against the original's outputs
(goldens)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import where
from cases import PoolNet, ToyNet, loss_inputs, people_stack, spec_of, target_people, uint8_image
from fill import fill_module, golden_input
from make_goldens import PIPELINE_STEP
from torch import Tensor, nn
from where import GOLDENS

from repro.errors import UsageError
from repro.models.maps import Maps
from repro.people.skeletons import COCO, CROWDPOSE, Skeleton
from repro.pose.decode import Frame, frame, image_maps, multi_scale_maps, people_to_image, warp
from repro.pose.decode import tested_size as size_when_tested  # pytest would take it for a test
from repro.pose.grouping import group
from repro.pose.losses import bottom_up_loss, heatmap_loss, tag_losses
from repro.pose.targets import dropped_people, heatmaps, tag_joints

REFERENCE = where.REFERENCE / "golden"
SKELETONS = {17: COCO, 14: CROWDPOSE}

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason=f"no reference goldens at {REFERENCE}"
)
FOLDERS = [
    pytest.param(GOLDENS, id="stored"),
    pytest.param(REFERENCE, id="full", marks=[pytest.mark.data, needs_reference]),
]


def load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as stored:
        return dict(stored)


# targets

TARGETS = {"coco": (4, 17, (64, 128)), "crowdpose": (6, 14, (56, 112)), "none": (0, 17, (32, 64))}


@pytest.mark.parametrize("name", TARGETS)
def test_targets_are_the_original_ones(name: str) -> None:
    people, joints, sizes = TARGETS[name]
    golden = load(GOLDENS / f"targets_heatmaps_{name}.npz")
    for index, size in enumerate(sizes):
        points = target_people(name, people, joints, size)
        # exact but for the last bit of exp, which depends on the platform
        np.testing.assert_allclose(
            heatmaps(points, size=size), golden[f"heatmaps{index}"], rtol=0, atol=1e-7
        )
        np.testing.assert_array_equal(tag_joints(points, size=size), golden[f"joints{index}"])


def test_positions_are_truncated_and_people_merge_by_maximum() -> None:
    points = np.zeros((3, 2, 3))
    points[0, 0] = 10.9, 4.2, 2
    points[1, 0] = 12.1, 4.9, 1
    points[2, 1] = -0.5, 31.99, 1
    maps = heatmaps(points, size=32)
    assert maps[0, 4, 10] == maps[0, 4, 12] == 1
    assert maps[0, 4, 11] == pytest.approx(np.exp(-1 / 8), rel=1e-6)  # float32
    assert maps[1, 31, 0] == 1
    # the window ends 7 pixels from the peak
    assert maps[0, 4, 10 + 8] > 0 and maps[0, 4, 12 + 8] == 0


def test_unlabelled_and_outside_joints_add_nothing() -> None:
    points = np.array([[[5.0, 5.0, 0.0], [32.0, 5.0, 2.0], [-1.0, 5.0, 2.0]]])
    assert not heatmaps(points, size=32).any()
    assert not tag_joints(points, size=32).any()


def test_people_beyond_the_limit_are_dropped_and_counted() -> None:
    points = np.full((5, 2, 3), 3.0)
    points[1, :, 2] = 0  # nobody to see
    points[:, 0, 0] = range(5)
    kept = tag_joints(points, size=8, max_people=3)
    assert kept[:, 0, 0].tolist() == [3 * 8 + 0, 3 * 8 + 2, 3 * 8 + 3]
    assert dropped_people(points, size=8, max_people=3) == 1
    assert dropped_people(points, size=8, max_people=4) == 0


@pytest.mark.parametrize(
    ("shape", "size", "sigma"), [((2, 3), 8, 2.0), ((1, 2, 3), 0, 2.0), ((1, 2, 3), 8, 0.0)]
)
def test_faulty_target_requests_are_usage_errors(
    shape: tuple[int, ...], size: int, sigma: float
) -> None:
    with pytest.raises(UsageError):
        heatmaps(np.zeros(shape), size=size, sigma=sigma)


# losses

LOSSES = {"coco": (4, 17, 24), "crowdpose": (3, 14, 20)}


def loss_case(name: str) -> tuple[Maps, list[Tensor], list[Tensor], Tensor, list[Tensor]]:
    """Maps, targets, masks, tag joints and the leaf tensors of a golden."""
    batch, joints, size = LOSSES[name]
    golden = spec_of(load(GOLDENS / f"targets_losses_{name}.npz"))
    outputs, masks = loss_inputs(name, batch, joints, size)
    leaves = [output.requires_grad_() for output in outputs]
    people = [
        [
            target_people(f"loss_{name}_{image}", golden["people"][image], joints, side)
            for image in range(batch)
        ]
        for side in (size, 2 * size)
    ]
    targets = [
        torch.from_numpy(np.stack([heatmaps(points, size=side) for points in images]))
        for images, side in zip(people, (size, 2 * size), strict=True)
    ]
    tags = torch.from_numpy(np.stack([tag_joints(points, size=size) for points in people[0]]))
    return (
        Maps((leaves[0][:, :joints], leaves[1]), (leaves[0][:, joints:],)),
        targets,
        masks,
        tags,
        leaves,
    )


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_are_the_original_ones(name: str) -> None:
    golden = {
        key.removeprefix("higherhrnet_exp."): value
        for key, value in load(GOLDENS / f"targets_losses_{name}.npz").items()
    }
    maps, targets, masks, joints, leaves = loss_case(name)
    for index in range(2):
        own = heatmap_loss(maps.heatmaps[index], targets[index], masks[index]).detach().numpy()
        # float32 sums in another order
        np.testing.assert_allclose(own, golden[f"heatmap{index}"], rtol=1e-6)
    pull, push = (1e-3 * part.detach().numpy() for part in tag_losses(maps.tags[0], joints))
    np.testing.assert_allclose(pull, golden["pull"], rtol=1e-5, atol=1e-10)
    np.testing.assert_allclose(push, golden["push"], rtol=1e-5, atol=1e-10)
    terms = bottom_up_loss(maps, targets, masks, joints=joints)
    assert terms["total"].item() == pytest.approx(float(golden["total"]), rel=1e-6)
    tag_part = torch.autograd.grad(terms["pull"] + terms["push"], leaves[0], retain_graph=True)[0]
    np.testing.assert_allclose(
        tag_part[:, LOSSES[name][1] :].numpy(), golden["tag_grad"], rtol=1e-4, atol=1e-10
    )
    gradients = torch.autograd.grad(terms["total"], leaves)
    norms = [float(part.norm()) for part in (*gradients, tag_part)]
    np.testing.assert_allclose(norms, golden["grad_norms"], rtol=1e-5)


def test_tag_losses_by_hand() -> None:
    """Two people with tags 0, 2 and 3, 5: pull (1 + 1) / 2, push half the mean over pairs, exp(-9)
    / 2."""
    tags = torch.tensor([[[[0.0, 3.0]], [[2.0, 5.0]]]])  # 2 joints, maps of 1 x 2
    joints = torch.tensor([[[[0, 1], [2, 1]], [[1, 1], [3, 1]], [[0, 0], [0, 0]]]])
    pull, push = tag_losses(tags, joints)
    assert pull.item() == pytest.approx(1.0)
    # what is left of a float32 difference near 2
    assert push.item() == pytest.approx(np.exp(-9.0) / 2, rel=2e-3)
    alone, nobody = joints.clone(), joints.clone()
    alone[:, 1:] = 0
    nobody[...] = 0
    assert [part.item() for part in tag_losses(tags, alone)] == [1.0, 0.0]
    assert [part.item() for part in tag_losses(tags, nobody)] == [0.0, 0.0]


def test_the_mask_hides_heatmaps_but_not_tags() -> None:
    maps, targets, masks, joints, leaves = loss_case("coco")
    bottom_up_loss(maps, targets, [torch.zeros_like(mask) for mask in masks], joints=joints)[
        "total"
    ].backward()
    assert not leaves[0].grad[:, :17].any() and not leaves[1].grad.any()
    assert leaves[0].grad[:, 17:].any()


def test_losses_refuse_what_does_not_fit() -> None:
    maps, targets, masks, joints, _ = loss_case("coco")
    with pytest.raises(UsageError, match="2 resolutions of heatmaps but 1 targets"):
        bottom_up_loss(maps, targets[:1], masks, joints=joints)
    with pytest.raises(UsageError, match="needs a network with tags"):
        bottom_up_loss(Maps(maps.heatmaps), targets, masks, joints=joints)
    with pytest.raises(UsageError, match="their targets"):
        bottom_up_loss(maps, targets[::-1], masks, joints=joints)


# geometry

COLUMNS = (
    "height",
    "width",
    "nominal",
    "scale",
    "smallest",
    "resized_w",
    "resized_h",
    "x",
    "y",
    "scale_x",
    "scale_y",
)


def test_input_geometry_is_the_original_one() -> None:
    table = load(GOLDENS / "ae_image_geometry.npz")["multi_scale_size"]
    assert len(table) == 196
    for line in table:
        row = dict(zip(COLUMNS, line[:11], strict=True))
        own = frame(
            *(int(row[key]) for key in COLUMNS[:3]), scale=row["scale"], smallest=row["smallest"]
        )
        assert own.size == (row["resized_h"], row["resized_w"])
        assert own.centre == (row["x"], row["y"])
        np.testing.assert_allclose(
            np.array(own.extent) / 200, [row["scale_y"], row["scale_x"]], rtol=1e-12
        )
        # the original solves for the matrix from three points in float32
        np.testing.assert_allclose(
            [*own.matrix().flat, *own.inverse().flat], line[11:], rtol=0, atol=1e-4
        )


def test_images_are_laid_into_the_frame_as_by_the_original() -> None:
    golden = load(GOLDENS / "ae_image_geometry.npz")
    height, width, nominal, scale, smallest = spec_of(golden)["resized"]["a"]
    own = warp(
        uint8_image("a", height, width),
        frame(height, width, nominal, scale=scale, smallest=smallest),
    )
    difference = np.abs(own.astype(int) - golden["resized_a"])
    assert difference.max() <= 1  # bilinear rounding differs by 1 between OpenCV releases


@pytest.mark.parametrize(
    ("nominal", "scales", "short"),
    [
        (512, (1,), 512),
        (480, (1,), 512),
        (416, (1,), 448),
        (448, (1,), 448),
        (448, (0.5, 1, 2), 512),
        (384, (1, 0.5), 384),
    ],
)
def test_tested_size_is_above_the_nominal_one(
    nominal: int, scales: tuple[float, ...], short: int
) -> None:
    """PROTOCOL 3.1, table."""
    assert size_when_tested(480, 640, nominal, scales)[0] == short
    assert size_when_tested(640, 480, nominal, scales)[1] == short


# aggregation


def as_maps(net: nn.Module, joints: int) -> nn.Module:
    class Wrapped(nn.Module):
        def forward(self, images: Tensor) -> Maps:
            first, second = net(images)
            return Maps((first[:, :joints], second), (first[:, joints:],))

    return Wrapped().eval()


def pipeline_input(scale: float, joints: int, *, noise: bool) -> Tensor:
    if noise:
        return golden_input((1, 3, int(64 * scale), int(96 * scale)), "pipeline")
    return people_stack(joints, scale)


@pytest.mark.parametrize("name", ["people_17", "people_14", "noise_17", "noise_14"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_aggregation_and_people_are_the_original_ones(folder: Path, name: str) -> None:
    if not (folder / f"ae_pipeline_{name}.npz").is_file():
        pytest.skip("only the reference folder holds this one")
    golden = load(folder / f"ae_pipeline_{name}.npz")
    skeleton = SKELETONS[int(name[-2:])]
    count, noise = len(skeleton), name.startswith("noise")
    net = ToyNet(count) if noise else PoolNet(count, skeleton.flip)
    if noise:
        fill_module(net)
    model = as_maps(net, count)
    runs = {
        run: data for run, data in spec_of(golden)["runs"].items() if f"{run}.heatmaps" in golden
    }
    assert runs
    for run, data in runs.items():
        images = {
            scale: pipeline_input(scale, count, noise=noise) for scale in data["scale_factor"]
        }
        size = tuple(data["size_projected"][::-1]) if data["project2image"] else None
        with torch.no_grad():
            own = multi_scale_maps(model, images, skeleton, flip=data["flip_test"], size=size)
        check_maps(
            golden,
            run,
            data,
            own,
            step=data["stored_stride"] * (PIPELINE_STEP if folder == GOLDENS else 1),
        )
        if not noise:
            check_people(golden, run, data, own, skeleton)


def check_maps(
    golden: dict[str, np.ndarray], run: str, data: dict, own: tuple[Tensor, Tensor], *, step: int
) -> None:
    for name, maps in zip(("heatmaps", "tags"), own, strict=True):
        expected = golden[f"{run}.{name}"]
        assert list(maps.shape) == data[f"{name}_shape"]
        # float32
        np.testing.assert_allclose(maps[:, :, ::step, ::step].numpy(), expected, rtol=0, atol=1e-6)
        assert maps.double().mean().item() == pytest.approx(data[f"{name}_mean"], abs=1e-7)


def check_people(
    golden: dict[str, np.ndarray],
    run: str,
    data: dict,
    own: tuple[Tensor, Tensor],
    skeleton: Skeleton,
) -> None:
    people, scores = group(own[0][0].numpy(), own[1][0].numpy(), skeleton)
    np.testing.assert_allclose(people, golden[f"{run}.grouped"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(scores, golden[f"{run}.scores"], rtol=0, atol=1e-5)
    width, height = (200 * part for part in data["scale"])
    place = Frame((1, 1), tuple(data["center"]), (height, width))
    moved = people_to_image(people, place, size=own[0].shape[2:])
    # pixels of the image
    np.testing.assert_allclose(moved, golden[f"{run}.preds"], rtol=0, atol=1e-3)


# the whole way


def test_keypoints_to_targets_to_people_returns_the_keypoints() -> None:
    """Joints come back to within the half pixel that truncation and quarter offsets leave."""
    size, people = 96, 3
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.uniform(8, 88, (people, 17, 2)), np.full((people, 17, 1), 2.0)], 2)
    points[1, 4, 2] = 0
    maps = heatmaps(points, size=size)
    tags = np.zeros((17, size, size, 1), np.float32)
    for person, slots in enumerate(tag_joints(points, size=size)[:people]):
        for index, flag in slots:
            joint, y, x = np.unravel_index(index, (17, size, size))
            if flag:
                tags[joint, y - 1 : y + 2, x - 1 : x + 2] = 3.0 * person
    found, scores = group(maps, tags, COCO, refine=False)
    assert len(found) == people
    order = np.argsort(found[:, 0, 3])
    labelled = points[..., 2] > 0
    distance = np.abs(found[order][..., :2] - points[..., :2])[labelled]
    assert distance.max() <= 0.75 + 1e-5
    assert (found[order][..., 2] > 0).tolist() == labelled.tolist()
    np.testing.assert_allclose(scores[order], [1, 16 / 17, 1], rtol=1e-6)


class Painted(nn.Module):
    """Answers any input with given people; an image that is brighter on the left is taken for a
    mirrored one."""

    def __init__(self, people: np.ndarray, size: tuple[int, int]) -> None:
        super().__init__()
        self.people, self.size = people, size
        self.calls: list[tuple[int, int]] = []

    def forward(self, images: Tensor) -> Maps:
        height, width = images.shape[2:]
        self.calls.append((height, width))
        left, right = images[..., : width // 2].mean(), images[..., width // 2 :].mean()
        return Maps(*self.paint(height, width, mirrored=bool(left > right)))

    def paint(
        self, height: int, width: int, *, mirrored: bool
    ) -> tuple[tuple[Tensor, Tensor], tuple[Tensor]]:
        maps = []
        for stride in (4, 2):
            y, x = np.mgrid[0 : height // stride, 0 : width // stride]
            part, tags = np.zeros((2, 17, *x.shape), np.float32)
            for person, joints in enumerate(self.people):
                for joint, (px, py) in enumerate(
                    joints * [width / self.size[1], height / self.size[0]]
                ):
                    place = COCO.flip[joint] if mirrored else joint
                    cx, cy = (width - px if mirrored else px) / stride - 0.5, py / stride - 0.5
                    near = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 2.0**2)).astype(
                        np.float32
                    )
                    tags[place][near > 0.01] = 2.0 * person
                    part[place] = np.maximum(part[place], near)
            maps.append((torch.from_numpy(part)[None], torch.from_numpy(tags)[None]))
        return (maps[0][0], maps[1][0]), (maps[0][1],)


def decode(
    model: nn.Module,
    image: np.ndarray,
    *,
    refine: bool = True,
    skeleton: Skeleton,
    nominal: int,
    **more: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """People of one picture and their scores: maps, grouping, and back into the picture."""
    maps, tags, tested = image_maps(model, image, skeleton=skeleton, nominal=nominal, **more)
    people, scores = group(maps[0].numpy(), tags[0].numpy(), skeleton, refine=refine)
    return people_to_image(people, tested)[..., :3], scores


@pytest.mark.parametrize(
    ("scales", "flip"), [((1.0,), False), ((1.0,), True), ((0.5, 1.0, 2.0), True)]
)
@pytest.mark.parametrize(("height", "width"), [(150, 230), (230, 150), (128, 128)])
def test_decode_returns_people_in_image_coordinates(
    height: int, width: int, scales: tuple[float, ...], flip: bool
) -> None:
    rng = np.random.default_rng(height)
    image = np.broadcast_to(
        np.linspace(0, 255, width).astype(np.uint8)[None, :, None], (height, width, 3)
    ).copy()
    tested = frame(height, width, 128, scale=1.0, smallest=min(scales))
    # two people, joints in a grid cell each, so that blobs stay apart
    cells = np.stack(np.meshgrid([0.2, 0.5, 0.8], [0.2, 0.5, 0.8]), -1).reshape(-1, 2)
    points = np.stack([rng.permutation(cells) for _ in range(17)], 1)[:2] * [width, height]
    matrix = tested.matrix()
    inside = points @ matrix[:, :2].T + matrix[:, 2]
    model = Painted(inside, tested.size).eval()
    people, scores = decode(
        model, image, skeleton=COCO, nominal=128, scales=scales, flip=flip, refine=False
    )
    assert people.shape == (2, 17, 3) and scores.shape == (2,)
    assert len(model.calls) == len(scales) * (1 + flip)
    order = np.argmin(np.abs(people[:, None, :, :2] - points[None]).sum((2, 3)), 1)
    assert sorted(order) == [0, 1]
    # one pixel of the finest map, two of the input, in pixels of the image
    np.testing.assert_allclose(
        people[..., :2], points[order], rtol=0, atol=2 * tested.extent[1] / tested.size[1]
    )


def test_decode_refuses_what_it_cannot_do() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    model = Painted(np.full((1, 17, 2), 20.0), (64, 64))

    class NoTags(nn.Module):
        def forward(self, images: Tensor) -> Maps:
            return Maps(model(images).heatmaps)

    with pytest.raises(UsageError, match="must hold 1"):
        decode(model, image, skeleton=COCO, nominal=64, scales=(0.5, 2.0))
    with pytest.raises(UsageError, match="must be positive"):
        decode(model, image, skeleton=COCO, nominal=64, scales=())
    with pytest.raises(UsageError, match="needs a network with tags"):
        decode(NoTags(), image, skeleton=COCO, nominal=64)
    with pytest.raises(UsageError, match="17 joints, skeleton 'crowdpose' has 14"):
        decode(model, image, skeleton=CROWDPOSE, nominal=64)
    with pytest.raises(UsageError, match="uint8"):
        decode(model, image.astype(np.float32), skeleton=COCO, nominal=64)
