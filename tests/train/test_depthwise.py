"""Gradients of large depthwise kernels: equal to torch's but for the order of their sums, and only
where they pay."""

import subprocess
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from repro.models import zoo
from repro.spec.settings import Profile
from repro.train import depthwise
from repro.train.precision import arrange

CL = torch.channels_last
FAST = Profile("fast", channels_last=True)
CPU = torch.device("cpu")


@pytest.fixture
def afresh() -> Iterator[None]:
    """The compiler is looked for anew, before and after."""
    depthwise.library.cache_clear()
    yield
    depthwise.library.cache_clear()


def needs_compiler() -> None:
    if depthwise.library() is None:
        pytest.skip("no C compiler here")


def test_the_compiler_of_a_developer_makes_it() -> None:
    found = subprocess.run(["cc", "--version"], capture_output=True, check=False).returncode == 0
    assert (depthwise.library() is not None) == found


# channels that fill blocks of 16 or not, odd sides, pictures smaller than the kernel, other
# paddings than half of it
CASES = [
    (16, 5, 1, 2, (9, 12)),
    (24, 7, 2, 3, (11, 8)),
    (40, 9, 1, 4, (3, 5)),
    (33, 5, 2, 0, (10, 9)),
    (16, 7, 1, 3, (1, 1)),
]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("channels", "side", "stride", "padding", "size"), CASES)
def test_gradients_equal_torchs(
    channels: int, side: int, stride: int, padding: int, size: tuple[int, int], threads: int
) -> None:
    needs_compiler()
    torch.manual_seed(0)
    plain = nn.Conv2d(channels, channels, side, stride, padding, groups=channels, bias=False).to(
        memory_format=CL
    )
    fast = nn.Conv2d(channels, channels, side, stride, padding, groups=channels, bias=False).to(
        memory_format=CL
    )
    fast.load_state_dict(plain.state_dict())
    depthwise.hasten(fast)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        images = [
            torch.randn(2, channels, *size).to(memory_format=CL).requires_grad_() for _ in range(1)
        ] * 2
        found = []
        for net, pictures in zip((plain, fast), images, strict=True):
            answers = net(pictures)
            # as a loss gives it: in another order
            wanted = torch.linspace(-1, 1, answers.numel()).view_as(answers)
            found.append(
                (answers, *torch.autograd.grad((answers * wanted).sum(), (pictures, net.weight)))
            )
    finally:
        torch.set_num_threads(before)
    for one, other in zip(*found, strict=True):
        # sums of up to 240 products in another order
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_only_large_depthwise_kernels() -> None:
    needs_compiler()
    layers = {
        "3 x 3": nn.Conv2d(16, 16, 3, padding=1, groups=16, bias=False),
        "not depthwise": nn.Conv2d(16, 16, 5, padding=2, bias=False),
        "few channels": nn.Conv2d(8, 8, 5, padding=2, groups=8, bias=False),
        "with bias": nn.Conv2d(16, 16, 5, padding=2, groups=16),
        "dilated": nn.Conv2d(16, 16, 5, padding=4, groups=16, dilation=2, bias=False),
        "ours": nn.Conv2d(16, 16, 5, padding=2, groups=16, bias=False),
    }
    model = nn.ModuleDict(layers)
    depthwise.hasten(model)
    assert [name for name, part in layers.items() if "_conv_forward" in vars(part)] == ["ours"]


def test_without_a_compiler_torch_does_it(monkeypatch: pytest.MonkeyPatch, afresh: None) -> None:
    def no(*_: object, **__: object) -> None:
        raise FileNotFoundError("cc")

    monkeypatch.setattr(depthwise.subprocess, "run", no)
    part = nn.Conv2d(16, 16, 5, padding=2, groups=16, bias=False)
    arrange(part, FAST, CPU)
    assert "_conv_forward" not in vars(part)


def test_a_network_answers_as_before() -> None:
    torch.manual_seed(0)
    model = zoo.build("litepose_xs").eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        before = model(images)
        arrange(model, FAST, CPU)
        after = model(images)
    for one, other in zip(before.heatmaps, after.heatmaps, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)  # another memory order
