"""ImageNet and CIFAR-100 as samples with a class.

Nothing is downloaded: the folders are those torchvision's `ImageFolder` and `CIFAR100` read.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repro.data.coco import Split, read_image
from repro.errors import MissingError
from repro.people.sample import Sample
from repro.people.skeletons import NOBODY


def _sample(image: NDArray[np.uint8], label: int, *, number: int, file: str) -> Sample:
    return Sample(
        image, np.zeros((0, 0, 3)), np.ones(image.shape[:2], np.bool_), number, file, label=label
    )


class ImageNet:
    """`imagenet/train` or `imagenet/val`: a folder per class, sorted by name, as the usual archives
    unpack."""

    skeleton = NOBODY

    def __init__(self, data: Path, split: Split) -> None:
        from repro.models.vision import datasets

        tried = [base / split for base in (data / "imagenet", data)]
        folder = next((one for one in tried if one.is_dir()), None)
        if folder is None:
            raise MissingError(
                f"no imagenet {split} data in '{data}'; expected imagenet/{split}/CLASS/*.JPEG",
                _ADVICE,
            )
        try:
            found = datasets.ImageFolder(str(folder))
        except FileNotFoundError as fault:
            raise MissingError(
                f"'{folder}' holds no pictures in class folders: {fault}", _ADVICE
            ) from None
        self.annotations = folder
        self.classes: list[str] = found.classes
        self._files: list[tuple[str, int]] = found.samples

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Sample:
        """The picture and its class."""
        file, label = self._files[index]
        return _sample(read_image(Path(file)), label, number=index, file=file)


class Cifar100:
    """CIFAR-100, 32 x 32 pixels: 50,000 training pictures, 10,000 to test."""

    skeleton = NOBODY

    def __init__(self, data: Path, split: Split) -> None:
        from repro.models.vision import datasets

        for base in (data / "cifar100", data):
            if (base / "cifar-100-python").is_dir():
                self._set: Any = _opened(datasets.CIFAR100, base, train=split == "train")
                self.annotations = (
                    base / "cifar-100-python" / ("train" if split == "train" else "test")
                )
                return
        raise MissingError(
            f"no cifar100 data in '{data}'; expected cifar100/cifar-100-python/{{train,test}}",
            _ADVICE,
        )

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the labels."""
        return list(self._set.classes)

    def __len__(self) -> int:
        return len(self._set)

    def __getitem__(self, index: int) -> Sample:
        """The picture and its class."""
        label = int(self._set.targets[index])
        return _sample(
            np.ascontiguousarray(self._set.data[index]), label, number=index, file=f"{index}"
        )


_ADVICE = "unpack the data set there, or name another folder with --data DIR or REPRO_DATA"


def _opened(kind: Any, base: Path, *, train: bool) -> Any:
    try:
        return kind(str(base), train=train, download=False)
    except RuntimeError as fault:  # torchvision checks the files' hashes
        raise MissingError(
            f"the CIFAR-100 files in '{base}' are damaged: {fault}", "download them again"
        ) from None
