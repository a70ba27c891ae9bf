"""What trained networks see: the people that they find in a few pictures, and maps within them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from repro.data.coco import read_image
from repro.errors import SpecError, UsageError
from repro.evaluate.evaluate import Tester, bare, tester
from repro.evaluate.overlay import overlay
from repro.measure.accuracy import How, Weights, as_trained, run_done, shape_of
from repro.measure.networks import build_for, weights_for
from repro.measure.pictures import open_pictures
from repro.measure.place import Place
from repro.measure.training import train_folder, train_run
from repro.measure.usual import joints_of, nominal_size
from repro.people.sample import Sample
from repro.people.skeletons import SKELETONS, Skeleton
from repro.pose import crops
from repro.record import provenance
from repro.spec.profiles import PROFILES
from repro.spec.run import Run
from repro.train.folder import WEIGHTS

Tile = NDArray[np.uint8]
SEED = 0  # of the training that is looked at
AROUND = 1.4  # times the longer side of the box around a person's joints
FADED = 0.5  # of a picture's darkness, below people


class Network(NamedTuple):
    """A trained network ready to be shown pictures. sha256: of its weights."""

    ready: Tester[Any, Any]
    sha256: str
    run: Run
    how: How


@dataclass(frozen=True)
class Look:
    """Where networks and pictures are.

    weights: a file or folder of given ones, in place of those that a profile trains. images: given
    ones, in place of the profile's test pictures. train: whether to train what is not there.
    """

    place: Place
    profile: str
    weights: Path | None = None
    images: Sequence[Path] = ()
    train: bool = False

    def network(self, run: Run) -> Network | None:
        """A run's network, None where it is neither there nor to be trained."""
        how = self._how(run)
        if how is None or run.protocol is None:
            return None
        done = run_done(run, how)
        model, info = build_for(done, self._file(run, how))
        protocol = as_trained(run.protocol, run, how)
        ready = tester(
            model,
            skeleton=_skeleton(done),
            protocol=protocol,
            nominal=nominal_size(protocol.task, shape_of(run, how)),
            device=provenance.choose_device(self.place.device),
        )
        return Network(ready, str(info["sha256"]), run, how)

    def _how(self, run: Run) -> How | None:
        if self.weights:
            return weights_for(self.weights, run.model)
        how = PROFILES[self.profile].of(run.recipe)
        folder = train_folder(run, how, seed=SEED, place=self.place)
        return how if self.train or (folder / WEIGHTS).exists() else None

    def _file(self, run: Run, how: How) -> Path:
        if isinstance(how, Weights):
            return how.path
        return train_run(run, how, seed=SEED, place=self.place).weights

    def samples(self, network: Network, pictures: Sequence[int]) -> list[Sample]:
        """The pictures that a network is shown. Raises UsageError for a number beyond the last."""
        if self.images:
            return [bare(read_image(path), path.name) for path in self.images]
        task = network.ready.protocol.task
        opened = open_pictures(network.run, network.how, "val", task=task, place=self.place)
        if max(pictures) >= len(opened.dataset):
            raise UsageError(f"{opened.name} has only {len(opened.dataset)} test pictures")
        return [opened.dataset[number] for number in pictures]


def _skeleton(run: Run) -> Skeleton:
    joints = joints_of(run.model, run.changes)
    known = {len(skeleton): skeleton for skeleton in SKELETONS.values()}
    if joints not in known:
        raise UsageError(f"{run.model} has {joints} joints, which nobody can draw")
    return known[joints]


# --- people ---------------------------------------------------------------------------------------


def labelled(samples: Sequence[Sample], skeleton: Skeleton, side: int) -> list[Tile]:
    """The pictures with the joints that are labelled."""
    return [_people_tile(sample, shown(sample), skeleton, side) for sample in samples]


def shown(sample: Sample) -> NDArray[np.float64]:
    """The people of a sample (P, K, 3), with score 1 for a joint that is labelled."""
    return np.dstack([sample.joints[..., :2], sample.joints[..., 2] > 0])


def found(network: Network, samples: Sequence[Sample], side: int) -> list[Tile]:
    """The pictures with the people whom the network finds in them, but for those it is less than
    half as sure of as of the surest."""
    ready, decode = network.ready, network.ready.decode()
    answers = [sure(*decode(ready.observe(sample)).found) for sample in samples]
    pairs = zip(samples, answers, strict=True)
    return [_people_tile(sample, people, ready.skeleton, side) for sample, people in pairs]


def sure(people: NDArray[Any], scores: NDArray[Any]) -> NDArray[Any]:
    """The people (P, K, 3) whose scores (P,) are at least half of the highest."""
    return np.asarray(people[scores >= scores.max() / 2] if len(scores) else people)


def _people_tile(sample: Sample, people: NDArray[Any], skeleton: Skeleton, side: int) -> Tile:
    """A pale picture in a white square of `side` px, with people (P, K, 3) drawn over it: all of
    it, or the surroundings of the one person meant."""
    height, width = sample.image.shape[:2]
    centre, extent = (width / 2, height / 2), float(max(height, width))
    if sample.person:
        points = sample.joints[0][sample.joints[0, :, 2] > 0, :2]
        low, high = points.min(0), points.max(0)
        x, y = (float(value) for value in (low + high) / 2)
        centre, extent = (x, y), AROUND * float((high - low).max())
    return _marked(sample, people, skeleton, crops.matrix(centre, extent, size=(side, side)), side)


def _marked(
    sample: Sample,
    people: NDArray[Any],
    skeleton: Skeleton,
    matrix: NDArray[np.float64],
    side: int,
) -> Tile:
    """The picture under a (2, 3) matrix, pale, so that people (P, K, 3) over it are seen."""
    pale = (255 - FADED * (255.0 - sample.image)).astype(np.uint8)
    image = cv2.warpAffine(pale, matrix, (side, side), borderValue=(255, 255, 255))
    moved = np.array(people, np.float64)
    moved[..., :2] = crops.moved(moved[..., :2], matrix)
    return overlay(image.astype(np.uint8), moved, skeleton, width=max(1, side // 100))


# --- maps -----------------------------------------------------------------------------------------


class Maps(NamedTuple):
    """What a network's layers give for one picture: means over the channels (h, w) by the layer's
    path, and the matrix from the picture to the network's last maps."""

    layers: Mapping[str, NDArray[np.float64]]
    matrix: NDArray[np.float64]


def maps_of(network: Network, sample: Sample, paths: Sequence[str]) -> Maps:
    """The maps of one person's crop. Raises SpecError for a network that sees no crop, or has no
    such layer."""
    with _watched(network.ready.model, paths) as outputs:
        seen = network.ready.observe(sample)
    if not hasattr(seen, "matrix"):
        raise SpecError(f"{network.run.model} sees no crop of one person, whose maps are shown")
    return Maps({path: outputs[path] for path in paths}, seen.matrix)


@contextmanager
def _watched(model: nn.Module, paths: Sequence[str]) -> Iterator[dict[str, NDArray[np.float64]]]:
    """Keeps what submodules give at the first pass; the second is of the mirrored picture."""
    outputs: dict[str, NDArray[np.float64]] = {}
    parts = dict(model.named_modules())
    for path in paths:
        if path not in parts:
            raise SpecError(f"the network has no layer '{path}'")

    def keep(path: str, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
        outputs.setdefault(path, output[0].detach().double().mean(0).cpu().numpy())

    hooks = [parts[path].register_forward_hook(partial(keep, path)) for path in paths]
    try:
        yield outputs
    finally:
        for hook in hooks:
            hook.remove()


def checkerboard(values: NDArray[np.float64]) -> float:
    """The share of a map (h, w) that changes sign from cell to cell in both directions, as the
    pattern that transposed convolutions of stride 2 leave: the mean size of that part of every
    2 x 2 cells, through the mean size of the map's values about their mean."""
    high, wide = (side // 2 * 2 for side in values.shape)
    one, other = values[:high:2, :wide], values[1:high:2, :wide]
    part = np.abs(one[:, ::2] - one[:, 1::2] - other[:, ::2] + other[:, 1::2]) / 4
    spread = np.abs(values - values.mean()).mean()
    return float(part.mean() / spread) if spread else 0.0


def map_tile(values: NDArray[np.float64], side: int) -> Tile:
    """A map (h, w) as a square of `side` px, the darker the higher."""
    low, high = float(values.min()), float(values.max())
    shade = 255 * (1 - (values - low) / ((high - low) or 1.0))
    grey = cv2.resize(shade.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)


def crop_tile(sample: Sample, maps: Maps, skeleton: Skeleton, side: int) -> Tile:
    """What the network is shown, as large as its maps, with the joints that are labelled."""
    high = next(iter(maps.layers.values())).shape[0]
    return _marked(sample, shown(sample), skeleton, maps.matrix * (side / high), side)
