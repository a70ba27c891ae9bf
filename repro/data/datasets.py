"""What each public data set consists of: files, where they belong, how many, and where they come from.

Counts are those of the sets' own pages and evaluation code. MD5 sums are the ones in general use (COCO
publishes them as its server's ETags, torchvision holds CIFAR-100's). An empty digest means none is known: `fetch` then
records the file's own hash at first sight, and the file counts as unverified.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Kind = Literal["coco", "mpii", "imagenet", "cifar100"]


@dataclass(frozen=True)
class Archive:
    """One file to download. takes: which of its members ("x/": a folder) go where below the data set's folder."""

    url: str
    takes: Mapping[str, str]
    size: int = 0  # bytes
    digest: str = ""  # "md5:..." as published

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Part:
    """A file, or with `files` a folder of at least so many, below the data set's folder or the folder of data sets.

    paths: where it may lie, the usual place first. counts: what the file must hold. get: how to come by it by hand.
    joined: files that this one is the sum of.
    """

    what: str
    paths: tuple[str, ...]
    files: int = 0
    archive: Archive | None = None
    get: str = ""
    digest: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    joined: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """A data set under the name commands use. folder: its own folder below the folder of data sets."""

    folder: str
    kind: Kind
    parts: tuple[Part, ...]
    page: str
    licence: str

    def find(self, part: Part, data: Path) -> tuple[Path, Path] | None:
        """The folder holding the set and the part's own path, None when it is not there."""
        for base in (data / self.folder, data):
            for path in part.paths:
                found = base / path
                if found.is_dir() if part.files else found.is_file():
                    return base, found
        return None


# --- COCO -------------------------------------------------------------------------------------------------------------

# the host's https certificate is made out to another name; the checksums vouch for the files
COCO_HOST = "http://images.cocodataset.org"
COCO_LICENCE = "annotations CC BY 4.0; each picture under its own Flickr licence, named in the annotations"


def _coco_annotations(archive: str, *names: str, size: int, md5: str) -> Archive:
    members = {f"annotations/{name}.json": f"annotations/{name}.json" for name in names}
    return Archive(f"{COCO_HOST}/annotations/{archive}.zip", members, size, f"md5:{md5}")


TRAINVAL = _coco_annotations(
    "annotations_trainval2017", "person_keypoints_train2017", "person_keypoints_val2017",
    size=252907541, md5="f4bbac642086de4f52a3fdda2de5fa2c",
)  # fmt: skip
TEST_INFO = _coco_annotations(
    "image_info_test2017", "image_info_test2017", "image_info_test-dev2017",
    size=0, md5="85da7065e5e600ebfee8af1edb634eb5",
)  # fmt: skip
ZIPS = {  # bytes, MD5, pictures
    "train": (19336861798, "cced6f7f71b7629ddf16f17bbcfab6b2", 118287),
    "val": (815585330, "442b8da7639aecaf257c1dceb8ba8c80", 5000),
    "test": (6646970404, "77ad2c53ac5d0aea611d422c0938fb35", 40670),
}
TEST_DEV_IMAGES = 20288


def _coco(split: str, annotations: str, archive: Archive, counts: Mapping[str, int]) -> DataSet:
    size, md5, files = ZIPS[split]
    folder = f"{split}2017"
    zipped = Archive(f"{COCO_HOST}/zips/{folder}.zip", {f"{folder}/": f"images/{folder}"}, size, f"md5:{md5}")
    parts = (
        Part("annotations", (f"annotations/{annotations}.json",), archive=archive, counts=counts),
        Part("pictures", (f"images/{folder}", folder), files, zipped),
    )
    return DataSet("coco", "coco", parts, "https://cocodataset.org/#download", COCO_LICENCE)


# --- CrowdPose --------------------------------------------------------------------------------------------------------

CROWDPOSE_PAGE = "https://github.com/Jeff-sjtu/CrowdPose"
CROWDPOSE_FILES = (("train", 10000), ("val", 2000), ("test", 8000))


def _crowdpose_file(split: str, images: int, *, joined: tuple[str, ...] = ()) -> Part:
    file = f"crowdpose_{split}.json"
    get = f"get {file} from the annotations link of {CROWDPOSE_PAGE} (Google Drive)"
    paths = tuple(f"{folder}/{file}" for folder in ("json", "annotations"))
    return Part(f"annotations ({split})", paths, get=get, counts={"images": images}, joined=joined)


def _crowdpose(*annotations: Part) -> DataSet:
    get = f"get images.zip from the images link of {CROWDPOSE_PAGE} (Google Drive) and unpack it"
    parts = (*annotations, Part("pictures", ("images",), 20000, get=get))
    licence = "none stated by its repository; for research"
    return DataSet("crowdpose", "coco", parts, CROWDPOSE_PAGE, licence)


_JOINED = ("json/crowdpose_train.json", "json/crowdpose_val.json")

# --- MPII, ImageNet, CIFAR-100 ----------------------------------------------------------------------------------------

MPII_PAGE = "http://human-pose.mpi-inf.mpg.de/#download"
HRNET_PAGE = "https://github.com/leoxiaobin/deep-high-resolution-net.pytorch (Data preparation, MPII)"


def _mpii(*files: tuple[str, int]) -> DataSet:
    parts = [
        Part(
            file.partition(".")[0],
            tuple(f"{folder}{one}" for folder in ("annot/", "") for one in (file, *_OTHER_NAMES.get(file, ()))),
            get=f"get {file} by the annotations link of {HRNET_PAGE}",
            counts={"people": people} if people else {},
        )
        for file, people in files
    ]
    get = f"get mpii_human_pose_v1.tar.gz (12.9 GB) from {MPII_PAGE} and unpack it"
    licence = "free for research, no commercial use"
    return DataSet("mpii", "mpii", (*parts, Part("pictures", ("images",), 1, get=get)), MPII_PAGE, licence)


_OTHER_NAMES = {"valid.json": ("valid_topdown.json",)}
IMAGENET_PAGE = "https://image-net.org/challenges/LSVRC/2012 (after registering)"


def _imagenet(split: str, pictures: int, file: str) -> DataSet:
    get = f"get {file} from {IMAGENET_PAGE} and unpack it to one folder per class (n01440764, ...)"
    part = Part("pictures", (split,), pictures, get=get, counts={"classes": 1000, "pictures": pictures})
    return DataSet("imagenet", "imagenet", (part,), IMAGENET_PAGE, "research and education, no commercial use")


CIFAR = Archive(
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz", {"cifar-100-python/": "cifar-100-python"},
    169001437, "md5:eb9058c3a382ffc7106e4002c42a8d85",
)  # fmt: skip
CIFAR_MD5 = {
    "train": "16019d7e3df5f24257cddd939b257f8d",
    "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
    "meta": "7973b15100ade9c7d40fb424638fde48",
}
CIFAR_SET = DataSet(
    "cifar100", "cifar100",
    tuple(
        Part(name, (f"cifar-100-python/{name}",), archive=CIFAR, digest=f"md5:{md5}") for name, md5 in CIFAR_MD5.items()
    ),
    "https://www.cs.toronto.edu/~kriz/cifar.html", "none stated; the page asks to cite its report",
)  # fmt: skip

DATA_SETS: dict[str, DataSet] = {
    "coco-train": _coco(
        "train", "person_keypoints_train2017", TRAINVAL, {"images": 118287, "images with a person": 64115}
    ),
    "coco-val": _coco("val", "person_keypoints_val2017", TRAINVAL, {"images": 5000, "images with a person": 2693}),
    "coco-test-dev": _coco("test", "image_info_test-dev2017", TEST_INFO, {"images": TEST_DEV_IMAGES}),
    "crowdpose-trainval": _crowdpose(_crowdpose_file("trainval", 12000, joined=_JOINED)),
    "crowdpose-train": _crowdpose(_crowdpose_file(*CROWDPOSE_FILES[0])),
    "crowdpose-val": _crowdpose(_crowdpose_file(*CROWDPOSE_FILES[1])),
    "crowdpose-test": _crowdpose(_crowdpose_file(*CROWDPOSE_FILES[2])),
    "mpii-train": _mpii(("train.json", 22246)),
    "mpii-val": _mpii(("valid.json", 2958), ("gt_valid.mat", 0)),
    "imagenet-train": _imagenet("train", 1281167, "ILSVRC2012_img_train.tar"),
    "imagenet-val": _imagenet("val", 50000, "ILSVRC2012_img_val.tar"),
    "cifar100-train": CIFAR_SET,
    "cifar100-test": CIFAR_SET,
}
