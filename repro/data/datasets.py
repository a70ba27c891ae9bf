"""Every data set in one entry: its files and where they come from, its joints, what trains and is
tested on it.

Counts are those of the sets' own pages and evaluation code. MD5 sums are the ones in general use
(COCO publishes them as its server's ETags, torchvision holds CIFAR-100's). An empty digest means
none is known: `fetch` then records the file's own hash at first sight, and the file counts as
unverified. Loads nothing heavy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from repro.people.skeletons import COCO, CROWDPOSE, MPII, NOBODY, Skeleton

Kind = Literal["coco", "mpii", "imagenet", "cifar100"]
Split = Literal["train", "val"]


@dataclass(frozen=True)
class Tree:
    """Where sets in COCO's files lie.

    folders: names of the set's own folder below the folder of data sets, the usual one first.
    places: (folder of pictures, annotation file), tried in turn; the first is where a drawn set is
    written. words: what stands for `{split}` in them. drawn: the set that `repro data make` writes
    there.
    """

    folders: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    words: Mapping[str, str] = field(default_factory=dict)
    drawn: str = ""

    def of(self, split: str) -> list[tuple[str, str]]:
        """The places of one split."""
        word = self.words.get(split, split)
        return [
            (images.format(split=word), annotations.format(split=word))
            for images, annotations in self.places
        ]


_COCO_FILE = "annotations/person_keypoints_{split}2017.json"
_COCO_PLACES = (("images/{split}2017", _COCO_FILE), ("{split}2017", _COCO_FILE))
# pictures of one's own, unsplit
_OWN_PLACES = (
    ("images", "person_keypoints.json"),
    (".", "person_keypoints.json"),
)
_TEST_DEV_FILE = "annotations/image_info_test-dev2017.json"
_CROWDPOSE_FILES = (
    "json/crowdpose_{split}.json",
    "annotations/crowdpose_{split}.json",
    "crowdpose_{split}.json",
)

TREES: dict[str, Tree] = {
    "coco": Tree(("coco",), (*_COCO_PLACES, *_OWN_PLACES)),
    "crowdpose": Tree(
        ("crowdpose",),
        tuple(("images", file) for file in _CROWDPOSE_FILES),
        {"train": "trainval", "val": "test"},  # all papers train on both of its other splits
    ),
    "coco-test-dev": Tree(
        ("coco",), (("images/test2017", _TEST_DEV_FILE), ("test2017", _TEST_DEV_FILE))
    ),
    "synthetic": Tree(
        ("synthetic-coco", "synthetic"),
        (("images/{split}", "annotations/person_keypoints_{split}.json"),),
        drawn="synthetic-coco",
    ),
}


@dataclass(frozen=True)
class Archive:
    """One file to download. takes: which of its members ("x/": a folder) go where below the data
    set's folder."""

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
    """A file, or with `files` a folder of at least so many, below the data set's folder or the
    folder of data sets.

    paths: where it may lie, the usual place first. counts: what the file must hold. get: how to
    come by it by hand. joined: files that this one is the sum of.
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
    """Everything that is known of a data set under the name that specs and commands use."""

    folder: str  # its own, below the folder of data sets
    kind: Kind  # how its files are read
    parts: tuple[Part, ...] = ()  # what is fetched and checked; none of a drawn set
    page: str = ""  # where it is published
    licence: str = ""
    skeleton: Skeleton = COCO  # NOBODY of pictures with a class
    split: Split = "val"  # the one that its name asks for
    tree: str = ""  # of TREES, for COCO's files
    opens: bool = True  # False for files that are read only as a sum of several
    drawn: Literal["", "crowd", "synthpose"] = ""  # the generator in data/synth/ that draws it
    # by task: samples of the training split
    training_samples: Mapping[str, int] = field(default_factory=dict)
    test_samples: int = 0  # samples of the whole test; fewer give no score of the set
    hidden: bool = False  # only a server holds the ground truth of its test
    column: str = "ap"  # of its score, in spec/columns.py
    title: str = ""  # in figures of accuracy; empty where no paper prints one
    heading: str = ""  # of a table's column, where it is not the title

    @property
    def form(self) -> str:
        """Of the files: coco, crowdpose, mpii, or the kind of a set of classes."""
        return self.skeleton.name if self.kind == "coco" else self.kind

    def find(self, part: Part, data: Path) -> tuple[Path, Path] | None:
        """The folder holding the set and the part's own path, None when it is not there."""
        for base in (data / self.folder, data):
            for path in part.paths:
                found = base / path
                if found.is_dir() if part.files else found.is_file():
                    return base, found
        return None


# --- COCO -----------------------------------------------------------------------------------------

# the host's https certificate is made out to another name; the checksums vouch for the files
COCO_HOST = "http://images.cocodataset.org"
COCO_PAGE = "https://cocodataset.org/#download"
COCO_LICENCE = (
    "annotations CC BY 4.0; each picture under its own Flickr licence, named in the annotations"
)
COCO_WITH_PEOPLE = 64115  # pictures to train on with the annotation of a person
COCO_WITH_JOINTS = 149813  # people to train on with a labelled joint


def _coco_annotations(archive: str, *names: str, size: int, md5: str) -> Archive:
    members = {f"annotations/{name}.json": f"annotations/{name}.json" for name in names}
    return Archive(f"{COCO_HOST}/annotations/{archive}.zip", members, size, f"md5:{md5}")


TRAINVAL = _coco_annotations(
    "annotations_trainval2017",
    "person_keypoints_train2017",
    "person_keypoints_val2017",
    size=252907541,
    md5="f4bbac642086de4f52a3fdda2de5fa2c",
)
TEST_INFO = _coco_annotations(
    "image_info_test2017",
    "image_info_test2017",
    "image_info_test-dev2017",
    size=0,
    md5="85da7065e5e600ebfee8af1edb634eb5",
)
ZIPS = {  # bytes, MD5, pictures
    "train": (19336861798, "cced6f7f71b7629ddf16f17bbcfab6b2", 118287),
    "val": (815585330, "442b8da7639aecaf257c1dceb8ba8c80", 5000),
    "test": (6646970404, "77ad2c53ac5d0aea611d422c0938fb35", 40670),
}


def _coco(
    pictures: str, archive: Archive, counts: Mapping[str, int], *, tree: str = "coco"
) -> DataSet:
    """pictures: the key of their archive in ZIPS, which names their folder as well."""
    size, md5, files = ZIPS[pictures]
    places = TREES[tree].of(pictures)[: len(_COCO_PLACES)]  # without those of one's own pictures
    folders, annotations = (tuple(dict.fromkeys(paths)) for paths in zip(*places, strict=True))
    name = f"{pictures}2017"
    zipped = Archive(f"{COCO_HOST}/zips/{name}.zip", {f"{name}/": folders[0]}, size, f"md5:{md5}")
    parts = (
        Part("annotations", annotations, archive=archive, counts=counts),
        Part("pictures", folders, files, zipped),
    )
    training_samples = {"bottom-up": COCO_WITH_PEOPLE, "top-down": COCO_WITH_JOINTS}
    return DataSet(
        "coco", "coco", parts, COCO_PAGE, COCO_LICENCE, tree=tree, training_samples=training_samples
    )


COCO_TRAIN = _coco(
    "train", TRAINVAL, {"images": ZIPS["train"][2], "images with a person": COCO_WITH_PEOPLE}
)
COCO_VAL = _coco("val", TRAINVAL, {"images": ZIPS["val"][2], "images with a person": 2693})
TEST_DEV_IMAGES = 20288
COCO_TEST_DEV = _coco("test", TEST_INFO, {"images": TEST_DEV_IMAGES}, tree="coco-test-dev")

# --- CrowdPose ------------------------------------------------------------------------------------

CROWDPOSE_PAGE = "https://github.com/Jeff-sjtu/CrowdPose"
CROWDPOSE_IMAGES = {"train": 10000, "val": 2000, "trainval": 12000, "test": 8000}


def _crowdpose(split: str, *, sum_of: tuple[str, ...] = (), opens: bool = True) -> DataSet:
    file = f"crowdpose_{split}.json"
    annotations = Part(
        f"annotations ({split})",
        tuple(path.format(split=split) for path in _CROWDPOSE_FILES),
        get=f"get {file} from the annotations link of {CROWDPOSE_PAGE} (Google Drive)",
        counts={"images": CROWDPOSE_IMAGES[split]},
        joined=tuple(_CROWDPOSE_FILES[0].format(split=other) for other in sum_of),
    )
    get = f"get images.zip from the images link of {CROWDPOSE_PAGE} (Google Drive) and unpack it"
    return DataSet(
        "crowdpose",
        "coco",
        (
            annotations,
            Part(
                "pictures",
                ("images",),
                sum(CROWDPOSE_IMAGES[one] for one in ("trainval", "test")),
                get=get,
            ),
        ),
        CROWDPOSE_PAGE,
        "none stated by its repository; for research",
        skeleton=CROWDPOSE,
        tree="crowdpose",
        opens=opens,
        training_samples={"bottom-up": CROWDPOSE_IMAGES["trainval"]},
    )


# --- MPII, ImageNet, CIFAR-100 --------------------------------------------------------------------

MPII_PAGE = "http://human-pose.mpi-inf.mpg.de/#download"
HRNET_PAGE = (
    "https://github.com/leoxiaobin/deep-high-resolution-net.pytorch (Data preparation, MPII)"
)
MPII_FILES: dict[Split, tuple[str, ...]] = {"train": ("train",), "val": ("valid", "valid_topdown")}
"""Names of the JSON files of people in the HRNet code base's layout, the usual one first."""
MPII_TRUTH = "gt_valid.mat"
MPII_PEOPLE: dict[Split, int] = {"train": 22246, "val": 2958}
IMAGENET_PAGE = "https://image-net.org/challenges/LSVRC/2012 (after registering)"
IMAGENET_PICTURES: dict[Split, int] = {"train": 1281167, "val": 50000}
CIFAR_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


def _mpii(split: Split, *more: str) -> DataSet:
    """more: files beside the one of people."""
    names = [f"{name}.json" for name in MPII_FILES[split]]
    parts = (_mpii_file(*names, people=MPII_PEOPLE[split]), *map(_mpii_file, more))
    get = f"get mpii_human_pose_v1.tar.gz (12.9 GB) from {MPII_PAGE} and unpack it"
    return DataSet(
        "mpii",
        "mpii",
        (*parts, Part("pictures", ("images",), 1, get=get)),
        MPII_PAGE,
        "free for research, no commercial use",
        skeleton=MPII,
        split=split,
        column="pckh50",
        training_samples=dict.fromkeys(("single-person", "three-pass"), MPII_PEOPLE["train"]),
    )


def _mpii_file(*names: str, people: int = 0) -> Part:
    return Part(
        names[0].partition(".")[0],
        tuple(f"{folder}{name}" for folder in ("annot/", "") for name in names),
        get=f"get {names[0]} by the annotations link of {HRNET_PAGE}",
        counts={"people": people} if people else {},
    )


def _imagenet(split: Split) -> DataSet:
    file, pictures = f"ILSVRC2012_img_{split}.tar", IMAGENET_PICTURES[split]
    get = f"get {file} from {IMAGENET_PAGE} and unpack it to one folder per class (n01440764, ...)"
    part = Part(
        "pictures", (split,), pictures, get=get, counts={"classes": 1000, "pictures": pictures}
    )
    return DataSet(
        "imagenet",
        "imagenet",
        (part,),
        IMAGENET_PAGE,
        "research and education, no commercial use",
        skeleton=NOBODY,
        split=split,
        column="top1",
        training_samples={"classification": IMAGENET_PICTURES["train"]},
    )


CIFAR = Archive(
    "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    {"cifar-100-python/": "cifar-100-python"},
    169001437,
    "md5:eb9058c3a382ffc7106e4002c42a8d85",
)
CIFAR_MD5 = {
    "train": "16019d7e3df5f24257cddd939b257f8d",
    "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
    "meta": "7973b15100ade9c7d40fb424638fde48",
}
CIFAR_TRAIN = DataSet(
    "cifar100",
    "cifar100",
    tuple(
        Part(name, (f"cifar-100-python/{name}",), archive=CIFAR, digest=f"md5:{md5}")
        for name, md5 in CIFAR_MD5.items()
    ),
    CIFAR_PAGE,
    "none stated; the page asks to cite its report",
    skeleton=NOBODY,
    split="train",
    column="top1",
    training_samples={"classification": 50000},
)

# --- all of them ----------------------------------------------------------------------------------

DATA_SETS: dict[str, DataSet] = {
    "coco-train": replace(COCO_TRAIN, split="train"),
    "coco-val": replace(COCO_VAL, test_samples=ZIPS["val"][2], title="COCO val2017"),
    "coco-test-dev": replace(
        COCO_TEST_DEV, test_samples=TEST_DEV_IMAGES, hidden=True, title="COCO test-dev"
    ),
    "crowdpose-trainval": replace(_crowdpose("trainval", sum_of=("train", "val")), split="train"),
    "crowdpose-train": _crowdpose("train", opens=False),
    "crowdpose-val": _crowdpose("val", opens=False),
    "crowdpose-test": replace(
        _crowdpose("test"), test_samples=CROWDPOSE_IMAGES["test"], title="CrowdPose test"
    ),
    "mpii-train": _mpii("train"),
    "mpii-val": replace(
        _mpii("val", MPII_TRUTH),
        test_samples=MPII_PEOPLE["val"],
        title="MPII validation",
        heading="MPII val",
    ),
    "imagenet-train": _imagenet("train"),
    # which the papers draw from its 50,000
    "imagenet-val": replace(_imagenet("val"), test_samples=10000),
    "cifar100-train": CIFAR_TRAIN,
    "cifar100-test": replace(CIFAR_TRAIN, split="val", test_samples=10000),
    "synthetic-coco": DataSet("synthetic-coco", "coco", tree="synthetic", drawn="crowd"),
    "synthpose-coco": DataSet("synthpose-coco", "coco", tree="coco", drawn="synthpose"),
    "synthpose-crowd": DataSet(
        "synthpose-crowd", "coco", skeleton=CROWDPOSE, tree="crowdpose", drawn="synthpose"
    ),
    "synthpose-mpii": DataSet(
        "synthpose-mpii", "mpii", skeleton=MPII, column="pckh50", drawn="synthpose"
    ),
    "synthpose-classes": DataSet(
        "synthpose-classes", "imagenet", skeleton=NOBODY, column="top1", drawn="synthpose"
    ),
}
"""By name. Of tests with as many joints the usual one stands first. A new drawn set goes last: its
pictures follow from its place among the drawn ones."""
PUBLIC: dict[str, DataSet] = {name: dataset for name, dataset in DATA_SETS.items() if dataset.parts}
"""What can be fetched and checked against its publisher's numbers."""
DRAWN: dict[str, DataSet] = {name: dataset for name, dataset in DATA_SETS.items() if dataset.drawn}
"""What `repro data make` draws."""
PLOTTED: dict[str, DataSet] = {
    name: dataset for name, dataset in DATA_SETS.items() if dataset.title
}
"""What papers print accuracies on."""


def shortfall(dataset: str, images: object) -> str:
    """`11 of 5000 images` where fewer were tested than the test of a data set holds, else an empty
    text."""
    whole = DATA_SETS[dataset].test_samples if dataset in DATA_SETS else 0
    return f"{images} of {whole} images" if isinstance(images, int) and images < whole else ""


def usual_test(joints: int) -> str:
    """What a model of so many joints, 0 for a classifier, is tested on where no data set is
    named."""
    tests = (
        name
        for name, dataset in DATA_SETS.items()
        if dataset.test_samples and len(dataset.skeleton) == joints
    )
    return next(tests, "coco-val")
