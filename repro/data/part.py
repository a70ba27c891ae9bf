"""Some pictures of a data set as a set of its own, for a quick look at a network while it learns."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.data.coco import read_annotations
from repro.data.transforms import Sample

_KEYS = {"images": "id", "annotations": "image_id"}


@dataclass(frozen=True)
class Part:
    """The pictures (or people) of `whole` at these places."""

    whole: Any
    places: range

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int, /) -> Sample:
        sample: Sample = self.whole[self.places[index]]
        return sample


def some(dataset: Any, annotations: Path, count: int) -> tuple[Part, Path | Mapping[str, Any]]:
    """The first `count` pictures and the ground truth that belongs to them; of classes, which come in turn, every n-th.

    Only COCO's form counts pictures without predictions; the truth of one person at a time follows the predictions.
    """
    step = max(1, len(dataset) // count) if getattr(dataset, "classes", None) else 1
    part = Part(dataset, range(0, len(dataset), step)[:count])
    if annotations.suffix != ".json" or not hasattr(dataset, "image_ids") or step > 1:
        return part, annotations
    content, ids = read_annotations(annotations), dataset.image_ids
    while 0 < count < len(ids) and ids[count - 1] == ids[count]:  # never half of a picture's people
        count -= 1
    part, ids = Part(dataset, range(len(dataset))[:count]), set(ids[:count])
    kept = {name: [one for one in content[name] if one[key] in ids] for name, key in _KEYS.items()}
    return part, {**content, **kept}
