"""Peak activation memory against sums by hand; equality is exact, the unit is bytes of float32."""

import pytest
import torch
from torch import Tensor, nn

from repro.counting.memory import peak_bytes
from repro.errors import UsageError
from repro.models import zoo

SIDE = 8
MAP = 4 * SIDE * SIDE  # one channel
IMAGE = 3 * MAP


def conv(w_in: int, width: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(w_in, width, 3, stride=stride, padding=1, bias=False)


class Residual(nn.Module):
    """x + b(a(x)): x lives until the sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.a, self.b = conv(3, width), conv(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.b(self.a(x))
        return y


class Branches(nn.Module):
    """Both branches live together, and so does their concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(3, 2), conv(3, 5)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((self.a(x), self.b(x)), 1)


class Dropped(nn.Module):
    """A wide tensor that nobody holds is gone when the next one comes."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(3, 50), conv(3, 20)

    def forward(self, x: Tensor) -> Tensor:
        self.a(x)
        y: Tensor = self.b(x)
        return y


def measured(model: nn.Module) -> int:
    return peak_bytes(model.to("meta"), (SIDE, SIDE))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (conv(3, 7), IMAGE + 7 * MAP),
        (conv(3, 8, stride=2), IMAGE + 2 * MAP),  # 8 channels of a quarter of the positions
        (nn.Sequential(conv(3, 7), conv(7, 2)), IMAGE + (7 + 2) * MAP),
        # 7 has died before 4 is made
        (
            nn.Sequential(conv(3, 7), conv(7, 2), conv(2, 4)),
            IMAGE + (7 + 2) * MAP,
        ),
        (nn.Sequential(conv(3, 2), conv(2, 9), conv(9, 6)), IMAGE + (9 + 6) * MAP),
        (nn.Sequential(conv(3, 7), nn.ReLU(inplace=True)), IMAGE + 7 * MAP),
        (nn.Sequential(conv(3, 7), nn.ReLU()), IMAGE + 14 * MAP),
        (nn.Sequential(conv(3, 7), nn.BatchNorm2d(7)), IMAGE + 14 * MAP),
        (nn.Sequential(conv(3, 7), nn.Flatten()), IMAGE + 7 * MAP),  # a view
        (nn.Upsample(scale_factor=2), IMAGE + 4 * IMAGE),
        (Residual(1), IMAGE + 2 * IMAGE),  # the sum beside b's output
        (Residual(9), IMAGE + 9 * MAP + IMAGE),  # a's output beside b's
        (Branches(), IMAGE + 2 * (2 + 5) * MAP),
        (Dropped(), IMAGE + 50 * MAP),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else str(value),
)
def test_the_peak_is_the_sum_of_what_lives_at_once(model: nn.Module, expected: int) -> None:
    assert measured(model) == expected


def test_parameters_and_buffers_are_not_counted() -> None:
    wide = nn.Conv2d(3, 1, SIDE, bias=True)
    assert measured(wide) == IMAGE + 4


def test_a_network_is_measured_twice_alike_and_grows_with_its_input() -> None:
    with torch.device("meta"):
        model = zoo.build("litepose_xs")
    first, again, larger = (peak_bytes(model, size) for size in ((64, 64), (64, 64), (128, 128)))
    assert first == again
    assert larger == 4 * first  # every map has four times the positions


def test_training_mode_makes_no_difference() -> None:
    with torch.device("meta"):
        model = zoo.build("efficienthrnet_h_4")
    assert peak_bytes(model.train(), (128, 128)) == peak_bytes(model.eval(), (128, 128))


def test_a_network_with_weights_is_refused() -> None:
    with pytest.raises(UsageError, match="on the meta device"):
        peak_bytes(conv(3, 1), (SIDE, SIDE))
