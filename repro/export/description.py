"""What an exported file says of itself, so that a stranger can use it without this suite."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from repro.counting.trace import check_size
from repro.errors import MissingError
from repro.export.packages import installed
from repro.export.signature import output_names
from repro.people.skeletons import SKELETONS, Skeleton
from repro.spec.run import Run
from repro.tasks.three_pass import order

ENTRY = "repro"  # the one entry of metadata, in every format
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Description:
    """Everything needed to feed an exported network and to read its answer.

    model, changes: the zoo name and the keywords of its builder. size: (height, width) in px that
    it was exported at. free: other heights and widths work too, if they are multiples of `multiple`
    px. joints: names of the heatmaps' channels, in order; flip: the channel that each becomes in a
    mirrored picture; limbs: pairs of channels. Empty for a classifier. outputs: what each output
    is, by name. input, decoding: in words. weights: SHA-256 of the tensors. version: of this suite.
    opset: of ONNX, 0 in other formats.
    """

    model: str
    task: str
    size: tuple[int, int]
    free: bool
    multiple: int
    skeleton: str
    joints: tuple[str, ...]
    flip: tuple[int, ...]
    limbs: tuple[tuple[int, int], ...]
    outputs: Mapping[str, str]
    weights: str
    decoding: str
    changes: Mapping[str, Any]
    batch: int = 1
    opset: int = 0
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    input: str = (
        "images: float32 (batch, 3, height, width), RGB; each channel (value / 255 - mean) / std"
    )
    version: str = ""

    def to_json(self) -> str:
        """One JSON object, the same text for the same description."""
        return json.dumps(
            {**asdict(self), "version": self.version or installed("repro")}, sort_keys=True
        )


def read(text: str, path: object) -> dict[str, Any]:
    """The content of a file's entry. Raises MissingError for a file that this suite did not
    write."""
    try:
        found = json.loads(text)
        missing = {"model", "task", "size", "free", "multiple", "outputs", "batch"} - set(found)
    except (ValueError, TypeError):
        missing = {"everything"}
    if missing:
        raise MissingError(
            f"'{path}' does not say what it holds (without {', '.join(sorted(missing))}), so it "
            f"was not written here",
            "repro export MODEL --format onnx --weights W --out FILE",
        )
    return dict(found)


OUTPUTS = {
    "heatmaps": "(batch, joints, h, w): how likely each joint is at each place; the last one is the "
    "final answer",
    "tags": "(batch, joints, h, w): joints of one person have nearly equal values",
    "limbs": "(batch, 2 x limbs, h, w): unit vectors along the limbs, x and y in turn",
    "classes": "(batch, classes): scores before the softmax",
}

DECODING = {
    "bottom-up": "resize all maps to the finest, average the heatmaps, find peaks, group them by "
    "their tags",
    "single-person": "the highest place of each of the last heatmaps, moved a quarter pixel to its "
    "higher neighbour",
    "top-down": "the highest place of each of the last heatmaps, moved a quarter pixel to its "
    "higher neighbour",
    "three-pass": "the highest place of each of the last heatmaps after a Gaussian of 1 px; the "
    "picture is letterboxed",
    "classification": "the class of the highest score",
}


def describe(
    run: Run,
    network: nn.Module,
    *,
    task: str,
    joints: int,
    weights: str,
    free: bool = False,
    batch: int = 1,
) -> Description:
    """What an exported file of a run's network says of itself.

    task: whose decoding its maps want. joints: 0 for a classifier. weights: their hash. free,
    batch: as of `Description`. Raises UsageError for a size that the network refuses.
    """
    check_size(network, run.shape)
    stride = getattr(network, "stride", 1)
    with torch.inference_mode():
        answer = network.eval()(torch.zeros(batch, 3, *run.shape))
    return Description(
        model=run.model,
        task=task,
        size=run.shape,
        free=free,
        multiple=stride if isinstance(stride, int) else 1,
        **_skeleton(next((one for one in SKELETONS.values() if len(one) == joints), None), task),
        outputs={name: OUTPUTS[name.partition("_")[0]] for name in output_names(answer)},
        weights=weights,
        decoding=DECODING[task],
        changes=dict(run.changes),
        batch=batch,
    )


def _skeleton(people: Skeleton | None, task: str) -> dict[str, Any]:
    """Joints, mirror and limbs by the channels of the heatmaps, which is not always the skeleton's
    own order."""
    if people is None:
        return {"skeleton": "", "joints": (), "flip": (), "limbs": ()}
    joint_of = order(people) if task == "three-pass" else list(range(len(people)))
    channel = {joint: number for number, joint in enumerate(joint_of)}
    return {
        "skeleton": people.name,
        "joints": tuple(people.joints[joint] for joint in joint_of),
        "flip": tuple(channel[people.flip[joint]] for joint in joint_of),
        "limbs": tuple((channel[first], channel[second]) for first, second in people.limbs),
    }
