"""Some pictures of a data set as a set of its own, for a quick look at a network while it
learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.data.coco import read_annotations
from repro.people.sample import Sample, Samples

_KEYS = {"images": "id", "annotations": "image_id"}


@dataclass(frozen=True)
class Part:
    """The pictures (or people) of `whole` at these places."""

    whole: Samples
    places: range

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int, /) -> Sample:
        return self.whole[self.places[index]]


def some(dataset: Samples, annotations: Path, count: int) -> tuple[Part, Path | dict[str, Any]]:
    """The first `count` pictures and the ground truth that belongs to them; of classes, which come
    in turn, every n-th.

    Only COCO's form counts pictures without predictions; the truth of one person at a time follows
    the predictions.
    """
    step = max(1, len(dataset) // count) if getattr(dataset, "classes", None) else 1
    part = Part(dataset, range(0, len(dataset), step)[:count])
    ids: Sequence[int] | None = getattr(dataset, "image_ids", None)
    if annotations.suffix != ".json" or ids is None or step > 1:
        return part, annotations
    content = read_annotations(annotations)
    while 0 < count < len(ids) and ids[count - 1] == ids[count]:  # never half of a picture's people
        count -= 1
    kept_ids = set(ids[:count])
    kept = {
        name: [entry for entry in content[name] if entry[key] in kept_ids]
        for name, key in _KEYS.items()
    }
    return Part(dataset, range(len(dataset))[:count]), {**content, **kept}
