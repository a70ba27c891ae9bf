"""The first pictures of a data set as a set of its own, for a quick look at a network while it learns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.data.transforms import Sample


@dataclass(frozen=True)
class Part:
    """`length` pictures of `whole`, from its first."""

    whole: Any
    length: int

    def __len__(self) -> int:
        return min(self.length, len(self.whole))

    def __getitem__(self, index: int, /) -> Sample:
        sample: Sample = self.whole[index]
        return sample


def first(dataset: Any, annotations: Path, count: int) -> tuple[Part, Path | Mapping[str, Any]]:
    """The first `count` pictures and the ground truth that belongs to them.

    Only COCO's form counts pictures without predictions; the truth of one person at a time follows the predictions.
    """
    part = Part(dataset, count)
    if annotations.suffix != ".json" or not hasattr(dataset, "image_ids"):
        return part, annotations
    content = json.loads(annotations.read_bytes())
    ids = set(dataset.image_ids[:count])
    kept = {name: [one for one in content[name] if one[key] in ids] for name, key in _KEYS.items()}
    return part, {**content, **kept}


_KEYS = {"images": "id", "annotations": "image_id"}
